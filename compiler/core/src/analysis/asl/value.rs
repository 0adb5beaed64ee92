//! The value of a field against its shape: type, range, and the language of its text.

use super::fields::{Data, Field, Shape};
use super::jsonata::Delimited;
use super::machine::QueryLanguage;
use super::walk::{At, Walk, list};
use super::{jsonata, timestamp};
use crate::diagnostic::{Diagnostic, codes::flow};
use crate::source::{MapEntry, Node, Value};
use crate::suggest;

/// What an expression sees in a field that is no template.
const NO_DATA: Data = Data { result: false, error: false };

impl<'m, 'a> Walk<'m, 'a> {
    pub(super) fn value(&mut self, at: At<'m, 'a>, field: &'static Field, entry: &'a MapEntry) {
        let (name, node) = (field.name, &entry.value);
        if field.shape.is_scalar() && is_intrinsic(node) {
            return;
        }
        match &field.shape {
            Shape::Anything => {}
            Shape::Text | Shape::StateName => {
                self.text(at, name, node);
            }
            Shape::Flag => self.flag(at, name, node),
            Shape::OneOf(values) => self.one_of(at, name, node, values),
            Shape::Whole { least, most, computed } => {
                if !(*computed && self.computed(at, node)) {
                    self.whole(at, name, node, (*least, *most));
                }
            }
            Shape::Number { least, most, computed } => {
                if !(*computed && self.computed(at, node)) {
                    self.number(at, name, node, (*least, *most));
                }
            }
            Shape::Phrase => {
                if self.text(at, name, node) {
                    self.computed(at, node);
                }
            }
            Shape::Timestamp => {
                if self.text(at, name, node) && !self.computed(at, node) {
                    self.timestamp(name, node);
                }
            }
            Shape::Path if node.value == Value::Null => {}
            Shape::ResultPath if node.value == Value::Null => {}
            Shape::Path => self.path(at, name, node),
            Shape::Reference => self.reference(at, name, node),
            Shape::ResultPath => self.result_path(at, name, node),
            Shape::FailPath => self.fail_path(at, name, node),
            Shape::Template(data) => self.template(at, name, node, *data),
            Shape::Assign(data) => self.assign(at, node, *data),
            Shape::Items => match &node.value {
                Value::List(_) | Value::Map(_) => self.template(at, name, node, NO_DATA),
                _ if self.computed(at, node) => {}
                _ => self.wrong(at, name, node, "a list, a mapping or an expression"),
            },
            Shape::Condition => match &node.value {
                Value::Bool(_) => {}
                _ if self.computed(at, node) => {}
                _ => self.wrong(at, name, node, "a boolean or an expression (`{% … %}`)"),
            },
            Shape::ErrorNames => self.error_names(at, node),
            Shape::Resource => self.resource(at, node),
            Shape::Credentials => self.credentials(at, node),
            Shape::Object(table) => match node.as_map() {
                Some(map) => self.object(at.inner(table, node), map),
                None => self.wrong(at, name, node, "a mapping"),
            },
            Shape::Handlers(table) => self.handlers(at, name, node, table),
            Shape::Rules => self.rules(at, node),
            Shape::States => self.states(at, node),
            Shape::Machine => {
                if node.as_map().is_none() {
                    self.wrong(at, name, node, "a mapping with `StartAt` and `States`");
                }
            }
            Shape::Machines => self.branches(at, name, node),
        }
    }

    pub(super) fn wrong(&mut self, at: At<'m, 'a>, name: &str, node: &Node, wanted: &str) {
        let message = format!("`{name}` of {} is {wanted}, not {}", at.subject(), node.kind());
        self.find(&flow::FIELD_TYPE, node.span, message);
    }

    fn text(&mut self, at: At<'m, 'a>, name: &str, node: &Node) -> bool {
        if node.as_text().is_none() {
            self.wrong(at, name, node, "a string");
            return false;
        }
        true
    }

    fn flag(&mut self, at: At<'m, 'a>, name: &str, node: &Node) {
        if node.as_bool().is_none() {
            self.wrong(at, name, node, "true or false");
        }
    }

