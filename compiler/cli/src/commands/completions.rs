//! `tc completions`: what a shell needs to complete tc's command line.

use crate::args;
use crate::shell::Shell;
use clap::CommandFactory;
use std::process::ExitCode;

/// Print a script that makes a shell complete tc's command line
///
/// For example: `tc completions bash > ~/.local/share/bash-completion/completions/tc`
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell
    shell: clap_complete::Shell,
}

/// Prints the script.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut args::Arguments::command(), "tc", &mut script);
    shell.out(&String::from_utf8_lossy(&script));
    ExitCode::SUCCESS
}
