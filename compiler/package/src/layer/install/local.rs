//! Directories of this machine that dependencies come from: their digests, copies and removal to another place.

use sha2::{Digest, Sha256};
use std::fs::{self, FileType};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// How many entries a directory that is depended on may have: one that has more is surely not what was meant.
const MAX_ENTRIES: usize = 200_000;

/// An entry of a directory.
pub(crate) struct Entry {
    pub path: PathBuf,
    /// Below the directory that was walked, with `/`.
    pub name: String,
    pub kind: FileType,
}

/// The files and links below a directory in the order of their names, and without what `skip` says of a name below it.
/// Links are not followed.
///
/// # Errors
/// When something cannot be listed, has a name that is no UTF-8, or there are more than [`MAX_ENTRIES`].
pub(crate) fn entries(directory: &Path, skip: impl Fn(&str) -> bool) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    let mut pending = vec![(directory.to_owned(), String::new())];
    let mut seen = 0;
    while let Some((directory, prefix)) = pending.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            seen += 1;
            if seen > MAX_ENTRIES {
                return Err(io::Error::other(format!("it has more than {MAX_ENTRIES} entries")));
            }
            let Ok(name) = entry.file_name().into_string() else {
                return Err(io::Error::other(format!("the name of `{}` is not UTF-8", entry.path().display())));
            };
            let (name, path, kind) = (format!("{prefix}{name}"), entry.path(), entry.file_type()?);
            if skip(&name) {
                continue;
            }
            match kind.is_dir() {
                true => pending.push((path, format!("{name}/"))),
                false => found.push(Entry { path, name, kind }),
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// A digest of bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// A digest of a file's bytes, or of what a directory holds without what `skip` says of a name: names, bytes, and whether
/// they can be executed.
///
/// # Errors
/// As [`entries`], and when a file cannot be read.
pub(crate) fn digest(path: &Path, skip: impl Fn(&str) -> bool) -> io::Result<Vec<u8>> {
    let mut digest = Sha256::new();
    let mut add = |name: &str, bytes: &[u8], mark: u8| {
        digest.update((name.len() as u64).to_le_bytes());
        digest.update(name);
        digest.update([mark]);
        digest.update(Sha256::digest(bytes));
    };
    if path.is_file() {
        add("", &fs::read(path)?, b'f');
        return Ok(digest.finalize().to_vec());
    }
    for Entry { path, name, kind } in entries(path, skip)? {
        if kind.is_symlink() {
            add(&name, fs::read_link(&path)?.to_string_lossy().as_bytes(), b'l');
        } else if kind.is_file() {
            let executable = fs::metadata(&path)?.permissions().mode() & 0o111 != 0;
            add(&name, &fs::read(&path)?, if executable { b'x' } else { b'f' });
        }
    }
    Ok(digest.finalize().to_vec())
}

/// Copies a file, or a directory without what `skip` says of a name. Links stay links; sockets and the like are left
/// out.
///
/// # Errors
/// As [`entries`], and when a file cannot be read or written.
pub(crate) fn copy(from: &Path, to: &Path, skip: impl Fn(&str) -> bool) -> io::Result<()> {
    if from.is_file() {
        return copy_file(from, to);
    }
    fs::create_dir_all(to)?;
    for Entry { path, name, kind } in entries(from, skip)? {
        let to = to.join(&name);
        if kind.is_symlink() {
            to.parent().map_or(Ok(()), fs::create_dir_all)?;
            symlink(fs::read_link(&path)?, &to)?;
        } else if kind.is_file() {
            copy_file(&path, &to)?;
        }
    }
    Ok(())
}

/// Copies a file and its mode, and makes the directories on the way.
pub(crate) fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    to.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::copy(from, to).map(|_| ())
}

/// Moves a directory to where nothing stands, also to another file system.
///
/// # Errors
/// As [`copy`].
pub(crate) fn relocate(from: &Path, to: &Path) -> io::Result<()> {
    to.parent().map_or(Ok(()), fs::create_dir_all)?;
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy(from, to, |_| false)?;
            fs::remove_dir_all(from)
        }
        done => done,
    }
}

/// `path` with its `.` and `..` taken as text, so that links on the way are not followed.
pub(crate) fn lexical(path: &Path) -> PathBuf {
    use std::path::Component;
    path.components().fold(PathBuf::new(), |mut whole, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir if whole.file_name().is_some() => {
                whole.pop();
            }
            Component::ParentDir if whole.has_root() => {}
            part => whole.push(part),
        }
        whole
    })
}

/// `to` as a path from the directory `from`. Both are absolute and lexical; else `to` as it is.
pub(crate) fn relative(from: &Path, to: &Path) -> String {
    let mut up = String::new();
    for above in from.ancestors().filter(|_| to.is_absolute()) {
        if let Ok(rest) = to.strip_prefix(above) {
            return format!("{up}{}", rest.display());
        }
        up.push_str("../");
    }
    to.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::residue;

    #[test]
    fn digests_tell_contents_apart_and_nothing_else() {
        let make = |text: &str, name: &str| {
            let place = tempfile::tempdir().unwrap();
            fs::create_dir_all(place.path().join("lib/node_modules")).unwrap();
            fs::write(place.path().join("lib").join(name), text).unwrap();
            fs::write(place.path().join("lib/node_modules/x"), place.path().to_string_lossy().as_bytes()).unwrap();
            place
        };
        let of = |text, name| digest(make(text, name).path(), residue::of_dependency).unwrap();
        assert_eq!(of("a", "n"), of("a", "n"));
        assert_ne!(of("a", "n"), of("b", "n"));
        assert_ne!(of("a", "n"), of("a", "m"));
        let place = make("a", "n");
        fs::set_permissions(place.path().join("lib/n"), fs::Permissions::from_mode(0o755)).unwrap();
        assert_ne!(digest(place.path(), residue::of_dependency).unwrap(), of("a", "n"));
    }

    #[test]
    fn copies_are_without_residue() {
        let place = tempfile::tempdir().unwrap();
        let from = place.path().join("from");
        fs::create_dir_all(from.join(".git")).unwrap();
        fs::create_dir_all(from.join("lib")).unwrap();
        fs::write(from.join(".git/config"), "").unwrap();
        fs::write(from.join("lib/a.rb"), "1").unwrap();
        symlink("a.rb", from.join("lib/b.rb")).unwrap();
        let to = place.path().join("deep/to");
        copy(&from, &to, residue::of_dependency).unwrap();
        assert!(!to.join(".git").exists());
        assert_eq!(fs::read_to_string(to.join("lib/b.rb")).unwrap(), "1");
        relocate(&to, &place.path().join("moved/there")).unwrap();
        assert!(!to.exists() && place.path().join("moved/there/lib/a.rb").exists());
    }

    #[test]
    fn paths_are_folded_as_text() {
        for (given, wanted) in [("/a/./b/../c", "/a/c"), ("/a/../..", "/"), ("a/..", "")] {
            assert_eq!(lexical(Path::new(given)), Path::new(wanted));
        }
        for (from, to, wanted) in [("/a/b", "/a/c/d", "../c/d"), ("/a", "/a/b", "b"), ("/a", "b", "b")] {
            assert_eq!(relative(Path::new(from), Path::new(to)), wanted);
        }
    }
}
