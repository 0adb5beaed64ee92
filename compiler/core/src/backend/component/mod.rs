//! A part of a sandbox brought up to date: the deployed template with one component's resources, and what they newly
//! depend on, taken from the new one.
//!
//! ```text
//! name     what is called a component
//! closure  what comes along with it
//! version  the description of a function's version, of which only a part is taken
//! binding  the values of parameters, where others share them
//! ```
//!
//! What comes along, so that the result holds together and works:
//!
//! - What the component newly refers to and is not deployed, with the whole of its entity.
//! - What refers to something that the component removed: of it, the properties that did.
//! - Rights on, and environment variables for, what is newly there: without them it could not be used. With events, the
//!   rights to put them, which are on a bus and refer to no resource.
//! - The gateway of a route, since what a route says of it, such as CORS, stands there; and of a REST API all that is
//!   deployed with it, since it is deployed as a whole.

mod binding;
mod closure;
mod name;
mod version;

pub use name::{Component, Unknown};

use super::reference;
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A template of which a component is new.
#[derive(Debug, Clone, PartialEq)]
pub struct Partial {
    /// The template.
    pub template: Value,
    /// What came along with the component and is another than it was.
    pub along: Vec<Along>,
    taken: Taken,
}

/// A resource that came along with a component.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Along {
    /// Its logical id.
    pub logical_id: String,
    /// The entity it comes from: `functions/enhancer`.
    pub entity: String,
    /// Why.
    pub reason: Reason,
}

/// Why a resource came along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The component refers to it, and it was not there.
    Needed,
    /// It referred to what the component removed.
    Orphaned,
    /// It gives a right on, or the name of, what is new.
    Rights,
    /// A route stands on it.
    Gateway,
    /// It is deployed with the REST API.
    Deployed,
}

/// What is taken of a resource from the new template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// All of it, or its absence.
    Whole,
    /// Properties.
    Properties(BTreeSet<String>),
}

/// What is taken, by logical id.
type Taken = BTreeMap<String, Part>;

/// The deployed template with these components of the new one.
pub fn partial(deployed: &Value, new: &Value, components: &[Component]) -> Partial {
    let pair = Pair { deployed: section(deployed, "Resources"), new: section(new, "Resources") };
    let mut taken = Taken::new();
    for id in pair.ids() {
        for part in components.iter().filter_map(|component| component.part(id, &pair)) {
            add(&mut taken, id, part);
        }
    }
    let reasons = closure::close(&pair, components, &mut taken);
    let mut resources = pair.merged(&taken);
    version::describe(&pair, &taken, &mut resources);
    let along = reasons.into_iter().filter_map(|(logical_id, reason)| {
        let is_same = pair.deployed.get(logical_id.as_str()).copied() == resources.get(&logical_id);
        let entity = pair.entity(&logical_id).to_owned();
        (!is_same).then_some(Along { logical_id, entity, reason })
    });
    let along = along.collect();
    Partial { template: whole(deployed, new, resources, &taken), along, taken }
}

impl Partial {
    /// Whether a resource is taken whole from the new template.
    pub fn takes(&self, logical_id: &str) -> bool {
        self.taken.get(logical_id) == Some(&Part::Whole)
    }
}

/// Takes a part of a resource beside what is taken of it already; whether that is news.
fn add(taken: &mut Taken, id: &str, part: Part) -> bool {
    match (taken.get_mut(id), part) {
        (Some(Part::Whole), _) => false,
        (Some(Part::Properties(known)), Part::Properties(more)) => {
            let before = known.len();
            known.extend(more);
            known.len() > before
        }
        (_, part) => {
            taken.insert(id.to_owned(), part);
            true
        }
    }
}

/// The entries of a section of a template, by logical id.
type Section<'t> = IndexMap<&'t str, &'t Value>;

fn section<'t>(template: &'t Value, name: &str) -> Section<'t> {
    let entries = template.get(name).and_then(Value::as_object).into_iter().flatten();
    entries.map(|(id, value)| (id.as_str(), value)).collect()
}

/// The resources of both templates.
struct Pair<'t> {
    deployed: Section<'t>,
    new: Section<'t>,
}

