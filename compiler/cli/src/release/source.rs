//! The commit of a version, as files.

use crate::disk::DiskWorld;
use crate::git::Checkout;
use crate::service::Service;
use crate::version::Version;
use tc_core::diagnostic::codes::release as codes;
use tc_core::diagnostic::{Diagnostic, Severity};
use tc_core::frontend;
use tc_core::frontend::input::ProjectInput;

/// What a version is made of.
pub struct Source<'a> {
    /// The topology.
    pub service: &'a Service,
    /// The version.
    pub version: Version,
    /// The commit, in 40 digits.
    pub commit: String,
    /// Its files.
    pub checkout: Checkout,
    /// Where environments are today: an old version is deployed to the accounts of now.
    pub accounts: ProjectInput,
}

impl<'a> Source<'a> {
    /// A version whose tag is there, or will be, on a commit.
    ///
    /// # Errors
    /// When its files cannot be written down.
    pub fn new(
        service: &'a Service,
        version: Version,
        commit: String,
        accounts: ProjectInput,
    ) -> Result<Self, Box<Diagnostic>> {
        let checkout = service.repository.check_out(&commit)?;
        Ok(Self { service, version, commit, checkout, accounts })
    }

    /// A version that is written as people write it.
    ///
    /// # Errors
    /// When there is no such version, or its files cannot be written down.
    pub fn find(service: &'a Service, version: &str) -> Result<Self, Box<Diagnostic>> {
        let version = service.version(version)?;
        let tag = format!("refs/tags/{}", version.tag(&service.name));
        let Some(commit) = service.repository.commit(&tag)? else {
            let message = format!("the tag of version {version} of `{}` is gone", service.name);
            return Err(Box::new(Diagnostic::without_place(&codes::UNKNOWN_VERSION, message)));
        };
        Self::new(service, version, commit, accounts(service)?)
    }

    /// What people call it: `etl 0.2.0`.
    pub fn title(&self) -> String {
        format!("{} {}", self.service.name, self.version)
    }
}

/// What `tc.yml` of the work tree says.
///
/// # Errors
/// When it cannot be read.
pub fn accounts(service: &Service) -> Result<ProjectInput, Box<Diagnostic>> {
    let world = DiskWorld::open(&service.directory)
        .map_err(|error| crate::commands::build::finding::no_directory(&service.directory, &error))?;
    let loaded = frontend::load_project(&world);
    match loaded.findings.into_iter().find(|finding| finding.severity == Severity::Error) {
        // Its place is in a file that is not shown.
        Some(finding) => {
            let message = format!("`tc.yml` cannot be read: {}", finding.message);
            Err(Box::new(Diagnostic { help: finding.help, ..Diagnostic::without_place(finding.code, message) }))
        }
        None => Ok(loaded.project),
    }
}
