//! The flow: its definition, with the functions it invokes made references.

use super::names::Names;
use crate::diagnostic::{Diagnostic, codes::schema};
use crate::frontend::Session;
use crate::frontend::infrastructure::Infrastructure;
use crate::ir::{Flow, StateMachineType};
use crate::source::{Node, Span, Symbol, Text, Value};
use crate::world::SourcePath;

pub(super) fn resolve(
    session: &mut Session<'_>,
    names: &Names<'_>,
    node: Node,
    state_machine_type: StateMachineType,
    infrastructure: &Infrastructure<'_>,
) -> Option<Flow> {
    let span = node.span;
    let mut definition = match node.as_str() {
        Some(path) => read(session, names, path, span)?,
        None => node,
    };
    let mut invokes = Vec::new();
    link(session, names, &mut definition, "", &mut invokes);
    let statements = infrastructure.statements(session, "flow");
    Some(Flow { span, definition, state_machine_type, invokes, statements })
}

fn read(session: &mut Session<'_>, names: &Names<'_>, path: &str, span: Span) -> Option<Node> {
    let path = SourcePath::new(path);
    let file = session.read_referenced(&path, "the flow's file", span)?;
    let mut node = session.parse(file)?;
    names.placeholders.fill(&mut node, &mut session.findings);
    if node.as_map().is_none() {
        let message = format!("a flow is a mapping, but this is {}", node.kind());
        session.findings.push(Diagnostic::new(&schema::WRONG_TYPE, node.span, message));
        return None;
    }
    Some(node)
}

/// Replaces what names a function by a reference to it. A function is named by `FunctionName` of a Lambda task, or by a
/// task's `Resource`: by its name, by `NAMESPACE_NAME_SANDBOX`, or by an ARN that ends in that.
fn link(session: &mut Session<'_>, names: &Names<'_>, node: &mut Node, key: &str, invokes: &mut Vec<(String, Span)>) {
    match &mut node.value {
        Value::List(list) => list.iter_mut().for_each(|child| link(session, names, child, key, invokes)),
        Value::Map(map) => {
            for entry in map.iter_mut() {
                link(session, names, &mut entry.value, &entry.key, invokes);
            }
        }
        Value::String(text) if matches!(key, "FunctionName" | "Resource") => match reference(names, text, key) {
            Reference::Function(name, qualifier) => {
                invokes.push((name.clone(), node.span));
                *text = Symbol::FunctionArn(name).into();
                if let Some(qualifier) = qualifier {
                    text.push_str(":");
                    text.push_str(&qualifier);
                }
            }
            Reference::Unknown(name) => {
                session.findings.push(names.unknown_function(&name, node.span));
                // What was meant is clear, so the rules about resources need not speak of it too.
                *text = Symbol::FunctionArn(name).into();
            }
            Reference::Other => {}
        },
        _ => {}
    }
}

enum Reference {
    Function(String, Option<String>),
    Unknown(String),
    Other,
}

fn reference(names: &Names<'_>, text: &Text, key: &str) -> Reference {
    let written = text.to_string();
    if written.starts_with("{%") || written.starts_with("${") {
        return Reference::Other;
    }
    let (name, is_arn) = match written.split_once(":function:") {
        Some((_, name)) => (name, true),
        None => (written.as_str(), false),
    };
    let (name, qualifier) = match name.split_once(':') {
        Some((name, qualifier)) if is_arn => (name, Some(qualifier.to_owned())),
        _ => (name, None),
    };
    match names.inner(name) {
        Some(inner) if names.has_function(inner) => Reference::Function(inner.to_owned(), qualifier),
        Some(inner) => Reference::Unknown(inner.to_owned()),
        // Another topology's function, in full.
        None if is_arn => Reference::Other,
        None if names.has_function(name) => Reference::Function(name.to_owned(), None),
        // A service integration, an activity: the state machine's own rules judge it.
        None if key == "Resource" => Reference::Other,
        None => Reference::Unknown(name.to_owned()),
    }
}
