//! The flow: its definition, with the functions and queues of the topology that it names made references, and the flows of
//! other topologies.

use super::names::Names;
use crate::diagnostic::{Diagnostic, codes::schema};
use crate::frontend::Session;
use crate::frontend::infrastructure::Infrastructure;
use crate::ir::{Flow, PutEvent, ServiceCall, StartExecution, StateMachineType, Target, Until};
use crate::source::{Map, Node, Span, Spanned, Symbol, Text, Value};
use crate::world::SourcePath;

pub(super) fn resolve(
    session: &mut Session<'_>,
    names: &Names<'_>,
    key: Span,
    node: Node,
    state_machine_type: StateMachineType,
    infrastructure: &Infrastructure<'_>,
) -> Option<Flow> {
    let definition = match node.as_str() {
        Some(path) => read(session, names, path, node.span)?,
        None => node,
    };
    let statements = infrastructure.statements(session, "flow");
    let flow = Flow {
        span: key,
        definition: Node::new(Value::Null, key),
        state_machine_type,
        invokes: Vec::new(),
        sends: Vec::new(),
        puts: Vec::new(),
        starts: Vec::new(),
        tokens: Vec::new(),
        statements,
    };
    let mut linker = Linker { session, names, flow };
    let mut definition = definition;
    linker.scope(&mut definition);
    Some(Flow { definition, ..linker.flow })
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

/// What a task does with the function or queue that an argument names.
#[derive(Clone, Copy, Default)]
struct Task {
    /// Whether it runs it, rather than asking for its configuration.
    invokes: bool,
    sends: bool,
    puts: bool,
    /// What it waits for once it has started a state machine, if it starts one.
    starts: Option<Until>,
    /// Whether it waits for its token to come back.
    waits: bool,
}

impl Task {
    /// The task of a resource. One that cannot be read is judged by the rules of the state machine.
    fn of(resource: &Node) -> Self {
        let call = resource.as_str().and_then(ServiceCall::parse);
        let Some(call) = call else { return Self { invokes: true, ..Self::default() } };
        Self {
            invokes: !call.is_sdk || matches!(call.action, "invoke" | "invokeAsync"),
            sends: call.service == "sqs" && matches!(call.action, "sendMessage" | "sendMessageBatch"),
            puts: call.puts_events(),
            starts: call.starts_execution(),
            waits: call.waits_for_token(),
        }
    }
}

/// Replaces what names a function or a queue by a reference to it, and notes what the states do with other entities.
struct Linker<'l, 's, 'n> {
    session: &'l mut Session<'s>,
    names: &'l Names<'n>,
    flow: Flow,
}

