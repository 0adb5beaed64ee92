//! Where the loader finds a library, in its order (`ld.so(8)`): the `RPATH` of the file that needs it, `LD_LIBRARY_PATH`,
//! its `RUNPATH`, the image's own directories; and before all these what the process has loaded already under that name.

use super::file::Elf;
use super::owner::{Owner, Owners};
use crate::layer::image::{Image, Presence, SEARCH_PATH};
use std::collections::BTreeMap;
use tc_core::ir::Architecture;

/// Where a library was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// In the tree or the image.
    Here,
    /// Perhaps in the image.
    Unsure,
    /// In the tree, where the loader does not look for it.
    Elsewhere(String),
    /// Nowhere.
    Nowhere,
}

/// The libraries of a tree and an image.
pub(super) struct Search<'a> {
    files: &'a BTreeMap<String, Elf>,
    owners: &'a Owners<'a>,
    image: Image,
    architecture: Architecture,
    mount: &'a str,
    /// The files by the names that they may be loaded under.
    by_name: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Search<'a> {
    /// Among these files of a tree that appears at `mount`.
    pub(super) fn new(files: &'a BTreeMap<String, Elf>, owners: &'a Owners<'a>, image: Image, mount: &'a str) -> Self {
        let architecture = image.architecture();
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, file) in files.iter().filter(|(_, file)| file.platform.fits(architecture)) {
            let name = path.rsplit('/').next().unwrap_or(path);
            let soname = file.soname.as_deref().filter(|soname| *soname != name);
            [Some(name), soname].into_iter().flatten().for_each(|name| by_name.entry(name).or_default().push(path));
        }
        Self { files, owners, image, architecture, mount, by_name }
    }

    /// Where the library `name` is, for the file at `path` that needs it.
    pub(super) fn find(&self, path: &str, file: &Elf, name: &str) -> Found {
        if name.contains('/') {
            return if self.in_directory("", name) { Found::Here } else { Found::Nowhere };
        }
        let presence = self.image.library(name);
        let on_search_path = || SEARCH_PATH.iter().any(|directory| self.in_directory(directory, name));
        if presence == Presence::Present
            || self.is_overridden(path, file, name)
            || on_search_path()
            || self.in_directories(path, &file.runpath, name)
        {
            return Found::Here;
        }
        let elsewhere = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        match elsewhere.iter().find(|other| self.is_loaded(path, other)) {
            Some(_) => Found::Here,
            None if presence == Presence::Unsure => Found::Unsure,
            None => elsewhere.first().map_or(Found::Nowhere, |other| Found::Elsewhere((*other).to_owned())),
        }
    }

    /// Whether the file's own list stands before the image, and leads to a library of that name.
    pub(super) fn is_overridden(&self, path: &str, file: &Elf, name: &str) -> bool {
        file.runpath.is_empty() && self.in_directories(path, &file.rpath, name)
    }

    fn in_directories(&self, path: &str, directories: &[String], name: &str) -> bool {
        let origin = path.rsplit_once('/').map_or(String::new(), |(directory, _)| format!("/{directory}"));
        let origin = format!("{}{origin}", self.mount);
        directories.iter().any(|directory| self.in_directory(&directory_of(directory, &origin), name))
    }

    /// Whether a library can be taken for loaded when `path` is, though the loader would not find it. A distribution
    /// loads what it brings before what needs it (or the wheel would work nowhere), and where it needs what another
    /// brings, it imports that first, as extensions to PyTorch do.
    fn is_loaded(&self, path: &str, library: &str) -> bool {
        let owner = self.owners.of(library);
        matches!(owner, Owner::Distribution(_)) || owner == self.owners.of(path)
    }

    /// Whether a directory, absolute in the function, is of the tree and has the library.
    fn in_directory(&self, directory: &str, name: &str) -> bool {
        let path = normal(&format!("{directory}/{name}"));
        let within = path.strip_prefix(self.mount).and_then(|rest| rest.strip_prefix('/'));
        within.and_then(|path| self.files.get(path)).is_some_and(|file| file.platform.fits(self.architecture))
    }
}

/// A directory of a file's own list, with the loader's variables filled in.
fn directory_of(directory: &str, origin: &str) -> String {
    let origin = directory.replace("${ORIGIN}", origin).replace("$ORIGIN", origin);
    origin.replace("${LIB}", "lib64").replace("$LIB", "lib64")
}

/// An absolute path without `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
