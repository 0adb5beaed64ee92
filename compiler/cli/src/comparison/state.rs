//! A state of a topology as a template: what is deployed, or what sources compile to.

use super::side::Side;
use crate::disk::DiskWorld;
use crate::git::Tree;
use crate::paths::Paths;
use crate::pipeline;
use crate::report::Report;
use crate::service::Service;
use crate::site::Site;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::num::NonZero;
use std::path::Path;
use std::thread;
use tc_core::backend::{self, json};
use tc_core::diagnostic::codes::release as codes;
use tc_core::diagnostic::{Diagnostic, Diagnostics, Severity};
use tc_core::frontend::{self, Loaded, Options};
use tc_core::graph::Graph;
use tc_core::ir::{PackageType, Topology};
use tc_core::source::SourceMap;
use tc_core::world::World;
use tc_deploy::standing::{self, Standing};
use tc_package::{DiscardingStore, End, Outcome, Packager, Place, Shell, SystemShell};

/// A state of a topology.
#[derive(Debug)]
pub struct State {
    /// The topology's name.
    pub topology: String,
    /// The sandbox that it is of, or was compiled for.
    pub sandbox: String,
    /// The environment likewise.
    pub env: String,
    /// The template.
    pub template: Value,
    /// The values of its parameters, of one that is deployed.
    pub parameters: Option<BTreeMap<String, String>>,
    /// The functions whose code is not known.
    pub without_code: BTreeSet<String>,
}

/// What is deployed to a sandbox.
///
/// # Errors
/// When there is no such sandbox, or its account does not tell.
pub fn deployed(directory: &Path, sandbox: &str, env: &str) -> Result<State, Box<Report>> {
    let site = Site::read(directory, Some(sandbox), Some(env))?;
    look(&site).map_err(|refusal| site.report(*refusal))
}

fn look(site: &Site) -> Result<State, Box<Diagnostic>> {
    let connection = site.connect()?;
    let Topology { name, sandbox, env, .. } = &site.topology;
    // A stack whose only change set is a plan has nothing in it yet.
    let standing = Some(site.sandbox(&connection)?).filter(Standing::is_made);
    let Some(standing) = standing else { return Err(site.absent(&connection)) };
    Ok(State {
        topology: name.value.clone(),
        sandbox: sandbox.clone(),
        env: env.clone(),
        template: standing::deployed_template(&connection, &standing)?.template,
        parameters: Some(standing.parameters),
        without_code: BTreeSet::new(),
    })
}

/// What the sources of a side that is no sandbox compile to, for a sandbox.
///
/// # Errors
/// When they cannot be read, or have an error.
pub fn compiled(
    side: &Side,
    directory: &Path,
    service: Option<&Service>,
    (sandbox, env): (&str, &str),
) -> Result<State, Box<Report>> {
    let options = Options { sandbox: Some(sandbox.to_owned()), env: Some(env.to_owned()), version: None };
    let without_sources = |finding: Box<Diagnostic>| Box::new(Report::without_sources(*finding));
    match (side, service) {
        (Side::Version(version), Some(service)) => {
            let tree = tree(service, version).map_err(without_sources)?;
            compile(&tree, &NoShell, &options).map_err(|(findings, _)| {
                let reason = findings.iter().next().map_or("it is not there", |error| error.message.as_str());
                let message = format!("the topology of version {version} cannot be compiled: {reason}");
                without_sources(Box::new(Diagnostic::without_place(&codes::UNREADABLE_VERSION, message)))
            })
        }
        _ => {
            let unreadable = |error: &io::Error| {
                without_sources(Box::new(crate::commands::build::finding::no_directory(directory, error)))
            };
            let world = DiskWorld::open(directory).map_err(|error| unreadable(&error))?;
            let paths = Some(Paths::new(&world, directory));
            compile(&world, &SystemShell::from_environment(), &options)
                .map_err(|(findings, sources)| Box::new(Report { findings, sources, paths }))
        }
    }
}

/// The files of a version.
fn tree(service: &Service, version: &str) -> Result<Tree, Box<Diagnostic>> {
    let version = service.version(version)?;
    let directory = service.repository.relative(&service.directory).unwrap_or_default();
    Tree::open(&service.repository, &version.tag(&service.name), &directory, Some(version.to_string()))
}

/// What stops the back end: the errors, and the sources that they point into.
type Refusal = (Diagnostics, SourceMap);

/// Compiles as far as the template. A function that cannot be packed is compared without its code.
fn compile(world: &dyn World, shell: &dyn Shell, options: &Options) -> Result<State, Refusal> {
    let Loaded { sources, findings, topology, .. } = frontend::load(world, options);
    let refused = |findings: Vec<Diagnostic>, sources| {
        let mut errors = Diagnostics::default();
        errors.extend(findings.into_iter().filter(|finding| finding.severity == Severity::Error));
        (errors, sources)
    };
    let findings: Vec<Diagnostic> = findings.into_iter().collect();
    let is_wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    let Some(topology) = topology.filter(|_| !is_wrong) else { return Err(refused(findings, sources)) };
    let graph = Graph::build(&topology);
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let packaged = Packager { world, shell, store: &DiscardingStore, threads }.package(&topology);
    let lowered = backend::lower(&topology, &graph, &pipeline::code(&topology, &packaged.artifacts));
    if lowered.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(refused(lowered.findings, sources));
    }
    let zipped = topology.functions.values().filter(|function| function.package_type == PackageType::Zip);
    let without_code = zipped.map(|function| &function.name).filter(|name| !packaged.artifacts.contains_key(*name));
    Ok(State {
        template: serde_json::from_str(&json::write(&lowered.template.to_expr())).unwrap_or_default(),
        without_code: without_code.cloned().collect(),
        topology: topology.name.value.clone(),
        sandbox: topology.sandbox,
        env: topology.env,
        parameters: None,
    })
}

/// What runs no build command: that of a version which was checked out nowhere might need what is not in its repository.
struct NoShell;

impl Shell for NoShell {
    fn run(&self, _: &str, _: &Place<'_>) -> io::Result<Outcome> {
        Ok(Outcome { end: End::Status(1), output: String::new() })
    }
}
