//! `tc explain`: the story of a code.

use crate::args;
use crate::markdown;
use crate::shell::Shell;
use std::process::ExitCode;
use tc_core::diagnostic::{Code, codes};

/// Tell what a code such as TC0203 means, why it matters and how to mend it
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The code; without one, all are listed
    #[arg(value_parser = args::CODE, hide_possible_values = true)]
    code: Option<&'static Code>,
}

/// Explains one code, or lists all.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    let text = match arguments.code {
        Some(code) => story(code, shell.color_out()),
        None => {
            codes::all().map(|code| format!("{}  {:7}  {}\n", code.id, code.severity.as_str(), code.title)).collect()
        }
    };
    shell.out(&text);
    ExitCode::SUCCESS
}

fn story(code: &Code, color: bool) -> String {
    let text = format!("# {} ({}): {}\n\n{}\n", code.id, code.severity.as_str(), code.title, code.explanation.trim());
    if color { markdown::styled(&text) } else { text }
}
