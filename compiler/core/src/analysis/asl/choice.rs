//! The rules of a Choice state.
//!
//! Specification, "Choice State"; AWS: `There should only be one of the following fields: [StringEquals, ...]`, and
//! `Value is not a Reference Path` for `Variable` and the operators that end with `Path`.

use super::fields::{JSONATA_RULE, JSONPATH_RULE, NESTED_RULE};
use super::machine::QueryLanguage;
use super::walk::{At, Walk, head};
use crate::diagnostic::{Diagnostic, codes::flow};
use crate::source::{Map, MapEntry, Node};
use crate::suggest;

/// What a comparison compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    Text,
    Pattern,
    Number,
    Flag,
    Timestamp,
    Path,
}

const OPERATORS: [&str; 39] = [
    "StringEquals",
    "StringEqualsPath",
    "StringLessThan",
    "StringLessThanPath",
    "StringGreaterThan",
    "StringGreaterThanPath",
    "StringLessThanEquals",
    "StringLessThanEqualsPath",
    "StringGreaterThanEquals",
    "StringGreaterThanEqualsPath",
    "StringMatches",
    "NumericEquals",
    "NumericEqualsPath",
    "NumericLessThan",
    "NumericLessThanPath",
    "NumericGreaterThan",
    "NumericGreaterThanPath",
    "NumericLessThanEquals",
    "NumericLessThanEqualsPath",
    "NumericGreaterThanEquals",
    "NumericGreaterThanEqualsPath",
    "BooleanEquals",
    "BooleanEqualsPath",
    "TimestampEquals",
    "TimestampEqualsPath",
    "TimestampLessThan",
    "TimestampLessThanPath",
    "TimestampGreaterThan",
    "TimestampGreaterThanPath",
    "TimestampLessThanEquals",
    "TimestampLessThanEqualsPath",
    "TimestampGreaterThanEquals",
    "TimestampGreaterThanEqualsPath",
    "IsNull",
    "IsPresent",
    "IsNumeric",
    "IsString",
    "IsBoolean",
    "IsTimestamp",
];

fn operand(name: &str) -> Option<Operand> {
    let known = OPERATORS.contains(&name);
    let operand = match name {
        "StringMatches" => Operand::Pattern,
        _ if name.ends_with("Path") => Operand::Path,
        _ if name.starts_with("String") => Operand::Text,
        _ if name.starts_with("Numeric") => Operand::Number,
        _ if name.starts_with("Timestamp") => Operand::Timestamp,
        _ => Operand::Flag,
    };
    known.then_some(operand)
}

impl<'m, 'a> Walk<'m, 'a> {
    pub(super) fn rules(&mut self, at: At<'m, 'a>, node: &'a Node) {
        let Some(rules) = node.as_list() else {
            self.wrong(at, "Choices", node, "a list of rules");
            return;
        };
        if rules.is_empty() {
            self.find(&flow::MISSING_FIELD, node.span, format!("`Choices` of {} has no rule", at.subject()));
        }
        for rule in rules {
            match (rule.as_map(), at.language) {
                (None, _) => self.not_a_rule(at, rule),
                (Some(map), QueryLanguage::Jsonata) => self.jsonata_rule(at.inner(&JSONATA_RULE, rule), map),
                (Some(map), QueryLanguage::JsonPath) => self.rule(at.inner(&JSONPATH_RULE, rule), map),
            }
        }
    }

    fn not_a_rule(&mut self, at: At<'m, 'a>, node: &Node) {
        let message = format!("a rule of {} is a mapping, not {}", at.subject(), node.kind());
        self.find(&flow::FIELD_TYPE, node.span, message);
    }

    /// The object check, and comparisons are of the other language.
    fn jsonata_rule(&mut self, at: At<'m, 'a>, map: &'a Map) {
        if let Some(comparison) = map.iter().find(|entry| operand(&entry.key).is_some()) {
            let message = format!("`{}` is a JSONPath comparison, and {} is JSONata", comparison.key, at.subject());
            let finding = Diagnostic::new(&flow::QUERY_LANGUAGE, comparison.key_span, message);
            self.report(finding.help("write `Condition: '{% … %}'`"));
            return;
        }
        self.object(at, map);
    }

