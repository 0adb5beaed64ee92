//! Payload templates of JSONPath states, and values with expressions of JSONata states.
//!
//! Specification, "Payload Template" and "JSONata Evaluation". AWS's validator warns of text that looks like a path
//! where none is read (`NO_DOLLAR`), and so do we.

use super::fields::Data;
use super::jsonpath;
use super::machine::QueryLanguage;
use super::value::is_intrinsic;
use super::walk::{At, Walk};
use crate::diagnostic::{Diagnostic, codes::flow};
use crate::source::{Map, MapEntry, Node, Value};
use std::collections::BTreeMap;

impl<'m, 'a> Walk<'m, 'a> {
    pub(super) fn template(&mut self, at: At<'m, 'a>, name: &str, node: &Node, data: Data) {
        match (at.language, &node.value) {
            (QueryLanguage::Jsonata, _) => self.jsonata_value(at, node, data),
            (_, Value::Map(_)) => self.payload(at, node, false),
            (_, _) if name == "ResultSelector" => self.wrong(at, name, node, "a mapping"),
            // The specification wants an object; the schema of AWS's own editor takes any value.
            (_, Value::List(_)) => self.payload(at, node, false),
            _ if looks_filled(node) => {
                let message = format!("`{name}` is passed as this very text");
                let finding = Diagnostic::new(&flow::LITERAL_EXPRESSION, node.span, message);
                self.report(finding.help("to pass a selection as a whole, write it as `InputPath`"));
            }
            _ => {}
        }
    }

    /// `in_path` tells whether a key around it speaks of paths, so that text which looks like one is meant.
    fn payload(&mut self, at: At<'m, 'a>, node: &Node, in_path: bool) {
        match &node.value {
            Value::List(list) => list.iter().for_each(|item| self.payload(at, item, in_path)),
            Value::Map(map) => {
                self.twice(map);
                for entry in map {
                    if entry.key.ends_with(".$") {
                        self.dynamic(at, &entry.key, &entry.value);
                    } else {
                        let in_path = in_path || entry.key.to_ascii_lowercase().contains("path");
                        self.literal(entry, in_path);
                        self.payload(at, &entry.value, in_path);
                    }
                }
            }
            _ => {}
        }
    }

    /// Keys are distinct once `.$` is taken off.
    fn twice(&mut self, map: &Map) {
        let mut seen: BTreeMap<&str, &MapEntry> = BTreeMap::new();
        for entry in map {
            let name = entry.key.strip_suffix(".$").unwrap_or(&entry.key);
            if let Some(first) = seen.insert(name, entry) {
                let message = format!("`{}` and `{}` give the same field", first.key, entry.key);
                self.report(
                    Diagnostic::new(&flow::TEMPLATE_KEY, entry.key_span, message)
                        .also(first.key_span, "the other one")
                        .help("remove one of them"),
                );
            }
        }
    }

    fn literal(&mut self, entry: &MapEntry, in_path: bool) {
        if !in_path && looks_filled(&entry.value) {
            let message = format!("`{}` is passed as this very text", entry.key);
            let finding = Diagnostic::new(&flow::LITERAL_EXPRESSION, entry.value.span, message);
            self.report(finding.help(format!("to have it read, write the key as `{}.$`", entry.key)));
        }
    }

    /// A value of a JSONata state, however deep.
    pub(super) fn jsonata_value(&mut self, at: At<'m, 'a>, node: &Node, data: Data) {
        match &node.value {
            Value::String(_) => {
                self.jsonata_text(at, node, data);
                if node.as_str().is_some_and(|text| text.starts_with("$states.") && jsonpath::parse(text).is_ok()) {
                    let finding =
                        Diagnostic::new(&flow::LITERAL_EXPRESSION, node.span, "this is passed as this very text");
                    self.report(finding.help("to have it read, write it as `{% … %}`"));
                }
            }
            Value::List(list) => list.iter().for_each(|item| self.jsonata_value(at, item, data)),
            Value::Map(map) => {
                for entry in map {
                    if let Some(name) = entry.key.strip_suffix(".$") {
                        let message = format!("`{}` ends with `.$`, which is JSONPath, in a JSONata state", entry.key);
                        let finding = Diagnostic::new(&flow::QUERY_LANGUAGE, entry.key_span, message);
                        self.report(finding.help(format!("write `{name}: '{{% … %}}'`")));
                    } else {
                        self.jsonata_value(at, &entry.value, data);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// `Credentials`: the role that a Task runs in. AWS: `The field 'RoleArn' is required but was missing`.
    pub(super) fn credentials(&mut self, at: At<'m, 'a>, node: &Node) {
        let expression = at.language == QueryLanguage::Jsonata && self.computed(at, node);
        let Some(map) = node.as_map() else {
            if !expression {
                self.wrong(at, "Credentials", node, "a mapping with `RoleArn`");
            }
            return;
        };
        self.template(at, "Credentials", node, Data::default());
        let role = map.get("RoleArn").or_else(|| map.get("RoleArn.$"));
        if role.is_none() && !is_intrinsic(node) {
            let message = format!("`Credentials` of {} needs `RoleArn`", at.subject());
            self.find(&flow::MISSING_FIELD, super::walk::head(node), message);
        }
    }
}

/// Whether a value is text that looks like a path or a function, beyond a mere `$`.
fn looks_filled(node: &Node) -> bool {
    node.as_str().is_some_and(|text| {
        let begins = ["$.", "$[", "$$.", "States."].iter().any(|start| text.starts_with(start));
        begins && (text.starts_with("States.") && text.ends_with(')') || jsonpath::parse(text).is_ok())
    })
}

#[cfg(test)]
mod tests;
