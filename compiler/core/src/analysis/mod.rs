//! Rules over the IR and the graph that only report. One rule a file.

pub mod asl;
mod authorizer_target;
mod concurrency;
mod deprecated_runtime;
mod duplicate_event;
mod duplicate_route;
mod environment_name;
mod environment_size;
mod event_bus;
mod event_name;
mod event_pattern;
mod event_pattern_size;
mod flow_timeout;
mod handler;
mod layers;
mod logical_id;
mod other_flow_type;
mod physical_name;
mod plain_secret;
mod preflight_refused;
mod preflight_route;
mod queue_batch;
mod queue_visibility;
mod route_path;
mod route_timeout;
mod schedule_expression;
mod schedule_payload;
mod schedule_timezone;
mod shared_cors;
mod sibling_parameters;
mod snap_start;
mod state_machine;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod trigger_loop;
mod unseen_parameter;
mod unused_function;
mod widened_cors;

pub use plain_secret::is_secret;

use crate::diagnostic::Diagnostic;
use crate::graph::Graph;
use crate::ir::Topology;
use crate::world::World;

/// What a rule looks at.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The files, for rules that read a handler.
    pub world: &'a dyn World,
    /// The topology.
    pub topology: &'a Topology,
    /// Its entities and edges.
    pub graph: &'a Graph,
}

/// A rule: looks, and reports.
type Rule = fn(&Subject<'_>, &mut Vec<Diagnostic>);

/// All rules, in the order they run. Findings are sorted by place afterwards.
const RULES: &[Rule] = &[
    authorizer_target::check,
    concurrency::check,
    deprecated_runtime::check,
    duplicate_event::check,
    duplicate_route::check,
    environment_name::check,
    environment_size::check,
    event_bus::check,
    event_name::check,
    event_pattern::check,
    event_pattern_size::check,
    flow_timeout::check,
    handler::check,
    layers::check,
    logical_id::check,
    other_flow_type::check,
    physical_name::check,
    preflight_refused::check,
    plain_secret::check,
    preflight_route::check,
    queue_batch::check,
    queue_visibility::check,
    route_path::check,
    route_timeout::check,
    schedule_expression::check,
    schedule_payload::check,
    schedule_timezone::check,
    shared_cors::check,
    sibling_parameters::check,
    snap_start::check,
    state_machine::check,
    unseen_parameter::check,
    trigger_loop::check,
    unused_function::check,
    widened_cors::check,
];

/// Every finding of every rule.
pub fn run(world: &dyn World, topology: &Topology, graph: &Graph) -> Vec<Diagnostic> {
    let subject = Subject { world, topology, graph };
    let mut findings = Vec::new();
    for rule in RULES {
        rule(&subject, &mut findings);
    }
    findings
}
