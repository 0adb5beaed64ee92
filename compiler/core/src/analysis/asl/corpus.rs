//! The corpus of flows that others collected, whose file names say `valid` or `invalid`.
//!
//! It is not part of the project. The test reads the directory that `TC_ASL_CORPUS` names, else `../shared/corpora/asl`
//! beside the workspace, and says so and passes where there is none; what matters of it is in the tests of each rule.

use super::testing::errors_of;
use std::path::PathBuf;

/// Files that tc judges otherwise than their name does, with AWS's own words for it.
const DISAGREEMENTS: [(&str, &str); 6] = [
    (
        "invalid-json-surround-syntax-extra-spaces.json",
        "developer guide, Transforming data: \"the string must start with `{%` with no leading spaces, and must end with `%}` \
         with no trailing spaces\"; blanks inside of the delimiters are blanks of the expression",
    ),
    (
        "invalid-jsonata-surround-syntax-no-spaces.json",
        "the same sentence: nothing asks for a blank after `{%`; ValidateStateMachineDefinition: \"JSONata string must start \
         with {% and end with %}\", and the schema of AWS's own editor has the pattern `^{%(.*)%}$`",
    ),
    (
        "valid-assign.asl.json",
        "it assigns `top-level`; CreateStateMachine: \"INVALID_VARIABLE_NAME: Invalid variable name '…': the variable name \
         contains invalid characters.\"",
    ),
    (
        "valid-cfn-definition-substitutions.json",
        "without DefinitionSubstitutions, which a flow cannot bring along, CloudFormation leaves `${lambdaArn}` as it is; \
         CreateStateMachine: \"SCHEMA_VALIDATION_FAILED: Value is not a valid resource ARN\"",
    ),
    (
        "valid-map-with-item-batcher-jsonata.json",
        "ValidateStateMachineDefinition: \"'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine\"",
    ),
    (
        "valid-task-credentials.json",
        "CreateStateMachine: \"SCHEMA_VALIDATION_FAILED: The field 'RoleArn' is required but was missing\"",
    ),
];

fn directory() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora/asl");
    std::env::var_os("TC_ASL_CORPUS").map_or_else(beside, PathBuf::from)
}

#[test]
#[expect(clippy::print_stdout, reason = "says why nothing was judged")]
fn flows_are_judged_as_their_names_say() {
    let directory = directory();
    let Ok(entries) = std::fs::read_dir(&directory) else {
        println!("no corpus at {}: nothing was judged", directory.display());
        return;
    };
    let mut names: Vec<String> = entries.filter_map(|entry| entry.unwrap().file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(".json"));
    names.sort();
    let mut wrong = Vec::new();
    for name in &names {
        let text = std::fs::read_to_string(directory.join(name)).unwrap();
        let errors = errors_of(&text);
        let disagreed = DISAGREEMENTS.iter().any(|(other, _)| other == name);
        if (errors.is_empty() == name.starts_with("valid-")) == disagreed {
            wrong.push(format!("{name}: {errors:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let known = |(name, _): &(&str, &str)| names.iter().any(|other| other == name);
    assert!(DISAGREEMENTS.iter().all(known), "a disagreement about a file that is not there");
    assert!(names.len() >= 112, "only {} files at {}", names.len(), directory.display());
}
