//! What a route asks of its target, which decides the integration, its rights and its answer.

use crate::backend::logical_id;
use crate::backend::lower::event_bus;
use crate::graph::{EntityId, EntityKind};
use crate::ir::{Route, StateMachineType, Target, Topology, name};

/// What a route asks of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action<'t> {
    /// Runs a function and answers with what it returns.
    Call(&'t str),
    /// Hands the request's body to a function and answers at once.
    Background(&'t str),
    /// Starts an execution of a flow and answers at once. A Standard state machine knows nothing else.
    Start(Machine<'t>),
    /// Runs an Express flow and answers with its output.
    Run(Machine<'t>),
    /// Puts the request's body on a bus as an event.
    Put(Event<'t>),
    /// Sends the request's body to a queue.
    Send {
        /// The queue's name.
        queue: &'t str,
        /// Whether it keeps order.
        fifo: bool,
    },
}

/// A state machine that a route starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Machine<'t> {
    /// The topology's own flow.
    Own,
    /// The flow of another topology, by that topology's name.
    Of(&'t str),
}

impl Machine<'_> {
    /// The logical id whose `Ref` is its ARN: that of the resource, or of the import.
    pub fn logical_id(self) -> String {
        match self {
            Self::Own => logical_id::FLOW.to_owned(),
            Self::Of(topology) => logical_id::topology(topology),
        }
    }
}

/// What identifies an event that a route puts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event<'t> {
    /// The detail-type.
    pub name: &'t str,
    /// The source: what the topology says that the event is put with or awaited from, else the namespace.
    pub source: &'t str,
    /// The bus's name.
    pub bus: &'t str,
}

impl<'t> Action<'t> {
    /// The action of a route. `None` for a target that routes cannot have.
    pub fn of(topology: &'t Topology, route: &'t Route) -> Option<Self> {
        Some(match &route.target {
            Target::Function(name) if route.is_async => Self::Background(name),
            Target::Function(name) => Self::Call(name),
            Target::Flow(_) => Self::execution(Machine::Own, topology.flow.as_ref()?.state_machine_type, route),
            Target::Topology(name) => {
                let other = topology.topologies.get(&name.value)?;
                Self::execution(Machine::Of(name), other.state_machine_type, route)
            }
            Target::Queue(name) => {
                Self::Send { queue: name, fifo: topology.queues.get(&name.value).is_some_and(|queue| queue.fifo) }
            }
            Target::Event(name) => Self::Put(Event::of(topology, name)),
            Target::Mutation(_) => return None,
        })
    }

    fn execution(machine: Machine<'t>, of: StateMachineType, route: &Route) -> Self {
        match of {
            StateMachineType::Express if !route.is_async => Self::Run(machine),
            StateMachineType::Express | StateMachineType::Standard => Self::Start(machine),
        }
    }
}

impl<'t> Event<'t> {
    fn of(topology: &'t Topology, name: &'t str) -> Self {
        let produced = topology.produces.get(name).and_then(|event| event.sources.first());
        let consumed = || topology.consumes.get(name).and_then(|event| event.sources.first());
        let source = produced.or_else(consumed).map_or(topology.name.as_str(), |source| source.as_str());
        Self { name, source, bus: event_bus::of(topology, name) }
    }
}

/// The message group of what a route sends to a queue that keeps order: one for the route, so that its requests are taken
/// in the order they came. At most 128 characters ("SQS API, SendMessage, MessageGroupId").
pub(super) fn message_group(route: &Route) -> String {
    let id = logical_id::of(&EntityId::new(EntityKind::Route, &route.key));
    name::join(&[&id], "-", 128).text
}
