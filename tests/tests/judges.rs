//! The judges from outside work and are heard: a template they accept, and one with faults each must find.

use tc_tests::judges::{directory, judge};

#[test]
fn a_sound_template_passes_with_its_deprecated_runtime() {
    assert_eq!(judge(&[directory().join("accepted.json")]), Ok(Vec::new()));
}

#[test]
fn each_judge_is_heard_with_its_warnings() {
    let findings = judge(&[directory().join("accepted.json"), directory().join("refused.yaml")]).unwrap();
    let told = |parts: [&str; 3]| findings.iter().any(|line| parts.iter().all(|part| line.contains(part)));
    assert!(told(["refused.yaml:14 ", "E3002 cfn-lint:", "FileName"]), "{findings:#?}");
    assert!(told(["refused.yaml:", "F3002 cloudformation-validate:", "FileName"]), "{findings:#?}");
    assert!(told(["refused.yaml:", "W3037 cfn-lint:", "frobnicate"]), "{findings:#?}");
    assert!(told(["refused.yaml:", "W9003 cloudformation-validate:", "128"]), "{findings:#?}");
    assert!(told(["refused.yaml:4 ", "W2001 cfn-lint:", "Unused"]), "{findings:#?}");
    assert!(findings.iter().all(|line| !line.contains("accepted.json")), "{findings:#?}");
}

#[test]
fn a_template_that_cannot_be_read_is_not_taken_for_sound() {
    let missing = directory().join("missing.yaml");
    assert!(judge(&[missing]).unwrap_err().contains("missing.yaml"));
}
