//! What is called a component: a kind of entity, one entity, a function by its bare name, or an aspect of functions.

use super::{Pair, Part, entity, type_of};
use crate::graph::{EntityId, EntityKind, Graph, logical_id};
use crate::suggest;
use serde_json::Value;
use std::collections::BTreeSet;

/// Kinds of entities that have resources.
const KINDS: [EntityKind; 7] = [
    EntityKind::Gateway,
    EntityKind::Route,
    EntityKind::Event,
    EntityKind::Schedule,
    EntityKind::Queue,
    EntityKind::Flow,
    EntityKind::Function,
];

/// What `vars/FUNCTION.json` says of a function, as Lambda's properties.
const VARS: [&str; 7] =
    ["Environment", "FileSystemConfigs", "MemorySize", "ReservedConcurrentExecutions", "Tags", "Timeout", "VpcConfig"];

/// Those of them that take rights of the function's role.
const GRANTED: [&str; 3] = ["Environment", "FileSystemConfigs", "VpcConfig"];

/// The properties of a role that give rights.
pub(super) const RIGHTS: [&str; 2] = ["ManagedPolicyArns", "Policies"];

/// A component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    what: What,
    /// One of them alone.
    name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Kind(EntityKind),
    Aspect(Aspect),
}

/// What several files say of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aspect {
    Roles,
    Vars,
    Layers,
}

const ASPECTS: [(&str, Aspect); 3] = [("roles", Aspect::Roles), ("vars", Aspect::Vars), ("layers", Aspect::Layers)];

/// That there is no such component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The name that was meant, or all that there are where they are few.
    pub help: Option<String>,
}

impl Component {
    /// The component of a name, among those of two templates and of the graph: what is only put on a bus has no resource. A
    /// kind is one whether or not there is anything of it.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(text: &str, deployed: &Value, new: &Value, graph: &Graph) -> Result<Self, Unknown> {
        let mut entities = entities([deployed, new]);
        entities.extend(graph.entities().map(|entity| entity.id.to_string()));
        let (head, name) = text.split_once('/').map_or((text, None), |(head, name)| (head, Some(name)));
        let kind = KINDS.into_iter().find(|kind| kind.plural() == head).map(What::Kind);
        let aspect = ASPECTS.iter().find(|(plural, _)| *plural == head).map(|(_, aspect)| What::Aspect(*aspect));
        let is_function = |name: &str| entities.contains(&EntityId::function(name).to_string());
        let found = match (kind.or(aspect), name) {
            (Some(what), None) => Some(Self { what, name: None }),
            (Some(what), Some(name)) => {
                let is_there = match what {
                    What::Kind(kind) => entities.contains(&EntityId::new(kind, name).to_string()),
                    What::Aspect(Aspect::Layers) => is_function(name) || is_layer(name, [deployed, new]),
                    // The flow and schedules have roles as well.
                    What::Aspect(Aspect::Roles) => is_function(name) || entities.contains(name),
                    What::Aspect(Aspect::Vars) => is_function(name),
                };
                is_there.then(|| Self { what, name: Some(name.to_owned()) })
            }
            (None, None) if is_function(text) => {
                Some(Self { what: What::Kind(EntityKind::Function), name: Some(text.to_owned()) })
            }
            (None, _) => None,
        };
        found.ok_or_else(|| Unknown { help: help(text, &entities) })
    }

    /// What the component is of a resource, which has this logical id; `None` where nothing.
    pub(super) fn part(&self, id: &str, pair: &Pair<'_>) -> Option<Part> {
        let resource = *pair.new.get(id).or(pair.deployed.get(id))?;
        let of = entity(resource);
        match self.what {
            What::Kind(kind) => {
                let is_it = match &self.name {
                    Some(name) => of == EntityId::new(kind, name).to_string(),
                    None => of.split('/').next() == Some(kind.plural()),
                };
                is_it.then_some(Part::Whole)
            }
            // An aspect of what is only on one side goes with the whole of it.
            What::Aspect(aspect) if is_of(of, &pair.deployed) && is_of(of, &pair.new) => self.aspect(aspect, id, pair),
            What::Aspect(_) => None,
        }
    }

    fn aspect(&self, aspect: Aspect, id: &str, pair: &Pair<'_>) -> Option<Part> {
        let resource = *pair.new.get(id).or(pair.deployed.get(id))?;
        let (of, kind) = (entity(resource), type_of(resource));
        let is_named = |name: &String| of == name || of == EntityId::function(name).to_string();
        let is_meant = self.name.as_ref().is_none_or(is_named);
        let properties = |names: &[&str]| Some(Part::Properties(names.iter().map(|name| (*name).to_owned()).collect()));
        match (aspect, kind) {
            (Aspect::Roles, "AWS::IAM::Role" | "AWS::IAM::ManagedPolicy") if is_meant => Some(Part::Whole),
            (Aspect::Vars, "AWS::Lambda::Function") if is_meant => properties(&VARS),
            // Provisioned concurrency is the alias's.
            (Aspect::Vars, "AWS::Lambda::Alias" | "AWS::Lambda::Version") if is_meant => Some(Part::Whole),
            (Aspect::Vars, "AWS::IAM::Role") if is_meant && takes_rights(of, pair) => properties(&RIGHTS),
            (Aspect::Vars, "AWS::IAM::ManagedPolicy") if is_meant && takes_rights(of, pair) => Some(Part::Whole),
            (Aspect::Layers, "AWS::Lambda::Function") if is_meant || self.is_layer_of(id, pair) => {
                properties(&["Layers"])
            }
            _ => None,
        }
    }

    /// Whether it is a layer that a function uses.
    fn is_layer_of(&self, id: &str, pair: &Pair<'_>) -> bool {
        let Some(name) = &self.name else { return false };
        let uses = |resource: &&Value| {
            let mut found = false;
            let layers = resource.pointer("/Properties/Layers").unwrap_or(&Value::Null);
            super::reference::each(layers, &mut |parameter| found |= is_parameter_of(parameter, name));
            found
        };
        pair.new.get(id).is_some_and(uses) || pair.deployed.get(id).is_some_and(uses)
    }

    /// Whether routes are meant.
    pub(super) fn is_of_routes(&self) -> bool {
        self.what == What::Kind(EntityKind::Route)
    }

    /// Whether events are meant.
    pub(super) fn is_of_events(&self) -> bool {
        self.what == What::Kind(EntityKind::Event)
    }
}

