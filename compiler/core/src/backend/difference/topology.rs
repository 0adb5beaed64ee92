//! Two versions of a topology compared, entity by entity.

use super::property::{PropertyDifference, compare};
use super::{Action, Replacement};
use crate::ir::Topology;
use serde::Serialize;
use serde_json::{Map, Value};

/// What is different of one entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityDifference {
    /// What became of it.
    pub action: Action,
    /// What it is called: `functions/enhancer`, `flow`; `topology` for what belongs to no entity.
    pub entity: String,
    /// What differs, of one that is changed.
    pub properties: Vec<PropertyDifference>,
}

/// Entities as the serialised topology holds them: the key, and the kind that they are called by.
const KINDS: [(&str, &str); 7] = [
    ("gateways", "gateways"),
    ("routes", "routes"),
    ("consumes", "events"),
    ("produces", "events"),
    ("queues", "queues"),
    ("schedules", "schedules"),
    ("functions", "functions"),
];

/// Keys that say for what, and not what, a topology was compiled.
const CIRCUMSTANCES: [&str; 4] = ["version", "sandbox", "env", "is_release"];

/// What the new version makes different, by kind and name; of the flow the definition is told as a whole.
pub fn entities(old: &Topology, new: &Topology) -> Vec<EntityDifference> {
    let (mut old, mut new) = (tree(old), tree(new));
    let mut found = Vec::new();
    for (key, kind) in KINDS {
        let take = |tree: &mut Map<String, Value>| match tree.remove(key) {
            Some(Value::Object(entities)) => entities,
            _ => Map::new(),
        };
        let (before, mut after) = (take(&mut old), take(&mut new));
        for (name, was) in &before {
            let is = after.remove(name);
            found.extend(entity(format!("{kind}/{name}"), Some(was), is.as_ref()));
        }
        for (name, is) in &after {
            found.extend(entity(format!("{kind}/{name}"), None, Some(is)));
        }
    }
    let (was, is) = (old.remove("flow"), new.remove("flow"));
    found.extend(entity("flow".to_owned(), present(was.as_ref()), present(is.as_ref())));
    found.extend(entity("topology".to_owned(), Some(&Value::Object(old)), Some(&Value::Object(new))));
    found
}

fn tree(topology: &Topology) -> Map<String, Value> {
    let Ok(Value::Object(mut tree)) = serde_json::to_value(topology) else { return Map::new() };
    CIRCUMSTANCES.iter().for_each(|key| drop(tree.remove(*key)));
    tree
}

fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

fn entity(entity: String, old: Option<&Value>, new: Option<&Value>) -> Option<EntityDifference> {
    let (action, properties) = match (old, new) {
        (Some(old), Some(new)) => (Action::Modify, compare(old, new)),
        (None, Some(_)) => (Action::Add, Vec::new()),
        (Some(_), None) => (Action::Remove, Vec::new()),
        (None, None) => return None,
    };
    if action == Action::Modify && properties.is_empty() {
        return None;
    }
    // Whether something is replaced is a matter of the template.
    let of_entity = |property: PropertyDifference| PropertyDifference { replacement: Replacement::Never, ..property };
    Some(EntityDifference { action, entity, properties: properties.into_iter().map(of_entity).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontend::{Options, load};
    use crate::world::MemoryWorld;

    const HANDLER: &str = "def handler(event, context):\n    return {}\n";

    fn topology(text: &str, function: &str) -> Topology {
        let files = [
            ("topology.yml", text),
            ("enhancer/handler.py", HANDLER),
            ("enhancer/function.json", function),
            ("loader/handler.py", HANDLER),
        ];
        load(&MemoryWorld::new(files), &Options::default()).topology.unwrap()
    }

    #[test]
    fn entities_are_added_changed_and_removed() {
        let old = topology("name: etl\nroutes:\n  /a: {function: enhancer}\n", r#"{"runtime": {"timeout": 10}}"#);
        let new = topology(
            "name: etl\nversion: 2.0.0\nroutes:\n  /b: {function: enhancer}\nqueues:\n  jobs: {consumer: loader}\n",
            r#"{"runtime": {"timeout": 20}}"#,
        );
        let found = entities(&old, &new);
        let told: Vec<_> = found.iter().map(|one| (one.action, one.entity.as_str())).collect();
        assert_eq!(
            told,
            [
                (Action::Remove, "routes//a"),
                (Action::Add, "routes//b"),
                (Action::Add, "queues/jobs"),
                (Action::Modify, "functions/enhancer"),
            ]
        );
        let paths: Vec<&str> = found[3].properties.iter().map(|property| property.path.as_str()).collect();
        assert!(paths.contains(&"timeout"), "{paths:?}");
        assert_eq!(entities(&old, &old), []);
    }

    #[test]
    fn what_it_was_compiled_for_is_no_difference() {
        let text = "name: etl\nroutes:\n  /a: {function: enhancer}\n";
        let load = |sandbox: &str| {
            let files = [("topology.yml", text), ("enhancer/handler.py", HANDLER)];
            let options = Options { sandbox: Some(sandbox.to_owned()), env: None, version: None };
            load(&MemoryWorld::new(files), &options).topology.unwrap()
        };
        assert_eq!(entities(&load("ann"), &load("bob")), []);
    }
}
