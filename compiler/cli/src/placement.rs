//! `topology.lock` beside the topology: written where something got a place, and compared for `--check`.

use crate::output::{Difference, OutputError, diff};
use std::io::Write;
use std::path::Path;
use tc_core::backend::stacks::{Lock, Placement, lock};

/// Writes the lock, whole or not at all, where it is not what it should be. Whether it was written.
///
/// # Errors
/// When it cannot be written; what was there is as it was.
pub fn write(directory: &Path, old: Option<&Lock>, placement: &Placement) -> Result<bool, OutputError> {
    let Some(new) = placement.lock.as_ref().filter(|new| old != Some(new)) else { return Ok(false) };
    put(directory, new.write().as_bytes())?;
    Ok(true)
}

/// The lock's bytes; `None` where there is none, or it cannot be read.
pub fn bytes(directory: &Path) -> Option<Vec<u8>> {
    std::fs::read(directory.join(lock::FILE)).ok()
}

/// Writes a lock as it was before, or removes it where there was none.
///
/// # Errors
/// As [`write`].
pub fn restore(directory: &Path, old: Option<&[u8]>) -> Result<(), OutputError> {
    let path = directory.join(lock::FILE);
    match old {
        Some(old) => put(directory, old),
        None => match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(OutputError::Io(path, error)),
            _ => Ok(()),
        },
    }
}

fn put(directory: &Path, text: &[u8]) -> Result<(), OutputError> {
    let path = directory.join(lock::FILE);
    let failed = |error: std::io::Error| OutputError::Io(path.clone(), error);
    let mut file = tempfile::Builder::new().permissions(permissions()).tempfile_in(directory).map_err(failed)?;
    file.write_all(text).map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// As other files of a project are made: the user's mask takes from it.
fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

/// What is to be different of the lock.
pub fn difference(old: Option<&Lock>, placement: &Placement) -> Option<Difference> {
    let new = placement.lock.as_ref().filter(|new| old != Some(new))?;
    let text = old.map(Lock::write);
    Some(match text {
        None => Difference::Missing(lock::FILE.to_owned()),
        Some(text) => Difference::Changed(lock::FILE.to_owned(), Some(diff(&text, &new.write()))),
    })
}
