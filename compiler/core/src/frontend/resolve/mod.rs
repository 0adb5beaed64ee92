//! Names to entities: every reference of the input becomes one of the IR, or a finding.

mod event;
mod flow;
mod functions;
mod gateway;
mod names;
mod queue;
mod route;
mod schedule;
mod state_machine;

use super::infrastructure::Infrastructure;
use super::input::TopologyInput;
use super::placeholder::Placeholders;
use super::project::Project;
use super::{Session, composition};
use crate::diagnostic::{Diagnostic, codes::reading};
use crate::ir::{StateMachineType, Topology};
use crate::source::{Node, Span};
use functions::Functions;
use names::Names;
use std::collections::{BTreeMap, BTreeSet};

/// Days that log groups keep their events where nothing else is said.
const DEFAULT_RETENTION: u32 = 30;

/// The topology of a decoded file. Entities that cannot be resolved are findings and are left out. `flow_key` is the place
/// of the key `flow`, if there is one.
pub(super) fn resolve(
    session: &mut Session<'_>,
    project: &Project,
    placeholders: &Placeholders,
    flow_key: Option<Span>,
    input: TopologyInput,
) -> Option<Topology> {
    let infrastructure = Infrastructure::find(session, input.infra.as_ref(), placeholders);
    let hyphenated_names = input.hyphenated_names.as_ref().is_some_and(|value| value.value);
    let ignored = input.nodes.map(|nodes| nodes.ignore).unwrap_or_default();
    let parts = super::function::Parts { project, placeholders, infrastructure: &infrastructure };
    let Functions { resolved: functions, faulty } = functions::resolve(session, &parts, &ignored, input.functions);
    infrastructure.orphans(session, &functions.keys().chain(&faulty).cloned().collect::<BTreeSet<_>>());

    let queue_names = input.queues.0.iter().map(|(name, _)| name.value.clone()).collect();
    let function_names = functions.keys().cloned().collect();
    let names = Names::new(placeholders, function_names, faulty, queue_names, input.flow.is_some());
    let logs = input.logs.unwrap_or_default();
    let mut topology = Topology {
        name: input.name,
        version: placeholders.version.clone(),
        sandbox: project.sandbox.clone(),
        env: project.env.clone(),
        is_release: project.sandbox == project.release_sandbox,
        hyphenated_names,
        tags: input.tags.0.into_iter().map(|(key, value)| (key.value, value.map(|value| value.0))).collect(),
        log_retention: logs.retention.map_or(DEFAULT_RETENTION, |days| days.value),
        access_logs: logs.access.map(|access| access.value),
        functions,
        gateways: BTreeMap::new(),
        routes: BTreeMap::new(),
        consumes: BTreeMap::new(),
        produces: BTreeMap::new(),
        queues: BTreeMap::new(),
        schedules: BTreeMap::new(),
        flow: None,
        topologies: BTreeMap::new(),
        used_elsewhere: BTreeSet::new(),
        consumed_elsewhere: BTreeSet::new(),
        is_partial: false,
    };
    let mode = input.mode.map_or(StateMachineType::Standard, |mode| mode.value);
    topology.flow = input.flow.and_then(|flow| {
        let key = flow_key.unwrap_or(flow.span);
        flow::resolve(session, &names, key, flow, mode, &infrastructure)
    });
    route::resolve(session, &names, project, &mut topology, input.routes);
    let events = input.events.unwrap_or_default();
    event::resolve(session, &names, &mut topology, events);
    queue::resolve(session, &names, &mut topology, input.queues);
    let scheduled = infrastructure.schedules(session);
    schedule::resolve(session, &names, &mut topology, input.schedules, scheduled);
    topology.topologies = std::mem::take(&mut session.topologies);
    composition::check(session, &topology);
    Some(topology)
}

/// A document that may be written as a mapping or as JSON text. `None`, with a finding, where the text is no JSON.
fn document(session: &mut Session<'_>, names: &Names, node: Node) -> Option<Node> {
    let Some(text) = node.as_text().map(ToString::to_string) else { return Some(node) };
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(value) if value.is_object() => {
            let mut tree = tree_of(&value, node.span);
            names.placeholders.fill(&mut tree, &mut session.findings);
            Some(tree)
        }
        Ok(_) => {
            let finding = Diagnostic::new(&reading::SYNTAX, node.span, "this text must hold a JSON object");
            session.findings.push(finding);
            None
        }
        Err(error) => {
            let finding = Diagnostic::new(&reading::SYNTAX, node.span, format!("this text is no JSON: {error}"));
            session.findings.push(finding.help("write the document as a YAML mapping instead of as text"));
            None
        }
    }
}

/// A tree whose every node stands at the same place.
fn tree_of(value: &serde_json::Value, span: Span) -> Node {
    use crate::source::{Map, MapEntry, Number, Value};
    let value = match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(value) => Value::Number(Number { spelling: value.to_string(), value: value.clone() }),
        serde_json::Value::String(text) => Value::String(text.as_str().into()),
        serde_json::Value::Array(list) => Value::List(list.iter().map(|item| tree_of(item, span)).collect()),
        serde_json::Value::Object(map) => {
            let entry = |(key, value): (&String, &serde_json::Value)| MapEntry {
                key: key.clone(),
                key_span: span,
                value: tree_of(value, span),
            };
            Value::Map(Map::from_entries(map.iter().map(entry).collect()))
        }
    };
    Node::new(value, span)
}
