//! The output directory: written whole or not at all.
//!
//! The files are written to a directory beside it, which then takes its place in one step. An output that is what it
//! should be already is left alone, and a directory that holds anything tc did not write is refused.
//!
//! ```text
//! draft       the output as it comes into being
//! contents    what an output directory holds
//! staging     the directory beside it
//! difference  what an output directory would have to change
//! ```

mod contents;
mod difference;
mod draft;
mod staging;
#[cfg(test)]
mod tests;

pub use difference::{Difference, Expected, diff, differences};
pub use draft::Draft;

use rustix::fs::RenameFlags;
use rustix::io::Errno;
use staging::Staging;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The manifest: what tells an output of tc from any other directory.
pub const MANIFEST: &str = "manifest.json";

/// The folder with the templates of nested stacks.
pub const STACKS: &str = "stacks";

/// What came of writing an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was there already; nothing was touched.
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

/// Renames with flags, which not every file system knows.
trait Rename: Fn(&Path, &Path, RenameFlags) -> Result<(), Errno> {}
impl<F: Fn(&Path, &Path, RenameFlags) -> Result<(), Errno>> Rename for F {}

/// Puts the staged directory in the place of `out`, and what stood there in the staged directory's.
fn take_place(staging: &Staging, out: &Path, rename: impl Rename) -> Result<(), OutputError> {
    let mut last = io::Error::from(ErrorKind::ResourceBusy);
    for _ in 0..TRIES {
        match rename(staging.path(), out, RenameFlags::NOREPLACE) {
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
        match rename(staging.path(), out, RenameFlags::EXCHANGE) {
            // What stood there goes when the staging directory is dropped.
            Ok(()) => return Ok(()),
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
        Ok(()) => {
            staging::remove(&aside);
            Ok(())
        }
    }
}
