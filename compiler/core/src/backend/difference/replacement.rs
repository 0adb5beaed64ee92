//! Which differences put a new resource in the place of the old one.

use super::{Action, Difference, PropertyDifference, Replacement};
use crate::backend::check::facts::TypeFacts;
use crate::backend::reference::refers;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Judges each difference of a resource by what AWS's schema of its type says.
pub(super) fn judge(difference: &mut Difference) {
    for property in &mut difference.properties {
        property.replacement = judged(&difference.resource_type, &property.schema_path);
    }
    let strongest = difference.properties.iter().map(|property| property.replacement).max();
    difference.replacement = strongest.unwrap_or(Replacement::Never);
}

/// A property of a type that is not known may be anything.
fn judged(resource_type: &str, path: &str) -> Replacement {
    let Some(facts) = TypeFacts::of(resource_type) else { return Replacement::Perhaps };
    let names = |listed: &[String]| listed.iter().any(|listed| covers(listed, path) || covers(path, listed));
    if names(&facts.create_only_properties) {
        Replacement::Always
    } else if names(&facts.conditional_create_only_properties) {
        Replacement::Perhaps
    } else {
        Replacement::Never
    }
}

/// Whether a property is another or holds it.
fn covers(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Follows the references: what refers to a resource that is replaced gets another value, and may be replaced in turn.
pub(super) fn spread<'t>(resources: &'t Map<String, Value>, found: &mut BTreeMap<&'t str, Difference>) {
    loop {
        let replaced: Vec<(String, Replacement)> = found
            .values()
            .filter(|difference| difference.action == Action::Modify && difference.replacement != Replacement::Never)
            .map(|difference| (difference.logical_id.clone(), difference.replacement))
            .collect();
        let mut has_changed = false;
        for (id, resource) in resources {
            let is_new = found.get(id.as_str()).is_some_and(|difference| difference.action != Action::Modify);
            let Some(properties) = resource.get("Properties").and_then(Value::as_object).filter(|_| !is_new) else {
                continue;
            };
            for (name, value) in properties {
                let causes = replaced.iter().filter(|(cause, _)| cause != id && refers(value, cause));
                let Some(cause) = causes.map(|(_, replacement)| *replacement).max() else { continue };
                let difference = found.entry(id).or_insert_with(|| super::difference(id, Action::Modify, resource));
                has_changed |= note(difference, name, value, cause);
            }
        }
        // Each round finds something new of a finite number of resources and properties, or is the last.
        if !has_changed {
            return;
        }
    }
}

/// Notes that a property gets another value from a resource that is replaced; whether that is news.
fn note(difference: &mut Difference, name: &str, value: &Value, cause: Replacement) -> bool {
    let replacement = judged(&difference.resource_type, name).min(cause);
    let known = difference.properties.iter_mut().find(|property| covers(name, &property.schema_path));
    let is_news = match known {
        Some(property) if property.replacement >= replacement => false,
        Some(property) => {
            property.replacement = replacement;
            true
        }
        None => {
            difference.properties.push(PropertyDifference {
                path: name.to_owned(),
                old: Some(value.clone()),
                new: Some(value.clone()),
                replacement,
                schema_path: name.to_owned(),
            });
            true
        }
    };
    difference.replacement = difference.replacement.max(replacement);
    is_news
}
