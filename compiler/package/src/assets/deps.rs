//! The tree of a layer, as it stands on a file system.
//!
//! A layer is laid over `/opt`, where each runtime looks into directories of its own. On a file system there is only what a
//! variable of the function names, so the tree is laid out for these (`tc_core`'s back end sets them):
//!
//! | in a layer | below `DEPS_PATH` | by |
//! |---|---|---|
//! | `python/` | here | `PYTHONPATH` |
//! | `nodejs/node_modules/` | `node_modules/` | `NODE_PATH` |
//! | `ruby/gems/X.Y.0/` | `ruby/X.Y.0/` | `GEM_PATH` |
//! | `lib/` | `lib/` | `LD_LIBRARY_PATH` |

use std::fs;
use std::io;
use std::path::Path;

/// Changes the tree of a layer at `root` into one for a file system.
///
/// # Errors
/// When something cannot be moved, or two things would have one place.
pub fn lay_out(root: &Path) -> io::Result<()> {
    // Out of the way first: a package may be called as a directory of a layer is.
    let old = root.join(".layer");
    fs::create_dir(&old)?;
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.path() != old {
            fs::rename(entry.path(), old.join(entry.file_name()))?;
        }
    }
    // The last one moves what is left, and with it the directory that all was moved out of the way to.
    for (from, to) in [("python", ""), ("nodejs", ""), ("ruby/gems", "ruby"), ("", "")] {
        let (from, to) = (old.join(from), root.join(to));
        if from.is_dir() {
            move_contents(&from, &to)?;
        }
    }
    Ok(())
}

/// Moves what is in a directory into another, and merges directories that are in both.
fn move_contents(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        let is_directory = entry.file_type()?.is_dir();
        match fs::symlink_metadata(&there) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(entry.path(), &there)?,
            Err(error) => return Err(error),
            Ok(metadata) if metadata.is_dir() && is_directory => move_contents(&entry.path(), &there)?,
            Ok(_) => {
                let name = entry.file_name();
                return Err(io::Error::other(format!("`{}` is in it twice", name.to_string_lossy().escape_debug())));
            }
        }
    }
    fs::remove_dir(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(files: &[&str]) -> io::Result<Vec<String>> {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            fs::create_dir_all(root.path().join(file).parent().unwrap()).unwrap();
            fs::write(root.path().join(file), "").unwrap();
        }
        lay_out(root.path())?;
        let manifest = crate::assets::read(root.path(), crate::assets::Rule::default(), &|_| {}).unwrap();
        let is_file = |entry: &crate::assets::Entry| matches!(entry.kind, crate::assets::EntryKind::File { .. });
        Ok(manifest.entries.iter().filter(|entry| is_file(entry)).map(|entry| entry.path.clone()).collect())
    }

    #[test]
    fn each_language_finds_its_own() {
        let made = laid_out(&["python/numpy/x.py", "python/six.py", "lib/libgomp.so.1"]).unwrap();
        assert_eq!(made, ["lib/libgomp.so.1", "numpy/x.py", "six.py"]);
        assert_eq!(laid_out(&["nodejs/node_modules/a/x.js"]).unwrap(), ["node_modules/a/x.js"]);
        assert_eq!(laid_out(&["ruby/gems/3.4.0/gems/a/x.rb"]).unwrap(), ["ruby/3.4.0/gems/a/x.rb"]);
    }

    #[test]
    fn packages_may_be_called_as_a_layers_directories_are() {
        let made = laid_out(&["python/python/x.py", "python/lib/y.py", "lib/libz.so.1"]).unwrap();
        assert_eq!(made, ["lib/libz.so.1", "lib/y.py", "python/x.py"]);
        assert!(laid_out(&["python/lib/a", "lib/a"]).unwrap_err().to_string().contains("`a` is in it twice"));
    }
}
