//! The command line as it is written.

use crate::commands::{
    build, compile, completions, create, delete, deploy, diff, explain, init, invoke, list, local, login, logs,
    rebalance, release, scaffold, schema, update, verify,
};
use crate::report::MessageFormat;
use crate::shell::ColorChoice;
use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, CommandFactory, Parser, Subcommand};
use std::ffi::OsStr;
use std::process::ExitCode;
use tc_core::diagnostic::{Code, Diagnostics, codes};
use tc_core::suggest;

/// What every command's exit status means; part of `--help`.
const EXIT_STATUS: &str = "\
Exit status:
  0  all is well
  1  something that was found is an error, or `--check` or `--exit-code` found a difference
  2  the command line is wrong
130  it was interrupted; what AWS is doing to a stack goes on";

/// A compiler for serverless systems: topology.yml and functions to a CloudFormation template.
#[derive(Debug, Parser)]
#[command(name = "tc", version, after_help = EXIT_STATUS, max_term_width = 100)]
pub struct Arguments {
    /// When to colour the output
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t, hide_possible_values = true)]
    #[arg(help = "When to colour the output: auto, always, never")]
    pub color: ColorChoice,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands, one module each.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(after_help = EXIT_STATUS)]
    Compile(compile::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Build(build::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Create(create::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Update(update::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Diff(diff::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Deploy(deploy::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Rebalance(rebalance::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Release(release::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Verify(verify::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Delete(delete::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Invoke(invoke::Arguments),
    #[command(after_help = EXIT_STATUS)]
    List(list::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Logs(logs::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Login(login::Arguments),
    Local(local::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Scaffold(scaffold::Arguments),
    #[command(after_help = EXIT_STATUS)]
    Init(init::Arguments),
    Explain(explain::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
}

/// Says that the command line of a subcommand is wrong, as it is said of what can be told while it is read.
pub fn refuse(subcommand: &str, message: &str) -> ExitCode {
    let mut command = Arguments::command();
    command.build();
    let command = command.find_subcommand_mut(subcommand);
    if let Some(command) = command {
        // Nobody could be told that standard error is closed.
        let _ = command.error(ErrorKind::ArgumentConflict, message).print();
    }
    ExitCode::from(2)
}

/// How findings are weighed and printed.
#[derive(Debug, Clone, clap::Args)]
pub struct Reporting {
    /// How findings are printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, hide_default_value = true)]
    pub message_format: MessageFormat,

    /// Take a rule's findings, or all `warnings`, for errors
    #[arg(short = 'D', long = "deny", value_name = "CODE|warnings", value_parser = DENIED, hide_possible_values = true)]
    denied: Vec<Denied>,

    /// Drop a rule's findings, unless they are errors
    #[arg(short = 'A', long = "allow", value_name = "CODE", value_parser = CODE, hide_possible_values = true)]
    allowed: Vec<&'static Code>,
}

impl Reporting {
    /// Weighs the findings as the user wishes. Whether one is an error.
    pub fn is_forbidden(&self, findings: &mut Diagnostics) -> bool {
        let denied: Vec<_> = self.denied.iter().filter_map(Denied::code).collect();
        findings.apply(&self.allowed, &denied, self.denied.iter().any(Denied::is_warnings));
        findings.has_errors()
    }
}

/// The longest name of a sandbox or environment: what is left of the 64 characters of a Lambda function's name must
/// hold the topology's and the function's.
const NAME_LIMIT: usize = 32;

/// Reads the name of a sandbox.
pub fn sandbox(text: &str) -> Result<String, String> {
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err("it must begin with a lower case letter".to_owned());
    }
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name(text, fits, "lower case letters, digits and hyphens")
}

/// Reads the name of an environment, which may be that of an AWS profile.
pub fn environment(text: &str) -> Result<String, String> {
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err("it must begin with a letter or a digit".to_owned());
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name(text, fits, "letters, digits, hyphens, underscores and dots")
}

fn name(text: &str, fits: impl Fn(char) -> bool, allowed: &str) -> Result<String, String> {
    if let Some(stranger) = text.chars().find(|c| !fits(*c)) {
        Err(format!("`{}` cannot stand in it, only {allowed}", stranger.escape_default()))
    } else if text.len() > NAME_LIMIT {
        Err(format!("it has {} characters, at most {NAME_LIMIT} are allowed", text.len()))
    } else {
        Ok(text.to_owned())
    }
}

/// What `-D` names.
#[derive(Debug, Clone, Copy)]
pub enum Denied {
    /// All warnings.
    Warnings,
    /// One rule.
    Code(&'static Code),
}

impl Denied {
    /// The rule, if it is one.
    pub fn code(&self) -> Option<&'static Code> {
        match self {
            Self::Warnings => None,
            Self::Code(code) => Some(code),
        }
    }

    /// Whether it is all warnings.
    pub fn is_warnings(&self) -> bool {
        matches!(self, Self::Warnings)
    }
}

/// Reads the argument of `-D`.
fn denied(text: &str) -> Result<Denied, String> {
    if text == "warnings" { Ok(Denied::Warnings) } else { code(text).map(Denied::Code) }
}

/// Reads the code of a rule; letter case does not matter.
fn code(text: &str) -> Result<&'static Code, String> {
    codes::find(text).ok_or_else(|| {
        let near = suggest::nearest(text, codes::all().map(|code| code.id));
        match near {
            Some(near) => format!("there is no such code; did you mean `{near}`?"),
            None => "there is no such code; `tc explain` lists them".to_owned(),
        }
    })
}

/// Reads a value by a function and lists codes to shells that complete it.
#[derive(Clone)]
pub struct Codes<T> {
    read: fn(&str) -> Result<T, String>,
    /// What may be written beside a code.
    also: Option<(&'static str, &'static str)>,
}

/// One code.
pub const CODE: Codes<&'static Code> = Codes { read: code, also: None };

/// One code, or all warnings.
pub const DENIED: Codes<Denied> = Codes { read: denied, also: Some(("warnings", "all warnings")) };

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Codes<T> {
    type Value = T;

    fn parse_ref(&self, command: &clap::Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        self.read.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let codes = codes::all().map(|code| (code.id, code.title));
        Some(Box::new(self.also.into_iter().chain(codes).map(|(name, help)| PossibleValue::new(name).help(help))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(sandbox("pr-12").as_deref(), Ok("pr-12"));
        let refusal = |text: &str| sandbox(text).unwrap_err();
        assert_eq!(refusal(""), "it must begin with a lower case letter");
        assert_eq!(refusal("1a"), "it must begin with a lower case letter");
        assert_eq!(refusal("Bob"), "it must begin with a lower case letter");
        assert_eq!(refusal("a_b"), "`_` cannot stand in it, only lower case letters, digits and hyphens");
        assert_eq!(refusal("a\n"), "`\\n` cannot stand in it, only lower case letters, digits and hyphens");
        assert_eq!(refusal(&"a".repeat(33)), "it has 33 characters, at most 32 are allowed");
        assert_eq!(environment("Admin.dev_eu").as_deref(), Ok("Admin.dev_eu"));
        assert_eq!(environment("-x").unwrap_err(), "it must begin with a letter or a digit");
        assert!(environment("a b").unwrap_err().starts_with("` ` cannot stand in it"));
    }

    #[test]
    fn codes_are_found_or_suggested() {
        assert_eq!(code("tc0001").map(|code| code.id), Ok("TC0001"));
        assert_eq!(code("TC001").unwrap_err(), "there is no such code; did you mean `TC0001`?");
        assert_eq!(code("nonsense").unwrap_err(), "there is no such code; `tc explain` lists them");
        assert!(matches!(denied("warnings"), Ok(Denied::Warnings)));
        assert!(matches!(denied("TC0001"), Ok(Denied::Code(_))));
    }
}
