//! A directory, read once.

use super::divide::{Rule, divide};
use super::manifest::{Entry, EntryKind, FORMAT, Manifest, Part, hex};
use crate::residue;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use tc_core::world::WorldError;

/// How many entries a tree may have: its manifest is held in memory by whoever reads it.
const MAX_ENTRIES: usize = 500_000;

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 18;

/// Why a directory cannot be a tree. Paths are below its root.
#[derive(Debug)]
pub enum TreeError {
    /// Something in it cannot be listed or read.
    Unreadable(PathBuf, io::Error),
    /// A link that leads out of the tree, or nowhere.
    Escapes(PathBuf),
    /// A link by a whole path: on the file system the tree lies elsewhere.
    Absolute(PathBuf),
    /// Neither file, directory nor link.
    Special(PathBuf),
    /// A name that is not UTF-8.
    Name(PathBuf),
    /// It has more entries than this.
    TooMany(usize),
    /// A file that changed while it was read.
    Changed(PathBuf),
}

impl std::fmt::Display for TreeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |path: &Path| path.to_string_lossy().escape_debug().to_string();
        match self {
            Self::Unreadable(path, error) => {
                write!(f, "`{}` cannot be read: {}", shown(path), WorldError::from(error))
            }
            Self::Escapes(path) => write!(f, "the link `{}` leads out of the directory, or nowhere", shown(path)),
            Self::Absolute(path) => write!(f, "the link `{}` holds a whole path", shown(path)),
            Self::Special(path) => write!(f, "`{}` is neither file, directory nor link", shown(path)),
            Self::Name(path) => write!(f, "the name `{}` is not UTF-8", shown(path)),
            Self::TooMany(limit) => write!(f, "it has more than {limit} entries"),
            Self::Changed(path) => write!(f, "`{}` changed while it was read", shown(path)),
        }
    }
}

/// Reads all that is in a directory, without what tools leave behind (`.git`, `.tc`, `__pycache__`, `.DS_Store`). `progress`
/// is told of bytes as they are read.
///
/// # Errors
/// At the first thing that cannot stand in a tree.
pub fn read(root: &Path, rule: Rule, progress: &dyn Fn(u64)) -> Result<Manifest, TreeError> {
    let mut entries = list(root)?;
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let sizes = entries.iter().filter_map(|entry| match entry.kind {
        EntryKind::File { size, .. } => Some(size),
        _ => None,
    });
    let mut parts = Parts::new(divide(sizes, rule));
    for entry in &mut entries {
        if let EntryKind::File { size, sha256, .. } = &mut entry.kind {
            *sha256 = digest(root, &entry.path, *size, &mut parts, progress)?;
        }
    }
    Ok(Manifest { format: FORMAT, entries, parts: parts.done })
}

/// The entries below a directory in no particular order, the files still without their digests.
fn list(root: &Path) -> Result<Vec<Entry>, TreeError> {
    let mut found = Vec::new();
    let mut pending = vec![String::new()];
    while let Some(prefix) = pending.pop() {
        let directory = root.join(&prefix);
        let unreadable = |error| TreeError::Unreadable(prefix.clone().into(), error);
        for entry in fs::read_dir(&directory).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Ok(name) = entry.file_name().into_string() else {
                return Err(TreeError::Name(Path::new(&prefix).join(entry.file_name())));
            };
            if residue::of_any(&name) {
                continue;
            }
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            let kind = kind(root, &path, &entry)?;
            if kind == EntryKind::Directory {
                pending.push(path.clone());
            }
            found.push(Entry { path, kind });
            if found.len() > MAX_ENTRIES {
                return Err(TreeError::TooMany(MAX_ENTRIES));
            }
        }
    }
    Ok(found)
}

fn kind(root: &Path, path: &str, entry: &fs::DirEntry) -> Result<EntryKind, TreeError> {
    let unreadable = |error| TreeError::Unreadable(path.into(), error);
    let metadata = entry.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Ok(EntryKind::Directory);
    }
    if metadata.is_file() {
        let executable = metadata.permissions().mode() & 0o111 != 0;
        return Ok(EntryKind::File { size: metadata.len(), executable, sha256: String::new() });
    }
    if !metadata.is_symlink() {
        return Err(TreeError::Special(path.into()));
    }
    let target = fs::read_link(entry.path()).map_err(unreadable)?;
    if target.is_absolute() {
        return Err(TreeError::Absolute(path.into()));
    }
    if !stays_inside(root, path) {
        return Err(TreeError::Escapes(path.into()));
    }
    match target.into_os_string().into_string() {
        Ok(target) => Ok(EntryKind::Link { target }),
        Err(_) => Err(TreeError::Name(path.into())),
    }
}

/// Whether a link leads to something in the tree that is no residue.
fn stays_inside(root: &Path, path: &str) -> bool {
    let (Ok(root), Ok(to)) = (root.canonicalize(), root.join(path).canonicalize()) else { return false };
    let Ok(below) = to.strip_prefix(&root) else { return false };
    let is_residue = |part: Component<'_>| part.as_os_str().to_str().is_none_or(residue::of_any);
    below.components().next().is_some() && !below.components().any(is_residue)
}

/// The digest of a file, whose bytes go on to the parts.
fn digest(root: &Path, path: &str, size: u64, parts: &mut Parts, progress: &dyn Fn(u64)) -> Result<String, TreeError> {
    let unreadable = |error| TreeError::Unreadable(path.into(), error);
    let mut file = File::open(root.join(path)).map_err(unreadable)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    let mut left = size;
    loop {
        let length = match file.read(&mut buffer) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(error)),
        };
        let bytes = buffer.get(..length).unwrap_or_default();
        match (bytes.is_empty(), left.checked_sub(length as u64)) {
            (true, _) if left == 0 => return Ok(hex(hasher)),
            (true, _) | (_, None) => return Err(TreeError::Changed(path.into())),
            (false, Some(rest)) => left = rest,
        }
        hasher.update(bytes);
        parts.take(bytes);
        progress(bytes.len() as u64);
    }
}

/// The parts while the bytes of the files go by.
struct Parts {
    /// The sizes of those to come, the last first.
    sizes: Vec<u64>,
    /// What the current one still lacks.
    left: u64,
    size: u64,
    hasher: Sha256,
    done: Vec<Part>,
}

impl Parts {
    fn new(mut sizes: Vec<u64>) -> Self {
        sizes.reverse();
        Self { sizes, left: 0, size: 0, hasher: Sha256::new(), done: Vec::new() }
    }

    /// Takes bytes, of which there are never more than the sizes say.
    fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left == 0 {
                let Some(size) = self.sizes.pop() else { return };
                (self.left, self.size) = (size, size);
            }
            let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
            let (ours, rest) = bytes.split_at(length);
            self.hasher.update(ours);
            self.left -= length as u64;
            bytes = rest;
            if self.left == 0 {
                self.done.push(Part { sha256: hex(std::mem::take(&mut self.hasher)), size: self.size });
            }
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
