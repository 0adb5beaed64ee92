//! Whether what may be lost may be lost.

use crate::report::plural;
use crate::shell::Shell;
use std::io::{self, IsTerminal};
use tc_core::backend::difference::{Action, Difference, Replacement};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;

/// Asks whether resources may be removed or replaced, if some are. `--yes` is an answer; but where nobody sees what is
/// lost, it takes `allow_replace` to lose data.
///
/// # Errors
/// When it is refused, or there is nobody to ask and the command line does not say yes.
pub fn of_changes(
    changes: &[Difference],
    yes: bool,
    allow_replace: bool,
    shell: &mut Shell,
) -> Result<(), Box<Diagnostic>> {
    let gone: Vec<&Difference> = changes.iter().filter(|change| is_destructive(change)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let losing = gone.iter().filter_map(|change| Some((change, change.loss().filter(|loss| loss.is_data)?)));
    let losing: Vec<String> =
        losing.map(|(change, loss)| format!("`{}` and {}", change.logical_id, loss.what)).collect();
    if !losing.is_empty() && !allow_replace && !is_attended(shell) {
        let message = format!("nobody is there to see that {} would be lost", losing.join(", "));
        let finding = Diagnostic::without_place(&codes::NOT_CONFIRMED, message);
        return Err(Box::new(finding.help("`--allow-replace` says that it is meant; nothing was done")));
    }
    let what = format!("remove or replace {}", plural(gone.len(), "resource"));
    ask(&what, yes || (allow_replace && !is_attended(shell)), shell)
}

/// Whether a resource goes, or another takes its place.
pub fn is_destructive(change: &Difference) -> bool {
    change.action == Action::Remove || change.replacement != Replacement::Never
}

/// Asks a person at a terminal. `what` is what is to be done: "delete the sandbox `bob`".
///
/// # Errors
/// When it is refused, or there is nobody to ask and the command line does not say yes.
pub fn ask(what: &str, is_given: bool, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
    if is_given {
        return Ok(());
    }
    if !is_attended(shell) {
        let finding =
            Diagnostic::without_place(&codes::NOT_CONFIRMED, format!("nobody can be asked whether to {what}"));
        return Err(Box::new(finding.help("`--yes` says that it is meant; nothing was done")));
    }
    shell.err(&format!("{what}? [y/N] "));
    let mut answer = String::new();
    // What cannot be read is no yes.
    let _ = io::stdin().read_line(&mut answer);
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Box::new(Diagnostic::without_place(&codes::NOT_CONFIRMED, "nothing was done"))),
    }
}

/// Whether a person sees what is asked, and can answer.
pub fn is_attended(shell: &Shell) -> bool {
    io::stdin().is_terminal() && shell.is_terminal()
}
