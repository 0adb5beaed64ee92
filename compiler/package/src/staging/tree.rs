//! The files of the directory that a build command ran in.

use super::product::ProductError;
use crate::archive::{EntryName, Member};
use crate::residue;
use crate::select::walk::MAX_ENTRIES;
use crate::select::{Contents, File, Origin};
use std::fs::{self, Metadata};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The files under `code` that are wanted, by their names and metadata.
///
/// # Errors
/// When one of them cannot be packed.
pub(super) fn contents(code: &Path, is_wanted: impl Fn(&str, &Metadata) -> bool) -> Result<Contents, ProductError> {
    let mut contents = Contents::new();
    let mut seen = 0;
    let mut visits = vec![(code.to_path_buf(), String::new())];
    while let Some((directory, prefix)) = visits.pop() {
        for entry in fs::read_dir(&directory)? {
            seen += 1;
            if seen > MAX_ENTRIES {
                return Err(ProductError::TooMany(MAX_ENTRIES));
            }
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                return Err(ProductError::Special(name));
            };
            if residue::of_any(&name) {
                continue;
            }
            let (name, mut path) = (format!("{prefix}{name}"), entry.path());
            let is_link = entry.file_type()?.is_symlink();
            if is_link {
                path = resolve(code, &path).ok_or_else(|| ProductError::Link(name.clone()))?;
            }
            let metadata = path.metadata()?;
            if metadata.is_dir() {
                // A link to a directory it stands in has no end.
                if is_link && directory.starts_with(&path) {
                    return Err(ProductError::Link(name));
                }
                visits.push((path, format!("{name}/")));
            } else if !metadata.is_file() {
                return Err(ProductError::Special(name));
            } else if is_wanted(&name, &metadata) {
                let entry = EntryName::new(name.as_str()).map_err(|reason| ProductError::Name(name, reason))?;
                let executable = metadata.permissions().mode() & 0o100 != 0;
                let file = File { origin: Origin::Disk(path), size: metadata.len() };
                contents.insert(entry, Member { executable, source: file });
            }
        }
    }
    Ok(contents)
}

/// Where a path leads, if that is in `code`.
pub(super) fn resolve(code: &Path, path: &Path) -> Option<PathBuf> {
    let (code, path) = (code.canonicalize().ok()?, path.canonicalize().ok()?);
    path.starts_with(code).then_some(path)
}
