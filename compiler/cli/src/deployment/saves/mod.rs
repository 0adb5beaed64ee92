//! `--watch`: a function gets its code on each save.
//!
//! ```text
//! snapshot  the files of a directory as they were saved last
//! ```
//!
//! A change set takes many seconds and Lambda's own update of a code one, so each save goes past CloudFormation. Lest the
//! stack say something else than what runs, watching begins with an update by a change set and ends with one. Where it is
//! cut off, the next update does that: it restores what differs.

mod snapshot;

use super::{Deployment, Findings, Goal, Part, one};
use crate::shell::Shell;
use crate::size;
use snapshot::Snapshot;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tc_core::ir::Topology;
use tc_deploy::interruption::Interruptions;
use tc_deploy::upload::{self, File};
use tc_deploy::{Connection, Environment, code};

/// How often the directory is looked at: too short to be noticed, and next to nothing for a function's few files.
const PAUSE: Duration = Duration::from_millis(200);

/// A function that is watched.
struct Watched {
    connection: Connection,
    function: String,
    /// Its name in AWS.
    name: String,
    directory: PathBuf,
    /// The SHA-256 of the code that it has.
    sha256: String,
}

/// Updates a function, and then its code on each save until the user interrupts.
pub fn watch(deployment: &Deployment, part: &Part, shell: &mut Shell) -> ExitCode {
    watched(deployment, part, shell).err().unwrap_or(ExitCode::SUCCESS)
}

fn watched(deployment: &Deployment, part: &Part, shell: &mut Shell) -> Result<(), ExitCode> {
    let target = &deployment.wanted.target;
    let mut site = target.opened(shell)?;
    let Some((topology, _)) = site.front() else {
        target.report(&site, shell);
        return Err(ExitCode::FAILURE);
    };
    let (function, name, directory) = match meant(topology, part) {
        Ok((function, directory)) => {
            (function.to_owned(), topology.function_name(function).text, site.world.root().join(directory))
        }
        Err(refusal) => {
            site.outcome.findings.push(*refusal);
            target.report(&site, shell);
            return Err(ExitCode::FAILURE);
        }
    };
    // What is saved while the stack is updated is seen afterwards.
    let mut seen = Snapshot::of(&directory);
    deployment.run(Goal::Update, part, shell)?;
    let connection = Connection::open(&Environment::find(&target.env, &site.outcome.project)).map_err(|refusal| {
        target.refuse(refusal, shell);
        ExitCode::FAILURE
    })?;
    let mut interruptions = Interruptions::listen(&connection);
    let mut watched = Watched { connection, function, name, directory, sha256: String::new() };
    target.say(&format!("Watching function {}; Ctrl-C ends", watched.name), shell);
    let mut is_behind = false;
    while !interruptions.rest(&watched.connection, PAUSE) {
        let now = Snapshot::of(&watched.directory);
        if now != seen {
            seen = now;
            is_behind |= watched.save(deployment, shell);
        }
    }
    if is_behind {
        target.say("Settling: the stack learns of the code that runs", shell);
        deployment.run(Goal::Update, part, shell)?;
    }
    Ok(())
}

/// The function that is meant and its directory.
fn meant<'t>(topology: &'t Topology, part: &'t Part) -> Result<(&'t str, &'t str), Box<Diagnostic>> {
    let refused = |message: String, help: &str| {
        Err(Box::new(Diagnostic::without_place(&codes::NOT_WATCHED, message).help(help.to_owned())))
    };
    if topology.is_release {
        let message = format!("the sandbox `{}` is protected: it is the one that is released to", topology.sandbox);
        return refused(message, "watch in a sandbox of your own");
    }
    let Some((name, function)) = part.function().and_then(|name| topology.functions.get_key_value(name)) else {
        let names: Vec<String> = topology.functions.keys().map(|name| format!("`{name}`")).collect();
        let help = format!("name it: `-c FUNCTION`; functions: {}", names.join(", "));
        return refused("only one function can be watched".to_owned(), &help);
    };
    let is_published =
        function.snap_start.as_ref().is_some_and(|wanted| wanted.value) || function.provisioned_concurrency.is_some();
    if is_published {
        let message =
            format!("the function `{name}` is invoked by a published version, which a new code does not reach");
        return refused(message, "update it by a change set: leave `--watch` out");
    }
    Ok((name, function.directory.as_str()))
}

impl Watched {
    /// Compiles what was saved and gives it to the function; whether it did.
    fn save(&mut self, deployment: &Deployment, shell: &mut Shell) -> bool {
        let target = &deployment.wanted.target;
        let Ok(mut site) = target.opened(shell) else { return false };
        let done = match deployment.wanted.compile(&mut site) {
            None => Ok(None),
            Some((product, artifacts)) => match product.artifacts.get(&self.function) {
                Some(artifact) if artifact.sha256 != self.sha256 => {
                    let path = artifacts.path().join(format!("{}.zip", artifact.sha256));
                    let file = File { path, sha256: artifact.sha256.clone() };
                    self.put(&file).map(|()| Some(size::human(artifact.size)))
                }
                _ => Ok(None),
            },
        };
        // Warnings were told by the update that came first.
        if site.outcome.findings.has_errors() {
            target.report(&site, shell);
        }
        match done {
            Ok(Some(size)) => {
                target.say(&format!("Updating function {} ({size})", self.name), shell);
                true
            }
            Ok(None) => false,
            Err(findings) => {
                findings.into_iter().for_each(|finding| target.refuse(Box::new(finding), shell));
                false
            }
        }
    }

    fn put(&mut self, file: &File) -> Result<(), Findings> {
        upload::upload(&self.connection, file, "zip", &|_| {}).map_err(one)?;
        code::replace(&self.connection, &self.name, &file.sha256).map_err(one)?;
        self.sha256.clone_from(&file.sha256);
        Ok(())
    }
}
