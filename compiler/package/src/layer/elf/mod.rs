//! Native libraries: whether each file of a tree that the loader may load can be loaded in the image of its runtime.
//!
//! ```text
//! scan      every file of the tree, side by side
//! file      one file: for whom it is built, what it needs (segment, version)
//! owner     the distribution it came with
//! search    where the loader finds what it needs
//! judge     what is wrong: another machine, a newer C library, a missing library (optional)
//! mend      missing libraries, taken into the tree
//! finding   the above in words, by distribution and cause
//! ```
//!
//! Only what the files themselves say is judged: a library that a program loads by name at run time (`dlopen`) is seen
//! when it is in the tree, but nobody can tell whether one that is absent would be asked for.

mod file;
mod finding;
mod judge;
mod mend;
mod optional;
mod owner;
mod scan;
mod search;
mod segment;
mod version;

pub use file::{Elf, Libc, Machine, Platform, Unread};
pub use mend::host_directories;
pub use version::{Version, Versions};

use super::Target;
use super::image::{Image, SEARCH_PATH};
use super::install::Distribution;
use super::tree::{self, TreeError};
use finding::Words;
use judge::{Cause, Fault, Judge};
use mend::{Obstacle, Store};
use owner::{Owner, Owners};
use scan::{Scan, scan};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::source::Span;

/// Where libraries may be taken from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Libraries<'a> {
    /// `build.libs`: a directory of libraries, on disk.
    pub given: Option<&'a Path>,
    /// Directories of this machine, the first first; see [`host_directories`].
    pub host: &'a [PathBuf],
}

/// A tree to check.
pub struct Check<'a> {
    /// Its directory on disk. Libraries that it lacks are put into it.
    pub tree: &'a Path,
    /// Where it will appear in the function: [`super::image::LAYER`], `/var/task`, a directory on a file system.
    pub mount: &'a str,
    /// What it is for.
    pub target: Target,
    /// What was installed into it.
    pub distributions: &'a [Distribution],
    /// Where what it lacks may be taken from.
    pub libraries: Libraries<'a>,
    /// Where findings point: the place of a distribution in the list of dependencies, or, for what belongs to none,
    /// that of the function.
    pub place: &'a dyn Fn(Option<&Distribution>) -> Span,
    /// How many files are read at a time.
    pub threads: usize,
}

/// What is known of a tree's native files, for the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many there are, with those that were taken.
    pub files: usize,
    /// The highest version of the C library that one of those that fit the target needs.
    pub glibc: Option<Version>,
    /// The libraries that were taken into the tree, by name.
    pub taken: Vec<Taken>,
}

/// A library that was taken into a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// The name it is looked for by.
    pub name: String,
    /// Its path in the tree.
    pub file: String,
    /// Where it came from.
    pub from: PathBuf,
    /// Its bytes.
    pub size: u64,
}

/// A checked tree.
#[derive(Debug)]
pub struct Checked {
    /// What is in it.
    pub report: Report,
    /// What is wrong, and what was mended.
    pub findings: Vec<Diagnostic>,
}

/// Checks a tree, and takes what it lacks into its `lib/`.
///
/// # Errors
/// When the tree cannot be read.
pub fn check(check: &Check<'_>) -> Result<Checked, TreeError> {
    let members = tree::files(check.tree)?;
    let mut scan = scan(&members, check.threads)?;
    let owners = Owners::new(check.distributions);
    let image = Image::of(check.target);
    let judge = Judge { root: check.tree, mount: check.mount, owners: &owners, image };
    let words = Words { image, owners: &owners, mount: check.mount, place: check.place };
    let mut faults = judge.faults(&scan);
    let mut report = Report::default();
    let mut findings = Vec::new();
    let mut obstacles = BTreeMap::new();
    if faults.iter().any(|fault| wanted(fault).is_some()) {
        match Store::new(&check.libraries, image) {
            Ok(store) => {
                let mended = mend(check, &store, &faults, &mut scan)?;
                findings.extend(mended.taken.iter().map(|(taken, owner)| words.taken(taken, owner)));
                report.taken = mended.taken.into_iter().map(|(taken, _)| taken).collect();
                obstacles = mended.obstacles;
                faults = judge.faults(&scan);
            }
            Err(error) => findings.push(words.no_libraries(&error)),
        }
    }
    findings.extend(words.faults(&faults, &obstacles));
    let fitting = scan.files.values().filter(|file| file.platform.fits(image.architecture()));
    report.glibc = fitting.filter_map(|file| file.versions.glibc).max();
    report.files = scan.files.len();
    Ok(Checked { report, findings })
}

/// The library that a fault asks for by its name alone.
fn wanted(fault: &Fault) -> Option<&str> {
    match &fault.cause {
        Cause::Missing { name, elsewhere: None } | Cause::Unsure(name) if fault.optional.is_none() => {
            Some(name.as_str()).filter(|name| !name.contains('/'))
        }
        _ => None,
    }
}

/// What became of missing libraries.
struct Mended {
    /// Those that were taken, by name, each with the owner of what asked for it.
    taken: Vec<(Taken, Owner)>,
    /// Why others were not.
    obstacles: BTreeMap<String, Obstacle>,
}

/// Takes what is missing into the directory of the tree that the loader looks in.
fn mend(check: &Check<'_>, store: &Store<'_>, faults: &[Fault], scan: &mut Scan) -> Result<Mended, TreeError> {
    let mut mended = Mended { taken: Vec::new(), obstacles: BTreeMap::new() };
    let Some(directory) = library_directory(check.mount) else { return Ok(mended) };
    let asked: BTreeMap<&str, &Owner> =
        faults.iter().rev().filter_map(|fault| Some((wanted(fault)?, &fault.owner))).collect();
    for (name, owner) in asked {
        let is_there = |name: &str| check.tree.join(directory).join(name).symlink_metadata().is_ok();
        if is_there(name) {
            continue;
        }
        match store.closure(name, &is_there) {
            Ok(chosen) => {
                for (name, candidate) in chosen {
                    let taken = mend::take(check.tree, directory, &name, &candidate.path);
                    let taken = taken.map_err(|error| TreeError::Unreadable(candidate.path.clone(), error))?;
                    scan.files.insert(taken.file.clone(), candidate.file);
                    mended.taken.push((taken, owner.clone()));
                }
            }
            Err(obstacle) => drop(mended.obstacles.insert(name.to_owned(), obstacle)),
        }
    }
    mended.taken.sort_by(|one, other| one.0.name.cmp(&other.0.name));
    Ok(mended)
}

/// The directory of a tree at `mount` that the loader looks in for libraries; `None` if it looks in none.
fn library_directory(mount: &str) -> Option<&'static str> {
    let directory = "lib";
    let path = format!("{mount}/{directory}");
    SEARCH_PATH.contains(&path.as_str()).then_some(directory)
}