/// Whether a function is configured otherwise in what takes rights.
fn takes_rights(function: &str, pair: &Pair<'_>) -> bool {
    let mut functions = pair.ids().filter(|id| pair.entity(id) == function);
    functions.any(|id| {
        let property = |resource: Option<&&Value>, name: &str| resource?.get("Properties")?.get(name).cloned();
        pair.new.get(id).is_some_and(|resource| type_of(resource) == "AWS::Lambda::Function")
            && GRANTED.iter().any(|name| property(pair.new.get(id), name) != property(pair.deployed.get(id), name))
    })
}

fn is_of(of: &str, resources: &super::Section<'_>) -> bool {
    resources.values().any(|resource| entity(resource) == of)
}

/// The entities that have resources.
fn entities(templates: [&Value; 2]) -> BTreeSet<String> {
    let resources = templates.into_iter().flat_map(|template| super::section(template, "Resources").into_values());
    resources.map(|resource| entity(resource).to_owned()).filter(|name| !name.is_empty()).collect()
}

fn is_layer(name: &str, templates: [&Value; 2]) -> bool {
    let mut parameters = templates.into_iter().flat_map(|template| super::section(template, "Parameters").into_keys());
    parameters.any(|parameter| is_parameter_of(parameter, name))
}

/// Whether a parameter is for a layer's newest version, or for one that is written out.
fn is_parameter_of(parameter: &str, layer: &str) -> bool {
    let rest = parameter.strip_prefix(&logical_id::of(&EntityId::new(EntityKind::Layer, layer)));
    let version = rest.map(|rest| rest.strip_prefix("Version").unwrap_or(rest));
    version.is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit()))
}

fn help(text: &str, entities: &BTreeSet<String>) -> Option<String> {
    let kinds = KINDS.iter().map(|kind| kind.plural()).chain(ASPECTS.iter().map(|(plural, _)| *plural));
    let of = |kind: &str| entities.iter().filter_map(|entity| entity.strip_prefix(kind)?.strip_prefix('/')).collect();
    let functions: Vec<&str> = of(EntityKind::Function.plural());
    if let Some((kind, name)) = text.split_once('/') {
        let is_aspect = ASPECTS.iter().any(|(plural, _)| *plural == kind);
        let beside: Vec<&str> = if is_aspect { functions.clone() } else { of(kind) };
        if !beside.is_empty() {
            return match suggest::nearest(name, beside.iter().copied()) {
                Some(near) => Some(format!("did you mean `{kind}/{near}`?")),
                None => suggest::help(name, &format!("`{kind}` has"), beside),
            };
        }
    }
    match suggest::nearest(text, kinds.clone().chain(functions)) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None => suggest::help(text, "there are", kinds.collect::<Vec<_>>()),
    }
}
