//! Findings as one SARIF 2.1.0 document, for code scanning services.
//!
//! Written after the OASIS standard "Static Analysis Results Interchange Format (SARIF) Version 2.1.0". The document
//! states nothing about the machine: paths are relative to the repository's root, which it calls `SRCROOT`, and there is
//! no time in it.

use super::ShowPath;
use super::place::Place;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Label, codes};
use crate::source::SourceMap;
use serde_json::{Map, Value, json};

/// The identifier of the standard's schema.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What paths are relative to.
const BASE: &str = "SRCROOT";

/// All findings of a run as a SARIF document. `path` gives paths relative to the repository's root; `version` is that of
/// the tool, a semantic version.
pub fn document(diagnostics: &Diagnostics, sources: &SourceMap, version: &str, path: ShowPath<'_>) -> Value {
    let rules: Vec<&'static Code> = codes::all().collect();
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| result(diagnostic, &rules, sources, path)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "tc",
                "semanticVersion": version,
                "rules": rules.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "invocations": [{"executionSuccessful": true}],
            "originalUriBaseIds": {BASE: {"description": {"text": "the root of the repository"}}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// A code as a reporting descriptor (section 3.49).
fn rule(code: &Code) -> Value {
    let lead = code.explanation.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    json!({
        "id": code.id,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": lead.trim()},
        "help": {"text": code.explanation, "markdown": code.explanation},
        "defaultConfiguration": {"level": code.severity.as_str()},
    })
}

/// A finding as a result (section 3.27).
fn result(diagnostic: &Diagnostic, rules: &[&'static Code], sources: &SourceMap, path: ShowPath<'_>) -> Value {
    let mut text = diagnostic.message.clone();
    for help in &diagnostic.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    let location = |label: &Label| location(label, sources, path);
    let mut locations: Vec<_> = diagnostic.primary.iter().filter_map(location).collect();
    if locations.is_empty() {
        locations.push(location_without_place(path));
    }
    // -1 is the standard's word for a rule that is not in the list.
    let index = rules.iter().position(|code| code.id == diagnostic.code.id);
    json!({
        "ruleId": diagnostic.code.id,
        "ruleIndex": index.map_or(json!(-1), Value::from),
        "level": diagnostic.severity.as_str(),
        "message": message(&text),
        "locations": locations,
        "relatedLocations": diagnostic.secondary.iter().filter_map(location).collect::<Vec<_>>(),
    })
}

/// A label as a location (section 3.28).
fn location(label: &Label, sources: &SourceMap, path: ShowPath<'_>) -> Option<Value> {
    let Place { path, start, end } = Place::of(label.span, sources, path)?;
    let mut location = Map::new();
    location.insert(
        "physicalLocation".to_owned(),
        json!({
            "artifactLocation": {"uri": uri(&path), "uriBaseId": BASE},
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        }),
    );
    if !label.text.is_empty() {
        location.insert("message".to_owned(), message(&label.text));
    }
    Some(location.into())
}

/// The location of a finding that is in no file: GitHub refuses a document in which a result has none ("SARIF support for
/// code scanning", result object).
fn location_without_place(path: ShowPath<'_>) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&path(&"topology.yml".into())), "uriBaseId": BASE},
        "region": {"startLine": 1},
    }})
}

/// Literal text as a message: braces, which would begin a placeholder, are doubled (section 3.11.5).
fn message(text: &str) -> Value {
    json!({"text": text.replace('{', "{{").replace('}', "}}")})
}

/// A relative path as a URI reference: everything but RFC 3986's unreserved characters and `/` is percent-encoded, so
/// that no segment can be taken for a scheme.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn results_name_rule_place_and_help() {
        let (sources, findings) = fixture::findings();
        let mut diagnostics = Diagnostics::default();
        diagnostics.extend(findings);
        let document = document(&diagnostics, &sources, "1.2.3", &fixture::shown);
        let run = &document["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), codes::all().count());
        let first = &run["results"][0];
        let index = usize::try_from(first["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], "TC0005");
        assert_eq!(rules[index]["shortDescription"]["text"], "a key stands twice in one mapping");
        assert_eq!(rules[index]["defaultConfiguration"]["level"], "error");
        assert_eq!(
            *first,
            json!({
                "ruleId": "TC0005",
                "ruleIndex": index,
                "level": "error",
                "message": {"text": "key `load` stands twice\nhelp: remove one of them\nhelp: or rename it: `loader`"},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": "etl/topology.yml", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 5, "startColumn": 3, "endLine": 5, "endColumn": 7},
                }, "message": {"text": "the second"}}],
                "relatedLocations": [{"physicalLocation": {
                    "artifactLocation": {"uri": "etl/topology.yml", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 7},
                }, "message": {"text": "the first"}}, {"physicalLocation": {
                    "artifactLocation": {"uri": "infrastructure/vars/a%2Cb.json", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 3},
                }}],
            })
        );
        let place = &run["results"][1]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "etl/topology.yml");
        assert_eq!(run["results"][1]["level"], "warning");
    }

    #[test]
    fn paths_and_braces_are_escaped() {
        assert_eq!(uri("a b/ñ:%.yml"), "a%20b/%C3%B1%3A%25.yml");
        assert_eq!(message("unknown `{{x}}`"), json!({"text": "unknown `{{{{x}}}}`"}));
    }
}
