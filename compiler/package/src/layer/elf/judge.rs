//! What is wrong with the native files of a tree, in the image they will run in.

use super::file::{Elf, Machine, Platform};
use super::optional::Optional;
use super::owner::{Owner, Owners};
use super::scan::Scan;
use super::search::{Found, Search};
use super::version::Version;
use crate::layer::image::Image;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use tc_core::diagnostic::Severity;

/// The library whose versions of symbols are `GLIBCXX` and `CXXABI`.
const CPP: &str = "libstdc++.so.6";
/// The paths of the loader that programs name, on either processor.
const LOADERS: [&str; 3] =
    ["/lib/ld-linux-aarch64.so.1", "/lib64/ld-linux-aarch64.so.1", "/lib64/ld-linux-x86-64.so.2"];
/// How much of a wheel's description is read, in bytes.
const DESCRIPTION: u64 = 1 << 16;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// It is built for somewhere else.
    Platform(Platform),
    /// It needs a newer C library than the image has.
    Glibc(Version),
    /// It needs a newer libstdc++ than the image has.
    Cpp(Version),
    /// It needs a library that is not there, or where the loader does not look.
    Missing {
        /// Its name.
        name: String,
        /// Where in the tree it is nevertheless.
        elsewhere: Option<String>,
    },
    /// It needs a library that may not be there.
    Unsure(String),
    /// It cannot be read.
    Malformed,
}

/// Something wrong with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) owner: Owner,
    pub(super) path: String,
    pub(super) severity: Severity,
    pub(super) optional: Option<Optional>,
    pub(super) cause: Cause,
}

/// A tree under judgement.
pub(super) struct Judge<'a> {
    /// Where it is.
    pub(super) root: &'a Path,
    /// Where it will appear.
    pub(super) mount: &'a str,
    /// Its owners.
    pub(super) owners: &'a Owners<'a>,
    /// The image it will run in.
    pub(super) image: Image,
}

impl Judge<'_> {
    /// All that is wrong, in the order of the files' names.
    pub(super) fn faults(&self, scan: &Scan) -> Vec<Fault> {
        let search = Search::new(&scan.files, self.owners, self.image, self.mount);
        let is_fitting = |file: &Elf| file.platform.fits(self.image.architecture());
        let served: BTreeSet<Owner> =
            scan.files.iter().filter(|(_, file)| is_fitting(file)).map(|(path, _)| self.owners.of(path)).collect();
        let mut faults = Vec::new();
        for (path, file) in &scan.files {
            if is_fitting(file) {
                self.versions(&search, path, file, &mut faults);
                self.libraries(&search, path, file, &mut faults);
            } else if file.platform.machine == Machine::Other("macOS") && !is_library(path) {
                // A program beside those for other systems, or `.dylib`, which Linux does not look for.
            } else if let Some(severity) = self.foreign(path, &served) {
                faults.push(self.fault(path, severity, None, Cause::Platform(file.platform)));
            }
        }
        told_once(&mut faults);
        // What is named as a library is meant to be loaded; other broken files may be data of tests.
        let broken = scan.malformed.iter().filter(|path| is_library(path));
        faults.extend(broken.map(|path| self.fault(path, Severity::Warning, None, Cause::Malformed)));
        faults
    }

    fn fault(&self, path: &str, severity: Severity, optional: Option<Optional>, cause: Cause) -> Fault {
        let severity = if optional.is_some() { Severity::Warning } else { severity };
        Fault { owner: self.owners.of(path), path: path.to_owned(), severity, optional, cause }
    }

    fn versions(&self, search: &Search<'_>, path: &str, file: &Elf, faults: &mut Vec<Fault>) {
        let newer = |needed: Option<Version>, had: Version| needed.filter(|needed| *needed > had);
        let optional = Optional::of(path, "");
        if let Some(needed) = newer(file.versions.glibc, self.image.glibc()) {
            faults.push(self.fault(path, Severity::Error, optional, Cause::Glibc(needed)));
        }
        let cpp = newer(file.versions.glibcxx, self.image.glibcxx())
            .or_else(|| newer(file.versions.cxxabi, self.image.cxxabi()));
        if let Some(needed) = cpp.filter(|_| !search.is_overridden(path, file, CPP)) {
            faults.push(self.fault(path, Severity::Error, optional, Cause::Cpp(needed)));
        }
    }

    fn libraries(&self, search: &Search<'_>, path: &str, file: &Elf, faults: &mut Vec<Fault>) {
        for name in &file.needed {
            let optional = Optional::of(path, name);
            let missing = |elsewhere| Cause::Missing { name: name.clone(), elsewhere };
            let (severity, cause) = match search.find(path, file, name) {
                Found::Here => continue,
                Found::Unsure => (Severity::Warning, Cause::Unsure(name.clone())),
                Found::Elsewhere(other) => (Severity::Error, missing(Some(other))),
                Found::Nowhere => (Severity::Error, missing(None)),
            };
            faults.push(self.fault(path, severity, optional, cause));
        }
        // A library may name one too, which matters only where it is started.
        let loader = file.interpreter.as_deref().filter(|loader| !is_library(path) && !LOADERS.contains(loader));
        if let Some(loader) = loader {
            let cause = Cause::Missing { name: loader.to_owned(), elsewhere: None };
            faults.push(self.fault(path, Severity::Error, Optional::of(path, ""), cause));
        }
    }

    /// How much a file for another platform weighs. Distributions bring files for several and load the one that fits;
    /// one whose files are all for another was installed wrongly.
    fn foreign(&self, path: &str, served: &BTreeSet<Owner>) -> Option<Severity> {
        let owner = self.owners.of(path);
        match (served.contains(&owner), names_platform(path)) {
            (true, true) => None,
            (true, false) => Some(Severity::Warning),
            // A wheel that is said to run everywhere can do without what it names by platform.
            (false, true) if self.is_pure(&owner) => Some(Severity::Warning),
            (false, _) => Some(Severity::Error),
        }
    }

    /// Whether a distribution is a wheel without native code by its own description (PEP 427, `Root-Is-Purelib`).
    fn is_pure(&self, owner: &Owner) -> bool {
        let Some(distribution) = self.owners.distribution(owner) else { return false };
        let description = distribution.files.iter().find(|file| file.ends_with(".dist-info/WHEEL"));
        let text = description.and_then(|file| {
            let mut text = String::new();
            File::open(self.root.join(file)).ok()?.take(DESCRIPTION).read_to_string(&mut text).ok()?;
            Some(text)
        });
        text.is_some_and(|text| text.lines().any(|line| line.trim().eq_ignore_ascii_case("Root-Is-Purelib: true")))
    }
}

