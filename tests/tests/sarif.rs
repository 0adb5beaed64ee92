//! SARIF documents against the standard's own schema.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use std::fs;
use std::process::Command;
use tc_core::diagnostic::codes::reading;
use tc_core::diagnostic::{Diagnostic, Diagnostics, render::sarif};
use tc_core::source::{SourceMap, Span};
use tc_tests::binary::tc;

/// What the standard's schema has to say about a document.
fn faults(document: &Value) -> Vec<String> {
    // The pattern of `language` holds a stray `]`, which JavaScript takes as it stands and this validator refuses.
    let schema = include_str!("../vendor/sarif/sarif-schema-2.1.0.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn findings_make_a_valid_document() {
    let mut sources = SourceMap::default();
    let file = sources.add("a b/ñ%:.yml".into(), "a: 1\nb:\n  - {c: 2}\n".to_owned());
    let empty = sources.add("empty.yml".into(), String::new());
    let mut diagnostics = Diagnostics::default();
    for code in [&reading::DUPLICATE_KEY, &reading::SYNTAX] {
        for span in [Span::new(file, 0, 1), Span::new(file, 0, 18), Span::new(file, 5, 5), Span::new(file, 18, 18)] {
            diagnostics.push(
                Diagnostic::new(code, span, "message {{x}} {0} `[a](1)`\n\u{1b}[0m")
                    .label("label")
                    .also(Span::start_of(empty), "")
                    .also(Span::new(file, 4, 9), "over a line break")
                    .help("do this"),
            );
        }
    }
    diagnostics.push(Diagnostic::without_place(&reading::NO_TOPOLOGY, "no place"));
    let document = sarif::document(&diagnostics, &sources, "1.2.3", &|path| path.to_string());
    assert_eq!(faults(&document), [""; 0]);
    assert_eq!(document["runs"][0]["results"].as_array().unwrap().len(), 9);
}

#[test]
fn no_finding_makes_a_valid_document_too() {
    let document = sarif::document(&Diagnostics::default(), &SourceMap::default(), "1.2.3", &|path| path.to_string());
    assert_eq!(faults(&document), [""; 0]);
    assert_eq!(document["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn the_schema_finds_faults() {
    let mut document =
        sarif::document(&Diagnostics::default(), &SourceMap::default(), "1.2.3", &|path| path.to_string());
    document["runs"][0]["columnKind"] = "bytes".into();
    document["runs"][0]["results"] = serde_json::json!([{"ruleId": "TC0001"}]);
    assert_eq!(faults(&document).len(), 2);
}

#[test]
fn what_the_program_prints_is_valid() {
    let repository = tempfile::tempdir().unwrap();
    let topology = repository.path().join("services/e t l");
    fs::create_dir_all(&topology).unwrap();
    fs::create_dir(repository.path().join(".git")).unwrap();
    fs::write(topology.join("topology.yml"), "name: etl\nname: etl\n").unwrap();
    let output =
        Command::new(tc()).args(["compile", "--message-format", "sarif"]).current_dir(topology).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(faults(&document), [""; 0]);
    let result = &document["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "TC0005");
    let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(place["uri"], "services/e%20t%20l/topology.yml");
    assert!(!String::from_utf8_lossy(&output.stdout).contains(&*repository.path().to_string_lossy()));
}
