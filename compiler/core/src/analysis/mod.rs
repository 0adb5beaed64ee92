//! Rules over the IR and the graph that only report. One rule a file.

pub mod asl;
mod state_machine;

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
const RULES: &[Rule] = &[state_machine::check];

/// Every finding of every rule.
pub fn run(world: &dyn World, topology: &Topology, graph: &Graph) -> Vec<Diagnostic> {
    let subject = Subject { world, topology, graph };
    let mut findings = Vec::new();
    for rule in RULES {
        rule(&subject, &mut findings);
    }
    findings
}
