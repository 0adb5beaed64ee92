//! A git repository around a project, with commits whose ids are the same everywhere.

use crate::project::Project;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The repository of a project.
pub struct Repository {
    root: PathBuf,
}

impl Repository {
    /// Makes one.
    ///
    /// # Panics
    /// When git cannot.
    pub fn new(project: &Project) -> Self {
        let repository = Self { root: project.root().join("..") };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// Runs git; what it prints.
    ///
    /// # Panics
    /// When it fails.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = git(&self.root, arguments).output().expect("git runs");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Commits all that has changed.
    ///
    /// # Panics
    /// When git cannot.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// Tags the commit that is checked out.
    ///
    /// # Panics
    /// When git cannot.
    pub fn tag(&self, name: &str) {
        self.git(&["tag", "--annotate", "--message", name, name]);
    }
}

/// git in a directory, without the settings of this machine.
pub fn git(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(directory).args(arguments).stdin(Stdio::null());
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ann").env(format!("GIT_{who}_EMAIL"), "ann@example.com");
        command.env(format!("GIT_{who}_DATE"), "2026-11-23T12:00:00Z");
    }
    command
}