impl<'t> Pair<'t> {
    /// All logical ids, in the order of the new template; what it does not have comes last.
    fn ids(&self) -> impl Iterator<Item = &'t str> {
        let gone = self.deployed.keys().filter(|id| !self.new.contains_key(**id));
        self.new.keys().chain(gone).copied()
    }

    /// The entity of a resource: `functions/enhancer`; empty where it has none.
    fn entity(&self, id: &str) -> &'t str {
        self.new.get(id).or(self.deployed.get(id)).map_or("", |resource| entity(resource))
    }

    /// A resource as it is when this is taken.
    fn result(&self, id: &str, part: Option<&Part>) -> Option<Value> {
        let (old, new) = (self.deployed.get(id).copied(), self.new.get(id).copied());
        match part {
            Some(Part::Whole) => new.cloned(),
            None => old.cloned(),
            Some(Part::Properties(names)) => {
                let mut resource = old?.clone();
                let properties = resource.as_object_mut()?.entry("Properties").or_insert_with(|| Map::new().into());
                let properties = properties.as_object_mut()?;
                for name in names {
                    match new.and_then(|new| new.get("Properties")?.get(name)) {
                        Some(value) => _ = properties.insert(name.clone(), value.clone()),
                        None => _ = properties.shift_remove(name),
                    }
                }
                Some(resource)
            }
        }
    }

    fn merged(&self, taken: &Taken) -> Map<String, Value> {
        self.ids().filter_map(|id| Some((id.to_owned(), self.result(id, taken.get(id))?))).collect()
    }
}

fn entity(resource: &Value) -> &str {
    resource.pointer("/Metadata/Entity").and_then(Value::as_str).unwrap_or_default()
}

fn type_of(resource: &Value) -> &str {
    resource.get("Type").and_then(Value::as_str).unwrap_or_default()
}

/// The template of these resources, with what they need of the other sections.
fn whole(deployed: &Value, new: &Value, resources: Map<String, Value>, taken: &Taken) -> Value {
    let (old_outputs, new_outputs) = (section(deployed, "Outputs"), section(new, "Outputs"));
    // An output goes with what it is of.
    let is_taken = |output: Option<&&Value>| {
        let mut found = false;
        output.into_iter().for_each(|value| reference::each(value, &mut |id| found |= taken.contains_key(id)));
        found
    };
    let is_whole = |output: &Value| {
        let mut dangles = false;
        reference::each(output, &mut |id| dangles |= !resources.contains_key(id) && !is_parameter(deployed, new, id));
        !dangles
    };
    let gone = old_outputs.keys().filter(|id| !new_outputs.contains_key(**id));
    let outputs = new_outputs.keys().chain(gone).filter_map(|id| {
        let (old, new) = (old_outputs.get(id), new_outputs.get(id));
        let output = if is_taken(old) || is_taken(new) { new } else { old };
        output.filter(|output| is_whole(output)).map(|output| ((*id).to_owned(), (*output).clone()))
    });
    let outputs: Map<String, Value> = outputs.collect();
    let mut needed = BTreeSet::new();
    for value in resources.values().chain(outputs.values()) {
        reference::each(value, &mut |id| _ = needed.insert(id.to_owned()));
    }
    let (old_parameters, new_parameters) = (section(deployed, "Parameters"), section(new, "Parameters"));
    let mut parameters: Vec<(&str, &Value)> = old_parameters.into_iter().chain(new_parameters).collect();
    // The new one of two of a name comes last, and stays.
    parameters.retain(|(id, _)| needed.contains(*id));
    let mut parameters: Map<String, Value> =
        parameters.into_iter().map(|(id, declaration)| (id.to_owned(), declaration.clone())).collect();
    parameters.sort_keys();
    let sections = [("Parameters", parameters), ("Resources", resources), ("Outputs", outputs)];
    let heads =
        new.as_object().into_iter().flatten().filter(|(name, _)| !sections.iter().any(|(other, _)| name == other));
    let mut template: Map<String, Value> = heads.map(|(name, value)| (name.clone(), value.clone())).collect();
    for (name, section) in sections {
        if !section.is_empty() {
            template.insert(name.to_owned(), section.into());
        }
    }
    template.into()
}

fn is_parameter(deployed: &Value, new: &Value, id: &str) -> bool {
    [deployed, new].iter().any(|template| template.get("Parameters").is_some_and(|all| all.get(id).is_some()))
}

#[cfg(test)]
mod tests;
