//! `tc login`: signing in to an environment, or whose credentials it has.

use crate::args;
use crate::commands::build::finding;
use crate::disk::DiskWorld;
use crate::invocation;
use crate::paths::Paths;
use crate::report::Report;
use crate::shell::Shell;
use crate::site;
use std::path::Path;
use std::process::ExitCode;
use tc_core::diagnostic::Diagnostic;
use tc_core::frontend::{self, Loaded};
use tc_deploy::sign_in::SignIn;
use tc_deploy::{Connection, Environment};

/// Sign in to an environment
///
/// Where its AWS profile is signed in to by SSO, a code and an address are shown; once the code is confirmed there, on this
/// machine or another, AWS's own tools are signed in too. For other credentials it is told whose they are, and until when.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The environment
    #[arg(short, long, value_parser = args::environment)]
    env: String,
}

/// Signs in.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    let here = Path::new(".");
    let world = match DiskWorld::open(here) {
        Ok(world) => world,
        Err(error) => {
            return site::refuse(Report::without_sources(finding::no_directory(here, &error)), shell);
        }
    };
    let paths = Some(Paths::new(&world, here));
    let Loaded { sources, mut findings, project, .. } = frontend::load_project(&world);
    if findings.has_errors() {
        return site::refuse(Report { findings, sources, paths }, shell);
    }
    match sign_in(&Environment::find(&arguments.env, &project), shell) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            findings.push(*refusal);
            site::refuse(Report { findings, sources, paths }, shell)
        }
    }
}

fn sign_in(environment: &Environment, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
    let name = invocation::word(&environment.name);
    let mut until = None;
    if let Some(sign_in) = SignIn::begin(environment)? {
        let (address, code) = (sign_in.address(), sign_in.code());
        shell.err(&format!("to sign in to {name}, open this address and confirm the code {code}:\n  {address}\n"));
        until = Some(sign_in.finish()?);
    }
    let connection = Connection::open(environment)?;
    let until = match until {
        Some(until) => Some(until),
        None => connection.expiry()?,
    };
    let until = until.map_or_else(|| "without an end".to_owned(), |until| format!("until {until}"));
    let (account, region) = (connection.account(), connection.region());
    shell.out(&format!("signed in to {name} as {} {until}\n", connection.identity()));
    shell.out(&format!("account {account}, region {region}, credentials of {}\n", connection.credentials()));
    Ok(())
}
