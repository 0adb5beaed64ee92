//! The directory in which an output is put together, beside the place it is for.
//!
//! It is locked as long as the run that made it lives, so that what a killed run left can be told from what another run
//! is at work on.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A staging directory. Dropping it removes it, unless it was renamed, and the directories that were made for it.
#[derive(Debug)]
pub struct Staging {
    path: PathBuf,
    /// The directories above it that were made for it, from the lowest.
    made: Vec<PathBuf>,
    _lock: File,
}

/// How often it is tried to make a staging directory that nobody else takes for a leftover.
const TRIES: usize = 100;

impl Staging {
    /// Makes and locks a staging directory in `parent` for an output of this name.
    pub fn create(parent: &Path, name: &OsStr) -> io::Result<Self> {
        let made = parent.ancestors().take_while(|directory| !directory.exists()).map(Path::to_path_buf).collect();
        for _ in 0..TRIES {
            fs::create_dir_all(parent)?;
            // Any process may have any id, as in containers that share a volume, so the name must be a random one.
            let path = match tempfile::Builder::new().prefix(&prefix(name)).tempdir_in(parent) {
                // Another run that failed removed the parent, which it had made.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                other => other?.keep(),
            };
            // Another run may have taken the directory for a leftover before it was locked.
            match File::open(&path).map(|lock| (lock.try_lock().is_ok(), lock)) {
                Ok((true, lock)) if path.is_dir() => return Ok(Self { path, made, _lock: lock }),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Err(ErrorKind::ResourceBusy.into())
    }

    /// Where it stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A free path beside it, for what it replaces.
    pub fn beside(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push("-old");
        path.into()
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        remove(&self.path);
        // Only what is empty goes, so nothing does where the output took its place.
        for directory in &self.made {
            let _ = fs::remove_dir(directory);
        }
    }
}

/// The beginning of the names of all staging directories for an output.
fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".tmp-");
    prefix
}

/// Removes the staging directories in `parent` that runs which are no more left for an output of this name.
pub fn sweep(parent: &Path, name: &OsStr) {
    let prefix = prefix(name);
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if !entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes()) {
            continue;
        }
        // The lock is held until the directory is gone, so that the run that just made it does not take it for its own.
        if let Ok(lock) = File::open(entry.path())
            && lock.try_lock().is_ok()
        {
            remove(&entry.path());
        }
    }
}

/// Removes a staging directory. That it is still there is no fault of the output, and the next run sweeps it.
pub fn remove(path: &Path) {
    let _ = fs::remove_dir_all(path);
}
