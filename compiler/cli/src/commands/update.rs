//! `tc update`: a sandbox to what its topology says now.

use crate::deployment::{Deployment, Goal};
use crate::shell::Shell;
use std::process::ExitCode;

/// Update a sandbox to what its topology says now
///
/// As `tc create`, of a sandbox that is there. Where nothing has changed, nothing is done. What deletes or replaces a
/// resource has to be confirmed.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    deployment: Deployment,
}

/// Updates a sandbox.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    arguments.deployment.deploy(Goal::Update, shell)
}
