//! Entities to resources: one file a resource type.
//!
//! [`lower`] walks the entities in the order of the graph. Each file here makes the resources of one kind and puts them
//! into the [`Lowering`]; what one resource may do with another is read off the graph's edges in `iam`.

mod dead_letter;
mod environment;
mod event;
mod event_bus;
mod event_source_mapping;
mod function;
mod gateway;
mod iam;
mod log_group;
mod mutation;
mod payload;
mod permission;
mod queue;
mod queue_policy;
mod schedule;
#[cfg(test)]
mod testing;

use super::expr::Expr;
use super::template::{Import, ImportKind, Output, Resource, Template};
use crate::diagnostic::{Diagnostic, codes::template as codes};
use crate::graph::{EntityId, Graph};
use crate::ir::Topology;
use std::collections::BTreeMap;

/// A function's code as packaging made it. The back end knows its digest and size and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The SHA-256 of the zip in hexadecimal; the object's key in the artifact bucket is this and `.zip`.
    pub sha256: String,
    /// Bytes of the zip.
    pub size: u64,
}

/// Artifacts by the function's name. A function of package type image has none.
pub type Artifacts = BTreeMap<String, Artifact>;

/// What lowering made.
#[derive(Debug)]
pub struct Lowered {
    /// The template.
    pub template: Template,
    /// What was found on the way.
    pub findings: Vec<Diagnostic>,
}

/// Lowers a topology to a template.
pub fn lower(topology: &Topology, graph: &Graph, artifacts: &Artifacts) -> Lowered {
    let mut cx = Lowering { topology, graph, artifacts, template: Template::default(), findings: Vec::new() };
    cx.template.description = format!("{} in sandbox {}", *topology.name, topology.sandbox);
    for event in topology.consumes.values() {
        event::lower(&mut cx, event);
    }
    for schedule in topology.schedules.values() {
        schedule::lower(&mut cx, schedule);
    }
    for queue in topology.queues.values() {
        queue::lower(&mut cx, queue);
    }
    for function in topology.functions.values() {
        function::lower(&mut cx, function);
    }
    for gateway in topology.gateways.values() {
        gateway::lower(&mut cx, gateway);
    }
    Lowered { template: cx.template, findings: cx.findings }
}

/// A lowering in progress.
pub(super) struct Lowering<'a> {
    pub topology: &'a Topology,
    pub graph: &'a Graph,
    pub artifacts: &'a Artifacts,
    pub template: Template,
    pub findings: Vec<Diagnostic>,
}

impl Lowering<'_> {
    /// Puts a resource. A logical id that is taken by another entity is a finding, and the first one stays.
    pub fn put(&mut self, id: impl Into<String>, resource: Resource) {
        let id = id.into();
        let Some(taken) = self.template.resources.get(&id) else {
            self.template.resources.insert(id, resource);
            return;
        };
        let span_of = |entity: &EntityId| self.graph.entity(entity).map(|entity| entity.span);
        let message = format!("`{}` and `{}` have the same logical id `{id}`", taken.entity, resource.entity);
        let finding = match (span_of(&resource.entity), span_of(&taken.entity)) {
            (Some(span), Some(first)) => {
                Diagnostic::new(&codes::DUPLICATE_LOGICAL_ID, span, message).also(first, "the other")
            }
            (Some(span), None) => Diagnostic::new(&codes::DUPLICATE_LOGICAL_ID, span, message),
            _ => Diagnostic::without_place(&codes::DUPLICATE_LOGICAL_ID, message),
        };
        let help = "logical ids keep only letters and digits: rename one of them by more than punctuation or case";
        self.findings.push(finding.help(help));
    }

    /// A reference to an import, which is declared on first use.
    pub fn import(&mut self, parameter: &str, import: Import) -> Expr {
        self.template.parameters.entry(parameter.to_owned()).or_insert(import);
        Expr::reference(parameter)
    }

    /// The bucket of artifacts.
    pub fn artifact_bucket(&mut self) -> Expr {
        let import = Import {
            kind: ImportKind::ArtifactBucket,
            name: String::new(),
            parameter_type: "String",
            description: "The S3 bucket that holds the code artifacts".to_owned(),
            default: None,
        };
        self.import("ArtifactBucket", import)
    }

    /// Puts an output.
    pub fn output(&mut self, id: impl Into<String>, description: impl Into<String>, value: Expr) {
        self.template.outputs.insert(id.into(), Output { description: description.into(), value });
    }
}
