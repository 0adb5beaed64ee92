//! All files of a tree, read side by side.

use super::file::{Elf, Unread};
use crate::archive::Members;
use crate::layer::tree::{TreeError, TreeFile};
use object::read::ReadCache;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The smallest file with a header.
const SMALLEST: u64 = 64;

/// The native files of a tree, by their names in it.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// What the loader can load.
    pub(super) files: BTreeMap<String, Elf>,
    /// What it would refuse.
    pub(super) malformed: BTreeSet<String>,
}

/// Reads the native files among `members` with so many threads.
///
/// # Errors
/// At a file that cannot be opened.
pub(super) fn scan(members: &Members<TreeFile>, threads: usize) -> Result<Scan, TreeError> {
    let members: Vec<_> = members
        .iter()
        .map(|(name, member)| (name.as_str(), &member.source))
        .filter(|(_, file)| file.size >= SMALLEST)
        .collect();
    let (next, scan) = (AtomicUsize::new(0), Mutex::new(Ok(Scan::default())));
    let work = || {
        while let Some((name, file)) = members.get(next.fetch_add(1, Ordering::Relaxed)) {
            let read = open(&file.path);
            if let Ok(Err(Unread::Other)) = read {
                continue;
            }
            let mut scan = scan.lock().unwrap_or_else(PoisonError::into_inner);
            let Ok(found) = scan.as_mut() else { return };
            match read {
                Ok(Ok(elf)) => drop(found.files.insert((*name).to_owned(), elf)),
                Ok(Err(_)) => drop(found.malformed.insert((*name).to_owned())),
                Err(error) => *scan = Err(TreeError::Unreadable(file.path.clone(), error)),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    scan.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Reads one file, as little of it as needed.
pub(super) fn open(path: &Path) -> io::Result<Result<Elf, Unread>> {
    Ok(Elf::read(&ReadCache::new(File::open(path)?)))
}
