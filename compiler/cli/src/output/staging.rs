//! The directory in which an output is put together, beside the place it is for.
//!
//! It is locked as long as the run that made it lives, so that what a killed run left can be told from what another run
//! is at work on.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;

/// A staging directory. Dropping it removes it, unless it was renamed.
#[derive(Debug)]
pub struct Staging {
    path: PathBuf,
    _lock: File,
}

/// How often a name is tried for a staging directory that nobody else takes for a leftover.
const TRIES: u32 = 100;

impl Staging {
    /// Makes and locks a staging directory in `parent` for an output of this name.
    pub fn create(parent: &Path, name: &OsStr) -> io::Result<Self> {
        for attempt in 0..TRIES {
            let mut own = prefix(name);
            own.push(format!("{}-{attempt}", process::id()));
            let path = parent.join(own);
            match fs::create_dir(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                other => other?,
            }
            // Another run may have taken the directory for a leftover before it was locked.
            match File::open(&path).map(|lock| (lock.try_lock().is_ok(), lock)) {
                Ok((true, lock)) if path.is_dir() => return Ok(Self { path, _lock: lock }),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    /// Where it stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A free path beside it for what it replaces.
    pub fn beside(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push("-old");
        path.into()
    }

    /// Writes a file; `path` has `/` between its parts.
    pub fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let target = self.path.join(path);
        match fs::write(&target, bytes) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                target.parent().map_or(Ok(()), fs::create_dir_all)?;
                fs::write(&target, bytes)
            }
            other => other,
        }
    }

    /// Removes what stands there now.
    pub fn remove(&self) -> io::Result<()> {
        remove(&self.path)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed now is swept by the next run.
        let _ = self.remove();
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
        let left = entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes());
        if left && File::open(entry.path()).is_ok_and(|lock| lock.try_lock().is_ok()) {
            // Whoever else sweeps it is welcome to.
            let _ = remove(&entry.path());
        }
    }
}

/// Removes a directory and what is in it; that it is gone already is as well.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
