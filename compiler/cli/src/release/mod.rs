//! Versions: made, deployed and verified.
//!
//! ```text
//! state      whether a commit may be released, and as which version
//! source     the commit of a version, as files
//! bundle     what is kept of a release
//! statement  where it comes from
//! make       a release, step by step
//! deploy     a version deployed, or an older one again
//! verify     a version compiled once more
//! ```
//!
//! Whatever is done with a version is done with the files of its commit, beside the work tree: what is released, what is
//! compiled where there is no bundle, and what is verified are compiled from the same.

mod bundle;
mod deploy;
mod make;
mod source;
mod state;
mod statement;
mod verify;

pub use deploy::deploy;
pub use make::{Release, make};
pub use source::Source;
pub use state::Demands;
pub use verify::verify;

use crate::deployment::{Site, Target, Wanted};
use crate::pipeline::Product;
use crate::report::Report;
use std::path::Path;
use tc_core::diagnostic::Diagnostic;

/// A version compiled for an environment.
pub struct Compiled {
    /// The environment.
    pub env: String,
    /// The sandbox.
    pub sandbox: String,
    /// The topology.
    pub site: Site,
    /// What it came to.
    pub product: Product,
}

impl Compiled {
    /// Compiles the commit of a version for a sandbox, with its artifacts in a directory.
    ///
    /// # Errors
    /// When the topology cannot be read, or a finding forbids it.
    pub fn new(source: &Source<'_>, target: Target, artifacts: &Path) -> Result<Self, Box<Report>> {
        let (env, sandbox) = (target.env.clone(), target.sandbox.clone());
        let mut site = Site::of_version(source, &sandbox, &env).map_err(plain)?;
        match Wanted::of(target).compile_into(&mut site, artifacts) {
            Some(product) => Ok(Self { env, sandbox, site, product }),
            None => Err(site.into_report(Vec::new())),
        }
    }
}

/// A finding about something that is in no file.
#[expect(clippy::boxed_local, reason = "errors come in a box")]
fn plain(finding: Box<Diagnostic>) -> Box<Report> {
    Box::new(Report::without_sources(*finding))
}