    fn one_of(&mut self, at: At<'m, 'a>, name: &str, node: &Node, values: &[&'static str]) {
        let Some(text) = node.as_str() else {
            self.wrong(at, name, node, &format!("one of {}", list(values)));
            return;
        };
        if !values.contains(&text) {
            let message = format!("`{name}` of {} is one of {}, not `{text}`", at.subject(), list(values));
            let near = suggest::nearest(text, values.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            self.report(Diagnostic::new(&flow::FIELD_VALUE, node.span, message).help_opt(near));
        }
    }

    fn whole(&mut self, at: At<'m, 'a>, name: &str, node: &Node, (least, most): (i64, i64)) {
        let Some(number) = node.as_number().filter(|number| !number.is_f64()) else {
            self.wrong(at, name, node, "an integer");
            return;
        };
        if !number.as_i64().is_some_and(|number| (least..=most).contains(&number)) {
            let message = format!("`{name}` of {} is from {least} to {most}, not {number}", at.subject());
            self.find(&flow::FIELD_VALUE, node.span, message);
        }
    }

    fn number(&mut self, at: At<'m, 'a>, name: &str, node: &Node, (least, most): (f64, f64)) {
        let Some(number) = node.as_number().and_then(serde_json::Number::as_f64) else {
            self.wrong(at, name, node, "a number");
            return;
        };
        if !(least..=most).contains(&number) {
            let range = if most == f64::MAX { format!("at least {least}") } else { format!("from {least} to {most}") };
            let message = format!("`{name}` of {} is {range}, not {number}", at.subject());
            self.find(&flow::FIELD_VALUE, node.span, message);
        }
    }

    pub(super) fn timestamp(&mut self, name: &str, node: &Node) {
        if let Some(text) = node.as_str()
            && !timestamp::is_timestamp(text)
        {
            let finding = Diagnostic::new(&flow::FIELD_VALUE, node.span, format!("`{name}` is a time as in RFC 3339"));
            self.report(finding.help("write `2030-01-31T09:00:00Z`, with an upper case `T` and `Z`"));
        }
    }

    /// Whether the value is an expression of a JSONata state, which is checked then.
    pub(super) fn computed(&mut self, at: At<'m, 'a>, node: &Node) -> bool {
        let Some(text) = node.as_text().filter(|_| at.language == QueryLanguage::Jsonata) else { return false };
        let literal = super::text::readable(text);
        let expression = jsonata::delimited(&literal) != Delimited::Plain;
        if expression {
            self.jsonata_text(at, node, NO_DATA);
        }
        expression
    }

    fn states(&mut self, at: At<'m, 'a>, node: &Node) {
        match node.as_map() {
            None => self.wrong(at, "States", node, "a mapping of states"),
            Some(map) if map.is_empty() => {
                self.find(&flow::MISSING_FIELD, node.span, format!("`States` of {} holds no state", at.subject()));
            }
            Some(_) => {}
        }
    }

    fn branches(&mut self, at: At<'m, 'a>, name: &str, node: &Node) {
        let Some(branches) = node.as_list() else {
            self.wrong(at, name, node, "a list of branches");
            return;
        };
        if branches.is_empty() {
            self.find(&flow::MISSING_FIELD, node.span, format!("{} needs at least one branch", at.subject()));
        }
        for branch in branches.iter().filter(|branch| branch.as_map().is_none()) {
            let message =
                format!("a branch of {} is a mapping with `StartAt` and `States`, not {}", at.subject(), branch.kind());
            self.find(&flow::FIELD_TYPE, branch.span, message);
        }
    }
}

/// Whether a value is left to CloudFormation: `{Ref: …}` or `{Fn::…: …}`. It stands for text that is not known yet, since
/// the definition is an object of the template.
pub(super) fn is_intrinsic(node: &Node) -> bool {
    let Some(map) = node.as_map().filter(|map| map.len() == 1) else { return false };
    map.iter().all(|entry| entry.key == "Ref" || entry.key.starts_with("Fn::"))
}

#[cfg(test)]
mod tests;
