//! Which topologies a directory stands for.

use ignore::WalkBuilder;
use std::io;
use std::path::{Path, PathBuf};

/// The names that a topology's file may have.
const FILES: [&str; 2] = ["topology.yml", "topology.yaml"];

/// A topology that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Its directory, as a path from where the given one starts.
    pub directory: PathBuf,
    /// The directory within it that was given, absolute and without links, if it was not the topology's own: only the
    /// function there is meant.
    pub within: Option<PathBuf>,
}

/// The directory of a topology that was given as such or as its file.
pub fn directory(given: &Path) -> &Path {
    let is_file = given.file_name().is_some_and(|name| FILES.iter().any(|file| name == *file));
    match given.parent() {
        Some(parent) if is_file && parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) if is_file => parent,
        _ => given,
    }
}

/// The topology that `given` is the directory of, or lies in; itself where there is none, for the front end to say so.
///
/// # Errors
/// When `given` cannot be reached.
pub fn one(given: &Path) -> io::Result<Located> {
    let directory = directory(given);
    let real = directory.canonicalize()?;
    let mut above = directory.to_owned();
    for (climbed, ancestor) in real.ancestors().enumerate() {
        if is_topology(ancestor) {
            let within = (climbed > 0).then(|| real.clone());
            return Ok(Located { directory: above, within });
        }
        if is_project(ancestor) {
            break;
        }
        above = if above == Path::new(".") { "..".into() } else { above.join("..") };
    }
    Ok(Located { directory: directory.to_owned(), within: None })
}

/// The topologies in `given` and in all directories below it that are not hidden or ignored, in the order of their paths.
///
/// # Errors
/// When `given` cannot be reached.
pub fn all(given: &Path) -> io::Result<Vec<Located>> {
    let directory = directory(given);
    directory.canonicalize()?;
    let mut walk = WalkBuilder::new(directory);
    // Ignore files count where there is no git, and a project's own count everywhere.
    walk.require_git(false).add_custom_ignore_filename(".tcignore");
    walk.sort_by_file_name(std::ffi::OsStr::cmp);
    // A directory that cannot be listed holds no topology that could be built.
    let directories = walk.build().flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_dir()));
    let topologies = directories.map(ignore::DirEntry::into_path).filter(|directory| is_topology(directory));
    Ok(topologies.map(|directory| Located { directory, within: None }).collect())
}

/// Whether a directory is that of a topology.
pub fn is_topology(directory: &Path) -> bool {
    FILES.iter().any(|name| directory.join(name).is_file())
}

/// Whether no topology above this directory is meant by one below it.
fn is_project(directory: &Path) -> bool {
    directory.join(".git").exists() || directory.join("tc.yml").exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            fs::create_dir_all(root.path().join(file).parent().unwrap()).unwrap();
            fs::write(root.path().join(file), "").unwrap();
        }
        root
    }

    #[test]
    fn a_function_stands_for_its_topology() {
        let root = tree(&["p/.git/x", "p/etl/topology.yml", "p/etl/enhancer/src/x.py", "p/docs/x"]);
        let path = |below: &str| root.path().join(below);
        let within = |below: &str| Some(path(below).canonicalize().unwrap());
        assert_eq!(one(&path("p/etl")).unwrap(), Located { directory: path("p/etl"), within: None });
        assert_eq!(one(&path("p/etl/topology.yml")).unwrap(), Located { directory: path("p/etl"), within: None });
        assert_eq!(
            one(&path("p/etl/enhancer/src")).unwrap(),
            Located { directory: path("p/etl/enhancer/src/../.."), within: within("p/etl/enhancer/src") }
        );
        assert_eq!(one(&path("p/docs")).unwrap(), Located { directory: path("p/docs"), within: None });
        assert!(one(&path("p/gone")).is_err());
    }

    #[test]
    fn all_below_are_found_but_those_that_are_ignored() {
        let root = tree(&["b/topology.yml", "a/x/topology.yaml", "node_modules/m/topology.yml", ".tc/topology.yml"]);
        fs::write(root.path().join(".gitignore"), "node_modules\n").unwrap();
        let found = all(root.path()).unwrap();
        let directories: Vec<_> = found.iter().map(|located| located.directory.clone()).collect();
        assert_eq!(directories, [root.path().join("a/x"), root.path().join("b")]);
    }
}
