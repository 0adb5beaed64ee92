//! Entities to resources: one file a resource type.
//!
//! [`lower`] walks the entities in the order of the graph. Each file here makes the resources of one kind and puts them
//! into the [`Lowering`]; what one resource may do with another is read off the graph's edges in `iam`.
//!
//! ```text
//! function     AWS::Lambda::Function, with environment, search_path, layer, mount, version (and alias)
//! flow         AWS::StepFunctions::StateMachine: its definition, and the rights its tasks need
//! iam          an edge's grant
//! role         AWS::IAM::Role and AWS::IAM::ManagedPolicy; policy: how statements fit IAM's limits
//! permission   AWS::Lambda::Permission
//! gateway      AWS::ApiGatewayV2 and AWS::ApiGateway, with the routes
//! event        AWS::Events::Rule, with event_bus, mutation
//! queue        AWS::SQS::Queue, with queue_policy, dead_letter, event_source_mapping
//! schedule     AWS::Scheduler::Schedule, with payload
//! topology     an import: the flow of another topology
//! log_group    AWS::Logs::LogGroup
//! tags         the tags of everything, in the end
//! ```

mod dead_letter;
mod environment;
mod event;
mod event_bus;
mod event_source_mapping;
mod flow;
mod function;
mod gateway;
mod iam;
mod layer;
mod log_group;
mod mount;
mod mutation;
mod payload;
mod permission;
mod policy;
mod queue;
mod queue_policy;
mod role;
mod schedule;
mod search_path;
mod tags;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
mod topology;
mod version;

pub use mount::interface_statements;

use super::expr::Expr;
use super::logical_id;
use super::template::{Import, ImportKind, Output, Resource, Template};
use crate::diagnostic::{Diagnostic, codes::template as codes};
use crate::graph::{EntityId, EntityKind, Graph};
use crate::ir::Topology;
use crate::ir::name::PhysicalName;
use crate::source::Span;
use policy::ArnSizes;
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

/// Functions beyond which their names are no outputs: a template has at most 200 ("CloudFormation User Guide, Understand
/// CloudFormation quotas"), and gateways and the flow need some. A fixed number, so that nothing else in the topology
/// makes the outputs come and go.
const FUNCTIONS_WITH_OUTPUTS: usize = 150;

/// Queues beyond which their URLs are no outputs.
const QUEUES_WITH_OUTPUTS: usize = 40;

/// Lowers a topology to a template.
pub fn lower(topology: &Topology, graph: &Graph, artifacts: &Artifacts) -> Lowered {
    let mut cx = Lowering::new(topology, graph, artifacts);
    cx.template.description = topology.stack_description();
    for entity in graph.entities() {
        entity_resources(&mut cx, &entity.id);
    }
    cx.report_outputs();
    tags::apply(&mut cx);
    // On first use they would move with the entity that uses them.
    cx.template.parameters.sort_keys();
    Lowered { template: cx.template, findings: cx.findings }
}

/// Puts the resources of an entity. Layers and file systems are imports of the functions that use them.
fn entity_resources<'t>(cx: &mut Lowering<'t>, entity: &EntityId) {
    let topology: &'t Topology = cx.topology;
    let name = &entity.name;
    match entity.kind {
        EntityKind::Gateway => topology.gateways.get(name).into_iter().for_each(|one| gateway::lower(cx, one)),
        // Parts of their gateway.
        EntityKind::Route => {}
        // An event that is only produced is none of the stack's resources.
        EntityKind::Event => topology.consumes.get(name).into_iter().for_each(|event| event::lower(cx, event)),
        EntityKind::Schedule => topology.schedules.get(name).into_iter().for_each(|one| schedule::lower(cx, one)),
        EntityKind::Queue => topology.queues.get(name).into_iter().for_each(|queue| queue::lower(cx, queue)),
        EntityKind::Flow => topology.flow.iter().for_each(|machine| flow::lower(cx, entity, machine)),
        EntityKind::Function => topology.functions.get(name).into_iter().for_each(|one| function::lower(cx, one)),
        EntityKind::Topology => topology.topologies.get(name).into_iter().for_each(|other| topology::lower(cx, other)),
        // Imports of what uses them.
        EntityKind::Layer | EntityKind::FileSystem | EntityKind::Mutation | EntityKind::Bucket => {}
    }
}

/// The sizes of the ARNs of what has a name that is known here; partition, region and account at their longest.
fn arn_sizes(topology: &Topology) -> ArnSizes {
    let mut sizes = ArnSizes::new();
    for name in topology.functions.keys() {
        let id = logical_id::function(name);
        let own = "arn:aws-us-gov:lambda:ap-southeast-1:123456789012:function:".len()
            + topology.function_name(name).text.len();
        sizes.insert(format!("{id}Alias"), own + ":live".len());
        sizes.insert(id, own);
    }
    sizes
}

/// The parameter that names the bucket of artifacts.
pub const ARTIFACT_BUCKET: &str = "ArtifactBucket";

fn artifact_bucket() -> Import {
    Import {
        kind: ImportKind::ArtifactBucket,
        name: String::new(),
        parameter_type: "String",
        description: "The S3 bucket that holds the code artifacts".to_owned(),
        default: None,
    }
}

/// Gives a template the bucket of artifacts, where none of its functions has asked for it: the templates of nested stacks are
/// there too. Whether it was given it.
pub fn import_artifact_bucket(template: &mut Template) -> bool {
    let is_absent = !template.parameters.contains_key(ARTIFACT_BUCKET);
    if is_absent {
        template.parameters.insert(ARTIFACT_BUCKET.to_owned(), artifact_bucket());
        template.parameters.sort_keys();
    }
    is_absent
}

