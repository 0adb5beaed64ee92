//! The entity graph: what a topology consists of, and the typed edges between.
//!
//! Every reference of the source is one edge here, with the place it was written at. IAM grants, permissions, the order
//! of resources, loops and diagrams are all read from these edges, so none of them can disagree with another.

mod emit;
mod entity;
pub mod logical_id;

pub use emit::{Format, emit, emit_all};
pub use entity::{EntityId, EntityKind};

use crate::ir::{Target, Topology, Until};
use crate::source::Span;
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use serde::Serialize;
use std::collections::BTreeMap;

/// An entity and where it is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// What it is called.
    pub id: EntityId,
    /// Where it is declared.
    pub span: Span,
}

/// What one entity does with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    /// Route, event, schedule or flow: runs a function and, unless it is asynchronous, waits for it.
    Invokes,
    /// Route, event or schedule: starts the flow, or that of another topology. Flow: starts that of another.
    Starts,
    /// Flow: starts the flow of another topology and waits for its end.
    Runs,
    /// Function, route, event, schedule or flow: sends messages to a queue.
    Sends,
    /// Queue: hands messages to a function.
    Delivers,
    /// Function, route or flow: puts an event on a bus.
    Puts,
    /// Event: calls a mutation of an AppSync API.
    Calls,
    /// Function: sends the token of a task back to the flow, which waits for it.
    Answers,
    /// Route: asks a function who may call.
    Authorizes,
    /// Gateway: has a route.
    Exposes,
    /// Function: uses a layer.
    Uses,
    /// Function: mounts a file system.
    Mounts,
}

impl EdgeKind {
    /// As it is shown in a diagram.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invokes => "invokes",
            Self::Starts => "starts",
            Self::Runs => "runs",
            Self::Sends => "sends",
            Self::Delivers => "delivers",
            Self::Puts => "puts",
            Self::Calls => "calls",
            Self::Answers => "answers",
            Self::Authorizes => "authorizes",
            Self::Exposes => "exposes",
            Self::Uses => "uses",
            Self::Mounts => "mounts",
        }
    }

    /// Whether it carries control: what stands at its head runs because of what stands at its tail.
    pub fn triggers(self) -> bool {
        !matches!(self, Self::Exposes | Self::Uses | Self::Mounts | Self::Authorizes | Self::Answers)
    }
}

/// An edge with the place it was written at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// What it means.
    pub kind: EdgeKind,
    /// Where it was written.
    pub span: Span,
}

/// An edge with the entities at its ends.
#[derive(Debug, Clone, Copy)]
pub struct Link<'g> {
    /// The entity it leaves.
    pub from: &'g Entity,
    /// The entity it reaches.
    pub to: &'g Entity,
    /// The edge.
    pub edge: &'g Edge,
}

/// The function of the topology that gets what is handed to a target: that function, or the one that takes it from the
/// queue or the bus.
fn receiver<'t>(topology: &'t Topology, target: &'t Target) -> Option<&'t str> {
    let of_queue = |name: &str| topology.queues.get(name).and_then(|queue| queue.consumer.as_ref());
    match target {
        Target::Function(name) => Some(name),
        Target::Queue(name) => of_queue(name).map(|consumer| consumer.as_str()),
        Target::Event(name) => match &topology.consumes.get(name.as_str())?.target {
            Target::Function(function) => Some(function),
            Target::Queue(queue) => of_queue(queue).map(|consumer| consumer.as_str()),
            Target::Flow(_) | Target::Event(_) | Target::Mutation(_) | Target::Topology(_) => None,
        },
        Target::Flow(_) | Target::Mutation(_) | Target::Topology(_) => None,
    }
}

/// The entities and edges of a topology. Both come in an order that depends on names alone.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    graph: DiGraph<Entity, Edge>,
    index: BTreeMap<EntityId, NodeIndex>,
}

impl Graph {
    /// The graph of a topology.
    pub fn build(topology: &Topology) -> Self {
        let mut graph = Self::default();
        graph.add_entities(topology);
        graph.add_edges(topology);
        graph
    }

