//! Layers that were built before: `.tc/cache/layers/NAME-ARCH/KEY/` holds the zips of one and a record of what is in
//! them.
//!
//! An entry is written beside its place, to the disk, and then renamed, so that it is whole or absent whenever a run is
//! killed. The entries of one layer stand behind a lock, so that of two runs the second waits and finds what the first
//! made; whatever unfinished stands there once the lock is held was left by a run that is no more. A hit is believed only
//! after its bytes were digested again.

mod key;
mod record;

pub use key::Key;
pub use record::{Chunk, Record, Remark, TakenLibrary};

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use tc_core::digest::hexadecimal;

use sha2::{Digest, Sha256};

/// What git and backup programs are told of the cache. Source of the tag: Cache Directory Tagging Specification.
const MARKS: [(&str, &str); 2] = [
    (".gitignore", "*\n"),
    ("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# What tc can make again.\n"),
];

/// How many entries a layer keeps: what it is built from differs between branches.
const KEPT: usize = 4;

/// The file whose time says when an entry was used last.
const USED: &str = "used";

/// The beginning of the names of drafts.
const DRAFT: &str = "draft-";

/// The directory of a tree that is kept itself.
const TREE: &str = "tree";

/// The file of an entry's record.
const RECORD: &str = "record.json";

/// The layers of a project that were built before.
#[derive(Debug)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// The cache in a directory, which is created if it is not there.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        for (name, text) in MARKS {
            if !root.join(name).exists() {
                fs::write(root.join(name), text)?;
            }
        }
        Ok(Self { root: root.to_owned() })
    }

    /// The entries of a layer, for this run alone. `wait` is called where another run has them, before it is waited for.
    /// What runs that were killed left behind is removed.
    ///
    /// # Errors
    /// When they cannot be reached.
    pub fn shelf(&self, layer: &str, wait: impl FnOnce()) -> io::Result<Shelf> {
        let directory = self.root.join("layers").join(layer);
        fs::create_dir_all(&directory)?;
        let lock = File::open(&directory)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                wait();
                lock.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        sweep(&directory)?;
        Ok(Shelf { directory, _lock: lock })
    }
}

