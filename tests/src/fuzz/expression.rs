//! The checker of state machines: any bytes as a definition, and any text as an expression in one.

use super::render;
use serde_json::{Value, json};
use tc_core::analysis::asl as checker;
use tc_core::frontend::yaml;
use tc_core::ir::StateMachineType;
use tc_core::source::SourceMap;
use tc_core::world::SourcePath;

/// Any bytes as a definition.
pub fn asl(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    check(text);
}

/// Any text as a JSONata expression, wherever one may stand.
pub fn jsonata(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    check_states(&json!({
        "a": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": text, "Assign": {"x": text}, "Next": "b"},
        "b": {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{"Condition": text, "Next": "c"}], "Default": "c"},
        "c": {"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": text, "End": true},
    }));
}

/// Any text as a JSONPath, wherever one may stand.
pub fn jsonpath(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    check_states(&json!({
        "a": {"Type": "Pass", "InputPath": text, "ResultPath": text, "OutputPath": text, "Parameters": {"x.$": text}, "Next": "b"},
        "b": {"Type": "Choice", "Choices": [{"Variable": text, "IsNull": true, "Next": "c"}], "Default": "c"},
        "c": {"Type": "Wait", "SecondsPath": text, "End": true},
    }));
}

/// Any text as an intrinsic function.
pub fn intrinsic(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    check_states(&json!({
        "a": {"Type": "Pass", "Parameters": {"x.$": text}, "Assign": {"y.$": text}, "Next": "b"},
        "b": {"Type": "Pass", "Parameters": {"x": [{"y.$": text}]}, "End": true},
    }));
}

fn check_states(states: &Value) {
    check(&json!({"StartAt": "a", "States": states}).to_string());
}

fn check(text: &str) {
    let mut sources = SourceMap::default();
    let file = sources.add(SourcePath::new("flow.json"), text.to_owned());
    let Ok(definition) = yaml::read(file, text) else { return };
    for mode in [StateMachineType::Standard, StateMachineType::Express] {
        render(checker::check(&definition, mode), &sources);
    }
}
