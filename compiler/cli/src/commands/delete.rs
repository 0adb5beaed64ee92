//! `tc delete`: the end of a sandbox.

use crate::deployment::{self, Removal, Target};
use crate::shell::Shell;
use std::process::ExitCode;

/// Delete a sandbox
///
/// Shows what there is of it, asks, and deletes its stack. What AWS keeps is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    removal: Removal,
}

/// Deletes a sandbox.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    deployment::remove(&arguments.target, &arguments.removal, shell)
}
