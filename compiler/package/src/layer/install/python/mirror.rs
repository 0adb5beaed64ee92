//! A copy of what a list leads to, in the places that it has on this machine, for uv to work in.
//!
//! Build backends write into the directory that they build: `build/`, `NAME.egg-info`. What they find there from the
//! last time reaches the next wheel, and uv itself does not build a local directory again when only its modules changed.
//! A fresh copy has none of that, and leaves the user's sources as they are.

use super::super::local;
use super::disk::Disk;
use crate::residue::of_python_dependency;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The copy.
pub(super) struct Mirror {
    root: PathBuf,
    /// The directories that were copied.
    directories: Vec<PathBuf>,
}

impl Mirror {
    /// Copies the files and directories that decide below `root`, which is created.
    ///
    /// # Errors
    /// When something cannot be read or written.
    pub fn create(root: &Path, directory: &Path, disk: &Disk) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        let directories = disk.directories.iter().cloned().collect();
        let mirror = Self { root: root.canonicalize()?, directories };
        fs::create_dir_all(mirror.place(directory))?;
        for original in &disk.directories {
            local::copy(original, &mirror.place(original), of_python_dependency)?;
        }
        for (original, bytes) in &disk.files {
            mirror.write(original, bytes)?;
        }
        for original in &disk.wheelhouses {
            let place = mirror.place(original);
            if !place.exists() {
                place.parent().map_or(Ok(()), fs::create_dir_all)?;
                symlink(original, place)?;
            }
        }
        Ok(mirror)
    }

    /// Where the copy of an absolute path stands.
    pub fn place(&self, original: &Path) -> PathBuf {
        self.root.join(original.strip_prefix("/").unwrap_or(original))
    }

    /// Writes the copy of a file. A list that names a copied directory by its absolute path gets the copy's.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, original: &Path, bytes: &[u8]) -> io::Result<()> {
        let place = self.place(original);
        place.parent().map_or(Ok(()), fs::create_dir_all)?;
        // Never through a link that a copied directory holds.
        match fs::remove_file(&place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        match std::str::from_utf8(bytes).ok().filter(|_| is_list(original)) {
            Some(text) => fs::write(place, self.redirected(text)),
            None => fs::write(place, bytes),
        }
    }

    fn redirected(&self, text: &str) -> String {
        let replace = |text: String, directory: &PathBuf| {
            let (from, to) = (directory.to_string_lossy(), self.place(directory));
            redirected(&text, &from, &to.to_string_lossy())
        };
        self.directories.iter().fold(text.to_owned(), replace)
    }

    /// Where all copies stand.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

fn is_list(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml" || extension == "txt")
}

/// A text with a path replaced where it stands as a whole, alone or in a `file:` URL.
fn redirected(text: &str, from: &str, to: &str) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        let begins =
            before.ends_with("file://") || before.ends_with(['"', '\'', ' ', '=', '\n']) || before.ends_with("file:");
        let ends = after.is_empty() || after.starts_with(['"', '\'', ' ', ';', '#', '[', '\n', '\r']);
        replaced.push_str(before);
        replaced.push_str(if begins && ends { to } else { from });
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_are_redirected_where_they_stand_alone() {
        let text = "a @ file:///lib\nb = { path = \"/lib\" }\nc = '../lib'\nd = '/lib/x'\n-e /lib";
        let wanted = "a @ file:///m/lib\nb = { path = \"/m/lib\" }\nc = '../lib'\nd = '/lib/x'\n-e /m/lib";
        assert_eq!(redirected(text, "/lib", "/m/lib"), wanted);
    }
}
