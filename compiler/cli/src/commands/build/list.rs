//! `tc build --list`: the published layers of topologies, or of an account.

use super::account::{self, Accounts};
use super::{Arguments, Format};
use crate::paths::Paths;
use crate::report::{self, Report};
use crate::shell::Shell;
use crate::table::table;
use crate::topologies::{self, Located};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use tc_core::frontend::{self, Loaded};
use tc_core::ir::{Function, Topology, name};
use tc_deploy::layers::{self, Listed};
use tc_package::layer::has_layer;

/// The least widths of the columns: a name, a version, and a time as Lambda writes it.
const WIDTHS: [usize; 3] = [41, 7, 28];

/// The newest version of a published layer.
#[derive(Debug, Serialize)]
struct Line {
    name: String,
    version: i64,
    created_date: String,
    arn: String,
    runtimes: Vec<String>,
    architectures: Vec<String>,
    description: String,
    /// Which zip of how many it is, where tc has published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    chunk: Option<Chunk>,
}

#[derive(Debug, Serialize)]
struct Chunk {
    /// What all chunks of one layer have in common.
    set: String,
    /// From 1.
    part: usize,
    parts: usize,
}

/// What is to be listed of an account.
#[derive(Default)]
struct Scope {
    /// The layers of the functions' own dependencies.
    own: BTreeSet<String>,
    /// Further layers that they use.
    used: BTreeSet<String>,
    /// Whether all others are meant too.
    is_whole: bool,
}

/// Lists layers.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    let mut reports = Vec::new();
    let mut accounts = Accounts::default();
    let scopes = arguments.scopes(&mut accounts, &mut reports);
    let (mut lines, mut remarks, mut is_listed) = (Vec::new(), String::new(), false);
    for (place, scope) in &scopes {
        let Some(connection) = accounts.get(*place) else { continue };
        match layers::list(connection) {
            Ok(listed) => {
                is_listed = true;
                remarks += &scope.remark(&listed, &account::shown(connection));
                lines.extend(listed.into_iter().filter(|layer| scope.holds(layer)).map(Line::from));
            }
            Err(finding) => reports.push(Report::without_sources(*finding)),
        }
    }
    let is_forbidden = arguments.weigh(&mut reports);
    report::print_all(&reports, arguments.reporting.message_format, true, shell);
    match arguments.format {
        _ if !is_listed => {}
        Some(Format::Json) => shell.out(&format!("{}\n", serde_json::to_string_pretty(&lines).unwrap_or_default())),
        Some(Format::Table) | None => {
            let row = |line: &Line| [line.name.clone(), line.version.to_string(), line.created_date.clone()];
            let rows: Vec<_> = lines.iter().map(row).collect();
            shell.out(&table(["name", "version", "created_date"], WIDTHS, &rows));
        }
    }
    if arguments.is_read_by_people() {
        shell.err(&remarks);
    }
    if is_forbidden { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Arguments {
    /// What is to be listed, by the account's place.
    fn scopes(&self, accounts: &mut Accounts, reports: &mut Vec<Report>) -> BTreeMap<usize, Scope> {
        let located = self.locate().unwrap_or_else(|finding| {
            reports.push(Report::without_sources(*finding));
            Vec::new()
        });
        let mut scopes: BTreeMap<usize, Scope> = BTreeMap::new();
        let mut topologies = Vec::new();
        for located in located {
            match self.load(&located, accounts) {
                Ok((place, topology, report)) => {
                    scopes.entry(place).or_default().add(topology.as_ref(), self.name.as_deref());
                    topologies.extend(topology);
                    reports.push(report);
                }
                Err(report) => reports.push(*report),
            }
        }
        self.check_name(&topologies, reports);
        scopes
    }

    /// Signs in to the account of a topology's layers or, where there is no topology, of the project's: its place, and the
    /// topology.
    fn load(
        &self,
        located: &Located,
        accounts: &mut Accounts,
    ) -> Result<(usize, Option<Topology>, Report), Box<Report>> {
        let world = self.world(located)?;
        let paths = Paths::new(&world, &self.directory);
        let has_topology = self.name.is_some() || topologies::is_topology(world.root());
        let Loaded { sources, mut findings, project, topology, .. } = match has_topology {
            true => frontend::load(&world, &frontend::Options { sandbox: None, env: self.env.clone(), version: None }),
            false => frontend::load_project(&world),
        };
        if findings.has_errors() || (has_topology && topology.is_none()) {
            return Err(Box::new(Report { findings, sources, paths: Some(paths) }));
        }
        let given = topology.as_ref().map(|topology| &topology.env).or(self.env.as_ref());
        let environment = given.map_or_else(|| project.release_environment(), String::as_str);
        match accounts.open(environment, &project) {
            Ok(place) => Ok((place, topology, Report { findings, sources, paths: Some(paths) })),
            Err(refusal) => {
                findings.extend(refusal.map(|finding| *finding));
                Err(Box::new(Report { findings, sources, paths: Some(paths) }))
            }
        }
    }
}

impl Scope {
    /// Adds the layers of a topology, or of one of its functions.
    fn add(&mut self, topology: Option<&Topology>, function: Option<&str>) {
        let Some(topology) = topology else {
            self.is_whole = true;
            return;
        };
        let is_meant = |one: &&Function| function.is_none_or(|name| name == one.name);
        for function in topology.functions.values().filter(is_meant) {
            if has_layer(function) {
                self.own.insert(name::layer(&topology.name, &function.name));
            }
            self.used.extend(function.layers.iter().chain(&function.extensions).map(|layer| layer.value.name.clone()));
        }
    }

    fn holds(&self, layer: &Listed) -> bool {
        // A further chunk belongs to the layer whose name it continues.
        let chunk = layer.set.as_ref().filter(|set| set.part > 1).map(|set| format!("-{}", set.part - 1));
        let whole = chunk.and_then(|suffix| layer.name.strip_suffix(&suffix));
        let has = |name: &str| self.own.contains(name) || self.used.contains(name);
        self.is_whole || has(&layer.name) || whole.is_some_and(has)
    }

    /// What the table does not say.
    fn remark(&self, listed: &[Listed], account: &str) -> String {
        let is_absent = |name: &&String| listed.iter().all(|layer| layer.name != **name);
        let absent: Vec<&str> = self.own.iter().filter(is_absent).map(String::as_str).collect();
        match absent.as_slice() {
            [] if self.is_whole && listed.is_empty() => format!("there are no layers in {account}\n"),
            [] => String::new(),
            absent => format!("not published to {account}: {}\n", absent.join(", ")),
        }
    }
}

impl From<Listed> for Line {
    fn from(listed: Listed) -> Self {
        let Listed { name, version, arn, created, description, set, runtimes, architectures } = listed;
        let chunk = set.map(|set| Chunk { set: set.digest, part: set.part, parts: set.parts });
        Self { name, version, created_date: created, arn, runtimes, architectures, description, chunk }
    }
}
