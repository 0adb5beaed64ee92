//! What the checks look up: the template's names and what they stand for.

use super::facts::TypeFacts;
use crate::backend::expr::{Expr, Object};
use crate::backend::template::{Resource, Template};
use std::collections::BTreeMap;

/// A pseudo parameter that stands for no value at all.
const NO_VALUE: &str = "AWS::NoValue";

/// The pseudo parameters that give a text ("CloudFormation User Guide, Pseudo parameters reference").
const PSEUDO_TEXTS: [&str; 6] =
    ["AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix"];

/// The pseudo parameter that gives a list.
const PSEUDO_LIST: &str = "AWS::NotificationARNs";

/// A resource with its logical id.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The logical id.
    pub id: &'a str,
    /// The resource.
    pub resource: &'a Resource,
}

/// Types whose resources belong to another of the same template, and the property that names it.
const OWNERS: [(&str, &str); 3] = [
    ("AWS::ApiGateway::Method", "RestApiId"),
    ("AWS::EFS::MountTarget", "FileSystemId"),
    ("AWS::Lambda::Version", "FunctionName"),
];

/// A template's names.
#[derive(Debug)]
pub struct Index<'a> {
    /// The template.
    pub template: &'a Template,
    /// By the place of a resource, the facts about its type.
    facts: Vec<Option<&'static TypeFacts>>,
    /// By type and owner's logical id, what belongs to it.
    members: BTreeMap<(&'static str, &'a str), Vec<Named<'a>>>,
}

/// What a `Ref` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referent {
    /// A pseudo parameter or parameter that gives a text.
    Text,
    /// A parameter that gives a number.
    Number,
    /// A pseudo parameter or parameter that gives a list.
    List,
    /// `AWS::NoValue`.
    NoValue,
    /// A resource.
    Resource,
    /// Nothing.
    Nothing,
}

impl<'a> Index<'a> {
    /// The names of a template.
    pub fn new(template: &'a Template) -> Self {
        let facts = template.resources.values().map(|resource| TypeFacts::of(resource.resource_type)).collect();
        let mut index = Self { template, facts, members: BTreeMap::new() };
        for named in index.resources() {
            let owned = OWNERS.iter().find(|(kind, _)| *kind == named.resource.resource_type);
            let owner = owned.and_then(|(_, property)| index.target(named.resource.properties.get(property)?));
            if let (Some((kind, _)), Some(owner)) = (owned, owner) {
                index.members.entry((kind, owner.id)).or_default().push(named);
            }
        }
        index
    }

    /// The resources of one of the types in [`OWNERS`] that belong to the resource `owner`.
    pub fn members(&self, kind: &'static str, owner: &'a str) -> &[Named<'a>] {
        self.members.get(&(kind, owner)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The resource of a logical id.
    pub fn resource(&self, id: &str) -> Option<Named<'a>> {
        let (id, resource) = self.template.resources.get_key_value(id)?;
        Some(Named { id, resource })
    }

    /// All resources in the template's order.
    pub fn resources(&self) -> impl Iterator<Item = Named<'a>> + Clone + use<'a> {
        self.template.resources.iter().map(|(id, resource)| Named { id, resource })
    }

    /// The facts about the type of a resource, by its logical id.
    pub fn facts(&self, id: &str) -> Option<&'static TypeFacts> {
        *self.facts.get(self.template.resources.get_index_of(id)?)?
    }

    /// The logical ids of the resources.
    pub fn resource_ids(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.template.resources.keys().map(String::as_str)
    }

    /// The logical ids of the parameters.
    pub fn parameter_ids(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.template.parameters.keys().map(String::as_str)
    }

    /// What a `Ref` to `name` gives.
    pub fn referent(&self, name: &str) -> Referent {
        if let Some(parameter) = self.template.parameters.get(name) {
            return match parameter.parameter_type {
                "Number" => Referent::Number,
                kind if kind == "CommaDelimitedList" || kind.contains("List<") => Referent::List,
                _ => Referent::Text,
            };
        }
        match name {
            NO_VALUE => Referent::NoValue,
            PSEUDO_LIST => Referent::List,
            _ if PSEUDO_TEXTS.contains(&name) => Referent::Text,
            _ if self.template.resources.contains_key(name) => Referent::Resource,
            _ => Referent::Nothing,
        }
    }

    /// The resource that a `Ref` or `Fn::GetAtt` names.
    pub fn target(&self, value: &Expr) -> Option<Named<'a>> {
        match value {
            Expr::Ref(id) | Expr::GetAtt(id, _) => self.resource(id),
            _ => None,
        }
    }

    /// The text that a value is known to give: its own, or for a `Ref` to a resource whose identifier is a property
    /// that was set, that property's.
    pub fn known_text<'b>(&self, value: &'b Expr) -> Option<&'b str>
    where
        'a: 'b,
    {
        match value {
            Expr::String(text) => Some(text),
            Expr::Ref(id) => {
                let identifier = self.facts(id)?.gives.as_ref()?;
                self.resource(id)?.resource.properties.get(identifier)?.as_str()
            }
            _ => None,
        }
    }
}

/// Whether a value is `AWS::NoValue`, which leaves its property out.
pub fn is_no_value(value: &Expr) -> bool {
    matches!(value, Expr::Ref(name) if name == NO_VALUE)
}

/// The value under `key`, unless it is left out.
pub fn get<'a>(object: &'a Object, key: &str) -> Option<&'a Expr> {
    object.get(key).filter(|value| !is_no_value(value))
}
