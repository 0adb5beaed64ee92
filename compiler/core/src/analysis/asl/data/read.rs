//! The paths of a state, against what is known of the data that they select from.

use super::super::machine::{Machine, QueryLanguage, State, StateType};
use super::super::text::inside;
use super::super::{intrinsic, jsonpath};
use super::shape::{Missing, Shape};
use super::transfer::{before_output, effective, result};
use crate::diagnostic::{Diagnostic, codes::flow};
use crate::source::{Map, Node, Value};

/// How many fields of an object are named.
const FIELDS_SHOWN: usize = 8;

/// Fields that are paths into the input after `InputPath`.
const INTO_INPUT: [&str; 6] =
    ["ItemsPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "MaxConcurrencyPath"];

pub(super) fn check<'a>(machine: &Machine<'a>, state: &State<'a>, input: &Shape<'a>, findings: &mut Vec<Diagnostic>) {
    let Some(map) = state.map.filter(|_| state.language == QueryLanguage::JsonPath) else { return };
    let Some(at) = machine.find(state.scope, state.name) else { return };
    let mut reader = Reader { machine, state, findings };
    reader.path(map.get("InputPath"), input, "input");
    let effective = effective(map, input);
    for name in INTO_INPUT {
        // The items of a reader are not in the input.
        if name != "ItemsPath" || map.get("ItemReader").is_none() {
            reader.path(map.get(name), &effective, "input");
        }
    }
    for name in ["Parameters", "ItemSelector"] {
        reader.template(map.get(name), &effective, "input");
    }
    reader.template(map.get("ResultSelector"), &result(at, state, map, &effective), "result");
    reader.path(map.get("OutputPath"), &before_output(at, state, map, input), "output");
    if state.kind == Some(StateType::Choice) {
        reader.rules(map, &effective);
    }
}

struct Reader<'m, 'a> {
    machine: &'m Machine<'a>,
    state: &'m State<'a>,
    findings: &'m mut Vec<Diagnostic>,
}

impl<'a> Reader<'_, 'a> {
    fn path(&mut self, node: Option<&Node>, from: &Shape<'a>, what: &str) {
        let Some((node, text)) = node.and_then(|node| Some((node, node.as_str()?))) else { return };
        if let Ok(path) = jsonpath::parse(text)
            && let Err(missing) = from.select(&path)
        {
            self.report(node, text, 0..text.len(), missing, what);
        }
    }

    fn template(&mut self, node: Option<&Node>, from: &Shape<'a>, what: &str) {
        match node.map(|node| &node.value) {
            Some(Value::List(list)) => list.iter().for_each(|item| self.template(Some(item), from, what)),
            Some(Value::Map(map)) => {
                for entry in map {
                    if entry.key.ends_with(".$") {
                        self.path(Some(&entry.value), from, what);
                        self.function(&entry.value, from, what);
                    } else {
                        self.template(Some(&entry.value), from, what);
                    }
                }
            }
            _ => {}
        }
    }

    fn function(&mut self, node: &Node, from: &Shape<'a>, what: &str) {
        let Some(text) = node.as_str().filter(|text| text.starts_with("States.")) else { return };
        for (start, path) in intrinsic::parse(text).map(|call| call.paths).unwrap_or_default() {
            if let Err(missing) = from.select(&path) {
                let end = jsonpath::parse_at(text, start).map_or(text.len(), |(_, end)| end);
                self.report(node, text, start..end, missing, what);
            }
        }
    }

    /// A rule that asks whether something is there may well ask for what is not.
    fn rules(&mut self, map: &Map, from: &Shape<'a>) {
        for rule in map.get("Choices").and_then(Node::as_list).unwrap_or_default() {
            let mut variables = Vec::new();
            let mut waiting = vec![rule];
            let mut guarded = false;
            while let Some(node) = waiting.pop() {
                match &node.value {
                    Value::List(list) => waiting.extend(list),
                    Value::Map(map) => {
                        guarded |= map.get("IsPresent").is_some();
                        variables.extend(map.get("Variable"));
                        waiting.extend(["And", "Or", "Not"].iter().filter_map(|name| map.get(name)));
                    }
                    _ => {}
                }
            }
            for variable in variables.into_iter().filter(|_| !guarded) {
                self.path(Some(variable), from, "input");
            }
        }
    }

    fn report(&mut self, node: &Node, text: &str, part: std::ops::Range<usize>, missing: Missing<'a>, what: &str) {
        let path = text.get(part.clone()).unwrap_or(text);
        let message = format!("`{path}` is not in the {what} of state `{}`", self.state.name);
        let mut finding = Diagnostic::new(&flow::MISSING_DATA, inside(node, text, (part.start, part.end)), message);
        finding = match &missing.from {
            Shape::Object(object) => {
                let origin = object.origin.and_then(|origin| self.machine.states.get(origin));
                if let Some(origin) = origin {
                    finding = finding.also(origin.key_span, format!("`{}` made it", origin.name));
                }
                if object.invocation && missing.first {
                    let rest = path.strip_prefix('$').unwrap_or_default();
                    finding.help(format!("what the function answers is in `$.Payload`: write `$.Payload{rest}`"))
                } else {
                    let mut names: Vec<String> =
                        object.fields.keys().take(FIELDS_SHOWN).map(|name| format!("`{name}`")).collect();
                    if object.fields.len() > names.len() {
                        names.push("…".to_owned());
                    }
                    finding.label(format!("no `{}`", missing.field)).help(match names.as_slice() {
                        [] => "it is empty".to_owned(),
                        names => format!("what there is: {}", names.join(", ")),
                    })
                }
            }
            Shape::List => {
                finding.help(format!("a list has no field `{}`: select an item first, as in `[0]`", missing.field))
            }
            Shape::Scalar | Shape::Any => {
                finding.help(format!("it is text or a number, and has no field `{}`", missing.field))
            }
        };
        self.findings.push(finding);
    }
}
