//! A template with the values of its parameters in their places, so that a new version of a layer is a difference.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Puts the values of parameters where a template refers to them. What has no value stays a reference.
pub fn link(template: &Value, parameters: &BTreeMap<String, String>) -> Value {
    let declared = template.get("Parameters").and_then(Value::as_object);
    let default = |declaration: &Value| declaration.get("Default").and_then(Value::as_str).map(str::to_owned);
    let mut values: BTreeMap<String, String> = declared
        .into_iter()
        .flatten()
        .filter_map(|(name, declaration)| Some((name.clone(), default(declaration)?)))
        .collect();
    values.extend(parameters.iter().map(|(name, value)| (name.clone(), value.clone())));
    fill(template, &values)
}

fn fill(value: &Value, parameters: &BTreeMap<String, String>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| fill(item, parameters)).collect(),
        Value::Object(map) => match function(map) {
            Some(("Ref", Value::String(name))) => match parameters.get(name) {
                Some(value) => Value::String(value.clone()),
                None => value.clone(),
            },
            Some(("Fn::Sub", Value::String(text))) => {
                let text = substituted(text, parameters);
                if text.contains("${") { one("Fn::Sub", text.into()) } else { text.into() }
            }
            Some(("Fn::Split", argument)) => split(fill(argument, parameters)),
            _ => map.iter().map(|(key, value)| (key.clone(), fill(value, parameters))).collect(),
        },
        plain => plain.clone(),
    }
}

/// The function of CloudFormation that an object calls, and its argument.
fn function(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = map.iter();
    let (name, argument) = entries.next()?;
    (entries.next().is_none() && (name == "Ref" || name.starts_with("Fn::"))).then_some((name, argument))
}

fn one(name: &str, argument: Value) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), argument)]))
}

fn substituted(text: &str, parameters: &BTreeMap<String, String>) -> String {
    let mut pieces = text.split("${");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let value = piece.split_once('}').and_then(|(name, rest)| Some((parameters.get(name)?, rest)));
        match value {
            Some((value, rest)) => filled.extend([value, rest]),
            None => filled.extend(["${", piece]),
        }
    }
    filled
}

/// A list that is written as one text becomes the list.
fn split(argument: Value) -> Value {
    let parts = argument.as_array().and_then(|argument| match argument.as_slice() {
        [Value::String(separator), Value::String(text)] => Some(text.split(separator.as_str())),
        _ => None,
    });
    match parts {
        Some(parts) => parts.map(Value::from).collect(),
        None => one("Fn::Split", argument),
    }
}
