//! A topology by its name, and its versions.

use crate::disk::DiskWorld;
use crate::git::{Repository, Tree};
use crate::topologies;
use crate::version::Version;
use std::fs;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::codes::release as codes;
use tc_core::diagnostic::{Diagnostic, Severity};
use tc_core::frontend::{self, Loaded, Options};
use tc_core::ir::Topology;
use tc_core::suggest;
use tc_core::world::{SourcePath, World};

/// How many versions are named where one is unknown.
const NEAREST: usize = 3;

/// A topology in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its directory, absolute and without links.
    pub directory: PathBuf,
    /// The repository around it.
    pub repository: Repository,
}

/// A topology as it is, or was.
pub struct Read {
    /// The topology.
    pub topology: Topology,
    /// What its files are that do not lie in its directory: of functions elsewhere and of vars and roles; directories from
    /// the root of the repository.
    pub elsewhere: Vec<String>,
}

/// Which state of a topology is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// A version, by its tag.
    Version(Version),
    /// The files as they are now.
    WorkingTree,
}

impl Service {
    /// The topology of this name in the repository around `directory`; without a name the one that `directory` lies in.
    ///
    /// # Errors
    /// When there is no repository, no such topology, or more than one.
    pub fn find(directory: &Path, name: Option<&str>) -> Result<Self, Box<Diagnostic>> {
        let repository = Repository::open(topologies::directory(directory))?;
        let all = match name {
            Some(_) => topologies::all(repository.root()),
            None => topologies::one(directory).map(|one| vec![one]),
        };
        let unreadable = |error: &std::io::Error| crate::commands::build::finding::no_directory(directory, error);
        let all = all.map_err(|error| unreadable(&error))?;
        let named = all.into_iter().filter_map(|located| Some((name_in(&located.directory)?, located.directory)));
        let named: Vec<(String, PathBuf)> = named.collect();
        let mut found: Vec<&(String, PathBuf)> =
            named.iter().filter(|(one, _)| name.is_none_or(|name| one == name)).collect();
        match (found.pop(), found.as_slice()) {
            (Some((name, directory)), []) => {
                let directory = directory.canonicalize().map_err(|error| unreadable(&error))?;
                Ok(Self { name: name.clone(), directory, repository })
            }
            (Some((_, last)), others) => {
                let directories = others.iter().map(|(_, directory)| directory).chain([last]);
                let shown: Vec<String> = directories.map(|one| shown(&repository, one)).collect();
                let message =
                    format!("several topologies are called `{}`: {}", name.unwrap_or_default(), shown.join(", "));
                let finding = Diagnostic::without_place(&codes::AMBIGUOUS_SERVICE, message);
                Err(Box::new(finding.help("give all but one of them another `name`")))
            }
            (None, _) => {
                let Some(name) = name else {
                    let message = format!("there is no topology with a name in `{}`", directory.display());
                    let finding = Diagnostic::without_place(&codes::UNKNOWN_SERVICE, message);
                    return Err(Box::new(finding.help("name one of the repository's: `--service NAME`")));
                };
                let finding =
                    Diagnostic::without_place(&codes::UNKNOWN_SERVICE, format!("no topology is called `{name}`"));
                let names = named.iter().map(|(name, _)| name.as_str());
                Err(Box::new(finding.help_opt(suggest::help(name, "topologies", names))))
            }
        }
    }

