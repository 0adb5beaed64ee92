//! `tc scaffold`: what a topology, a function or its infrastructure begins with.
//!
//! ```text
//! start           the templates of a topology and of a function in each language
//! infrastructure  vars and roles of the functions of a topology
//! place           files written where nothing stands, whole or not at all
//! ```

mod infrastructure;
pub mod place;
mod start;

use crate::args::Reporting;
use crate::shell::Shell;
use clap::ValueEnum;
use std::path::PathBuf;
use std::process::ExitCode;

/// Write what a topology, a function or its infrastructure begins with
///
/// `--create functions` writes `infrastructure/tc/TOPOLOGY/{vars,roles}/FUNCTION.json` for each function that has none.
/// What stands is never written over.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    start: Option<Start>,

    /// What files are written for
    #[arg(long, value_enum, required = true)]
    create: Option<Kind>,

    /// The topology's directory
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,

    #[command(flatten)]
    reporting: Reporting,
}

/// What infrastructure files are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The functions: their vars and roles
    Functions,
}

/// What is begun.
#[derive(Debug, clap::Subcommand)]
enum Start {
    /// Write a topology with one route and one function
    Topology {
        /// Its name, and that of its directory
        name: String,

        #[command(flatten)]
        language: Language,
    },
    /// Write a function with a test and a payload to invoke it with
    Function {
        /// Its name, and that of its directory
        name: String,

        #[command(flatten)]
        language: Language,
    },
}

/// What a function is written in.
#[derive(Debug, clap::Args)]
struct Language {
    /// A language or one of its runtimes: python3.12, ruby3.4, nodejs22, rust, go
    #[arg(long = "lang", value_name = "LANG", default_value = "python")]
    lang: String,
}

/// Writes a start.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    match &arguments.start {
        Some(Start::Topology { name, language }) => start::topology(name, &language.lang, shell),
        Some(Start::Function { name, language }) => start::function(name, &language.lang, shell),
        None => infrastructure::run(&arguments.directory, &arguments.reporting, shell),
    }
}
