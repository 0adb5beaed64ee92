//! The disk as the compiler may see it: the tree of one project, seen from one topology's directory.
//!
//! Nothing outside of the project is read: a path that leads out of it, by `..` or through a symbolic link, is refused.
//! Only a directory entry that is a link costs a look at where it leads; files and directories that are what they seem
//! are opened as they are, and each directory is listed once.

mod project;
mod tags;
#[cfg(test)]
mod tests;

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tc_core::world::{Entry, EntryKind, SourcePath, World, WorldError};

/// The world of a topology on disk.
#[derive(Debug)]
pub struct DiskWorld {
    /// The topology's directory, without links.
    root: PathBuf,
    /// Where the project begins.
    project: project::Project,
    /// Directories that were visited and where they really are; `None` where there is none.
    located: Mutex<BTreeMap<SourcePath, Option<PathBuf>>>,
    /// What was found in directories that were listed: several stages ask for the same.
    listed: Mutex<BTreeMap<SourcePath, Option<Vec<Entry>>>>,
    /// Files that were read: what a handler is judged by is also what is packed.
    kept: Mutex<Kept>,
}

/// Small files and what they hold.
#[derive(Debug, Default)]
struct Kept {
    files: BTreeMap<SourcePath, Vec<u8>>,
    /// How many bytes they hold together.
    size: usize,
}

/// The largest file that is kept, and how much is kept of all, in bytes.
const KEPT_FILE: usize = 64 << 10;
const KEPT: usize = 16 << 20;

impl Kept {
    fn keep(&mut self, path: &SourcePath, bytes: &[u8]) {
        if bytes.len() <= KEPT_FILE && self.size + bytes.len() <= KEPT {
            let old = self.files.insert(path.clone(), bytes.to_vec());
            self.size += bytes.len();
            self.size -= old.map_or(0, |old| old.len());
        }
    }
}

impl DiskWorld {
    /// The world around a topology's directory.
    ///
    /// # Errors
    /// When `directory` is not a directory or cannot be reached.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let root = directory.canonicalize()?;
        if !root.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        let project = project::Project::around(&root);
        Ok(Self { root, project, located: Mutex::default(), listed: Mutex::default(), kept: Mutex::default() })
    }

    /// The topology's directory: absolute and without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The project's directory: absolute and without links; the topology's directory or one above it.
    pub fn project(&self) -> &Path {
        &self.project.root
    }

    /// Where a directory really is, or `None` where there is none.
    fn locate(&self, path: &SourcePath) -> Result<Option<PathBuf>, WorldError> {
        let climbs = path.as_str().split('/').take_while(|part| *part == "..").count();
        if climbs > self.project.depth {
            return Err(WorldError::Escapes);
        }
        if path.as_str().is_empty() || path.file_name() == ".." {
            return Ok(self.root.ancestors().nth(climbs).map(Path::to_path_buf));
        }
        if let Some(known) = lock(&self.located).get(path) {
            return Ok(known.clone());
        }
        let found = match self.locate(&path.parent())? {
            Some(parent) => self.enter(&parent.join(path.file_name()))?,
            None => None,
        };
        lock(&self.located).insert(path.clone(), found.clone());
        Ok(found)
    }

    /// The directory at an absolute path whose parent is known to be a directory of the project.
    fn enter(&self, real: &Path) -> Result<Option<PathBuf>, WorldError> {
        let metadata = match real.symlink_metadata() {
            Err(error) if is_absent(&error) => return Ok(None),
            other => other.map_err(failure)?,
        };
        if !metadata.is_symlink() {
            return Ok(metadata.is_dir().then(|| real.to_path_buf()));
        }
        match self.follow(real)? {
            Some((target, metadata)) if metadata.is_dir() => Ok(Some(target)),
            _ => Ok(None),
        }
    }

    /// Where a symbolic link ends; `None` where it leads nowhere.
    fn follow(&self, link: &Path) -> Result<Option<(PathBuf, Metadata)>, WorldError> {
        let target = match link.canonicalize() {
            Err(error) if is_absent(&error) => return Ok(None),
            other => other.map_err(failure)?,
        };
        if !target.starts_with(&self.project.root) {
            return Err(WorldError::Escapes);
        }
        let metadata = target.symlink_metadata().map_err(failure)?;
        Ok(Some((target, metadata)))
    }

    /// What a symbolic link in the directory at `path` counts as.
    fn linked(&self, path: &SourcePath, link: &Path) -> (EntryKind, Option<Metadata>) {
        match self.follow(link) {
            Err(WorldError::Escapes) => (EntryKind::Escaping, None),
            Ok(Some((target, metadata))) if metadata.is_dir() => {
                // A link to a directory on the way to it would be walked without end.
                let kind = if self.is_above(&target, path) { EntryKind::Other } else { EntryKind::Directory };
                (kind, None)
            }
            Ok(Some((_, metadata))) if metadata.is_file() => (EntryKind::File, Some(metadata)),
            Ok(_) | Err(_) => (EntryKind::Other, None),
        }
    }

    /// Whether `target` is the directory at `path`, or one that was passed on the way to it, or lies above one of them.
    fn is_above(&self, target: &Path, path: &SourcePath) -> bool {
        let mut passed = path.clone();
        loop {
            if self.locate(&passed).ok().flatten().is_some_and(|real| real.starts_with(target)) {
                return true;
            }
            if passed.as_str().is_empty() || passed.file_name() == ".." {
                return false;
            }
            passed = passed.parent();
        }
    }

    /// The entries of a directory, sorted by name.
    fn entries(&self, path: &SourcePath) -> Result<Option<Vec<Entry>>, WorldError> {
        let Some(directory) = self.locate(path)? else { return Ok(None) };
        let listing = match fs::read_dir(&directory) {
            Err(error) if is_absent(&error) => return Ok(None),
            other => other.map_err(failure)?,
        };
        let mut entries = Vec::new();
        for entry in listing {
            entries.push(self.entry(path, &entry.map_err(failure)?)?);
        }
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Some(entries))
    }

    /// One entry of the directory at `path`.
    fn entry(&self, path: &SourcePath, entry: &DirEntry) -> Result<Entry, WorldError> {
        let not_utf8 = |name: OsString| WorldError::NotUtf8(name.to_string_lossy().into_owned());
        let name = entry.file_name().into_string().map_err(not_utf8)?;
        let kind = entry.file_type().map_err(failure)?;
        let (kind, metadata) = if kind.is_symlink() {
            self.linked(path, &entry.path())
        } else if kind.is_dir() {
            lock(&self.located).insert(path.join(&name), Some(entry.path()));
            (EntryKind::Directory, None)
        } else if kind.is_file() {
            (EntryKind::File, Some(entry.metadata().map_err(failure)?))
        } else {
            (EntryKind::Other, None)
        };
        let executable = metadata.as_ref().is_some_and(|metadata| metadata.permissions().mode() & 0o100 != 0);
        let size = metadata.as_ref().map_or(0, Metadata::len);
        Ok(Entry { name, kind, executable, size })
    }
}

