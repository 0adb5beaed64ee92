//! The files of a commit on disk, beside the work tree: programs that build a function need files.

use super::{Repository, absent};
use crate::os_error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::command;

/// The name of a directory that ends a project.
const GIT: &str = ".git";

/// The files of a commit, which are gone when this is dropped.
#[derive(Debug)]
pub struct Checkout {
    place: tempfile::TempDir,
}

impl Checkout {
    /// The root of the files.
    pub fn root(&self) -> PathBuf {
        self.place.path().join("tree")
    }

    /// A directory for what is made of them.
    pub fn artifacts(&self) -> PathBuf {
        self.place.path().join("artifacts")
    }
}

impl Repository {
    /// Writes the files of a commit into a directory of their own. Neither the work tree nor its index is touched, and what
    /// a user has set for them, such as the ends of lines, does not count. Submodules stay empty.
    ///
    /// # Errors
    /// When git fails, or there is no place for the files.
    pub fn check_out(&self, commit: &str) -> Result<Checkout, Box<Diagnostic>> {
        let checkout = tempfile::tempdir().and_then(|place| {
            let checkout = Checkout { place };
            // The compiler takes the project to end here. Empty, it holds no tags.
            fs::create_dir_all(checkout.root().join(GIT))?;
            fs::create_dir_all(checkout.artifacts())?;
            Ok(checkout)
        });
        let checkout = checkout.map_err(|error| {
            let message = format!("there is no place for the files of a commit: {}", os_error::words(&error));
            Box::new(Diagnostic::without_place(&command::OUTPUT_NOT_WRITTEN, message))
        })?;
        let index = checkout.place.path().join("index");
        self.run_with_index(&index, &["read-tree", &format!("{commit}^{{tree}}")])?;
        let prefix = format!("--prefix={}/", checkout.root().display());
        self.run_with_index(&index, &["checkout-index", "--all", "--quiet", &prefix])?;
        Ok(checkout)
    }

    fn run_with_index(&self, index: &Path, arguments: &[&str]) -> Result<(), Box<Diagnostic>> {
        let settings = ["-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "core.sparseCheckout=false"];
        let arguments: Vec<&str> = settings.iter().chain(arguments).copied().collect();
        let mut command = self.command(&arguments);
        let output = command.env("GIT_INDEX_FILE", index).stdin(Stdio::null()).output();
        let output = output.map_err(|error| absent(&error))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(super::failed(arguments.get(settings.len()).copied(), &output.stderr)),
        }
    }
}
