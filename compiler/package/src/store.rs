//! Where artifacts are put.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tempfile::NamedTempFile;

/// An archive up to this size is held in memory until its name is known; a larger one goes to the disk at once.
const HELD: usize = 8 << 20;

/// Takes artifacts. An artifact's name comes from its bytes, so it is known only after they were written.
pub trait Store: Sync {
    /// Begins an artifact. Dropped before it is kept, it leaves nothing behind.
    ///
    /// # Errors
    /// When there is no place for it.
    fn begin(&self) -> io::Result<Box<dyn Pending + '_>>;
}

/// An artifact that is being written.
pub trait Pending: Write {
    /// Gives it its name. One that was kept under the same name before has the same bytes.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn keep(self: Box<Self>, name: &str) -> io::Result<()>;
}

/// Keeps artifacts as files of a directory.
#[derive(Debug)]
pub struct DirectoryStore {
    directory: PathBuf,
}

impl DirectoryStore {
    /// Keeps artifacts in `directory`, which is created if it is not there.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn new(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let directory = directory.into();
        fs::create_dir_all(&directory)?;
        Ok(Self { directory })
    }
}

impl Store for DirectoryStore {
    fn begin(&self) -> io::Result<Box<dyn Pending + '_>> {
        Ok(Box::new(PendingFile { directory: &self.directory, held: Vec::new(), spilled: None }))
    }
}

struct PendingFile<'a> {
    directory: &'a Path,
    held: Vec<u8>,
    /// The artifact from its first byte, once it is larger than what is held.
    spilled: Option<NamedTempFile>,
}

impl Write for PendingFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = &mut self.spilled {
            return file.write(bytes);
        }
        self.held.extend_from_slice(bytes);
        if self.held.len() > HELD {
            // Cut by the umask, like any file that is created by its name.
            let permissions = fs::Permissions::from_mode(0o666);
            let mut file = tempfile::Builder::new().permissions(permissions).tempfile_in(self.directory)?;
            file.write_all(&self.held)?;
            self.held = Vec::new();
            self.spilled = Some(file);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spilled.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Pending for PendingFile<'_> {
    fn keep(self: Box<Self>, name: &str) -> io::Result<()> {
        let path = self.directory.join(name);
        match self.spilled {
            Some(file) => file.persist(path).map(drop).map_err(|error| error.error),
            None => fs::write(path, self.held),
        }
    }
}

/// Keeps no artifact, for what only wants to know their names.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiscardingStore;

impl Store for DiscardingStore {
    fn begin(&self) -> io::Result<Box<dyn Pending + '_>> {
        Ok(Box::new(io::sink()))
    }
}

impl Pending for io::Sink {
    fn keep(self: Box<Self>, _name: &str) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps artifacts in memory, for tests.
#[derive(Debug, Default)]
pub struct MemoryStore {
    artifacts: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl MemoryStore {
    /// The artifacts by their names.
    pub fn into_artifacts(self) -> BTreeMap<String, Vec<u8>> {
        self.artifacts.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn begin(&self) -> io::Result<Box<dyn Pending + '_>> {
        Ok(Box::new(PendingBytes { store: self, bytes: Vec::new() }))
    }
}

struct PendingBytes<'a> {
    store: &'a MemoryStore,
    bytes: Vec<u8>,
}

impl Write for PendingBytes<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pending for PendingBytes<'_> {
    fn keep(self: Box<Self>, name: &str) -> io::Result<()> {
        let mut artifacts = self.store.artifacts.lock().unwrap_or_else(PoisonError::into_inner);
        artifacts.insert(name.to_owned(), self.bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_artifacts_are_kept_and_dropped_ones_are_gone() {
        let directory = tempfile::tempdir().unwrap();
        let store = DirectoryStore::new(directory.path().join("artifacts")).unwrap();
        let large = vec![7; 2 * HELD + 1];
        for (name, bytes) in [("small", &b"1"[..]), ("large", &large), ("small", b"1")] {
            let mut pending = store.begin().unwrap();
            bytes.chunks(HELD / 2 + 1).for_each(|chunk| pending.write_all(chunk).unwrap());
            pending.keep(name).unwrap();
        }
        let mut dropped = store.begin().unwrap();
        dropped.write_all(&large).unwrap();
        drop(dropped);
        let mut names: Vec<_> = fs::read_dir(&store.directory).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["large", "small"]);
        assert!(fs::read(store.directory.join("large")).unwrap() == large);
        assert_eq!(fs::read(store.directory.join("small")).unwrap(), b"1");
    }
}
