//! `tc list --versions`: which version of each topology is in which environment.
//!
//! Every stack of a topology says in its description what it is of, and the artifact bucket keeps what was deployed to it
//! last; so nothing but `tc.yml` is read of the project, and topologies of other repositories are told too.

use super::{Format, data, words};
use crate::commands::build::finding;
use crate::deployment::Record;
use crate::disk::DiskWorld;
use crate::paths::Paths;
use crate::report::Report;
use crate::shell::Shell;
use crate::site;
use crate::table::columns;
use crate::topologies;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use tc_core::diagnostic::Diagnostic;
use tc_core::frontend::input::ProjectInput;
use tc_core::frontend::{self, Loaded};
use tc_core::ir::name;
use tc_deploy::standing::{self, Standing};
use tc_deploy::{Connection, Environment, deployed};

/// What stands for an environment that does not answer.
const SILENT: &str = "no answer";

/// What stands for a sandbox that is not in an environment.
const ABSENT: &str = "-";

/// A topology and a sandbox of it.
type Name = (String, String);

/// What is deployed to a sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Deployed {
    /// The version that was deployed last as a whole; none where it is not known.
    version: Option<String>,
    /// The versions that components were updated to since.
    parts: BTreeMap<String, String>,
    stack: String,
    status: String,
}

/// What an environment says of a sandbox, as data.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Cell<'a> {
    /// It is there, or not.
    Answer(Option<&'a Deployed>),
    /// The environment does not answer.
    Silence { error: &'a str },
}

/// A sandbox of a topology, as data.
#[derive(Debug, Serialize)]
struct Row<'a> {
    topology: &'a str,
    sandbox: &'a str,
    /// By the environment's name.
    environments: BTreeMap<&'a str, Cell<'a>>,
}

/// The sandboxes of an environment; else why they are not known.
type Answer = Result<BTreeMap<Name, Deployed>, Box<Diagnostic>>;

/// Lists the versions of all topologies, or of what is in sandboxes of one name.
pub fn run(directory: &Path, sandbox: Option<&str>, envs: &[String], format: Format, shell: &mut Shell) -> ExitCode {
    let directory = topologies::directory(directory);
    let world = match DiskWorld::open(directory) {
        Ok(world) => world,
        Err(error) => return site::refuse(Report::without_sources(finding::no_directory(directory, &error)), shell),
    };
    let paths = Some(Paths::new(&world, directory));
    let Loaded { sources, mut findings, project, .. } = frontend::load_project(&world);
    if findings.has_errors() {
        return site::refuse(Report { findings, sources, paths }, shell);
    }
    let envs = meant(envs, &project);
    let answers = ask(&envs, &project, sandbox);
    match format {
        Format::Json => shell.out(&data(&rows(&envs, &answers))),
        Format::Table => match text(&envs, &answers) {
            Some(table) => shell.out(&table),
            None => {
                let answered = envs.iter().zip(&answers).filter(|(_, answer)| answer.is_ok());
                let answered: Vec<&str> = answered.map(|(env, _)| env.as_str()).collect();
                if !answered.is_empty() {
                    shell.err(&format!("there is no sandbox in {}\n", answered.join(", ")));
                }
            }
        },
    }
    let failure = |(env, answer): (&String, Answer)| {
        let failure = *answer.err()?;
        let message = format!("`{env}` does not answer: {}", failure.message);
        Some(Diagnostic { message, ..failure })
    };
    let failures: Vec<Diagnostic> = envs.iter().zip(answers).filter_map(failure).collect();
    if failures.is_empty() {
        return ExitCode::SUCCESS;
    }
    findings.extend(failures);
    site::refuse(Report { findings, sources, paths }, shell)
}

/// The environments that are named, each once; else those of `tc.yml`, else the one that releases go to.
fn meant(named: &[String], project: &ProjectInput) -> Vec<String> {
    let mut envs: Vec<String> = named.to_vec();
    if envs.is_empty() {
        envs.extend(project.environments.0.iter().map(|(name, _)| name.value.clone()));
    }
    if envs.is_empty() {
        envs.push(project.release_environment().to_owned());
    }
    let mut seen = BTreeSet::new();
    envs.retain(|env| seen.insert(env.clone()));
    envs
}

