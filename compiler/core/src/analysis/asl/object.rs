//! An object against the table of its fields: unknown, missing, of the other query language, excluding each other.

use super::fields::{self, Field, Group, Need};
use super::machine::{QueryLanguage, StateType};
use super::walk::{At, Walk, list};
use crate::diagnostic::{Diagnostic, Severity, codes::flow};
use crate::source::{Map, MapEntry};
use crate::suggest;

impl<'m, 'a> Walk<'m, 'a> {
    /// Checks a mapping against the table of `at`, and each of its values.
    pub(super) fn object(&mut self, at: At<'m, 'a>, map: &'a Map) {
        for entry in map {
            match at.table.field(&entry.key) {
                None => self.unknown(at, entry, &[]),
                Some(field) if field.language.is_some_and(|language| language != at.language) => {
                    self.other_language(at, field, entry);
                }
                Some(field) => self.value(at, field, entry),
            }
        }
        self.presence(at, map);
    }

    /// Checks that the fields are there that have to be, and not together that exclude each other.
    pub(super) fn presence(&mut self, at: At<'m, 'a>, map: &Map) {
        for field in at.table.fields {
            let applies = field.language.is_none_or(|language| language == at.language);
            if field.required && applies && map.get(field.name).is_none() {
                let message = format!("{} needs `{}`", at.subject(), field.name);
                let like = map.iter().find(|entry| {
                    at.table.field(&entry.key).is_none() && suggest::nearest(&entry.key, [field.name]).is_some()
                });
                // The unknown field is reported with this name as the likely one.
                if like.is_none() {
                    self.find(&flow::MISSING_FIELD, at.head, message);
                }
            }
        }
        for group in at.table.groups {
            self.group(at, group, map);
        }
    }

    fn group(&mut self, at: At<'m, 'a>, group: &'static Group, map: &Map) {
        let applies = |name: &&str| {
            let field = at.table.field(name);
            field.is_some_and(|field| field.language.is_none_or(|language| language == at.language))
        };
        let names: Vec<&str> = group.fields.iter().copied().filter(applies).collect();
        let mut present = map.iter().filter(|entry| names.contains(&entry.key.as_str()));
        match (present.next(), present.next()) {
            (Some(first), Some(second)) if group.need != Need::Any => {
                let message = format!("{} has both `{}` and `{}`", at.subject(), first.key, second.key);
                self.report(
                    Diagnostic::new(&flow::EXCLUSIVE_FIELDS, second.key_span, message)
                        .also(first.key_span, "the other one")
                        .help("remove one of them"),
                );
            }
            (None, _) if group.need != Need::Exclusive => {
                let message = format!("{} needs one of {}", at.subject(), list(&names));
                self.find(&flow::MISSING_FIELD, at.head, message);
            }
            _ => {}
        }
    }

