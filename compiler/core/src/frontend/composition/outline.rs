//! What is known of a topology without compiling it.

use super::tree;
use crate::frontend::Session;
use crate::frontend::placeholder::Placeholders;
use crate::frontend::yaml;
use crate::ir::flow::{Argument, argument, states};
use crate::ir::{ServiceCall, StateMachineType};
use crate::source::{Node, Spanned};
use crate::world::SourcePath;

/// A topology as others see it.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Its directory, from that of the topology that is compiled.
    pub directory: SourcePath,
    /// Its file.
    pub file: SourcePath,
    /// Its name.
    pub name: Spanned<String>,
    /// The type of its flow, if it has one.
    pub flow: Option<StateMachineType>,
    /// The state machines that it names, short: its own, those of other topologies, and what is none.
    pub names: Vec<Spanned<String>>,
}

impl Outline {
    /// Reads the topology of a directory, and what its `nodes.ignore` says. `None` where it cannot be read or has no name:
    /// then it is not there for others, and who compiles it finds out why.
    pub(super) fn read(
        session: &mut Session<'_>,
        placeholders: &Placeholders,
        directory: &SourcePath,
    ) -> (Option<Self>, Vec<Spanned<String>>) {
        let Some(file) = tree::file(session.world, directory) else { return (None, Vec::new()) };
        let Some(mut node) = tree(session, &file) else { return (None, Vec::new()) };
        let name = node.get("name").and_then(|name| Some(Spanned::new(name.as_str()?.to_owned(), name.span)));
        let namespace = name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
        let placeholders = Placeholders { namespace, ..placeholders.clone() };
        placeholders.fill(&mut node, &mut Vec::new());
        let ignored = node.get("nodes").and_then(|nodes| nodes.get("ignore")?.as_list()).unwrap_or_default();
        let ignored = ignored.iter().filter_map(text).collect();
        let Some(name) = name else { return (None, ignored) };
        let flow = node.get("flow").map(|_| match node.get("mode").and_then(Node::as_str) {
            Some("Express") => StateMachineType::Express,
            _ => StateMachineType::Standard,
        });
        let sandbox = &placeholders.sandbox;
        let mut names: Vec<Spanned<String>> = targets(&node).collect();
        let definition = match node.get("flow").and_then(Node::as_str) {
            Some(path) => tree(session, &directory.join(path)).map(|mut tree| {
                placeholders.fill(&mut tree, &mut Vec::new());
                tree
            }),
            None => node.get("flow").cloned(),
        };
        names.extend(definition.iter().flat_map(started));
        let names = names.into_iter().map(|name| name.map(|text| short(&text, sandbox).to_owned())).collect();
        (Some(Self { directory: directory.clone(), file, name, flow, names }), ignored)
    }
}

/// The tree of a file, if it can be read.
fn tree(session: &mut Session<'_>, path: &SourcePath) -> Option<Node> {
    let known = session.findings.len();
    let file = session.read_once(path);
    session.findings.truncate(known);
    let text = &session.sources.get(file?)?.text;
    yaml::read(file?, text).ok()
}

fn text(node: &Node) -> Option<Spanned<String>> {
    node.as_text().map(|text| Spanned::new(text.to_string(), node.span))
}

/// What routes, events and schedules name as a `state`.
fn targets(topology: &Node) -> impl Iterator<Item = Spanned<String>> {
    let events = topology.get("events").and_then(|events| events.get("consumes"));
    let sections = [topology.get("routes"), events, topology.get("schedules")];
    let entries = sections.into_iter().flatten().filter_map(Node::as_map).flatten();
    entries.filter_map(|entry| entry.value.get("state").and_then(text))
}

/// The state machines that the states of a flow start.
fn started(definition: &Node) -> Vec<Spanned<String>> {
    let name = |state: &Node| {
        ServiceCall::parse(state.get("Resource")?.as_str()?)?.starts_execution()?;
        let arguments = state.get("Parameters").or_else(|| state.get("Arguments"))?;
        match argument(arguments, "StateMachineArn") {
            Argument::Written(node) => text(node),
            Argument::WorkedOut | Argument::Absent => None,
        }
    };
    states(definition).into_iter().filter_map(|(_, state)| name(state)).collect()
}

/// The name of the topology that a state machine is meant to be of: what stands behind `:stateMachine:` of an ARN, without
/// the sandbox.
pub(in crate::frontend) fn short<'t>(text: &'t str, sandbox: &str) -> &'t str {
    let name = text.rsplit_once(":stateMachine:").map_or(text, |(_, name)| name);
    let stem = name.strip_suffix(sandbox).filter(|_| !sandbox.is_empty());
    stem.and_then(|stem| stem.strip_suffix(['_', '-'])).filter(|stem| !stem.is_empty()).unwrap_or(name)
}
