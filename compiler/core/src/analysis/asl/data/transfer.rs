//! What a state makes of its input: its output by each way out, and the input of its inner states.
//!
//! Specification, "Input and Output Processing with JSONPath" and "… with JSONata".

use super::super::integration::Pattern;
use super::super::jsonata::{Delimited, delimited};
use super::super::jsonpath::{self, Path, Root, Step};
use super::super::machine::{QueryLanguage, State, StateType};
use super::super::resource::{self, Resource};
use super::shape::{Object, Shape};
use crate::source::{Map, Node, Value};
use std::collections::BTreeMap;

/// The fields of what `lambda:invoke` gives: those of the answer of the API, and what Step Functions adds.
const INVOCATION: [&str; 8] = [
    "DurableExecutionArn",
    "ExecutedVersion",
    "FunctionError",
    "LogResult",
    "Payload",
    "SdkHttpMetadata",
    "SdkResponseMetadata",
    "StatusCode",
];

/// A way out of a state, with what is handed on.
pub(super) struct Exit<'a> {
    pub(super) target: &'a str,
    pub(super) output: Shape<'a>,
}

/// The input after `InputPath`.
pub(super) fn effective<'a>(map: &Map, input: &Shape<'a>) -> Shape<'a> {
    selected(map.get("InputPath"), input)
}

/// What a path field selects; everything where it is absent, an empty object where it is null.
fn selected<'a>(node: Option<&Node>, from: &Shape<'a>) -> Shape<'a> {
    match node.map(|node| &node.value) {
        None => from.clone(),
        Some(Value::Null) => Shape::object(BTreeMap::new(), None),
        Some(_) => {
            let path = node.and_then(Node::as_str).and_then(|text| jsonpath::parse(text).ok());
            path.and_then(|path| from.select(&path).ok()).unwrap_or(Shape::Any)
        }
    }
}

/// The result of a state before `ResultSelector`.
pub(super) fn result<'a>(at: usize, state: &State<'a>, map: &'a Map, effective: &Shape<'a>) -> Shape<'a> {
    match state.kind {
        Some(StateType::Pass) => match (map.get("Result"), map.get("Parameters")) {
            (Some(result), _) => Shape::of(result, at),
            (None, Some(parameters)) => template(at, state.language, parameters, effective),
            (None, None) => effective.clone(),
        },
        Some(StateType::Task) => task_result(at, map),
        Some(StateType::Parallel) => Shape::List,
        Some(StateType::Map) if map.get("ResultWriter").is_none() => Shape::List,
        Some(StateType::Map) | None => Shape::Any,
        Some(_) => effective.clone(),
    }
}

fn task_result<'a>(at: usize, map: &Map) -> Shape<'a> {
    let resource = map.get("Resource").and_then(Node::as_str).and_then(|text| resource::parse(text).ok());
    match resource {
        Some(Resource::Integration { service: "lambda", action: "invoke", pattern: Pattern::Request }) => {
            let fields = INVOCATION.into_iter().map(|name| (name, Shape::Any)).collect();
            Shape::limited(Object { fields, origin: Some(at), invocation: true })
        }
        _ => Shape::Any,
    }
}

/// What a payload template, or a value with expressions, gives.
pub(super) fn template<'a>(at: usize, language: QueryLanguage, node: &'a Node, from: &Shape<'a>) -> Shape<'a> {
    let shape = match &node.value {
        Value::Map(map) => {
            let fields = map.iter().map(|entry| match entry.key.strip_suffix(".$") {
                Some(name) if language == QueryLanguage::JsonPath => (name, dynamic(&entry.value, from)),
                _ => (entry.key.as_str(), template(at, language, &entry.value, from)),
            });
            Shape::object(fields.collect(), Some(at))
        }
        Value::List(_) => Shape::List,
        Value::String(text) => {
            let plain = text.as_literal().is_some_and(|text| delimited(text) == Delimited::Plain);
            if language == QueryLanguage::JsonPath || plain { Shape::Scalar } else { Shape::Any }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Shape::Scalar,
    };
    shape.pruned()
}

fn dynamic<'a>(node: &Node, from: &Shape<'a>) -> Shape<'a> {
    let path = node.as_str().and_then(|text| jsonpath::parse(text).ok());
    path.and_then(|path| from.select(&path).ok()).unwrap_or(Shape::Any)
}

/// A result put into the input as `ResultPath` says.
fn placed<'a>(node: Option<&'a Node>, input: &Shape<'a>, result: Shape<'a>) -> Shape<'a> {
    match node.map(|node| &node.value) {
        None => result,
        Some(Value::Null) => input.clone(),
        Some(_) => {
            let path = node.and_then(Node::as_str).and_then(|text| jsonpath::parse(text).ok());
            match path {
                Some(Path { root: Root::Input, steps, .. }) if steps.is_empty() => result,
                Some(Path { root: Root::Input, steps, .. }) => put(input, node, &steps, result),
                _ => Shape::Any,
            }
        }
    }
}