    /// The version of this spelling.
    ///
    /// # Errors
    /// When it has no tag; the nearest that have are named.
    pub fn version(&self, text: &str) -> Result<Version, Box<Diagnostic>> {
        let version = text.parse().ok().or_else(|| Version::of_tag(text, &self.name));
        let known = version.map(|version: Version| self.repository.commit(&version.tag(&self.name))).transpose()?;
        if let (Some(version), Some(Some(_))) = (version, known) {
            return Ok(version);
        }
        let message = format!("there is no version `{text}` of `{}`", self.name);
        let mut finding = Diagnostic::without_place(&codes::UNKNOWN_VERSION, message);
        if self.repository.is_shallow()? {
            return Err(Box::new(self.shallow(&finding.message)));
        }
        let mut versions = self.repository.all_versions(&self.name)?;
        if let Some(wanted) = version {
            versions.sort_by_key(|one| distance(*one, wanted));
        } else {
            versions.reverse();
        }
        let nearest: Vec<String> = versions.iter().take(NEAREST).map(Version::to_string).collect();
        finding = match (nearest.is_empty(), version) {
            (true, _) => finding.help("it has no versions yet: `tc release` makes one"),
            (false, None) => finding.help(format!("versions are written `X.Y.Z`; there are {}", nearest.join(", "))),
            (false, Some(_)) => finding.help(format!("the nearest are {}", nearest.join(", "))),
        };
        Err(Box::new(finding))
    }

    /// What cannot be told of a clone whose history is cut off.
    pub fn shallow(&self, what: &str) -> Diagnostic {
        let message = format!("{what}: the clone of `{}` has only the newest commits", self.name);
        Diagnostic::without_place(&codes::SHALLOW_CLONE, message).help("fetch the rest: `git fetch --unshallow --tags`")
    }

    /// The topology at a revision, for the sandbox and environment that releases go to.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, revision: Revision) -> Result<Read, Box<Diagnostic>> {
        let directory = self.repository.relative(&self.directory).unwrap_or_default();
        match revision {
            Revision::WorkingTree => {
                let world = DiskWorld::open(&self.directory)
                    .map_err(|error| crate::commands::build::finding::no_directory(&self.directory, &error))?;
                // A project may begin above the repository.
                read(&world, &directory, "the working tree")
            }
            Revision::Version(version) => {
                let tag = version.tag(&self.name);
                let tree = Tree::open(&self.repository, &tag, &directory, Some(version.to_string()))?;
                read(&tree, &directory, &format!("version {version}"))
            }
        }
    }
}

fn read(world: &dyn World, directory: &str, what: &str) -> Result<Read, Box<Diagnostic>> {
    let Loaded { findings, topology, infrastructure, .. } = frontend::load(world, &Options::default());
    let Some(topology) = topology else {
        let error = findings.iter().find(|finding| finding.severity == Severity::Error);
        let reason = error.map_or("it is not there", |error| error.message.as_str());
        let message = format!("the topology of {what} cannot be read: {reason}");
        return Err(Box::new(Diagnostic::without_place(&codes::UNREADABLE_VERSION, message)));
    };
    let of_functions = topology.functions.values().map(|function| function.directory.clone());
    let outside = of_functions.chain(infrastructure).filter(|path| !path.is_inside());
    let absolute = outside.map(|path| SourcePath::new(directory).join(path.as_str()));
    let elsewhere = absolute.filter(SourcePath::is_inside).map(|path| path.as_str().to_owned()).collect();
    Ok(Read { topology, elsewhere })
}

/// How far two versions are from each other: what counts more comes first.
fn distance(one: Version, other: Version) -> (u64, u64, u64) {
    (one.major.abs_diff(other.major), one.minor.abs_diff(other.minor), one.patch.abs_diff(other.patch))
}

/// A directory from the root of the repository.
fn shown(repository: &Repository, directory: &Path) -> String {
    let path = repository.relative(directory).unwrap_or_else(|| directory.display().to_string());
    format!("`{}`", if path.is_empty() { "." } else { &path })
}

/// The name that a topology's file says at the beginning of a line. To find one among hundreds they need not all be read
/// as the compiler reads them.
fn name_in(directory: &Path) -> Option<String> {
    let text =
        ["topology.yml", "topology.yaml"].iter().find_map(|name| fs::read_to_string(directory.join(name)).ok())?;
    let value = text.lines().find_map(|line| line.strip_prefix("name:"))?;
    let value = value.split(" #").next().unwrap_or_default().trim();
    Some(value.trim_matches(['"', '\'']).to_owned()).filter(|name| !name.is_empty())
}
