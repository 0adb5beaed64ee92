//! What is done with a sandbox that cannot be changed as it is.

use super::one;
use super::target::Target;
use crate::invocation;
use crate::shell::Shell;
use std::process::ExitCode;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tc_deploy::Connection;
use tc_deploy::ready::{self, Ready, Step, Terms};

/// The exit status of a process that was interrupted, as shells give it: 128 and the number of the signal.
const INTERRUPTED: u8 = 130;

/// How to go about a sandbox that cannot be changed as it is.
#[derive(Debug, Clone, clap::Args)]
pub struct Recovery {
    /// Do not wait for what somebody else does to the sandbox
    #[arg(long)]
    pub no_wait: bool,

    /// Leave these resources as they are where an update that failed earlier cannot be undone
    #[arg(long, value_name = "RESOURCE", value_delimiter = ',')]
    pub skip: Vec<String>,
}

impl Recovery {
    /// Makes a sandbox ready to be changed.
    pub fn make_ready(
        &self,
        target: &Target,
        connection: &Connection,
        stack: &str,
        description: &str,
        shell: &mut Shell,
    ) -> Result<Ready, Vec<Diagnostic>> {
        let terms = Terms { stack, description, waits: !self.no_wait, skip: &self.skip };
        ready::make_ready(connection, &terms, &mut |step| say(target, stack, step, shell)).map_err(one)
    }
}

/// Tells what is done to make a sandbox ready.
pub fn say(target: &Target, stack: &str, step: Step<'_>, shell: &mut Shell) {
    let text = match step {
        Step::Wait(operation) => format!("Waiting: {}", operation.words()),
        Step::Clear(status) => format!("Clearing away {stack}, which an earlier run left in {status}"),
        Step::GoBack => format!("Bringing {stack} back to what it was: an update failed, and so did its undoing"),
    };
    target.say(&text, shell);
}

/// That the user left before the end.
pub fn detached(target: &Target, stack: &str) -> Diagnostic {
    let message = format!("AWS goes on with the stack {stack} by itself");
    let list = format!("tc list -s {} -e {}", target.sandbox, invocation::word(&target.env));
    let finding = Diagnostic::without_place(&codes::DETACHED, message);
    finding.help(format!("`{list}` shows how it stands; the same command again waits for its end"))
}

/// The exit status of a command that ended with these findings.
pub fn exit_status<'a>(findings: impl IntoIterator<Item = &'a Diagnostic>) -> ExitCode {
    match findings.into_iter().any(|finding| finding.code == &codes::DETACHED) {
        true => ExitCode::from(INTERRUPTED),
        false => ExitCode::FAILURE,
    }
}
