//! `tc verify`: whether a version is what its commit compiles to.

use crate::args::{self, Reporting};
use crate::deployment::Manner;
use crate::release;
use crate::shell::Shell;
use std::path::PathBuf;
use std::process::ExitCode;

/// Compile a version once more and compare it with what was released
///
/// The digests of templates and code are compared with those of the release's manifest. Nothing is changed, in the account
/// or in the work tree.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The version: 0.2.0
    #[arg(value_name = "VERSION")]
    version: String,

    /// A directory of the repository
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,

    /// The topology, by its name, wherever it lies in the repository
    #[arg(long, value_name = "NAME")]
    service: Option<String>,

    /// The environment that it was released to, instead of the one of `tc.yml`
    #[arg(short, long, value_parser = args::environment)]
    env: Option<String>,

    #[command(flatten)]
    reporting: Reporting,
}

/// Verifies a version.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    let Arguments { version, directory, service, env, reporting } = arguments;
    let manner = Manner::of_a_line(reporting.clone());
    match release::verify(directory, service.as_deref(), version, env.as_deref(), &manner) {
        Ok(held) => {
            shell.out(&held);
            ExitCode::SUCCESS
        }
        Err(report) => {
            manner.refuse(*report, shell);
            ExitCode::FAILURE
        }
    }
}
