//! `tc local`: an AWS on this machine.

use crate::cache;
use crate::report::{self, MessageFormat, Report};
use crate::shell::Shell;
use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::local as codes;
use tc_deploy::environment::{LOCAL_ENDPOINT, LOCAL_PORT};
use tc_deploy::local::{LocalAws, Running};

/// Start, stop or look at an AWS on this machine, which `-e local` works with
///
/// It answers on this machine alone, runs functions for real, and forgets everything when it is stopped. It needs Python
/// 3.11 or later; everything else is installed into the user's cache when it is first started.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

/// What is to be done with it.
#[derive(Debug, Subcommand)]
enum Action {
    /// Start it, unless it runs, and wait until it answers
    Start(Options),
    /// Stop it, with all functions that it runs
    Stop(Options),
    /// Say whether it runs; exit status 1 if it does not
    Status(Options),
}

/// Which one is meant.
#[derive(Debug, clap::Args)]
struct Options {
    /// The port; `-e local` expects the default
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..), default_value_t = LOCAL_PORT)]
    port: u16,

    /// How it is printed
    #[arg(long, value_enum, default_value_t, hide_default_value = true)]
    format: Format,
}

/// How what runs is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// A line for people
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// What there is, as data.
#[derive(Debug, Serialize)]
struct Status<'a> {
    /// `running` or `stopped`.
    status: &'a str,
    /// Whether this command changed that.
    changed: bool,
    endpoint: String,
    version: Option<&'a str>,
    pid: Option<i32>,
    started: Option<&'a str>,
    log: Option<&'a Path>,
}

/// Starts it, stops it, or says whether it runs.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    let (Action::Start(options) | Action::Stop(options) | Action::Status(options)) = &arguments.action;
    let done = options.local_aws().and_then(|local| match arguments.action {
        Action::Start(_) => start(&local, options, shell),
        Action::Stop(_) => stop(&local, options, shell),
        Action::Status(_) => status(&local, options, shell),
    });
    done.unwrap_or_else(|finding| {
        report::print_all(&[Report::without_sources(*finding)], MessageFormat::Human, true, shell);
        ExitCode::FAILURE
    })
}

fn start(local: &LocalAws, options: &Options, shell: &mut Shell) -> Result<ExitCode, Box<Diagnostic>> {
    let started = local.start(&mut |step| {
        if options.format == Format::Text {
            shell.err(&format!("{step}\n"));
        }
    })?;
    let word = if started.was_running { "is running already" } else { "is running" };
    options.print(local, Some(&started.running), !started.was_running, word, shell);
    if options.format == Format::Text && local.endpoint() != LOCAL_ENDPOINT {
        let endpoint = local.endpoint();
        shell.err(&format!("for `-e local` write into tc.yml: `environments: {{local: {{endpoint: {endpoint}}}}}`\n"));
    }
    Ok(ExitCode::SUCCESS)
}

fn stop(local: &LocalAws, options: &Options, shell: &mut Shell) -> Result<ExitCode, Box<Diagnostic>> {
    let stopped = local.stop()?;
    match (options.format, &stopped) {
        (Format::Text, Some(running)) => {
            shell.out(&format!("the local AWS at {} is stopped: process {}\n", running.endpoint, running.pid));
        }
        _ => options.print(local, None, stopped.is_some(), "", shell),
    }
    Ok(ExitCode::SUCCESS)
}

fn status(local: &LocalAws, options: &Options, shell: &mut Shell) -> Result<ExitCode, Box<Diagnostic>> {
    let running = local.status()?;
    options.print(local, running.as_ref(), false, "is running", shell);
    Ok(if running.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Options {
    fn local_aws(&self) -> Result<LocalAws, Box<Diagnostic>> {
        let directory = cache::directory().ok_or_else(|| {
            let message =
                "there is no directory to install the local AWS into: neither `XDG_CACHE_HOME` nor `HOME` is set";
            Box::new(Diagnostic::without_place(&codes::NOT_INSTALLED, message))
        })?;
        Ok(LocalAws::new(directory.join("local"), self.port))
    }

    /// Prints what runs now. `word` says it of one that does.
    fn print(&self, local: &LocalAws, running: Option<&Running>, changed: bool, word: &str, shell: &mut Shell) {
        let text = match self.format {
            Format::Json => {
                let status = Status {
                    status: if running.is_some() { "running" } else { "stopped" },
                    changed,
                    endpoint: local.endpoint(),
                    version: running.map(|running| running.version.as_str()),
                    pid: running.map(|running| running.pid),
                    started: running.map(|running| running.started.as_str()),
                    log: running.map(|running| running.log.as_path()),
                };
                serde_json::to_string_pretty(&status).unwrap_or_default() + "\n"
            }
            Format::Text => match running {
                Some(running) => shown(running, word),
                None => stopped(local),
            },
        };
        shell.out(&text);
    }
}

/// What runs, for people.
fn shown(running: &Running, word: &str) -> String {
    let Running { endpoint, version, pid, started, log } = running;
    let log = log.display();
    format!("the local AWS at {endpoint} {word}\n  MiniStack {version}, process {pid}, since {started}\n  log {log}\n")
}

/// That nothing runs, for people, and where something does.
fn stopped(local: &LocalAws) -> String {
    let others = local.others();
    let others: String = others.iter().map(|other| format!("  one runs at {}\n", other.endpoint)).collect();
    format!("there is no local AWS running at {}\n{others}", local.endpoint())
}
