//! Planted faults: each row alters one place of a sound template and says what must be found there, and no more.

mod combinations;
mod properties;
mod read;
mod references;

use super::check_at;
use crate::source::{SourceMap, Span};
use serde_json::Value;

/// The template that the outside judges accept.
const SOUND: &str = include_str!("../../../../../../tests/judges/accepted.json");

/// What is found in a template: `CODE message`.
fn found(json: &Value) -> Vec<String> {
    let found = check_at(&read::template(json), &|_| None);
    found.into_iter().map(|diagnostic| format!("{} {}", diagnostic.code.id, diagnostic.message)).collect()
}

/// The sound template with the value at `pointer` replaced, or removed by `null`. Keys on the way are made as needed.
fn altered(changes: &[(&str, Value)]) -> Value {
    let mut json: Value = serde_json::from_str(SOUND).unwrap();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let mut at = &mut json;
        for part in parent.split('/').skip(1) {
            at = match at {
                Value::Array(items) => &mut items[part.parse::<usize>().unwrap()],
                Value::Object(map) => map.entry(part).or_insert_with(|| Value::Object(Default::default())),
                other => panic!("{pointer} leads through {other}"),
            };
        }
        match (at, value) {
            (Value::Object(map), Value::Null) => {
                assert!(map.shift_remove(key).is_some(), "{pointer} is not there");
            }
            (Value::Object(map), value) => {
                map.insert(key.to_owned(), value.clone());
            }
            (Value::Array(items), value) => items[key.parse::<usize>().unwrap()] = value.clone(),
            (other, _) => panic!("{pointer} leads to {other}"),
        }
    }
    json
}

/// Asserts that the changes lead to exactly these findings, parameters aside that they leave unused.
#[track_caller]
fn assert_found(changes: &[(&str, Value)], expected: &[&str]) {
    let mut found = found(&altered(changes));
    found.retain(|finding| !finding.starts_with("TC0630"));
    assert_eq!(found, expected, "{:?}", changes.iter().map(|(pointer, _)| pointer).collect::<Vec<_>>());
}

#[test]
fn the_sound_template_has_no_fault() {
    assert_eq!(found(&altered(&[])), Vec::<String>::new());
}

#[test]
fn a_finding_points_at_its_entity_and_names_the_resource() {
    let json = altered(&[("/Resources/FunctionEnhancer/Properties/Foo", 1.into())]);
    let mut sources = SourceMap::default();
    let file = sources.add("topology.yml".into(), "functions:\n  enhancer: {}\n".to_owned());
    let found = check_at(&read::template(&json), &|entity| {
        (entity.name == "FunctionEnhancer").then(|| Span::new(file, 13, 21))
    });
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(finding.primary.as_ref().map(|label| label.span), Some(Span::new(file, 13, 21)));
    assert_eq!(finding.help, ["in the resource `FunctionEnhancer` of type AWS::Lambda::Function"]);
}

#[test]
fn a_cycle_points_at_each_entity_on_its_way() {
    let json = altered(&[("/Resources/Api/DependsOn", "Stage".into())]);
    let file = SourceMap::default().add("topology.yml".into(), String::new());
    let found = check_at(&read::template(&json), &|entity| Some(Span::new(file, entity.name.len(), 100)));
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(finding.primary.as_ref().map(|label| label.span.start), Some(3));
    let others: Vec<_> = finding.secondary.iter().map(|label| (label.span.start, label.text.as_str())).collect();
    assert_eq!(others, [(5, "`Stage` is made from this")]);
}
