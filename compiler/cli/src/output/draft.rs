//! An output as it comes into being.

use super::staging::{self, Staging};
use super::{OutputError, Rename, STACKS, Written, contents, take_place};
use rustix::fs::{CWD, renameat_with};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use tc_package::manifest::ARTIFACTS;
use tc_package::{DirectoryStore, Pending, Store};

/// Bytes of code zips that are held in memory, so that an output which proves unchanged is not written at all.
const HELD: usize = 64 << 20;

/// Bytes of one code zip that are held; a larger one goes to the disk.
const HELD_EACH: usize = 8 << 20;

/// An output that is being put together. Dropped before it is finished, it leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    /// The place it is for: absolute.
    out: PathBuf,
    /// The texts by their paths.
    texts: BTreeMap<String, String>,
    /// Code zips in memory.
    held: Mutex<Held>,
    /// What is on the disk already.
    staged: OnceLock<Staged>,
}

/// Code zips in memory.
#[derive(Debug, Default)]
struct Held {
    /// They by their file names.
    zips: BTreeMap<String, Vec<u8>>,
    /// Their bytes together.
    size: usize,
}

/// The staging directory and the code zips that were too large to be held.
#[derive(Debug)]
struct Staged {
    store: DirectoryStore,
    staging: Staging,
}

impl Draft {
    /// Begins an output that is to be at `out`.
    ///
    /// # Errors
    /// When `out` holds what tc did not write.
    pub fn begin(out: &Path) -> Result<Self, OutputError> {
        // A link to an output stays one: what it leads to is replaced.
        let out = out.canonicalize().or_else(|_| std::path::absolute(out)).map_err(OutputError::at(out))?;
        contents::is_ours(&out)?;
        Ok(Self { out, texts: BTreeMap::new(), held: Mutex::default(), staged: OnceLock::new() })
    }

    /// Adds a text.
    pub fn add(&mut self, name: &str, text: &str) {
        self.texts.insert(name.to_owned(), text.to_owned());
    }

    /// Puts the output in its place, unless the same stands there already.
    ///
    /// # Errors
    /// When something that tc did not write has come to stand there, or the output cannot be written.
    pub fn finish(self) -> Result<Written, OutputError> {
        self.finish_by(|from, to, flags| renameat_with(CWD, from, CWD, to, flags))
    }

    /// [`Draft::finish`] by way of `rename`.
    pub(super) fn finish_by(self, rename: impl Rename) -> Result<Written, OutputError> {
        if self.is_in_place().map_err(OutputError::at(&self.out))? {
            return Ok(Written::Unchanged);
        }
        let Staged { staging, .. } = self.staged().map_err(OutputError::at(&self.out))?;
        if self.texts.keys().any(|name| name.starts_with(STACKS)) {
            let stacks = staging.path().join(STACKS);
            fs::create_dir_all(&stacks).map_err(OutputError::at(&stacks))?;
        }
        for (name, text) in &self.texts {
            fs::write(staging.path().join(name), text).map_err(OutputError::at(&self.out.join(name)))?;
        }
        let (present, artifacts) = (self.out.join(ARTIFACTS), staging.path().join(ARTIFACTS));
        for (name, bytes) in &lock(&self.held).zips {
            put(&present.join(name), &artifacts.join(name), bytes).map_err(OutputError::at(&present.join(name)))?;
        }
        // Removed only where it is empty, as in a topology of container images.
        let _ = fs::remove_dir(artifacts);
        take_place(staging, &self.out, rename)?;
        Ok(Written::Changed)
    }

    /// Whether what stands in its place is this output. Code zips are named by their digest, so that name and size are
    /// enough.
    fn is_in_place(&self) -> io::Result<bool> {
        let held = lock(&self.held);
        let mut zips: BTreeMap<_, _> =
            held.zips.iter().map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect();
        if let Some(staged) = self.staged.get() {
            for entry in fs::read_dir(staged.staging.path().join(ARTIFACTS))? {
                let entry = entry?;
                zips.insert(entry.file_name().to_string_lossy().into_owned(), entry.metadata()?.len());
            }
        }
        contents::are(&self.out, &self.texts, &zips)
    }

    /// The staging directory, which is made where there is none yet.
    fn staged(&self) -> io::Result<&Staged> {
        if let Some(staged) = self.staged.get() {
            return Ok(staged);
        }
        let no_name = || io::Error::from(io::ErrorKind::InvalidFilename);
        let (parent, name) = (self.out.parent().ok_or_else(no_name)?, self.out.file_name().ok_or_else(no_name)?);
        staging::sweep(parent, name);
        let staging = Staging::create(parent, name)?;
        let store = DirectoryStore::new(staging.path().join(ARTIFACTS))?;
        // Where another thread was faster, this one is dropped and with it removed.
        Ok(self.staged.get_or_init(|| Staged { store, staging }))
    }
}

/// Puts a code zip at `target`, by a link to the one at `present` if that has its size.
fn put(present: &Path, target: &Path, bytes: &[u8]) -> io::Result<()> {
    let same = present.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == bytes.len() as u64);
    if same && fs::hard_link(present, target).is_ok() { Ok(()) } else { fs::write(target, bytes) }
}

impl Store for Draft {
    fn begin(&self) -> io::Result<Box<dyn Pending + '_>> {
        Ok(Box::new(PendingZip { draft: self, bytes: Vec::new(), spilled: None }))
    }
}

/// A code zip that is being written.
struct PendingZip<'a> {
    draft: &'a Draft,
    bytes: Vec<u8>,
    /// Takes all of it, once it is too large to be held.
    spilled: Option<Box<dyn Pending + 'a>>,
}

impl PendingZip<'_> {
    /// Moves what is held to the disk.
    fn spill(&mut self) -> io::Result<()> {
        let mut spilled = self.draft.staged()?.store.begin()?;
        spilled.write_all(&self.bytes)?;
        self.bytes = Vec::new();
        self.spilled = Some(spilled);
        Ok(())
    }
}

impl Write for PendingZip<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.spilled.is_none() && self.bytes.len() + bytes.len() > HELD_EACH {
            self.spill()?;
        }
        match &mut self.spilled {
            Some(spilled) => spilled.write(bytes),
            None => self.bytes.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spilled.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Pending for PendingZip<'_> {
    fn keep(mut self: Box<Self>, name: &str) -> io::Result<()> {
        if self.spilled.is_none() {
            let mut held = lock(&self.draft.held);
            if held.size + self.bytes.len() <= HELD {
                let size = self.bytes.len();
                // Functions with equal code share a zip.
                if held.zips.insert(name.to_owned(), self.bytes).is_none() {
                    held.size += size;
                }
                return Ok(());
            }
            drop(held);
            self.spill()?;
        }
        self.spilled.map_or(Ok(()), |spilled| spilled.keep(name))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panicking thread left behind is still true.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