    fn add(&mut self, kind: EntityKind, name: &str, span: Span) {
        let id = EntityId::new(kind, name);
        if !self.index.contains_key(&id) {
            let node = self.graph.add_node(Entity { id: id.clone(), span });
            self.index.insert(id, node);
        }
    }

    fn connect(&mut self, from: (EntityKind, &str), to: (EntityKind, &str), kind: EdgeKind, span: Span) {
        let node = |(kind, name): (EntityKind, &str)| self.index.get(&EntityId::new(kind, name)).copied();
        let (Some(from), Some(to)) = (node(from), node(to)) else { return };
        let known = self.graph.edges_connecting(from, to).any(|edge| edge.weight().kind == kind);
        if !known {
            self.graph.add_edge(from, to, Edge { kind, span });
        }
    }

    fn add_entities(&mut self, topology: &Topology) {
        for gateway in topology.gateways.values() {
            self.add(EntityKind::Gateway, &gateway.name, gateway.span);
        }
        for route in topology.routes.values() {
            self.add(EntityKind::Route, &route.key, route.span);
        }
        for event in topology.consumes.values() {
            self.add(EntityKind::Event, &event.name, event.span);
        }
        for event in topology.produces.values() {
            self.add(EntityKind::Event, &event.name, event.span);
        }
        for schedule in topology.schedules.values() {
            self.add(EntityKind::Schedule, &schedule.name, schedule.span);
        }
        for queue in topology.queues.values() {
            self.add(EntityKind::Queue, &queue.name, queue.span);
        }
        if let Some(flow) = &topology.flow {
            self.add(EntityKind::Flow, &topology.name, flow.span);
        }
        for function in topology.functions.values() {
            self.add(EntityKind::Function, &function.name, function.span);
        }
        for function in topology.functions.values() {
            for layer in function.layers.iter().chain(&function.extensions) {
                self.add(EntityKind::Layer, &layer.name, layer.span);
            }
            if let Some(mount) = &function.mount {
                self.add(EntityKind::FileSystem, &mount.filesystem, mount.mount_point.span);
            }
        }
        for other in topology.topologies.values() {
            self.add(EntityKind::Topology, &other.name, other.name.span);
        }
        for event in topology.flow.iter().flat_map(|flow| &flow.puts) {
            self.add(EntityKind::Event, &event.name, event.name.span);
        }
        // Events and mutations that are named only as a target.
        let targets = topology.routes.values().map(|route| &route.target);
        let targets = targets.chain(topology.consumes.values().map(|event| &event.target));
        for target in targets.chain(topology.schedules.values().map(|schedule| &schedule.target)) {
            match target {
                Target::Event(name) => self.add(EntityKind::Event, name, name.span),
                Target::Mutation(name) => self.add(EntityKind::Mutation, name, name.span),
                Target::Function(_) | Target::Flow(_) | Target::Queue(_) | Target::Topology(_) => {}
            }
        }
    }

