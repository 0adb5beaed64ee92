//! One value against another, down to the property that differs.

use super::Replacement;
use crate::analysis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// What stands in the place of a value that is a secret.
const CONCEALED: &str = "***";

/// Keys that tell the items of a list apart: of a policy's statements, a rule's targets, tags, a role's policies.
const IDENTITIES: [&str; 4] = ["Sid", "Id", "Key", "PolicyName"];

/// A property that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PropertyDifference {
    /// Where it is: `Code.S3Key`, `Tags[Sandbox].Value`, `Layers[0]`.
    pub path: String,
    /// What it was; `None` where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What it becomes; `None` where it is taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// Whether the resource is replaced because of it.
    pub replacement: Replacement,
    /// The property as schemas name it, without what tells items apart: `Tags.*.Value`.
    #[serde(skip)]
    pub(super) schema_path: String,
}

/// All that differs between the properties of a resource.
pub(super) fn compare(old: &Value, new: &Value) -> Vec<PropertyDifference> {
    let mut found = Vec::new();
    values(&Place::default(), Some(old), Some(new), &mut found);
    found
}

/// A place in the properties, as people and as schemas name it.
#[derive(Debug, Clone, Default)]
struct Place {
    shown: String,
    schema: String,
}

impl Place {
    fn key(&self, key: &str) -> Self {
        let join = |outer: &str| if outer.is_empty() { key.to_owned() } else { format!("{outer}.{key}") };
        Self { shown: join(&self.shown), schema: join(&self.schema) }
    }

    fn item(&self, name: &str) -> Self {
        Self { shown: format!("{}[{name}]", self.shown), schema: format!("{}.*", self.schema) }
    }
}

fn values(place: &Place, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<PropertyDifference>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Some(Value::Object(before)), Some(Value::Object(after))) if !is_call(before) && !is_call(after) => {
            let keys = after.keys().chain(before.keys().filter(|key| !after.contains_key(key.as_str())));
            for key in keys {
                values(&place.key(key), before.get(key), after.get(key), found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => items(place, before, after, found),
        _ => {
            let shown = |value: Option<&Value>| value.map(|value| concealed(&place.schema, value));
            found.push(PropertyDifference {
                path: place.shown.clone(),
                old: shown(old),
                new: shown(new),
                replacement: Replacement::Never,
                schema_path: place.schema.clone(),
            });
        }
    }
}

fn items(place: &Place, old: &[Value], new: &[Value], found: &mut Vec<PropertyDifference>) {
    let identity = IDENTITIES.into_iter().find(|key| names(key, old).is_some() && names(key, new).is_some());
    let Some(key) = identity else {
        for index in 0..old.len().max(new.len()) {
            values(&place.item(&index.to_string()), old.get(index), new.get(index), found);
        }
        return;
    };
    let name = |item: &Value| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let find = |items: &[Value], wanted: &str| items.iter().find(|item| name(item) == wanted).cloned();
    let added = new.iter().map(name);
    let removed = old.iter().map(name).filter(|name| find(new, name).is_none());
    for wanted in added.chain(removed) {
        values(&place.item(&wanted), find(old, &wanted).as_ref(), find(new, &wanted).as_ref(), found);
    }
}

/// The names of a list's items, if each has its own.
fn names<'v>(key: &str, items: &'v [Value]) -> Option<BTreeSet<&'v str>> {
    let names: Option<BTreeSet<&str>> = items.iter().map(|item| item.get(key)?.as_str()).collect();
    names.filter(|names| names.len() == items.len())
}

/// Whether an object calls a function of CloudFormation, such as `Fn::GetAtt`.
fn is_call(map: &serde_json::Map<String, Value>) -> bool {
    map.len() == 1 && map.keys().all(|key| key == "Ref" || key.starts_with("Fn::"))
}

/// A value as it may be shown: what an environment variable holds may be a secret, whatever the compiler was told.
fn concealed(place: &str, value: &Value) -> Value {
    let conceal = |name: &str, value: &Value| match value.as_str() {
        Some(text) if analysis::is_secret(name, text) => CONCEALED.into(),
        _ => value.clone(),
    };
    const VARIABLES: &str = "Environment.Variables";
    match (place.strip_prefix(VARIABLES), value) {
        (Some(name), _) if !name.is_empty() => conceal(name.trim_start_matches('.'), value),
        (Some(_), Value::Object(map)) => map.iter().map(|(name, value)| (name.clone(), conceal(name, value))).collect(),
        (None, Value::Object(map)) if place == "Environment" => {
            map.iter().map(|(key, value)| (key.clone(), concealed(&format!("{place}.{key}"), value))).collect()
        }
        _ => value.clone(),
    }
}