    /// A JSONPath rule, or one inside of it. The reader bounds how deep they nest.
    fn rule(&mut self, at: At<'m, 'a>, map: &'a Map) {
        let mut comparisons = Vec::new();
        for entry in map {
            match (entry.key.as_str(), operand(&entry.key)) {
                (_, Some(operand)) => {
                    self.comparison(at, operand, entry);
                    comparisons.push(entry);
                }
                ("And" | "Or", _) => self.several(at, entry),
                ("Not", _) => self.inner_rule(at, &entry.value),
                _ => match at.table.field(&entry.key) {
                    Some(field) if field.language == Some(QueryLanguage::Jsonata) => self.jsonata_field(at, entry),
                    Some(field) => self.value(at, field, entry),
                    None => self.unknown(at, entry, &OPERATORS),
                },
            }
        }
        self.presence(at, map);
        self.one_comparison(at, map, &comparisons);
    }

    fn jsonata_field(&mut self, at: At<'m, 'a>, entry: &MapEntry) {
        let message = format!("`{}` is a JSONata field, and {} is JSONPath", entry.key, at.subject());
        let help = match entry.key.as_str() {
            "Condition" => "write `Variable` and a comparison, or set `QueryLanguage: JSONata`",
            _ => "remove it, or set `QueryLanguage: JSONata`",
        };
        self.report(Diagnostic::new(&flow::QUERY_LANGUAGE, entry.key_span, message).help(help));
    }

    fn one_comparison(&mut self, at: At<'m, 'a>, map: &Map, comparisons: &[&MapEntry]) {
        let variable = map.get("Variable").is_some();
        let combined = ["And", "Or", "Not"].into_iter().find(|name| map.get(name).is_some());
        match (comparisons, variable, combined) {
            // A misspelt comparison is reported as that.
            ([], true, None) if map.iter().any(|entry| suggest::nearest(&entry.key, OPERATORS).is_some()) => {}
            ([], true, None) => {
                let finding =
                    Diagnostic::new(&flow::MISSING_FIELD, at.head, format!("{} compares with nothing", at.subject()));
                self.report(
                    finding
                        .help("write a comparison beside `Variable`, such as `StringEquals: …` or `IsPresent: true`"),
                );
            }
            ([first, ..], _, Some(combined)) => {
                let message = format!("{} has both `{combined}` and `{}`", at.subject(), first.key);
                self.report(
                    Diagnostic::new(&flow::EXCLUSIVE_FIELDS, first.key_span, message)
                        .help(format!("put it among the rules of `{combined}`")),
                );
            }
            ([first, second, ..], _, None) => {
                let message = format!("{} has both `{}` and `{}`", at.subject(), first.key, second.key);
                self.report(
                    Diagnostic::new(&flow::EXCLUSIVE_FIELDS, second.key_span, message)
                        .also(first.key_span, "the other one")
                        .help("write `And` with a rule for each comparison"),
                );
            }
            _ => {}
        }
    }

    fn several(&mut self, at: At<'m, 'a>, entry: &'a MapEntry) {
        match entry.value.as_list() {
            None => self.wrong(at, &entry.key, &entry.value, "a list of rules"),
            Some([]) => {
                self.find(
                    &flow::MISSING_FIELD,
                    entry.value.span,
                    format!("`{}` of {} has no rule", entry.key, at.subject()),
                );
            }
            Some(rules) => rules.iter().for_each(|rule| self.inner_rule(at, rule)),
        }
    }

    fn inner_rule(&mut self, at: At<'m, 'a>, node: &'a Node) {
        match node.as_map() {
            Some(map) => self.rule(At { head: head(node), table: &NESTED_RULE, ..at }, map),
            None => self.not_a_rule(at, node),
        }
    }

    fn comparison(&mut self, at: At<'m, 'a>, operand: Operand, entry: &MapEntry) {
        let (name, node) = (entry.key.as_str(), &entry.value);
        let wanted = match operand {
            Operand::Path => {
                self.reference(at, name, node);
                return;
            }
            Operand::Number if node.as_number().is_none() => "a number",
            Operand::Flag if node.as_bool().is_none() => "true or false",
            Operand::Text | Operand::Pattern | Operand::Timestamp if node.as_text().is_none() => "a string",
            Operand::Timestamp => return self.timestamp(name, node),
            Operand::Pattern => return self.pattern(name, node),
            _ => return,
        };
        let message = format!("`{name}` of {} compares with {wanted}, not {}", at.subject(), node.kind());
        self.find(&flow::FIELD_TYPE, node.span, message);
    }

    /// A backslash escapes `*` or itself; any other is an error when the flow runs.
    fn pattern(&mut self, name: &str, node: &Node) {
        let mut signs = node.as_str().unwrap_or_default().chars();
        while let Some(sign) = signs.next() {
            if sign == '\\' && !matches!(signs.next(), Some('*' | '\\')) {
                let finding =
                    Diagnostic::new(&flow::FIELD_VALUE, node.span, format!("a backslash in `{name}` escapes nothing"));
                self.report(finding.help("only `\\*` and `\\\\` are escapes"));
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