    /// Reports a field that the object does not have; `more` are names that it has beside those of its table.
    pub(super) fn unknown(&mut self, at: At<'m, 'a>, entry: &MapEntry, more: &[&'static str]) {
        let key = entry.key.as_str();
        let of_state = at.state.and_then(|state| state.kind).filter(|kind| std::ptr::eq(fields::of(*kind), at.table));
        let others = StateType::ALL.into_iter().filter(|other| fields::of(*other).field(key).is_some());
        let others: Vec<&str> = others.map(StateType::name).collect();
        if let Some(kind) = of_state
            && !others.is_empty()
        {
            let message = format!("{} has no `{key}`", at.table.what);
            let finding = Diagnostic::new(&flow::UNKNOWN_FIELD, entry.key_span, message);
            self.report(finding.help(elsewhere(kind, key, &others)));
            return;
        }
        let applies = |field: &&Field| field.language.is_none_or(|language| language == at.language);
        let known: Vec<&str> =
            at.table.fields.iter().filter(applies).map(|field| field.name).chain(more.iter().copied()).collect();
        let near = suggest::nearest(key, known.iter().copied());
        let mut finding =
            Diagnostic::new(&flow::UNKNOWN_FIELD, entry.key_span, format!("{} has no field `{key}`", at.subject()));
        if matches!(key, "Next" | "End" | "QueryLanguage" | "TimeoutSeconds") {
            finding = finding.help(misplaced(key));
        } else if let Some(near) = near {
            finding = finding.help(format!("did you mean `{near}`?"));
        } else if known.len() <= 12 {
            finding = finding.help(format!("fields: {}", list(&known)));
        }
        if at.table.grows && near.is_none() {
            // AWS may have added it since the table was written.
            finding.severity = Severity::Warning;
        }
        self.report(finding);
    }

    fn other_language(&mut self, at: At<'m, 'a>, field: &'static Field, entry: &MapEntry) {
        let other = match at.language {
            QueryLanguage::JsonPath => QueryLanguage::Jsonata,
            QueryLanguage::Jsonata => QueryLanguage::JsonPath,
        };
        let message =
            format!("`{}` is a {} field, and {} is {}", field.name, other.name(), at.subject(), at.language.name());
        let help = match (at.language, counterpart(at, field.name)) {
            (QueryLanguage::Jsonata, Some(name)) if field.name.strip_suffix("Path") == Some(name) => {
                format!("write `{name}: '{{% … %}}'`")
            }
            (_, Some(name)) => format!("write `{name}`, or set `QueryLanguage: {}`", other.name()),
            (_, None) => format!("remove it, or set `QueryLanguage: {}`", other.name()),
        };
        self.report(Diagnostic::new(&flow::QUERY_LANGUAGE, entry.key_span, message).help(help));
    }
}

/// What to do about a field that other types of states have.
fn elsewhere(kind: StateType, key: &str, others: &[&str]) -> String {
    match (kind, key) {
        (StateType::Choice, "Next") => "each rule has its own `Next`; where none matches, `Default` says".to_owned(),
        (StateType::Choice, "End") => "let a rule or `Default` go to a Succeed state".to_owned(),
        (StateType::Succeed | StateType::Fail, "End") => "it ends the flow without it: remove it".to_owned(),
        (StateType::Succeed | StateType::Fail, "Next") => {
            "it ends the flow: remove it, or make the state a Pass state".to_owned()
        }
        _ => format!("only {} has it: remove it", spoken(others)),
    }
}

fn spoken(kinds: &[&str]) -> String {
    match kinds.split_last() {
        Some((last, [])) => format!("a {last} state"),
        Some((last, rest)) => format!("a {} or {last} state", rest.join(", ")),
        None => String::new(),
    }
}

/// What to do about a field that stands in an object of the wrong level.
fn misplaced(key: &str) -> &'static str {
    match key {
        "Next" => "only the outermost rule, a state and a catcher have it",
        "End" => "only a state ends the flow: go to one with `End: true`",
        "QueryLanguage" => "set it on the flow or on a single state",
        _ => "set it on the flow or on a Task state",
    }
}

/// The field of the other query language that does the same.
fn counterpart(at: At<'_, '_>, name: &'static str) -> Option<&'static str> {
    let is_map = at.state.and_then(|state| state.kind) == Some(StateType::Map);
    match name {
        "Parameters" if is_map && at.table.field("ItemSelector").is_some() => Some("ItemSelector"),
        "Parameters" if at.table.field("Arguments").is_some() => Some("Arguments"),
        "Arguments" => Some("Parameters"),
        "Parameters" | "OutputPath" | "ResultSelector" | "ResultPath" | "Result" => Some("Output"),
        "Output" if at.table.field("ResultSelector").is_some() => Some("ResultSelector"),
        "Output" if at.table.field("OutputPath").is_some() => Some("OutputPath"),
        "Output" => Some("ResultPath").filter(|name| at.table.field(name).is_some()),
        "Items" => Some("ItemsPath"),
        "ItemsPath" => Some("Items"),
        "Condition" => Some("Variable"),
        "Variable" | "And" | "Or" | "Not" => Some("Condition"),
        _ => name.strip_suffix("Path").filter(|short| at.table.field(short).is_some()),
    }
}

#[cfg(test)]
mod tests;