impl Linker<'_, '_, '_> {
    /// The states of a definition, of a branch, or of what runs for an item.
    fn scope(&mut self, scope: &mut Node) {
        let Some(states) = map_mut(scope).and_then(|scope| scope.iter_mut().find(|entry| entry.key == "States")) else {
            return;
        };
        for state in map_mut(&mut states.value).into_iter().flat_map(Map::iter_mut) {
            self.state(&mut state.value);
        }
    }

    fn state(&mut self, state: &mut Node) {
        let Some(fields) = map_mut(state) else { return };
        let task = fields.get("Resource").map(Task::of);
        for field in fields.iter_mut() {
            match (field.key.as_str(), task) {
                ("Resource", Some(task)) => self.function(&mut field.value, true, task),
                ("Parameters" | "Arguments", Some(task)) => self.arguments(&mut field.value, task),
                ("ItemProcessor" | "Iterator", _) => self.scope(&mut field.value),
                ("Branches", _) => {
                    if let Value::List(branches) = &mut field.value.value {
                        branches.iter_mut().for_each(|branch| self.scope(branch));
                    }
                }
                _ => {}
            }
        }
    }

    fn arguments(&mut self, arguments: &mut Node, task: Task) {
        for argument in map_mut(arguments).into_iter().flat_map(Map::iter_mut) {
            match argument.key.as_str() {
                "FunctionName" => self.function(&mut argument.value, false, task),
                "QueueUrl" if task.sends => self.queue(&mut argument.value, task),
                "StateMachineArn" => self.state_machine(&mut argument.value, task),
                "Entries" if task.puts => {
                    let entries = argument.value.as_list().unwrap_or_default();
                    for event in entries.iter().filter_map(PutEvent::of_entry) {
                        self.token(task, || Target::Event(event.name.clone()));
                        self.flow.puts.push(event);
                    }
                }
                _ => {}
            }
        }
    }

    /// The flow of another topology, which a task names by that topology's name, by `NAMESPACE_SANDBOX`, or by an ARN of
    /// this account that ends in that.
    fn state_machine(&mut self, node: &mut Node, task: Task) {
        let Some(until) = task.starts else { return };
        let span = node.span;
        let Value::String(text) = &mut node.value else { return };
        let Some(name) = self.names.state_machine(self.session, text, span) else { return };
        *text = Symbol::FlowArn(name.clone()).into();
        let topology = Spanned::new(name, span);
        self.token(task, || Target::Topology(topology.clone()));
        self.flow.starts.push(StartExecution { topology, until });
    }

    fn token(&mut self, task: Task, to: impl FnOnce() -> Target) {
        if task.waits {
            self.flow.tokens.push(to());
        }
    }

    /// A function, which a task names by its own name, by `NAMESPACE_NAME_SANDBOX`, or by an ARN that ends in that.
    fn function(&mut self, node: &mut Node, is_resource: bool, task: Task) {
        let span = node.span;
        let Value::String(text) = &mut node.value else { return };
        match function(self.names, text, is_resource) {
            Reference::Known(name, qualifier) => {
                if task.invokes {
                    self.flow.invokes.push(Spanned::new(name.clone(), span));
                    self.token(task, || Target::Function(Spanned::new(name.clone(), span)));
                }
                *text = Symbol::FunctionArn(name).into();
                if let Some(qualifier) = qualifier {
                    text.push_str(":");
                    text.push_str(&qualifier);
                }
            }
            Reference::Unknown(name) => {
                self.names.report_unknown_function(self.session, &name, span);
                // What was meant is clear, so the rules about resources need not speak of it too.
                *text = Symbol::FunctionArn(name).into();
            }
            Reference::Other => {}
        }
    }

    /// A queue, which a task names by its own name, by `NAMESPACE_NAME_SANDBOX`, or by a URL that ends in that.
    fn queue(&mut self, node: &mut Node, task: Task) {
        let span = node.span;
        let Value::String(text) = &mut node.value else { return };
        match queue(self.names, text) {
            Reference::Known(name, _) => {
                self.flow.sends.push(Spanned::new(name.clone(), span));
                self.token(task, || Target::Queue(Spanned::new(name.clone(), span)));
                *text = Symbol::QueueUrl(name).into();
            }
            Reference::Unknown(name) => self.session.findings.push(self.names.unknown_queue(&name, span)),
            Reference::Other => {}
        }
    }
}

fn map_mut(node: &mut Node) -> Option<&mut Map> {
    match &mut node.value {
        Value::Map(map) => Some(map),
        _ => None,
    }
}

enum Reference {
    /// The name of an entity of the topology, and what was written behind it.
    Known(String, Option<String>),
    Unknown(String),
    /// Nothing of this topology.
    Other,
}

fn function(names: &Names<'_>, text: &Text, is_resource: bool) -> Reference {
    let written = text.to_string();
    if text.is_expression() || written.starts_with("${") {
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
        Some(inner) if names.has_function(inner) => Reference::Known(inner.to_owned(), qualifier),
        Some(inner) => Reference::Unknown(inner.to_owned()),
        // Another topology's function, in full.
        None if is_arn => Reference::Other,
        None if names.has_function(name) => Reference::Known(name.to_owned(), None),
        // A service integration, an activity: the state machine's own rules judge it.
        None if is_resource => Reference::Other,
        None => Reference::Unknown(name.to_owned()),
    }
}

fn queue(names: &Names<'_>, text: &Text) -> Reference {
    let written = text.to_string();
    if text.is_expression() || written.starts_with("${") {
        return Reference::Other;
    }
    let url = written.strip_prefix("https://");
    // In full: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
    let name = url.map_or(written.as_str(), |url| url.rsplit('/').next().unwrap_or_default());
    let name = name.strip_suffix(".fifo").unwrap_or(name);
    match names.inner(name) {
        Some(inner) if names.has_queue(inner) => Reference::Known(inner.to_owned(), None),
        Some(inner) => Reference::Unknown(inner.to_owned()),
        // Another topology's queue, in full.
        None if url.is_some() => Reference::Other,
        None if names.has_queue(name) => Reference::Known(name.to_owned(), None),
        None => Reference::Unknown(name.to_owned()),
    }
}
