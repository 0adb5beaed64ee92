//! `tc create`: a sandbox of a topology.

use crate::composition;
use crate::deployment::{Deployment, Goal, Part};
use crate::shell::Shell;
use std::process::ExitCode;

/// Create a sandbox: compile a topology and deploy it
///
/// Compiles, uploads what is not there yet, looks up what only the account knows, shows what will be done and does it by a
/// CloudFormation change set. Where the sandbox is there already, it is updated. A creation that fails leaves nothing
/// behind and can be run again.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    deployment: Deployment,
}

/// Creates a sandbox.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    match arguments.deployment.recursive {
        true => composition::deploy(&arguments.deployment, Goal::Create, shell),
        false => arguments.deployment.deploy(Goal::Create, &Part::default(), shell),
    }
}
