//! A CloudFormation template as data.

use super::expr::{Expr, Object};
use crate::graph::EntityId;
use crate::object;
use foldhash::fast::FixedState;
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

/// A section of a template: its entries by logical id, in the order they are written. Every reference is looked up in one, some
/// several times, for which the standard library's hash is slow.
pub type Section<T> = IndexMap<String, T, FixedState>;

/// A template. Parameters, resources and outputs come in the order they are written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    /// What the stack is.
    pub description: String,
    /// Imports by the parameter's logical id.
    pub parameters: Section<Import>,
    /// Resources by logical id.
    pub resources: Section<Resource>,
    /// Outputs by logical id.
    pub outputs: Section<Output>,
}

impl Template {
    /// The whole template as one value, in the order CloudFormation's documentation shows its sections.
    pub fn to_expr(&self) -> Expr {
        let mut root = self.head();
        if !self.parameters.is_empty() {
            root.put("Parameters", written(&self.parameters, Import::to_object));
        }
        root.put("Resources", written(&self.resources, Resource::to_object));
        if !self.outputs.is_empty() {
            root.put("Outputs", written(&self.outputs, Output::to_object));
        }
        root.into()
    }

    /// What is before the sections.
    pub(super) fn head(&self) -> Object {
        object! { "AWSTemplateFormatVersion": "2010-09-09", "Description": &self.description }
    }
}

fn written<T>(section: &Section<T>, entry: impl Fn(&T) -> Object) -> Object {
    section.iter().map(|(id, value)| (id.clone(), entry(value))).collect()
}

impl Import {
    /// As it is written.
    pub(super) fn to_object(&self) -> Object {
        let mut object = object! { "Type": self.parameter_type, "Description": &self.description };
        object.put_opt("Default", self.default.as_ref());
        object
    }
}

impl Output {
    /// As it is written.
    pub(super) fn to_object(&self) -> Object {
        object! { "Description": &self.description, "Value": self.value.clone() }
    }
}

impl Resource {
    /// As it is written.
    pub(super) fn to_object(&self) -> Object {
        let depends_on = match self.depends_on.as_slice() {
            [] => None,
            [one] => Some(Expr::from(one)),
            many => Some(many.to_vec().into()),
        };
        let policy = self.deletion_policy;
        let properties = (!self.properties.is_empty()).then(|| Expr::from(self.properties.clone()));
        let entries = [
            ("Type", Some(self.resource_type.into())),
            ("DependsOn", depends_on),
            ("DeletionPolicy", policy.map(|policy| policy.as_str().into())),
            ("UpdateReplacePolicy", policy.map(|policy| policy.on_replacement().into())),
            ("Metadata", Some(object! { "Entity": self.entity.to_string() }.into())),
            ("Properties", properties),
        ];
        entries.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
}