/// Drops what an optional file lacks where its distribution cannot do without it anyway.
fn told_once(faults: &mut Vec<Fault>) {
    let told: BTreeSet<(Owner, Cause)> = faults
        .iter()
        .filter(|fault| fault.optional.is_none())
        .map(|fault| (fault.owner.clone(), fault.cause.clone()))
        .collect();
    faults.retain(|fault| fault.optional.is_none() || !told.contains(&(fault.owner.clone(), fault.cause.clone())));
}

/// Whether a path says for which platform the file is: `prebuilds/linux-x64/x.node`, `attach_linux_amd64.so`.
fn names_platform(path: &str) -> bool {
    const NAMES: [&str; 27] = [
        "aarch64", "alpine", "amd64", "android", "arm", "arm64", "darwin", "freebsd", "i386", "i586", "i686", "ia32",
        "illumos", "linux32", "linux64", "loong64", "macos", "macosx", "musl", "netbsd", "openbsd", "ppc64", "riscv64",
        "s390x", "sunos", "x64", "x86",
    ];
    path.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        let word = word.to_ascii_lowercase();
        NAMES.contains(&word.as_str()) || ["armv", "musl", "ppc64"].iter().any(|start| word.starts_with(start))
    })
}

/// Whether a file is named as a library: `x.so`, `x.so.1.2`, `x.node`.
fn is_library(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_version = |rest: &str| rest.split('.').all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    name.ends_with(".so")
        || name.ends_with(".node")
        || name.split_once(".so.").is_some_and(|(_, rest)| is_version(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_told_from_words() {
        for path in ["p/prebuilds/linux-x64/a.node", "d/attach_linux_amd64.so", "a.cpython-313-x86_64-linux-gnu.so"] {
            assert!(names_platform(path), "{path}");
        }
        for path in ["p/charm/a.so", "p/alarm.so", "x640/a.so", "lib/liblinux.so"] {
            assert!(!names_platform(path), "{path}");
        }
    }

    #[test]
    fn libraries_are_told_by_their_names() {
        for path in ["a/b.so", "a/b.so.1", "a/b.so.1.2.3", "a/b.node", "b.cpython-313-x86_64-linux-gnu.so"] {
            assert!(is_library(path), "{path}");
        }
        for path in ["a/b", "b.sock", "b.so.txt", "a.so/b", "b.elf"] {
            assert!(!is_library(path), "{path}");
        }
    }
}
