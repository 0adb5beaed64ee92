//! The tree of a layer: a directory whose contents Lambda lays over `/opt`.

use crate::archive::{EntryName, Member, Members};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// How deep directories may lie in each other.
const MAX_DEPTH: usize = 64;

/// A file of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// Where its bytes are.
    pub path: PathBuf,
    /// How many there are.
    pub size: u64,
}

/// Why a tree cannot be read.
#[derive(Debug)]
pub enum TreeError {
    /// Something in it cannot be listed or read.
    Unreadable(PathBuf, io::Error),
    /// A link that leads out of the tree or nowhere.
    Escapes(PathBuf),
    /// Neither file, directory nor link.
    Special(PathBuf),
    /// A name that cannot stand in a zip, and why.
    Name(PathBuf, String),
    /// Directories that lie too deep in each other.
    TooDeep(PathBuf),
}

/// The files below `root`, in the order in which they stand in an archive. A link within the tree to a file counts as
/// that file, since a layer has no links; a link to a directory is not followed and an error.
///
/// # Errors
/// At the first thing that cannot stand in a layer.
pub fn files(root: &Path) -> Result<Members<TreeFile>, TreeError> {
    let unreadable = |error| TreeError::Unreadable(root.to_owned(), error);
    let canonical = root.canonicalize().map_err(unreadable)?;
    let mut members = Members::new();
    let mut pending = vec![(root.to_owned(), String::new(), 0)];
    while let Some((directory, prefix, depth)) = pending.pop() {
        if depth > MAX_DEPTH {
            return Err(TreeError::TooDeep(directory));
        }
        let unreadable = |error| TreeError::Unreadable(directory.clone(), error);
        for entry in fs::read_dir(&directory).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = entry.path();
            let Ok(name) = entry.file_name().into_string() else {
                return Err(TreeError::Name(path, "it is not UTF-8".to_owned()));
            };
            let name = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(|error| TreeError::Unreadable(path.clone(), error))?;
            if kind.is_dir() {
                pending.push((path, format!("{name}/"), depth + 1));
                continue;
            }
            if kind.is_symlink() {
                let inside = path.canonicalize().is_ok_and(|to| to.starts_with(&canonical) && to.is_file());
                if !inside {
                    return Err(TreeError::Escapes(path));
                }
            } else if !kind.is_file() {
                return Err(TreeError::Special(path));
            }
            let metadata = fs::metadata(&path).map_err(|error| TreeError::Unreadable(path.clone(), error))?;
            let name = EntryName::new(name).map_err(|error| TreeError::Name(path.clone(), error.to_string()))?;
            let executable = metadata.permissions().mode() & 0o111 != 0;
            members.insert(name, Member { executable, source: TreeFile { size: metadata.len(), path } });
        }
    }
    Ok(members)
}
