//! What of this machine's disk decides which dependencies a layer has.

use super::super::local;
use super::pyproject::Project;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Files and directories, by their absolute paths.
#[derive(Debug, Default)]
pub(super) struct Disk {
    /// Lists, locks, settings and local archives.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// Directories that are depended on.
    pub directories: BTreeSet<PathBuf>,
    /// Directories of distributions to choose from.
    pub wheelhouses: BTreeSet<PathBuf>,
    /// The names of what is built from these directories, and from git for them.
    pub built: BTreeSet<String>,
}

impl Disk {
    /// A local directory or archive, and what it depends on in turn.
    pub fn add(&mut self, base: &Path, path: &str) {
        let mut pending = vec![local::lexical(&base.join(path))];
        while let Some(place) = pending.pop() {
            if place.is_file() {
                self.files.extend(fs::read(&place).ok().map(|bytes| (place, bytes)));
            } else if place.is_dir() && self.directories.insert(place.clone()) {
                let text = fs::read_to_string(place.join("pyproject.toml")).unwrap_or_default();
                if let Ok(project) = Project::parse(&text) {
                    self.built.extend(project.name.clone().filter(|name| !name.is_empty()));
                    self.built.extend(project.built());
                    pending.extend(project.paths().map(|path| local::lexical(&place.join(path))));
                }
            }
        }
    }

    /// Settings of uv in a directory or above it.
    pub fn settings(&mut self, directory: &Path) {
        for above in directory.ancestors() {
            self.keep(above, "uv.toml");
            let project = above.join("pyproject.toml");
            if fs::read_to_string(project).is_ok_and(|text| text.contains("[tool.uv")) {
                self.keep(above, "pyproject.toml");
            }
        }
    }

    /// A file, where it is there.
    pub fn keep(&mut self, directory: &Path, name: &str) {
        let path = local::lexical(&directory.join(name));
        self.files.extend(fs::read(&path).ok().map(|bytes| (path, bytes)));
    }

    /// Local directories of distributions to choose from, among `find-links`.
    pub fn choose_from(&mut self, base: &Path, places: &[String]) {
        let local = places.iter().filter(|place| !place.contains("://") || place.starts_with("file://"));
        let paths = local.map(|place| local::lexical(&base.join(place.trim_start_matches("file://"))));
        self.wheelhouses.extend(paths.filter(|path| path.is_dir()));
    }
}
