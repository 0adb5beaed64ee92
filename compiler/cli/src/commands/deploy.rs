//! `tc deploy`: a plan that was looked at is executed.

use crate::deployment::{self, Manner};
use crate::shell::Shell;
use std::path::PathBuf;
use std::process::ExitCode;

/// Execute a plan that `--no-execute` has written
///
/// Exactly the change set that was shown is executed. It is refused when the topology compiles to another template than the
/// plan was made of, or when the stack has changed since.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The topology's directory
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,

    /// The plan
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,

    /// Without a terminal, replace or remove also what holds data, such as a queue
    #[arg(long)]
    allow_replace: bool,

    #[command(flatten)]
    manner: Manner,
}

/// Executes a plan.
pub fn run(arguments: Arguments, shell: &mut Shell) -> ExitCode {
    let Arguments { directory, plan, allow_replace, manner } = arguments;
    deployment::execute_plan(&plan, directory, manner, allow_replace, shell)
}