/// Asks all environments at once.
fn ask(envs: &[String], project: &ProjectInput, sandbox: Option<&str>) -> Vec<Answer> {
    thread::scope(|scope| {
        let asked: Vec<_> = envs
            .iter()
            .map(|env| {
                let environment = Environment::find(env, project);
                scope.spawn(move || deployed_to(&environment, sandbox))
            })
            .collect();
        // A thread ends without a result only by a panic, which is passed on.
        asked.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

fn deployed_to(environment: &Environment, only: Option<&str>) -> Answer {
    let connection = Connection::open(environment)?;
    let named = |stack: Standing| {
        let (topology, sandbox) = name::described(&stack.description)?;
        let is_meant = only.is_none_or(|only| only == sandbox) && !is_empty(&stack.status);
        let name = (topology.to_owned(), sandbox.to_owned());
        is_meant.then_some((name, stack))
    };
    let found: Vec<(Name, Standing)> = standing::all(&connection, "")?.into_iter().filter_map(named).collect();
    let stacks: Vec<&str> = found.iter().map(|(_, sandbox)| sandbox.name.as_str()).collect();
    let manifests = deployed::manifests(&connection, &stacks)?;
    let deployed = |((name, sandbox), kept): ((Name, Standing), Option<String>)| {
        let Record { version, parts } = kept.as_deref().map(Record::read).unwrap_or_default();
        (name, Deployed { version, parts, stack: sandbox.name, status: sandbox.status })
    };
    Ok(found.into_iter().zip(manifests).map(deployed).collect())
}

/// Whether nothing was ever deployed to a stack in this state: it waits for its first change set, or that failed.
fn is_empty(status: &str) -> bool {
    matches!(status, "REVIEW_IN_PROGRESS" | "ROLLBACK_COMPLETE" | "CREATE_FAILED" | "ROLLBACK_FAILED")
}

/// All sandboxes that are in one of the environments.
fn names(answers: &[Answer]) -> BTreeSet<&Name> {
    answers.iter().flatten().flat_map(BTreeMap::keys).collect()
}

fn rows<'a>(envs: &'a [String], answers: &'a [Answer]) -> Vec<Row<'a>> {
    let row = |name: &'a Name| {
        let cell = |answer: &'a Answer| match answer {
            Ok(sandboxes) => Cell::Answer(sandboxes.get(name)),
            Err(failure) => Cell::Silence { error: &failure.message },
        };
        let environments = envs.iter().map(String::as_str).zip(answers.iter().map(cell)).collect();
        Row { topology: &name.0, sandbox: &name.1, environments }
    };
    names(answers).into_iter().map(row).collect()
}

/// The table; `None` where it has no rows.
fn text(envs: &[String], answers: &[Answer]) -> Option<String> {
    let row = |name: &Name| {
        let cell = |answer: &Answer| match answer {
            Ok(sandboxes) => sandboxes.get(name).map_or_else(|| ABSENT.to_owned(), shown),
            Err(_) => SILENT.to_owned(),
        };
        [name.0.clone(), name.1.clone()].into_iter().chain(answers.iter().map(cell)).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = names(answers).into_iter().map(row).collect();
    let rows: Vec<&[String]> = rows.iter().map(Vec::as_slice).collect();
    let heading: Vec<&str> = ["topology", "sandbox"].into_iter().chain(envs.iter().map(String::as_str)).collect();
    (!rows.is_empty()).then(|| columns(&heading, Vec::new(), &rows))
}

/// What is deployed, for people: the version, and the state of the stack where it is no settled one.
fn shown(deployed: &Deployed) -> String {
    let Deployed { version, parts, status, .. } = deployed;
    let versions = Record { version: version.clone(), parts: parts.clone() }.versions();
    let versions = if versions.is_empty() { "unknown".to_owned() } else { versions };
    match status.ends_with("_COMPLETE") {
        true => versions,
        false => format!("{versions} ({})", words(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployed(version: Option<&str>, parts: &[(&str, &str)], status: &str) -> Deployed {
        Deployed {
            version: version.map(str::to_owned),
            parts: parts.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned())).collect(),
            stack: "etl-bob".to_owned(),
            status: status.to_owned(),
        }
    }

    #[test]
    fn what_is_deployed_is_told_with_what_is_amiss() {
        let told = |one: &Deployed| shown(one);
        assert_eq!(told(&deployed(Some("0.1.4"), &[], "UPDATE_ROLLBACK_COMPLETE")), "0.1.4");
        assert_eq!(told(&deployed(None, &[], "CREATE_COMPLETE")), "unknown");
        let part = deployed(Some("0.1.4"), &[("flow", "0.1.5")], "UPDATE_ROLLBACK_FAILED");
        assert_eq!(told(&part), "0.1.4, flow 0.1.5 (update rollback failed)");
    }

    #[test]
    fn environments_are_asked_once_each() {
        let project = ProjectInput::default();
        assert_eq!(meant(&["qa", "prod", "qa"].map(str::to_owned), &project), ["qa", "prod"]);
        assert_eq!(meant(&[], &project), ["dev"]);
    }
}
