//! The files of a directory as they were saved last.

use ignore::WalkBuilder;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// When each file was saved, and how many bytes it has. What git or tc ignores does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Snapshot {
    /// The files of a directory now. What cannot be looked at is left out: it may be about to be saved.
    pub fn of(directory: &Path) -> Self {
        let walk = WalkBuilder::new(directory).require_git(false).add_custom_ignore_filename(".tcignore").build();
        let files = walk.flatten().filter_map(|entry| {
            let metadata = entry.metadata().ok().filter(|metadata| metadata.is_file())?;
            Some((entry.into_path(), (metadata.modified().ok(), metadata.len())))
        });
        Self(files.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_save_is_seen_and_what_is_ignored_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        write("handler.py", "a");
        write(".gitignore", "*.pyc\n");
        let before = Snapshot::of(directory.path());
        assert_eq!(Snapshot::of(directory.path()), before);
        write("handler.pyc", "b");
        assert_eq!(Snapshot::of(directory.path()), before);
        write("handler.py", "ab");
        assert_ne!(Snapshot::of(directory.path()), before);
        write("handler.py", "a");
        write("other.py", "");
        assert_ne!(Snapshot::of(directory.path()), before);
    }
}
