//! `tc list`: the sandboxes of a topology, or what one of them consists of; or the versions in several environments.
//!
//! ```text
//! versions  which version of each topology is in which environment
//! ```

mod versions;

use crate::args;
use crate::deployment::Record;
use crate::shell::Shell;
use crate::site::{self, Site};
use crate::table::table;
use clap::ValueEnum;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use tc_core::diagnostic::Diagnostic;
use tc_deploy::standing::{self, Standing};
use tc_deploy::{Connection, deployed, drift};

/// List the sandboxes of a topology, the resources of one, or which version is where
///
/// Drift is what CloudFormation found when it was last asked for it, by `--drift` or otherwise: whether something was changed
/// by other hands.
///
/// With `--versions`: which version of each topology is in each of the environments, whatever the directory.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The topology's directory
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,

    /// The sandbox whose resources are listed; without one, the sandboxes are. With `--versions` the only one that is told
    #[arg(short, long, value_parser = args::sandbox)]
    sandbox: Option<String>,

    /// The environment; by default the one releases go to. With `--versions` several, by default all of `tc.yml`
    #[arg(short, long, value_parser = args::environment, value_delimiter = ',')]
    env: Vec<String>,

    /// Show which version of each topology is where: `--versions -e qa,prod`
    #[arg(long, conflicts_with = "drift")]
    versions: bool,

    /// Have AWS look for drift first
    #[arg(long)]
    drift: bool,

    /// How it is printed
    #[arg(long, value_enum, default_value_t, hide_default_value = true)]
    format: Format,
}

/// How the list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// A table for people
    #[default]
    Table,
    /// A list of JSON objects
    Json,
}

/// A sandbox, as data.
#[derive(Debug, Serialize)]
struct SandboxRow {
    sandbox: String,
    stack: String,
    /// The version of the topology that was deployed last; none where it is not known.
    version: Option<String>,
    /// The versions that components were updated to since, by the component.
    parts: BTreeMap<String, String>,
    status: String,
    /// Seconds since it was made or last changed.
    age: u64,
    drift: String,
    /// By the output of the stack.
    urls: BTreeMap<String, String>,
}

/// A resource, as data.
#[derive(Debug, Serialize)]
struct ResourceRow {
    logical_id: String,
    #[serde(rename = "type")]
    resource_type: String,
    physical_id: String,
    status: String,
    drift: String,
}

/// Lists sandboxes or resources.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    if arguments.versions {
        let Arguments { directory, sandbox, env, format, .. } = arguments;
        return versions::run(directory, sandbox.as_deref(), env, *format, shell);
    }
    let env = match arguments.env.as_slice() {
        [] => None,
        [one] => Some(one.as_str()),
        _ => return args::refuse("list", "several environments are compared with `--versions` alone"),
    };
    let site = match Site::read(&arguments.directory, arguments.sandbox.as_deref(), env) {
        Ok(site) => site,
        Err(report) => return site::refuse(*report, shell),
    };
    let listed = site.connect().and_then(|connection| match arguments.sandbox {
        Some(_) => arguments.resources(&site, &connection, shell),
        None => arguments.sandboxes(&site, &connection, shell),
    });
    match listed {
        Ok(()) => ExitCode::SUCCESS,
        Err(finding) => site::refuse(*site.report(*finding), shell),
    }
}

impl Arguments {
    fn sandboxes(&self, site: &Site, connection: &Connection, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
        let mut sandboxes = site.sandboxes(connection)?;
        if self.drift {
            let stacks = sandboxes.iter().filter(|(_, sandbox)| drift::is_detected(&sandbox.status));
            let stacks: Vec<&str> = stacks.map(|(_, sandbox)| sandbox.name.as_str()).collect();
            drift::detect(connection, &stacks)?;
            sandboxes = site.sandboxes(connection)?;
        }
        let stacks: Vec<&str> = sandboxes.iter().map(|(_, sandbox)| sandbox.name.as_str()).collect();
        let manifests = deployed::manifests(connection, &stacks)?;
        let now = now();
        let records: Vec<Record> =
            manifests.iter().map(|kept| kept.as_deref().map(Record::read).unwrap_or_default()).collect();
        let row = |((name, sandbox), record): ((String, Standing), &Record)| SandboxRow {
            sandbox: name,
            version: record.version.clone(),
            parts: record.parts.clone(),
            age: now.saturating_sub(sandbox.changed.try_into().unwrap_or_default()),
            drift: sandbox.drift,
            urls: sandbox.outputs.into_iter().filter(|(name, _)| name.ends_with("Url")).collect(),
            stack: sandbox.name,
            status: sandbox.status,
        };
        let rows: Vec<SandboxRow> = sandboxes.into_iter().zip(&records).map(row).collect();
        if self.format == Format::Json {
            shell.out(&data(&rows));
            return Ok(());
        }
        if rows.is_empty() {
            let (name, env) = (&site.topology.name, &site.topology.env);
            shell.err(&format!("there is no sandbox of `{}` in {env}\n", **name));
            return Ok(());
        }
        let cells = |(row, record): (&SandboxRow, &Record)| {
            let urls: Vec<&str> = row.urls.values().map(String::as_str).collect();
            [
                row.sandbox.clone(),
                record.versions(),
                row.status.clone(),
                age(row.age),
                words(&row.drift),
                urls.join(" "),
            ]
        };
        let rows: Vec<_> = rows.iter().zip(&records).map(cells).collect();
        shell.out(&table(["sandbox", "version", "status", "age", "drift", "urls"], [0; 6], &rows));
        Ok(())
    }

    fn resources(&self, site: &Site, connection: &Connection, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
        let standing = site.sandbox(connection)?;
        if self.drift && drift::is_detected(&standing.status) {
            drift::detect(connection, &[&standing.name])?;
        }
        let rows: Vec<ResourceRow> = standing::resources(connection, &standing)?
            .into_iter()
            .map(|resource| ResourceRow {
                logical_id: resource.logical_id,
                resource_type: resource.resource_type,
                physical_id: resource.physical_id,
                status: resource.status,
                drift: resource.drift,
            })
            .collect();
        if self.format == Format::Json {
            shell.out(&data(&rows));
            return Ok(());
        }
        let cells = |row: &ResourceRow| {
            let ResourceRow { logical_id, resource_type, physical_id, status, drift } = row;
            [logical_id.clone(), resource_type.clone(), physical_id.clone(), status.clone(), words(drift)]
        };
        let rows: Vec<_> = rows.iter().map(cells).collect();
        shell.out(&table(["resource", "type", "name", "status", "drift"], [0; 5], &rows));
        Ok(())
    }
}

/// A word of CloudFormation's as people write it: `not checked`.
fn words(word: &str) -> String {
    word.to_lowercase().replace('_', " ")
}

fn data<T: Serialize>(rows: &[T]) -> String {
    serde_json::to_string_pretty(rows).unwrap_or_default() + "\n"
}

/// Now, in seconds since the beginning of 1970.
#[allow(
    clippy::disallowed_methods,
    reason = "the age of what is deployed is counted from now; nothing is compiled from it"
)]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// An age in its largest unit: `3 days`, `1 minute`.
fn age(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    crate::report::plural(usize::try_from(count).unwrap_or(usize::MAX), unit)
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn an_age_has_its_largest_unit() {
        assert_eq!(
            [0, 59, 60, 7200, 86_400, 900_000].map(age),
            ["0 seconds", "59 seconds", "1 minute", "2 hours", "1 day", "10 days"]
        );
    }
}
