//! `tc rebalance`: parts of a sandbox to other stacks, on purpose.

use crate::deployment::{self, Rebalancing, Target};
use crate::shell::Shell;
use std::process::ExitCode;

/// Move parts of a sandbox to other stacks
///
/// Nothing moves between the stacks of a sandbox by itself. This gives what is in a stack that is too full a place where
/// there is room, shows which parts would go where, and moves them by CloudFormation's stack refactoring: no resource is
/// changed or made anew. Where `topology.lock` says other places already than what is deployed, as in every other sandbox
/// after that, what is deployed goes to these.
///
/// What was interrupted is gone on with by the same command.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    rebalancing: Rebalancing,
}

/// Moves them.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    deployment::rebalance(&arguments.target, &arguments.rebalancing, shell)
}
