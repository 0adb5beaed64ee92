//! The files that install and run the local AWS: `runtime-templates/local`, embedded.

use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tc_core::digest::hexadecimal;

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../../runtime-templates/local/", $name)))),*]
    };
}

/// The files, each by its name.
const FILES: [(&str, &str); 14] = embedded![
    "access.py",
    "client.js",
    "client.rb",
    "function-requirements.txt",
    "functions.py",
    "gateways.py",
    "logs.py",
    "nested.py",
    "nested_change_sets.py",
    "refactor.py",
    "resources.py",
    "server-requirements.txt",
    "server.py",
    "start.py",
];

/// Writes the files into a directory of `home` that is named after them, unless they are there. It is whole or absent.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write(home: &Path) -> io::Result<PathBuf> {
    let directory = home.join(format!("launcher-{}", digest()));
    let is_there = |(name, text): &(&str, &str)| fs::read(directory.join(name)).is_ok_and(|old| old == text.as_bytes());
    if FILES.iter().all(is_there) {
        return Ok(directory);
    }
    let beside = tempfile::Builder::new().prefix(".launcher-").tempdir_in(home)?;
    for (name, text) in FILES {
        fs::write(beside.path().join(name), text)?;
    }
    // What a cleaner of caches, say, has left of it.
    if directory.exists() {
        fs::remove_dir_all(&directory)?;
    }
    fs::rename(beside.keep(), &directory)?;
    Ok(directory)
}

/// The first digits of the digest of all files.
fn digest() -> String {
    let mut hasher = Sha256::new();
    for (name, text) in FILES {
        hasher.update(name.as_bytes());
        hasher.update([0]);
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    hexadecimal(hasher.finalize().get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_are_embedded_and_written_again_where_one_is_lost() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime-templates/local");
        let mut names: Vec<_> =
            fs::read_dir(source).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| !name.starts_with("__"));
        names.sort();
        assert_eq!(names, FILES.map(|(name, _)| name));

        let home = tempfile::tempdir().unwrap();
        let directory = write(home.path()).unwrap();
        fs::remove_file(directory.join("server.py")).unwrap();
        fs::write(directory.join("start.py"), "torn").unwrap();
        assert_eq!(write(home.path()).unwrap(), directory);
        for (name, text) in FILES {
            assert_eq!(fs::read_to_string(directory.join(name)).unwrap(), text, "{name}");
        }
        let left: Vec<_> = fs::read_dir(home.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}
