//! The output directory: written whole or not at all.
//!
//! The files are written to a directory beside it, which then takes its place in one step. An output that is what it
//! should be already is left alone, and a directory that holds anything tc did not write is refused.

mod contents;
mod difference;
mod staging;
#[cfg(test)]
mod tests;

pub use contents::MANIFEST;
pub use difference::{Difference, differences};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use staging::Staging;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The files of an output by their path in it, with `/` between its parts.
pub type Files<'a> = BTreeMap<String, &'a [u8]>;

/// What came of writing an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was there already, byte for byte; nothing was touched.
    Unchanged,
    /// It was written.
    Changed,
}

/// Why an output was not written. Whatever was there is as it was.
#[derive(Debug)]
pub enum OutputError {
    /// The directory holds this, which tc did not write.
    NotOurs(PathBuf),
    /// What the operating system said about a path.
    Io(PathBuf, io::Error),
}

impl OutputError {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| Self::Io(path, error)
    }
}

/// How often the place of an output is tried to be taken while other runs write to the same one.
const TRIES: usize = 100;

/// Makes the directory `out` hold `files` and nothing else.
///
/// # Errors
/// When `out` holds what tc did not write, or something cannot be written.
pub fn write(out: &Path, files: &Files<'_>) -> Result<Written, OutputError> {
    // A link to an output stays one: what it leads to is replaced.
    let out = out.canonicalize().or_else(|_| std::path::absolute(out)).map_err(OutputError::at(out))?;
    let name = out.file_name().ok_or_else(|| OutputError::NotOurs(out.clone()))?;
    let parent = out.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(parent).map_err(OutputError::at(parent))?;
    // Runs that write to one place take turns; the lock goes with the process, however it ends.
    let turn = fs::File::open(parent).map_err(OutputError::at(parent))?;
    turn.lock().map_err(OutputError::at(parent))?;
    if contents::is_ours(&out)? && contents::are(&out, files).map_err(OutputError::at(&out))? {
        return Ok(Written::Unchanged);
    }
    staging::sweep(parent, name);
    let staging = Staging::create(parent, name).map_err(OutputError::at(parent))?;
    for (path, bytes) in files {
        staging.write(path, bytes).map_err(OutputError::at(&out.join(path)))?;
    }
    take_place(&staging, &out)?;
    Ok(Written::Changed)
}

/// Puts the staged directory in the place of `out`, and removes what stood there.
fn take_place(staging: &Staging, out: &Path) -> Result<(), OutputError> {
    let mut last = io::Error::from(ErrorKind::ResourceBusy);
    for _ in 0..TRIES {
        match renameat_with(CWD, staging.path(), CWD, out, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            // A file system without the flag: an empty directory in the way gives way, anything else does not.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match fs::rename(staging.path(), out) {
                Ok(()) => return Ok(()),
                Err(error) => last = error,
            },
            Err(errno) => last = errno.into(),
        }
        if !matches!(last.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty) {
            break;
        }
        // It may have changed hands since it was looked at first.
        contents::is_ours(out)?;
        match renameat_with(CWD, staging.path(), CWD, out, RenameFlags::EXCHANGE) {
            Ok(()) => return staging.remove().map_err(OutputError::at(staging.path())),
            // Another run moved it away.
            Err(Errno::NOENT) => {}
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => move_away(staging, out)?,
            Err(errno) => last = errno.into(),
        }
    }
    Err(OutputError::Io(out.to_path_buf(), last))
}

/// Moves `out` aside and removes it, where the file system cannot exchange two directories.
fn move_away(staging: &Staging, out: &Path) -> Result<(), OutputError> {
    let aside = staging.beside();
    match fs::rename(out, &aside) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(OutputError::Io(out.to_path_buf(), error)),
        Ok(()) => staging::remove(&aside).map_err(OutputError::at(&aside)),
    }
}
