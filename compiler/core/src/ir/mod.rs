//! The topology as the compiler thinks of it: target-independent, ordered by name, serialisable.
//!
//! Everything a name in the source stands for is resolved here: a target is a function of this topology or it is a
//! finding, never a string that AWS will look at later. Places are kept beside values ([`Spanned`]) and are left out of
//! the serialised form, which therefore changes only when the meaning does.

pub mod event;
pub mod flow;
pub mod function;
pub mod name;
pub mod queue;
pub mod route;
pub mod runtime;
pub mod schedule;
pub mod topology;

pub use event::{ConsumedEvent, ProducedEvent};
pub use flow::{Flow, PutEvent, ServiceCall, StartExecution, StateMachineType, Until};
pub use function::{
    Architecture, Build, BuildKind, EnvironmentValue, Function, LayerImport, Mount, Network, PackageType, RuntimeBasis,
    Statement, Variable, VersionConstraint,
};
pub use queue::Queue;
pub use route::{Cors, DEFAULT_ROUTE, Gateway, GatewayKind, Method, Route, SharedGateway};
pub use runtime::{Family, Runtime};
pub use schedule::{Recurrence, Schedule};
pub use topology::OtherTopology;

use crate::source::{Span, Spanned, Text};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A topology for one sandbox and environment.
#[derive(Debug, Clone, Serialize)]
pub struct Topology {
    /// The namespace.
    pub name: Spanned<String>,
    /// The topology's version: from `version`, else the newest tag, else `0.0.1`.
    pub version: String,
    /// The sandbox this is compiled for.
    pub sandbox: String,
    /// The environment this is compiled for.
    pub env: String,
    /// Whether this is the sandbox that releases go to; shared gateways serve it without a path prefix.
    pub is_release: bool,
    /// Joins physical names by `-` in place of `_`.
    pub hyphenated_names: bool,
    /// Tags of every resource, by key.
    pub tags: BTreeMap<String, Spanned<Text>>,
    /// How many days log groups keep their events.
    pub log_retention: u32,
    /// Whether gateways of the stack write access logs, where it is written down: `logs.access`.
    pub access_logs: Option<bool>,
    /// Functions by name.
    pub functions: BTreeMap<String, Function>,
    /// Gateways that routes name, by name.
    pub gateways: BTreeMap<String, Gateway>,
    /// Routes by key.
    pub routes: BTreeMap<String, Route>,
    /// Events that start something here, by detail-type.
    pub consumes: BTreeMap<String, ConsumedEvent>,
    /// Events that functions put on a bus, by detail-type.
    pub produces: BTreeMap<String, ProducedEvent>,
    /// Queues by name.
    pub queues: BTreeMap<String, Queue>,
    /// Schedules by name.
    pub schedules: BTreeMap<String, Schedule>,
    /// The state machine.
    pub flow: Option<Flow>,
    /// Other topologies whose flows are named here, by their names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub topologies: BTreeMap<String, OtherTopology>,
    /// Functions that an event invokes in other sandboxes than this one.
    #[serde(skip)]
    pub used_elsewhere: BTreeSet<String>,
    /// Events that are consumed in other sandboxes than this one.
    #[serde(skip)]
    pub consumed_elsewhere: BTreeSet<String>,
    /// Whether something in the source could not be read or resolved and was left out, so that what is absent here may
    /// be there.
    #[serde(skip)]
    pub is_partial: bool,
}

/// What a route, event, queue or schedule leads to. Names are those of entities that exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A function of this topology.
    Function(Spanned<String>),
    /// The flow of this topology; the place is where it was named, or the entity that fell back to it.
    Flow(#[serde(skip)] Span),
    /// A queue of this topology.
    Queue(Spanned<String>),
    /// An event put on a bus, by detail-type.
    Event(Spanned<String>),
    /// A mutation field of an AppSync API that is imported.
    Mutation(Spanned<String>),
    /// The flow of another topology, by that topology's name.
    Topology(Spanned<String>),
}

impl Target {
    /// Where the target was named.
    pub fn span(&self) -> Span {
        match self {
            Self::Function(name)
            | Self::Queue(name)
            | Self::Event(name)
            | Self::Mutation(name)
            | Self::Topology(name) => name.span,
            Self::Flow(span) => *span,
        }
    }
}
