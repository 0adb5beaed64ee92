//! Where `tc build` leaves what `tc compile` takes: `.tc/build/FUNCTION/ARCHITECTURE/` below the topology.
//!
//! A file is written beside its place, to the disk, and then renamed, so that it is whole or absent whenever a run is
//! killed. The directory stands behind a lock: what lies beside once that is held was left by a run that is no more,
//! and is removed.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tc_core::ir::Architecture;
use tc_core::world::SourcePath;

/// The beginning of the names of what is not whole yet.
pub(crate) const BESIDE: &str = ".tc-";

/// The directory of a function's products, from the topology's directory.
pub(crate) fn path(function: &str, architecture: Architecture) -> SourcePath {
    SourcePath::new(".tc/build").join(function).join(architecture.as_str())
}

/// A directory that this run alone writes to.
#[derive(Debug)]
pub(crate) struct Placement {
    directory: PathBuf,
    _lock: File,
}

impl Placement {
    /// The directory of a function's products, which is created if it is not there, below the topology's directory
    /// `root`. Another run that has it is waited for.
    ///
    /// # Errors
    /// When it cannot be created or locked.
    pub fn of_function(root: &Path, function: &str, architecture: Architecture) -> io::Result<Self> {
        let placement = Self::open(&root.join(path(function, architecture).as_str()))?;
        // What is built is no source, wherever the rest of `.tc` goes.
        let ignore = root.join(".tc/build/.gitignore");
        if !ignore.exists() {
            fs::write(ignore, "*\n")?;
        }
        Ok(placement)
    }

    /// A directory, which is created if it is not there.
    ///
    /// # Errors
    /// When it cannot be created or locked.
    pub fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let lock = File::open(directory)?;
        lock.lock()?;
        sweep(directory)?;
        Ok(Self { directory: directory.to_owned(), _lock: lock })
    }

    /// A file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Writes a file, executable or not, in the place of one that may be there.
    ///
    /// # Errors
    /// When it cannot be written. What was there stays.
    pub fn write(&self, name: &str, bytes: &[u8], executable: bool) -> io::Result<()> {
        let mut beside = tempfile::Builder::new().prefix(BESIDE).tempfile_in(&self.directory)?;
        beside.write_all(bytes)?;
        let mode = if executable { 0o755 } else { 0o644 };
        beside.as_file().set_permissions(Permissions::from_mode(mode))?;
        beside.as_file().sync_all()?;
        beside.persist(self.path(name)).map(drop).map_err(|error| error.error)
    }

    /// An empty directory in it for files in between, removed when it is dropped.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn scratch(&self) -> io::Result<tempfile::TempDir> {
        tempfile::Builder::new().prefix(BESIDE).tempdir_in(&self.directory)
    }
}

/// Removes what runs that were killed left beside their places in a directory that is locked. A program that outlives the
/// run that started it may write there still; what it leaves goes next time.
///
/// # Errors
/// When the directory cannot be listed.
pub(crate) fn sweep(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(BESIDE.as_bytes()) {
            let _ = match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path()),
                false => fs::remove_file(entry.path()),
            };
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_half_written_is_removed_and_what_is_whole_stays() {
        let root = tempfile::tempdir().unwrap();
        let names = || {
            let entries = fs::read_dir(root.path().join(".tc/build/fn/arm64")).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let place = Placement::of_function(root.path(), "fn", Architecture::Arm64).unwrap();
        place.write("bootstrap", b"1", true).unwrap();
        place.write("bootstrap", b"2", true).unwrap();
        assert_eq!(fs::metadata(place.path("bootstrap")).unwrap().permissions().mode() & 0o777, 0o755);
        fs::write(place.path(".tc-half"), "").unwrap();
        fs::write(place.scratch().unwrap().keep().join("x"), "").unwrap();
        drop(place);
        assert_eq!(names().len(), 3);
        let place = Placement::of_function(root.path(), "fn", Architecture::Arm64).unwrap();
        assert_eq!(
            (names(), fs::read(place.path("bootstrap")).unwrap()),
            (vec!["bootstrap".to_owned()], b"2".to_vec())
        );
        assert_eq!(fs::read_to_string(root.path().join(".tc/build/.gitignore")).unwrap(), "*\n");
    }
}
