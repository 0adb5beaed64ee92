//! Event patterns are written as EventBridge reads them.
//!
//! A field is matched by a list of values and matchers, or by a mapping of fields below it. Sources: EventBridge User
//! Guide, "Creating event patterns" and "Comparison operators for use in event patterns".

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};
use crate::source::{Map, MapEntry, Node, Span, Value};
use crate::suggest;

const MATCHERS: [&str; 8] =
    ["anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"];
/// The matchers that `anything-but` can negate.
const NEGATED: [&str; 4] = ["equals-ignore-case", "prefix", "suffix", "wildcard"];
const COMPARISONS: [&str; 5] = ["<", "<=", "=", ">", ">="];

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let consumed = subject.topology.consumes.values();
    for (pattern, path) in consumed.flat_map(|event| [(&event.pattern, ""), (&event.filter, "detail")]) {
        if let Some(pattern) = pattern {
            Walk { findings }.field(path, pattern, pattern.span);
        }
    }
    for event in subject.topology.produces.values() {
        if let Some(filter) = &event.filter {
            Walk { findings }.field("detail", filter, filter.span);
        }
    }
}

struct Walk<'f> {
    findings: &'f mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn report(&mut self, span: Span, message: String, help: impl Into<String>) {
        self.findings.push(Diagnostic::new(&codes::EVENT_PATTERN, span, message).help(help));
    }

    /// What a field is matched by; `path` is empty for the event itself.
    fn field(&mut self, path: &str, value: &Node, key: Span) {
        match &value.value {
            Value::Map(map) if map.is_empty() => {
                self.report(key, format!("{} says nothing", shown(path)), "list what it may be, or leave it out");
            }
            Value::Map(map) => map.iter().for_each(|entry| self.entry(path, entry)),
            Value::List(list) if list.is_empty() => {
                self.report(key, format!("{} can be nothing", shown(path)), "list what it may be, or leave it out");
            }
            Value::List(list) => list.iter().for_each(|item| self.item(path, item)),
            _ => {
                let (last, value) = (last(path), written(value));
                self.report(
                    key,
                    format!("{} must be a list of what it may be", shown(path)),
                    format!("write `{last}: [{value}]`"),
                );
            }
        }
    }

    fn entry(&mut self, path: &str, entry: &MapEntry) {
        if entry.key == "$or" {
            return self.alternatives(path, entry);
        }
        let path = match path {
            "" => entry.key.clone(),
            path => format!("{path}.{}", entry.key),
        };
        self.field(&path, &entry.value, entry.key_span);
    }

    /// `$or`: two patterns or more.
    fn alternatives(&mut self, path: &str, entry: &MapEntry) {
        let help = "write `$or: [{a: [x]}, {b: [y]}]`";
        match entry.value.as_list() {
            Some(list) if list.len() > 1 && list.iter().all(|item| item.as_map().is_some()) => {
                list.iter().for_each(|item| self.field(path, item, item.span));
            }
            _ => self.report(entry.key_span, "`$or` must be a list of two patterns or more".to_owned(), help),
        }
    }

    /// A value that the field may have, or a matcher.
    fn item(&mut self, path: &str, item: &Node) {
        match &item.value {
            Value::Map(map) => self.matcher(path, item, map),
            Value::List(_) => {
                let message = format!("a list within the list of {}", shown(path));
                self.report(item.span, message, "put its values into the outer one");
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn matcher(&mut self, path: &str, item: &Node, map: &Map) {
        let mut entries = map.iter();
        let (Some(entry), None) = (entries.next(), entries.next()) else {
            let message = format!("a matcher of {} must have one key, not {}", shown(path), map.len());
            let help = "give each its own mapping; one of them is enough to match: `[{prefix: a}, {suffix: b}]`";
            return self.report(item.span, message, help);
        };
        let wanted = match entry.key.as_str() {
            "exists" => entry.value.as_bool().is_none().then_some("`exists: true` or `exists: false`"),
            "prefix" | "suffix" => (!is_text(&entry.value) && !ignores_case(&entry.value)).then_some("text"),
            "cidr" | "equals-ignore-case" => (!is_text(&entry.value)).then_some("text"),
            "wildcard" => (!is_wildcard(&entry.value)).then_some("text without `**`"),
            "numeric" => (!is_numeric(&entry.value)).then_some("a comparison, as in `numeric: ['>', 0, '<=', 5]`"),
            "anything-but" => (!is_anything_but(&entry.value))
                .then_some("text or a number, a list of one of them, or one of the matchers for text"),
            other => {
                let message = format!("{} has an unknown matcher `{other}`", shown(path));
                let help = suggest::help(other, "matchers", MATCHERS).unwrap_or_default();
                return self.report(entry.key_span, message, help);
            }
        };
        if let Some(wanted) = wanted {
            let message = format!("the matcher `{}` of {} has {}", entry.key, shown(path), entry.value.kind());
            self.report(entry.value.span, message, format!("it takes {wanted}"));
        }
    }
}

fn shown(path: &str) -> String {
    if path.is_empty() { "the pattern".to_owned() } else { format!("`{path}`") }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// A value as it would be written in a list.
fn written(value: &Node) -> String {
    match &value.value {
        Value::String(text) => text.to_string(),
        _ => serde_json::to_string(value).unwrap_or_default(),
    }
}

fn is_text(value: &Node) -> bool {
    value.as_text().is_some()
}

fn ignores_case(value: &Node) -> bool {
    value.as_map().is_some_and(|map| map.len() == 1 && map.get("equals-ignore-case").is_some_and(is_text))
}

/// Two wildcards side by side are refused.
fn is_wildcard(value: &Node) -> bool {
    value.as_text().is_some_and(|text| !text.to_string().contains("**"))
}

/// One comparison, or two that bound a range.
fn is_numeric(value: &Node) -> bool {
    let Some(list) = value.as_list() else { return false };
    let pair = |pair: &[Node]| {
        let [comparison, number] = pair else { return false };
        comparison.as_str().is_some_and(|text| COMPARISONS.contains(&text)) && number.as_number().is_some()
    };
    matches!(list.len(), 2 | 4) && list.chunks(2).all(pair)
}

/// Text, a number, a list of either kind, or a matcher for text with text or a list of it.
fn is_anything_but(value: &Node) -> bool {
    let is_number = |value: &Node| value.as_number().is_some();
    let all = |is: &dyn Fn(&Node) -> bool| value.as_list().is_some_and(|list| !list.is_empty() && list.iter().all(is));
    let negated = |map: &Map| {
        let mut entries = map.iter();
        let (Some(entry), None) = (entries.next(), entries.next()) else { return false };
        let texts = entry.value.as_list().is_some_and(|list| !list.is_empty() && list.iter().all(is_text));
        NEGATED.contains(&entry.key.as_str()) && (is_text(&entry.value) || texts)
    };
    is_text(value) || is_number(value) || all(&is_text) || all(&is_number) || value.as_map().is_some_and(negated)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    fn of_filter(filter: &str) -> Vec<String> {
        check_topology(check, &format!("events:\n  consumes:\n    E: {{function: a, filter: {filter}}}\n"))
    }

    #[test]
    fn what_eventbridge_documents_passes() {
        for filter in [
            "{a: [x, 1, true, null]}",
            "{a: {b: {c: [x]}}, d: ['']}",
            "{a: [{prefix: x}, {suffix: y}, {prefix: {equals-ignore-case: z}}]}",
            "{a: [{exists: false}], b: [{cidr: 10.0.0.0/24}], c: [{equals-ignore-case: x}], d: [{wildcard: 'a*b*'}]}",
            "{a: [{numeric: ['>', 0]}], b: [{numeric: ['>=', 0.5, '<', 5]}], c: [{numeric: ['=', 1]}]}",
            "{a: [{anything-but: x}], b: [{anything-but: 1}], c: [{anything-but: [x, y]}], d: [{anything-but: [1, 2]}]}",
            "{a: [{anything-but: {prefix: x}}], b: [{anything-but: {wildcard: ['*/lib/*', '*/bin/*']}}]}",
            "{$or: [{a: [x]}, {b: [{exists: true}], c: [1]}]}",
            "'{\"a\": [\"x\"]}'",
        ] {
            assert_eq!(of_filter(filter), [""; 0], "{filter}");
        }
    }

    #[test]
    fn a_value_outside_of_a_list_is_shown_how_to_be_written() {
        assert_eq!(
            of_filter("{status: done, n: {m: 1}}"),
            [
                "TC0411 error `detail.status` must be a list of what it may be @status; write `status: [done]`",
                "TC0411 error `detail.n.m` must be a list of what it may be @m; write `m: [1]`",
            ]
        );
        let text = "events:\n  consumes:\n    E: {function: a, pattern: {source: x.y}}\n";
        assert_eq!(
            check_topology(check, text),
            ["TC0411 error `source` must be a list of what it may be @source; write `source: [x.y]`"]
        );
    }

    #[test]
    fn matchers_are_known_and_take_what_they_take() {
        let message = |filter: &str| {
            let found = of_filter(filter);
            assert_eq!(found.len(), 1, "{filter}: {found:?}");
            found.concat().trim_start_matches("TC0411 error ").to_owned()
        };
        for (filter, expected) in [
            ("{a: [{prefx: x}]}", "`detail.a` has an unknown matcher `prefx` @prefx; did you mean `prefix`?"),
            ("{a: [{prefix: 1}]}", "the matcher `prefix` of `detail.a` has an integer @1; it takes text"),
            (
                "{a: [{wildcard: 'a**'}]}",
                "the matcher `wildcard` of `detail.a` has a string @'a**'; it takes text without `**`",
            ),
            (
                "{a: [{exists: 'no'}]}",
                "the matcher `exists` of `detail.a` has a string @'no'; it takes `exists: true` or `exists: false`",
            ),
            (
                "{a: [{numeric: ['>', x]}]}",
                "the matcher `numeric` of `detail.a` has a list @['>', x]; it takes a comparison, as in `numeric: ['>', 0, '<=', 5]`",
            ),
            (
                "{a: [{anything-but: [x, 1]}]}",
                "the matcher `anything-but` of `detail.a` has a list @[x, 1]; it takes text or a number, a list of one of \
                 them, or one of the matchers for text",
            ),
            ("{a: [[x]]}", "a list within the list of `detail.a` @[x]; put its values into the outer one"),
            ("{a: []}", "`detail.a` can be nothing @a; list what it may be, or leave it out"),
            ("{a: {}}", "`detail.a` says nothing @a; list what it may be, or leave it out"),
            (
                "{$or: [{a: [x]}]}",
                "`$or` must be a list of two patterns or more @$or; write `$or: [{a: [x]}, {b: [y]}]`",
            ),
            (
                "{a: [{prefix: x, suffix: y}]}",
                "a matcher of `detail.a` must have one key, not 2 @{prefix: x, suffix: y}; give each its own mapping; one of \
                 them is enough to match: `[{prefix: a}, {suffix: b}]`",
            ),
        ] {
            assert_eq!(message(filter), expected);
        }
    }
}
