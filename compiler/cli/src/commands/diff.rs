//! `tc diff`: what an update would change.

use crate::deployment::{self, Part, Wanted};
use crate::shell::Shell;
use std::process::ExitCode;

/// Show what an update would change, and change nothing
///
/// Compares the topology with the deployed template, by entity and down to the property, with the old and the new value; and
/// the code on this machine with the code that each function has. What is replaced, and what is lost with it, is marked.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    wanted: Wanted,

    #[command(flatten)]
    part: Part,

    /// Exit with status 1 when something differs
    #[arg(long)]
    exit_code: bool,
}

/// Shows what is different.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    deployment::show_differences(&arguments.wanted, &arguments.part, arguments.exit_code, shell)
}