/// A field's name lives in the text of the path, which lives as long as the flow.
fn put<'a>(input: &Shape<'a>, node: Option<&'a Node>, steps: &[Step], result: Shape<'a>) -> Shape<'a> {
    let text = node.and_then(Node::as_str).unwrap_or_default();
    let names: Option<Vec<&'a str>> = steps
        .iter()
        .map(|step| match step {
            Step::Field(name) => text.find(name.as_str()).and_then(|at| text.get(at..at + name.len())),
            Step::Index(_) | Step::Other => None,
        })
        .collect();
    match names {
        Some(names) => input.with(&names, result).pruned(),
        None => Shape::Any,
    }
}

/// What a catcher sees: the name of the error and its cause.
fn error<'a>(at: usize) -> Shape<'a> {
    Shape::object(BTreeMap::from([("Cause", Shape::Any), ("Error", Shape::Scalar)]), Some(at))
}

/// The ways out of a state with this input.
pub(super) fn exits<'a>(at: usize, state: &State<'a>, input: &Shape<'a>) -> Vec<Exit<'a>> {
    let Some(map) = state.map else { return Vec::new() };
    let output = match state.language {
        QueryLanguage::Jsonata => jsonata_output(at, state, map, map, input),
        QueryLanguage::JsonPath => after_result(at, state, map, input),
    };
    let mut exits: Vec<Exit<'a>> = Vec::new();
    let target = |node: Option<&'a Node>| node.and_then(Node::as_str);
    for name in ["Next", "Default"] {
        exits.extend(target(map.get(name)).map(|target| Exit { target, output: output.clone() }));
    }
    for rule in map.get("Choices").and_then(Node::as_list).unwrap_or_default().iter().filter_map(Node::as_map) {
        let output = match state.language {
            QueryLanguage::Jsonata => jsonata_output(at, state, map, rule, input),
            QueryLanguage::JsonPath => output.clone(),
        };
        exits.extend(target(rule.get("Next")).map(|target| Exit { target, output }));
    }
    for catcher in map.get("Catch").and_then(Node::as_list).unwrap_or_default().iter().filter_map(Node::as_map) {
        let output = match (state.language, catcher.get("Output")) {
            (QueryLanguage::JsonPath, _) => placed(catcher.get("ResultPath"), input, error(at)),
            (QueryLanguage::Jsonata, Some(output)) => template(at, state.language, output, input),
            (QueryLanguage::Jsonata, None) => error(at),
        };
        exits.extend(target(catcher.get("Next")).map(|target| Exit { target, output }));
    }
    exits
}

/// What `Output` of a JSONata state or rule gives; without it, the result of a Task, Parallel or Map state, else the input.
fn jsonata_output<'a>(at: usize, state: &State<'a>, map: &'a Map, holder: &'a Map, input: &Shape<'a>) -> Shape<'a> {
    match holder.get("Output") {
        Some(output) => template(at, state.language, output, input),
        None => match state.kind {
            Some(StateType::Pass) => input.clone(),
            _ => result(at, state, map, input),
        },
    }
}

/// The output of a JSONPath state.
fn after_result<'a>(at: usize, state: &State<'a>, map: &'a Map, input: &Shape<'a>) -> Shape<'a> {
    selected(map.get("OutputPath"), &before_output(at, state, map, input))
}

/// What `OutputPath` selects from.
pub(super) fn before_output<'a>(at: usize, state: &State<'a>, map: &'a Map, input: &Shape<'a>) -> Shape<'a> {
    let effective = effective(map, input);
    let result = result(at, state, map, &effective);
    let makes_result =
        matches!(state.kind, Some(StateType::Pass | StateType::Task | StateType::Parallel | StateType::Map));
    let result = match map.get("ResultSelector") {
        Some(selector) if makes_result => template(at, state.language, selector, &result),
        _ => result,
    };
    if makes_result { placed(map.get("ResultPath"), input, result) } else { effective }
}

/// The input of the states inside of a Parallel or Map state.
pub(super) fn inner_input<'a>(owner: &State<'a>, input: &Shape<'a>) -> Shape<'a> {
    let Some(map) = owner.map else { return Shape::Any };
    let is_map = owner.kind == Some(StateType::Map);
    if is_map && map.get("ItemBatcher").is_some() {
        return Shape::Any;
    }
    let (given, from) = match owner.language {
        QueryLanguage::JsonPath if is_map => {
            (map.get("ItemSelector").or_else(|| map.get("Parameters")), effective(map, input))
        }
        QueryLanguage::JsonPath => (map.get("Parameters"), effective(map, input)),
        QueryLanguage::Jsonata if is_map => (map.get("ItemSelector"), input.clone()),
        QueryLanguage::Jsonata => (map.get("Arguments"), input.clone()),
    };
    match given {
        // The inner states did not make it, and the finding is about what they read.
        Some(node) => template(usize::MAX, owner.language, node, &from),
        None if is_map => Shape::Any,
        None => from,
    }
}
