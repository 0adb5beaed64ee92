//! Source text to IR: discover the directory, read, check against the schemas, fill placeholders, resolve names.

pub mod composition;
pub mod decode;
mod dependencies;
mod discover;
mod function;
mod infrastructure;
pub mod input;
mod lock;
pub mod placeholder;
mod project;
mod resolve;
mod roles;
mod runtime;
pub mod schema;
mod session;
#[cfg(test)]
mod tests;
pub mod yaml;

use crate::backend::stacks::Lock;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::ir::Topology;
use crate::source::{Node, SourceMap, Span, Value};
use crate::world::{EntryKind, SourcePath, World};
use input::ProjectInput;
use placeholder::Placeholders;
use schema::InputFile;
use session::Session;

/// The names that a topology's file may have.
pub(crate) const TOPOLOGY: [&str; 2] = ["topology.yml", "topology.yaml"];

/// What a compilation is for. Nothing else beside the source files reaches the output.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The sandbox; by default the one releases go to (`release.sandbox` of `tc.yml`, else `stable`).
    pub sandbox: Option<String>,
    /// The environment; by default the one releases go to (`release.environment` of `tc.yml`, else `dev`).
    pub env: Option<String>,
    /// The topology's version, where it is compiled to be released as one: it comes before what the topology and the tags
    /// say.
    pub version: Option<String>,
}

/// What the front end made of a topology's directory.
#[derive(Debug)]
pub struct Loaded {
    /// Every file that was read.
    pub sources: SourceMap,
    /// What was found on the way.
    pub findings: Diagnostics,
    /// What `tc.yml` says; without the file, or with one that cannot be read, nothing.
    pub project: ProjectInput,
    /// The topology. `None` where its file could not be read or decoded; with errors among the findings it is what could
    /// be made out, for the analyses to say more about, and must not be emitted.
    pub topology: Option<Topology>,
    /// The directory of the topology's `vars/` and `roles/`, if there is one.
    pub infrastructure: Option<SourcePath>,
    /// What `topology.lock` says, where there is one.
    pub lock: Option<Lock>,
}

/// Reads the topology whose directory is the world's root.
pub fn load(world: &dyn World, options: &Options) -> Loaded {
    let mut session = Session::new(world);
    let project = project::read(&mut session).unwrap_or_default();
    let topology = topology(&mut session, &project, options);
    let lock = lock::read(&mut session);
    let Session { sources, findings, infrastructure, .. } = session;
    let mut diagnostics = Diagnostics::default();
    diagnostics.extend(findings);
    let is_partial = diagnostics.has_errors();
    let topology = topology.map(|topology| Topology { is_partial, ..topology });
    Loaded { sources, findings: diagnostics, project, topology, infrastructure, lock }
}

/// Reads `tc.yml` alone, for a command that needs no topology: `topology` is then `None`.
pub fn load_project(world: &dyn World) -> Loaded {
    let mut session = Session::new(world);
    let project = project::read(&mut session).unwrap_or_default();
    let Session { sources, findings, .. } = session;
    let mut diagnostics = Diagnostics::default();
    diagnostics.extend(findings);
    Loaded { sources, findings: diagnostics, project, topology: None, infrastructure: None, lock: None }
}

/// The first topology in an immediate subdirectory, for a reader who stands one too high.
fn topology_below(world: &dyn World) -> Option<SourcePath> {
    let entries = world.list(&SourcePath::root()).ok().flatten()?;
    let directories = entries.into_iter().filter(|entry| entry.kind == EntryKind::Directory);
    let mut files = directories.map(|directory| SourcePath::new(&directory.name).join("topology.yml"));
    files.find(|file| world.read(file).is_ok_and(|bytes| bytes.is_some()))
}

fn topology(session: &mut Session<'_>, project: &ProjectInput, options: &Options) -> Option<Topology> {
    let project = project::project(project, session, options);
    let Some((path, file)) = TOPOLOGY.iter().find_map(|name| {
        let path = SourcePath::new(name);
        session.read_once(&path).map(|file| (path, file))
    }) else {
        if session.findings.is_empty() {
            let message = "no `topology.yml` in this directory";
            let help = match topology_below(session.world) {
                Some(path) => format!("there is `{path}`: name its directory"),
                None => "create one with `name: NAME`, or name the directory of a topology".to_owned(),
            };
            session.findings.push(Diagnostic::without_place(&codes::reading::NO_TOPOLOGY, message).help(help));
        }
        return None;
    };
    let mut node = session.parse(file)?;
    if node.as_map().is_none() {
        let message = match node.value {
            Value::Null => format!("`{path}` is empty"),
            _ => format!("`{path}` holds {}, but must hold a mapping", node.kind()),
        };
        let finding = Diagnostic::new(&codes::schema::WRONG_TYPE, Span::start_of(file), message);
        session.findings.push(finding.help("write at least `name: NAME`"));
        return None;
    }
    // The name is needed to fill placeholders, so it cannot hold any; the schema judges what they stand for.
    let name = node.get("name").and_then(Node::as_str).unwrap_or_default().to_owned();
    let version = options.version.clone().unwrap_or_else(|| version(session, &node, &name));
    let placeholders =
        Placeholders { namespace: name, sandbox: project.sandbox.clone(), env: project.env.clone(), version };
    placeholders.fill(&mut node, &mut session.findings);
    let findings = InputFile::Topology.check(&node);
    if !findings.is_empty() {
        session.findings.extend(findings);
        return None;
    }
    let flow_key = node.as_map().and_then(|map| map.entry("flow")).map(|entry| entry.key_span);
    let input = session.decode(&node)?;
    resolve::resolve(session, &project, &placeholders, flow_key, input)
}

fn version(session: &Session<'_>, topology: &Node, name: &str) -> String {
    let written = topology.get("version").and_then(Node::as_str).map(str::to_owned);
    written.or_else(|| session.world.newest_version_tag(name)).unwrap_or_else(|| "0.0.1".to_owned())
}