impl World for DiskWorld {
    fn read_within(&self, path: &SourcePath, limit: u64) -> Result<Option<Vec<u8>>, WorldError> {
        if path.as_str().is_empty() || path.file_name() == ".." {
            return Err(WorldError::Io("it is a directory".to_owned()));
        }
        if let Some(bytes) = lock(&self.kept).files.get(path).filter(|bytes| bytes.len() as u64 <= limit) {
            return Ok(Some(bytes.clone()));
        }
        let Some(directory) = self.locate(&path.parent())? else { return Ok(None) };
        let real = directory.join(path.file_name());
        let opened = match open(&real) {
            Err(Errno::LOOP | Errno::MLINK) => match self.follow(&real)? {
                Some((target, _)) => open(&target),
                None => return Ok(None),
            },
            other => other,
        };
        match opened {
            Ok(file) => {
                let bytes = read(file, limit)?;
                lock(&self.kept).keep(path, &bytes);
                Ok(Some(bytes))
            }
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            // A socket.
            Err(Errno::NXIO) => Err(not_regular()),
            Err(errno) => Err(failure(errno.into())),
        }
    }

    fn list(&self, path: &SourcePath) -> Result<Option<Vec<Entry>>, WorldError> {
        if let Some(known) = lock(&self.listed).get(path) {
            return Ok(known.clone());
        }
        let entries = self.entries(path)?;
        lock(&self.listed).insert(path.clone(), entries.clone());
        Ok(entries)
    }

    fn shortest(&self, path: &SourcePath) -> SourcePath {
        // A name that is not UTF-8 is no part of any path here.
        let names = self.root.ancestors().map(|directory| directory.file_name().and_then(OsStr::to_str));
        path.shortened(names.map(Option::unwrap_or_default))
    }

    fn depth(&self) -> usize {
        self.project.depth
    }

    fn newest_version_tag(&self, prefix: &str) -> Option<String> {
        tags::newest_version(self.project.git.as_deref()?, prefix)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panicking thread left behind is still true.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens a file to read. Neither does it follow a link at the end of the path nor wait for the other end of a pipe.
fn open(path: &Path) -> Result<File, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    rustix::fs::openat(CWD, path, flags, Mode::empty()).map(File::from)
}

/// Reads a regular file of at most `limit` bytes, whatever size it claims to have.
fn read(file: File, limit: u64) -> Result<Vec<u8>, WorldError> {
    let metadata = file.metadata().map_err(failure)?;
    if metadata.is_dir() {
        return Err(WorldError::Io("it is a directory".to_owned()));
    }
    if !metadata.is_file() {
        return Err(not_regular());
    }
    if metadata.len() > limit {
        return Err(WorldError::TooLarge { limit });
    }
    // One byte more than the file has, so that the read that finds its end does not grow the buffer.
    let expected = usize::try_from(metadata.len()).unwrap_or_default().saturating_add(1);
    let mut bytes = Vec::with_capacity(expected);
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failure)?;
    if bytes.len() as u64 > limit {
        return Err(WorldError::TooLarge { limit });
    }
    Ok(bytes)
}

/// Whether an error says that nothing stands at a path.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn not_regular() -> WorldError {
    WorldError::Io("it is not a regular file".to_owned())
}

/// An error of the operating system in its own words, without the number that Rust appends.
fn failure(error: io::Error) -> WorldError {
    WorldError::Io(crate::os_error::words(&error))
}