/// A lowering in progress.
pub(super) struct Lowering<'a> {
    pub topology: &'a Topology,
    pub graph: &'a Graph,
    pub artifacts: &'a Artifacts,
    pub arn_sizes: ArnSizes,
    pub template: Template,
    pub findings: Vec<Diagnostic>,
}

impl<'a> Lowering<'a> {
    fn new(topology: &'a Topology, graph: &'a Graph, artifacts: &'a Artifacts) -> Self {
        let arn_sizes = arn_sizes(topology);
        Self { topology, graph, artifacts, arn_sizes, template: Template::default(), findings: Vec::new() }
    }

    /// Puts a resource. A logical id that is taken by another entity is a finding, and the first one stays.
    pub fn put(&mut self, id: impl Into<String>, resource: Resource) {
        let id = id.into();
        let Some(taken) = self.template.resources.get(&id) else {
            self.template.resources.insert(id, resource);
            return;
        };
        let (taken, new) = (taken.entity.clone(), resource.entity);
        self.report_duplicate(&id, &taken, &new);
    }

    fn report_duplicate(&mut self, id: &str, taken: &EntityId, new: &EntityId) {
        let message = format!("`{taken}` and `{new}` have the same logical id `{id}`");
        let finding = match (self.span_of(new), self.span_of(taken)) {
            (Some(span), Some(first)) => {
                Diagnostic::new(&codes::DUPLICATE_LOGICAL_ID, span, message).also(first, "the other")
            }
            (Some(span), None) => Diagnostic::new(&codes::DUPLICATE_LOGICAL_ID, span, message),
            _ => Diagnostic::without_place(&codes::DUPLICATE_LOGICAL_ID, message),
        };
        let help = "logical ids keep only letters and digits: rename one of them by more than punctuation or case";
        self.findings.push(finding.help(help));
    }

    /// Where an entity is declared.
    pub fn span_of(&self, entity: &EntityId) -> Option<Span> {
        self.graph.entity(entity).map(|entity| entity.span)
    }

    /// The physical name of an entity's resource, with a note where it had to be cut to AWS's limit.
    pub fn named(&mut self, entity: &EntityId, name: PhysicalName, limit: usize) -> String {
        if name.cut
            && let Some(span) = self.span_of(entity)
        {
            let message = format!("the name of `{entity}` is over {limit} characters; it is called `{}`", name.text);
            let finding = Diagnostic::new(&codes::NAME_CUT, span, message);
            self.findings.push(finding.help("a shorter name of it, the topology or the sandbox is kept whole"));
        }
        name.text
    }

    /// A reference to an import, which is declared on first use. Another import of the same logical id is a finding, and
    /// the first one stays.
    pub fn import(&mut self, parameter: &str, import: Import) -> Expr {
        match self.template.parameters.get(parameter) {
            None => {
                self.template.parameters.insert(parameter.to_owned(), import);
            }
            Some(known) if *known == import => {}
            Some(known) => {
                let entity = |import: &Import| match import.kind {
                    ImportKind::LayerVersion => {
                        let name = import.name.split(':').next().unwrap_or_default();
                        EntityId::new(EntityKind::Layer, name)
                    }
                    ImportKind::Image => EntityId::function(&import.name),
                    ImportKind::Gateway | ImportKind::GatewayRootResource => {
                        EntityId::new(EntityKind::Gateway, &import.name)
                    }
                    ImportKind::AccessPoint | ImportKind::Subnets | ImportKind::SecurityGroups => {
                        EntityId::new(EntityKind::FileSystem, &import.name)
                    }
                    ImportKind::ArtifactBucket | ImportKind::GraphqlEndpoint | ImportKind::GraphqlApi => {
                        EntityId::new(EntityKind::Mutation, &import.name)
                    }
                    ImportKind::TopologyFlow => EntityId::new(EntityKind::Topology, &import.name),
                };
                let (taken, new) = (entity(known), entity(&import));
                self.report_duplicate(parameter, &taken, &new);
            }
        }
        Expr::reference(parameter)
    }

    /// The bucket of artifacts.
    pub fn artifact_bucket(&mut self) -> Expr {
        self.import(ARTIFACT_BUCKET, artifact_bucket())
    }

    /// Puts an output.
    pub fn output(&mut self, id: impl Into<String>, description: impl Into<String>, value: Expr) {
        self.template.outputs.insert(id.into(), Output { description: description.into(), value });
    }

    /// Whether the functions' names are outputs.
    pub fn has_function_outputs(&self) -> bool {
        self.topology.functions.len() <= FUNCTIONS_WITH_OUTPUTS
    }

    /// Whether the queues' URLs are outputs.
    pub fn has_queue_outputs(&self) -> bool {
        self.topology.queues.len() <= QUEUES_WITH_OUTPUTS
    }

    fn report_outputs(&mut self) {
        let (functions, queues) = (self.topology.functions.len(), self.topology.queues.len());
        let left_out = [
            (self.has_function_outputs(), "names", functions, "functions", FUNCTIONS_WITH_OUTPUTS),
            (self.has_queue_outputs(), "URLs", queues, "queues", QUEUES_WITH_OUTPUTS),
        ];
        for (_, what, count, of, most) in left_out.into_iter().filter(|(is_listed, ..)| !is_listed) {
            let message = format!("the {what} of the {count} {of} are no outputs of the stack");
            let finding = Diagnostic::new(&codes::OUTPUTS_LEFT_OUT, self.topology.name.span, message);
            let help = format!("a template has room for 200 outputs; up to {most} {of} are listed");
            self.findings.push(finding.help(help));
        }
    }
}
