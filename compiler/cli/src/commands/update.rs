//! `tc update`: a sandbox to what its topology says now.

use crate::args;
use crate::composition;
use crate::deployment::{self, Deployment, Goal, Part};
use crate::shell::Shell;
use std::process::ExitCode;

/// Update a sandbox to what its topology says now
///
/// As `tc create`, of a sandbox that is there. Where nothing has changed, nothing is done. What deletes or replaces a
/// resource has to be confirmed. With `-c` the rest of the sandbox stays as it is deployed; what has to come along with the
/// component, so that it works, is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    deployment: Deployment,

    #[command(flatten)]
    part: Part,

    /// Go on with the code of the one function that is named, on each save
    #[arg(long, requires = "components", conflicts_with = "no_execute")]
    watch: bool,
}

/// Updates a sandbox.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    if arguments.deployment.recursive {
        if !arguments.part.components().is_empty() {
            return args::refuse("update", "`--component` is of one topology: name it without `--recursive`");
        }
        return composition::deploy(&arguments.deployment, Goal::Update, shell);
    }
    match arguments.watch {
        true => deployment::watch(&arguments.deployment, &arguments.part, shell),
        false => arguments.deployment.deploy(Goal::Update, &arguments.part, shell),
    }
}
