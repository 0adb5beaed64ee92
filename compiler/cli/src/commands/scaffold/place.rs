//! Files written where nothing stands, whole or not at all.

use crate::os_error;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::scaffold as codes;

/// The rights of a file, and of a directory, before the user's mask.
const FILE: u32 = 0o666;
const DIRECTORY: u32 = 0o777;

/// Writes a file unless one stands there. Whether it was written.
///
/// # Errors
/// When it cannot be; nothing is there then.
pub fn file(path: &Path, text: &str) -> Result<bool, Box<Diagnostic>> {
    let failed = |error: &io::Error| Box::new(unwritten(path, error));
    let parent = parent(path);
    fs::create_dir_all(parent).map_err(|error| failed(&error))?;
    let mut draft = with_mask(FILE, |builder| builder.tempfile_in(parent)).map_err(|error| failed(&error))?;
    draft.write_all(text.as_bytes()).map_err(|error| failed(&error))?;
    match draft.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed(&error.error)),
    }
}

/// Writes a directory of files, named by their paths within it.
///
/// # Errors
/// When something stands there, or it cannot be written; what is there is as it was then.
pub fn directory(path: &Path, files: &[(PathBuf, String)]) -> Result<(), Box<Diagnostic>> {
    let failed = |error: &io::Error| Box::new(unwritten(path, error));
    if path.symlink_metadata().is_ok() {
        return Err(Box::new(taken(path)));
    }
    let parent = parent(path);
    let draft = with_mask(DIRECTORY, |builder| builder.tempdir_in(parent)).map_err(|error| failed(&error))?;
    for (name, text) in files {
        let file = draft.path().join(name);
        let written = fs::create_dir_all(self::parent(&file)).and_then(|()| fs::write(&file, text));
        written.map_err(|error| failed(&error))?;
    }
    // Where an empty directory was made meanwhile, it is taken; one with something in it is not.
    match fs::rename(draft.path(), path) {
        Ok(()) => {
            // It is not where it was made any more.
            let _ = draft.keep();
            Ok(())
        }
        Err(error) if [ErrorKind::DirectoryNotEmpty, ErrorKind::NotADirectory].contains(&error.kind()) => {
            Err(Box::new(taken(path)))
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Something temporary with the rights that it has where it stays.
fn with_mask<T>(mode: u32, make: impl FnOnce(&tempfile::Builder<'_, '_>) -> io::Result<T>) -> io::Result<T> {
    make(tempfile::Builder::new().prefix(".tc-").permissions(fs::Permissions::from_mode(mode)))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn taken(path: &Path) -> Diagnostic {
    let message = format!("`{}` is there already", path.display());
    Diagnostic::without_place(&codes::ALREADY_THERE, message)
        .help("choose another name, or remove it; nothing was written")
}

fn unwritten(path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("`{}` cannot be written: {}", path.display(), os_error::words(error));
    Diagnostic::without_place(&codes::SCAFFOLD_NOT_WRITTEN, message)
}
