//! The repository around a project, as the program `git` tells of it.
//!
//! ```text
//! tree      the files of a commit, as the compiler may see them
//! checkout  the files of a commit on disk, beside the work tree
//! history   the commits between two versions
//! release   what a release asks of a repository, and does to it
//! ```

mod checkout;
mod history;
mod release;
mod tree;

pub use checkout::Checkout;
pub use history::Commit;
pub use tree::Tree;

use crate::os_error;
use crate::version::Version;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::release as codes;

/// A git repository with a work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The root of the work tree, absolute and without links.
    root: PathBuf,
}

impl Repository {
    /// The repository that a directory lies in.
    ///
    /// # Errors
    /// When there is no git, or the directory lies in no repository.
    pub fn open(directory: &Path) -> Result<Self, Box<Diagnostic>> {
        let here = Self { root: directory.to_owned() };
        let shown = here.try_run(&["rev-parse", "--show-toplevel"])?;
        let Ok(root) = shown else {
            let message = format!("`{}` lies in no git repository", directory.display());
            let finding = Diagnostic::without_place(&codes::NO_REPOSITORY, message);
            return Err(Box::new(finding.help("versions are git tags: `git init`, commit, and run it again")));
        };
        let root = PathBuf::from(root.trim_end_matches('\n'));
        Ok(Self { root: root.canonicalize().unwrap_or(root) })
    }

    /// The root of the work tree, absolute and without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The commit that a name stands for, in 40 digits; `None` where there is none.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn commit(&self, name: &str) -> Result<Option<String>, Box<Diagnostic>> {
        let name = format!("{name}^{{commit}}");
        let found = self.try_run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name])?;
        Ok(found.ok().map(|id| id.trim_end().to_owned()))
    }

    /// Whether its history is cut off, as of clones that CI makes.
    ///
    /// # Errors
    /// When git fails.
    pub fn is_shallow(&self) -> Result<bool, Box<Diagnostic>> {
        Ok(self.run(&["rev-parse", "--is-shallow-repository"])?.trim_end() == "true")
    }

    /// The versions of a topology whose tags can be reached from a commit, the greatest last.
    ///
    /// # Errors
    /// When git fails.
    pub fn versions(&self, topology: &str, from: &str) -> Result<Vec<Version>, Box<Diagnostic>> {
        self.tagged(topology, Some(&format!("--merged={from}")))
    }

    /// All versions of a topology that have a tag, the greatest last.
    ///
    /// # Errors
    /// When git fails.
    pub fn all_versions(&self, topology: &str) -> Result<Vec<Version>, Box<Diagnostic>> {
        self.tagged(topology, None)
    }

    /// The versions of a topology by those of its tags that an option of `git for-each-ref` leaves, the greatest last.
    fn tagged(&self, topology: &str, option: Option<&str>) -> Result<Vec<Version>, Box<Diagnostic>> {
        let pattern = format!("refs/tags/{topology}-*");
        let mut arguments = vec!["for-each-ref", "--format=%(refname:strip=2)"];
        arguments.extend(option);
        arguments.push(&pattern);
        let tags = self.run(&arguments)?;
        let mut versions: Vec<Version> = tags.lines().filter_map(|tag| Version::of_tag(tag, topology)).collect();
        versions.sort_unstable();
        Ok(versions)
    }

    /// A path of the work tree from its root, as git has it; `None` outside of it.
    pub fn relative(&self, path: &Path) -> Option<String> {
        Some(path.strip_prefix(&self.root).ok()?.to_str()?.to_owned())
    }

    /// What git prints, where it ends well.
    ///
    /// # Errors
    /// When it does not.
    fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<String, Box<Diagnostic>> {
        let command = arguments.first().and_then(|first| first.as_ref().to_str());
        self.try_run(arguments)?.map_err(|said| failed(command, said.as_bytes()))
    }

    /// What git prints; what it complains of where it does not end well.
    ///
    /// # Errors
    /// When it cannot be run.
    fn try_run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<Result<String, String>, Box<Diagnostic>> {
        let output = self.command(arguments).stdin(Stdio::null()).output().map_err(|error| absent(&error))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) })
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new("git");
        // Messages in one language, names as they are, and no lock for what is only looked at.
        command.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").args(["-c", "core.quotePath=false", "-C"]);
        command.arg(&self.root).args(arguments);
        command
    }
}

/// What it comes to that git did not do what it was told to, by what it said.
fn failed(command: Option<&str>, said: &[u8]) -> Box<Diagnostic> {
    let said = String::from_utf8_lossy(said);
    let words = said.lines().last().unwrap_or("it says nothing");
    let message = format!("`git {}` failed: {words}", command.unwrap_or_default());
    Box::new(Diagnostic::without_place(&codes::GIT_FAILED, message))
}

fn absent(error: &std::io::Error) -> Box<Diagnostic> {
    let message = match error.kind() {
        ErrorKind::NotFound => "versions are git tags, and there is no `git` on the PATH".to_owned(),
        _ => format!("`git` cannot be run: {}", os_error::words(error)),
    };
    Box::new(Diagnostic::without_place(&codes::GIT_FAILED, message).help("install git"))
}
