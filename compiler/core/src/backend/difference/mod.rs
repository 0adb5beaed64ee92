//! What an update changes: two templates, each with the values of its parameters, compared resource by resource.
//!
//! ```text
//! counterpart  a template of one sandbox as that of another
//! linked       a template with the values of its parameters in their places
//! property     one value against another, down to the property that differs
//! replacement  which differences put a new resource in the place of the old one
//! loss         what is lost with a resource
//! topology     two versions of a topology, entity by entity
//! ```
//!
//! CloudFormation's own change sets say less: neither the old nor the new value unless they are asked in a newer way that
//! not every account's permissions allow, and "may be replaced" of every resource that only refers to one that changes.

mod counterpart;
mod linked;
mod loss;
mod property;
mod replacement;
mod topology;

pub use counterpart::counterpart;
pub use linked::link;
pub use loss::{Loss, loss};
pub use property::PropertyDifference;
pub use topology::{EntityDifference, entities};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is made.
    Add,
    /// It is changed.
    Modify,
    /// It is deleted, or left to itself where its policy is to retain it.
    Remove,
    /// Something else that CloudFormation does, such as an import.
    Other,
}

/// Whether a new resource takes the place of a changed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Replacement {
    /// It stays.
    Never,
    /// It depends on values that are known only when it comes to it.
    Perhaps,
    /// It is replaced.
    Always,
}

/// What is different of one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// What is done to it.
    pub action: Action,
    /// Its logical id.
    pub logical_id: String,
    /// Its type: `AWS::Lambda::Function`.
    pub resource_type: String,
    /// The entity it comes from: `functions/enhancer`; empty where its template does not say.
    pub entity: String,
    /// Whether it is replaced.
    pub replacement: Replacement,
    /// Whether AWS keeps the old resource, which is then in no stack, because its policy is to retain it.
    pub is_kept: bool,
    /// The properties that differ, of a resource that is changed.
    pub properties: Vec<PropertyDifference>,
}

impl Difference {
    /// What is lost with the resource; `None` where nothing is.
    pub fn loss(&self) -> Option<Loss> {
        let is_gone = self.action == Action::Remove || self.replacement != Replacement::Never;
        if is_gone && !self.is_kept { loss(&self.resource_type) } else { None }
    }
}

/// What the new template makes different, in its order; what it removes comes last. Both are [`link`]ed.
pub fn differences(old: &Value, new: &Value) -> Vec<Difference> {
    let (old, new) = (resources(old), resources(new));
    let mut found: BTreeMap<&str, Difference> = BTreeMap::new();
    for (id, resource) in new.iter() {
        match old.get(id) {
            None => _ = found.insert(id, difference(id, Action::Add, resource)),
            Some(before) => {
                if let Some(difference) = modified(id, before, resource) {
                    found.insert(id, difference);
                }
            }
        }
    }
    for (id, resource) in old.iter().filter(|(id, _)| !new.contains_key(id.as_str())) {
        found.insert(id, difference(id, Action::Remove, resource));
    }
    replacement::spread(&new, &mut found);
    let order = new.keys().chain(old.keys().filter(|id| !new.contains_key(id.as_str())));
    order.filter_map(|id| found.remove(id.as_str())).collect()
}

fn resources(template: &Value) -> std::borrow::Cow<'_, Map<String, Value>> {
    use std::borrow::Cow;
    let resources = template.get("Resources").and_then(Value::as_object);
    resources.map_or_else(|| Cow::Owned(Map::new()), Cow::Borrowed)
}

fn modified(id: &str, old: &Value, new: &Value) -> Option<Difference> {
    let mut found = difference(id, Action::Modify, new);
    if text(old, "/Type") != text(new, "/Type") {
        found.replacement = Replacement::Always;
        return Some(found);
    }
    let nothing = Value::Null;
    let properties = |resource: &Value| resource.get("Properties").unwrap_or(&nothing).clone();
    found.properties = property::compare(&properties(old), &properties(new));
    replacement::judge(&mut found);
    found.is_kept = is_kept(old, "/UpdateReplacePolicy");
    (!found.properties.is_empty()).then_some(found)
}

fn difference(id: &str, action: Action, resource: &Value) -> Difference {
    Difference {
        action,
        logical_id: id.to_owned(),
        resource_type: text(resource, "/Type").to_owned(),
        entity: text(resource, "/Metadata/Entity").to_owned(),
        replacement: Replacement::Never,
        is_kept: action == Action::Remove && is_kept(resource, "/DeletionPolicy"),
        properties: Vec::new(),
    }
}

fn is_kept(resource: &Value, policy: &str) -> bool {
    text(resource, policy).starts_with("Retain")
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