/// Removes drafts. A program that outlives the run that started it may write to one still; what it leaves goes next time.
fn sweep(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(DRAFT.as_bytes()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// The entries of one layer. No other run has them while this is held.
#[derive(Debug)]
pub struct Shelf {
    directory: PathBuf,
    _lock: File,
}

/// A layer in the cache.
#[derive(Debug)]
pub struct Entry {
    /// Where its zips are.
    directory: PathBuf,
    /// What is in them.
    pub record: Record,
}

impl Entry {
    /// The tree, where it is kept itself.
    pub fn tree(&self) -> PathBuf {
        self.directory.join(TREE)
    }

    /// The zip of a chunk, counted from 0.
    pub fn zip(&self, chunk: usize) -> PathBuf {
        self.directory.join(zip_name(chunk))
    }
}

/// What became of looking for an entry.
#[derive(Debug)]
pub enum Found {
    /// It is there, and what its record says is true.
    Hit(Entry),
    /// There is none.
    Absent,
    /// It was there and of no use, for this reason. It is removed.
    Damaged(String),
}

impl Shelf {
    /// Looks for an entry.
    ///
    /// # Errors
    /// When one that is of no use cannot be removed.
    pub fn find(&self, key: &Key) -> io::Result<Found> {
        let directory = self.directory.join(key.as_str());
        match verified(&directory) {
            Ok(record) => {
                // That this cannot be noted makes it no worse.
                let _ = fs::write(directory.join(USED), "1");
                Ok(Found::Hit(Entry { directory, record }))
            }
            Err(_) if !directory.exists() => Ok(Found::Absent),
            Err(reason) => {
                fs::remove_dir_all(&directory)?;
                Ok(Found::Damaged(reason))
            }
        }
    }

    /// Begins an entry.
    ///
    /// # Errors
    /// When there is no place for it.
    pub fn begin(&self) -> io::Result<Draft> {
        let root = tempfile::Builder::new().prefix(DRAFT).tempdir_in(&self.directory)?;
        let draft = Draft { root };
        for directory in [draft.tree(), draft.scratch(), draft.entry()] {
            fs::create_dir(directory)?;
        }
        Ok(draft)
    }

    /// Makes a draft an entry. With `key` of `None` it serves this run alone and is never found.
    ///
    /// # Errors
    /// When it cannot be written to the disk.
    pub fn keep(&self, draft: Draft, key: Option<&Key>, record: Record) -> io::Result<Entry> {
        let from = draft.entry();
        let name = key.map_or("unkeyed", Key::as_str);
        write_record(&from.join(RECORD), &record)?;
        fs::write(from.join(USED), "1")?;
        File::open(&from)?.sync_all()?;
        let directory = self.directory.join(name);
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        fs::rename(&from, &directory)?;
        File::open(&self.directory)?.sync_all()?;
        self.prune(name);
        Ok(Entry { directory, record })
    }

    /// Removes the entries that were not used for the longest time. That one cannot be removed is no fault of a build.
    fn prune(&self, keep: &str) {
        let entries = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let entries = entries.filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(DRAFT.as_bytes()));
        let mut entries: Vec<_> = entries
            .filter(|entry| entry.file_name() != keep)
            .map(|entry| (fs::metadata(entry.path().join(USED)).and_then(|used| used.modified()).ok(), entry.path()))
            .collect();
        entries.sort();
        let surplus = entries.len().saturating_sub(KEPT - 1);
        for (_, path) in entries.into_iter().take(surplus) {
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// An entry that is being made. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    root: tempfile::TempDir,
}

impl Draft {
    /// The tree of the layer.
    pub fn tree(&self) -> PathBuf {
        self.root.path().join("tree")
    }

    /// A directory for files in between.
    pub fn scratch(&self) -> PathBuf {
        self.root.path().join("scratch")
    }

    /// Puts the tree itself into the entry, in the place of zips.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub fn keep_tree(&self) -> io::Result<()> {
        fs::rename(self.tree(), self.entry().join(TREE))
    }

    fn entry(&self) -> PathBuf {
        self.root.path().join("entry")
    }

    /// Where the zip of a chunk, counted from 0, is to be put, with all of it on the disk.
    pub fn zip(&self, chunk: usize) -> PathBuf {
        self.entry().join(zip_name(chunk))
    }
}

fn zip_name(chunk: usize) -> String {
    format!("{chunk}.zip")
}

/// The record of an entry whose zips are what it says, or why it is of no use.
fn verified(directory: &Path) -> Result<Record, String> {
    let words = |error: io::Error| tc_core::world::WorldError::from(&error).to_string();
    let record = read_record(&directory.join(RECORD)).map_err(|error| format!("`{RECORD}`: {}", words(error)))?;
    for (number, chunk) in record.chunks.iter().enumerate() {
        let name = zip_name(number);
        let digest = digest(&directory.join(&name)).map_err(|error| format!("`{name}`: {}", words(error)))?;
        if digest != chunk.sha256 {
            return Err(format!("`{name}` is not what was written"));
        }
    }
    Ok(record)
}

/// The SHA-256 of a file, as 64 lower-case hexadecimal digits.
///
/// # Errors
/// When it cannot be read.
pub fn digest(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(hasher)),
            Ok(length) => hasher.update(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn hex(hasher: Sha256) -> String {
    hexadecimal(hasher.finalize())
}

/// Writes a record with the digest of its text before it, so that any change of it shows.
fn write_record(path: &Path, record: &Record) -> io::Result<()> {
    let text = serde_json::to_string(record)?;
    let mut file = File::create(path)?;
    file.write_all(format!("{}\n{text}", hex(Sha256::new().chain_update(&text))).as_bytes())?;
    file.sync_all()
}

fn read_record(path: &Path) -> io::Result<Record> {
    let damaged = |_| io::Error::new(ErrorKind::InvalidData, "it is not what was written");
    let bytes = fs::read_to_string(path)?;
    let (digest, text) = bytes.split_once('\n').ok_or(()).map_err(damaged)?;
    if hex(Sha256::new().chain_update(text)) != digest {
        return Err(damaged(()));
    }
    serde_json::from_str(text).map_err(|_| damaged(()))
}

#[cfg(test)]
mod tests;
