//! `tc delete`: the end of a sandbox.

use crate::composition;
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

    /// Delete the sandbox of the topologies in the directories below as well, what names another before that one
    #[arg(long, conflicts_with = "keep")]
    recursive: bool,
}

/// Deletes a sandbox.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    match arguments.recursive {
        true => composition::remove(&arguments.target, &arguments.removal, shell),
        false => deployment::remove(&arguments.target, &arguments.removal, shell),
    }
}
