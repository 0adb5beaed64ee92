//! A CloudFormation template as data.

use super::expr::{Expr, Object};
use crate::graph::EntityId;
use indexmap::IndexMap;

/// A resource of the template.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The CloudFormation type: `AWS::Lambda::Function`.
    pub resource_type: &'static str,
    /// The entity it comes from; written into `Metadata`.
    pub entity: EntityId,
    /// Its properties.
    pub properties: Object,
    /// Logical ids of resources that must exist first, beyond those that its properties refer to. Kept sorted.
    pub depends_on: Vec<String>,
    /// `Retain` for what holds data; CloudFormation's default where absent.
    pub deletion_policy: Option<DeletionPolicy>,
}

/// What becomes of a resource that is removed or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionPolicy {
    /// Deleted with the stack.
    Delete,
    /// Left in the account.
    Retain,
    /// Left in the account, unless it is undone with the stack's creation that made it.
    RetainExceptOnCreate,
}

impl DeletionPolicy {
    /// As CloudFormation spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "Delete",
            Self::Retain => "Retain",
            Self::RetainExceptOnCreate => "RetainExceptOnCreate",
        }
    }

    /// The same for a resource that an update replaces, where `RetainExceptOnCreate` is not allowed.
    fn on_replacement(self) -> &'static str {
        match self {
            Self::Delete => "Delete",
            Self::Retain | Self::RetainExceptOnCreate => "Retain",
        }
    }
}

impl Resource {
    /// A resource of an entity.
    pub fn new(resource_type: &'static str, entity: &EntityId, properties: Object) -> Self {
        Self { resource_type, entity: entity.clone(), properties, depends_on: Vec::new(), deletion_policy: None }
    }

    /// This resource, after another.
    #[must_use]
    pub fn after(mut self, id: impl Into<String>) -> Self {
        let id = id.into();
        if let Err(place) = self.depends_on.binary_search(&id) {
            self.depends_on.insert(place, id);
        }
        self
    }
}

/// What kind of thing an import names, which tells linking where to look.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// The environment's bucket of artifacts.
    ArtifactBucket,
    /// The ARN of a layer's version in the central account.
    LayerVersion,
    /// The id of a shared gateway.
    Gateway,
    /// The id of the root resource of a shared REST API.
    GatewayRootResource,
    /// The ARN of an access point of a file system.
    AccessPoint,
    /// Subnets from which the file system can be reached.
    Subnets,
    /// Security groups with which the file system can be reached.
    SecurityGroups,
    /// The URI of a container image.
    Image,
    /// The ARN of an AppSync API's GraphQL endpoint: `arn:...:endpoints/graphql-api/ID`.
    GraphqlEndpoint,
    /// The ARN of an AppSync API: `arn:...:apis/ID`, with another id than its endpoint has.
    GraphqlApi,
    /// The ARN of the flow of another topology, in the same sandbox.
    TopologyFlow,
}

/// What only an account knows: a parameter of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// What it names.
    pub kind: ImportKind,
    /// The name in the source: the layer's, the gateway's; empty for the artifact bucket.
    pub name: String,
    /// CloudFormation's parameter type: `String`, `CommaDelimitedList`, ...
    pub parameter_type: &'static str,
    /// For a person who deploys without tc.
    pub description: String,
    /// A value that the project file gives.
    pub default: Option<String>,
}

/// Something a user needs to know of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// For a person.
    pub description: String,
    /// The value.
    pub value: Expr,
}

/// A template. Parameters, resources and outputs come in the order they are written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    /// What the stack is.
    pub description: String,
    /// Imports by the parameter's logical id.
    pub parameters: IndexMap<String, Import>,
    /// Resources by logical id.
    pub resources: IndexMap<String, Resource>,
    /// Outputs by logical id.
    pub outputs: IndexMap<String, Output>,
}

impl Template {
    /// The whole template as one value, in the order CloudFormation's documentation shows its sections.
    pub fn to_expr(&self) -> Expr {
        let mut root = Object::new();
        root.put("AWSTemplateFormatVersion", "2010-09-09");
        root.put("Description", &self.description);
        if !self.parameters.is_empty() {
            let parameters = self.parameters.iter().map(|(id, import)| (id.clone(), parameter(import)));
            root.put("Parameters", parameters.collect::<Object>());
        }
        let resources = self.resources.iter().map(|(id, resource)| (id.clone(), resource_object(resource)));
        root.put("Resources", resources.collect::<Object>());
        if !self.outputs.is_empty() {
            let output = |output: &Output| {
                Object::new().with("Description", &output.description).with("Value", output.value.clone())
            };
            let outputs = self.outputs.iter().map(|(id, value)| (id.clone(), output(value)));
            root.put("Outputs", outputs.collect::<Object>());
        }
        root.into()
    }
}

fn parameter(import: &Import) -> Object {
    let mut object = Object::new().with("Type", import.parameter_type).with("Description", &import.description);
    object.put_opt("Default", import.default.as_ref());
    object
}

fn resource_object(resource: &Resource) -> Object {
    let mut object = Object::new().with("Type", resource.resource_type);
    match resource.depends_on.as_slice() {
        [] => {}
        [one] => object.put("DependsOn", one),
        many => object.put("DependsOn", many.to_vec()),
    }
    if let Some(policy) = resource.deletion_policy {
        object.put("DeletionPolicy", policy.as_str());
        object.put("UpdateReplacePolicy", policy.on_replacement());
    }
    object.put("Metadata", Object::new().with("Entity", resource.entity.to_string()));
    if !resource.properties.is_empty() {
        object.put("Properties", resource.properties.clone());
    }
    object
}