    fn add_edges(&mut self, topology: &Topology) {
        for route in topology.routes.values() {
            let from = (EntityKind::Route, route.key.as_str());
            self.connect((EntityKind::Gateway, &route.gateway), from, EdgeKind::Exposes, route.gateway.span);
            self.connect_target(from, &route.target, topology);
            if let Some(authorizer) = &route.authorizer {
                let to = (EntityKind::Function, authorizer.as_str());
                self.connect(from, to, EdgeKind::Authorizes, authorizer.span);
            }
        }
        for event in topology.consumes.values() {
            self.connect_target((EntityKind::Event, &event.name), &event.target, topology);
        }
        for event in topology.produces.values() {
            for producer in &event.producers {
                let from = (EntityKind::Function, producer.as_str());
                self.connect(from, (EntityKind::Event, &event.name), EdgeKind::Puts, producer.span);
            }
        }
        for schedule in topology.schedules.values() {
            self.connect_target((EntityKind::Schedule, &schedule.name), &schedule.target, topology);
        }
        for queue in topology.queues.values() {
            let queue_end = (EntityKind::Queue, queue.name.as_str());
            for producer in &queue.producers {
                self.connect((EntityKind::Function, producer), queue_end, EdgeKind::Sends, producer.span);
            }
            if let Some(consumer) = &queue.consumer {
                self.connect(queue_end, (EntityKind::Function, consumer), EdgeKind::Delivers, consumer.span);
            }
        }
        if let Some(flow) = &topology.flow {
            let from = (EntityKind::Flow, topology.name.as_str());
            for function in &flow.invokes {
                self.connect(from, (EntityKind::Function, function), EdgeKind::Invokes, function.span);
            }
            for queue in &flow.sends {
                self.connect(from, (EntityKind::Queue, queue), EdgeKind::Sends, queue.span);
            }
            for event in &flow.puts {
                self.connect(from, (EntityKind::Event, &event.name), EdgeKind::Puts, event.name.span);
            }
            for start in &flow.starts {
                let kind = if start.until == Until::Begun { EdgeKind::Starts } else { EdgeKind::Runs };
                self.connect(from, (EntityKind::Topology, &start.topology), kind, start.topology.span);
            }
            for target in &flow.tokens {
                if let Some(function) = receiver(topology, target) {
                    self.connect((EntityKind::Function, function), from, EdgeKind::Answers, target.span());
                }
            }
        }
        for function in topology.functions.values() {
            let from = (EntityKind::Function, function.name.as_str());
            for layer in function.layers.iter().chain(&function.extensions) {
                self.connect(from, (EntityKind::Layer, &layer.name), EdgeKind::Uses, layer.span);
            }
            if let Some(mount) = &function.mount {
                let to = (EntityKind::FileSystem, mount.filesystem.as_str());
                self.connect(from, to, EdgeKind::Mounts, mount.mount_point.span);
            }
        }
    }

    fn connect_target(&mut self, from: (EntityKind, &str), target: &Target, topology: &Topology) {
        let (to, kind) = match target {
            Target::Function(name) => ((EntityKind::Function, name.as_str()), EdgeKind::Invokes),
            Target::Flow(_) => ((EntityKind::Flow, topology.name.as_str()), EdgeKind::Starts),
            Target::Queue(name) => ((EntityKind::Queue, name.as_str()), EdgeKind::Sends),
            Target::Event(name) => ((EntityKind::Event, name.as_str()), EdgeKind::Puts),
            Target::Mutation(name) => ((EntityKind::Mutation, name.as_str()), EdgeKind::Calls),
            Target::Topology(name) => ((EntityKind::Topology, name.as_str()), EdgeKind::Starts),
        };
        self.connect(from, to, kind, target.span());
    }

    /// The entities in the order of kind and name.
    pub fn entities(&self) -> impl Iterator<Item = &Entity> {
        self.index.values().filter_map(|node| self.graph.node_weight(*node))
    }

    /// An entity by its id.
    pub fn entity(&self, id: &EntityId) -> Option<&Entity> {
        self.index.get(id).and_then(|node| self.graph.node_weight(*node))
    }

    /// All edges, ordered by the ids at their ends and their kind.
    pub fn links(&self) -> Vec<Link<'_>> {
        self.index.keys().flat_map(|id| self.outgoing(id)).collect()
    }

    /// The edges that leave an entity, ordered by the id they reach and their kind.
    pub fn outgoing(&self, id: &EntityId) -> Vec<Link<'_>> {
        self.directed(id, Direction::Outgoing)
    }

    /// The edges that reach an entity, ordered by the id they leave and their kind.
    pub fn incoming(&self, id: &EntityId) -> Vec<Link<'_>> {
        self.directed(id, Direction::Incoming)
    }

    fn directed(&self, id: &EntityId, direction: Direction) -> Vec<Link<'_>> {
        let Some(node) = self.index.get(id) else { return Vec::new() };
        let edges = self.graph.edges_directed(*node, direction).filter_map(|edge| {
            let from = self.graph.node_weight(edge.source())?;
            let to = self.graph.node_weight(edge.target())?;
            Some(Link { from, to, edge: edge.weight() })
        });
        let mut links: Vec<_> = edges.collect();
        links.sort_by_key(|link| (&link.from.id, &link.to.id, link.edge.kind));
        links
    }

    /// The petgraph graph itself, for its algorithms. Its indices follow the order in which a topology lists entities by
    /// kind and name.
    pub fn petgraph(&self) -> &DiGraph<Entity, Edge> {
        &self.graph
    }
}
