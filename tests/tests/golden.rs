//! Golden cases: what is expected, in usual surroundings and in others.

use tc_tests::golden::{Kind, UNUSUAL, USUAL, cases, differences};
use tc_tests::judges::judge;

const HINT: &str = "if the change is right: cargo run -p tc-tests --bin golden -- --bless, and read what it wrote";

#[test]
fn every_case_gives_what_is_expected() {
    for kind in Kind::ALL {
        let differences = differences(kind, USUAL);
        assert!(differences.is_empty(), "{differences}\n{HINT}");
    }
}

#[test]
fn no_surrounding_reaches_the_output() {
    for kind in Kind::ALL {
        let differences = differences(kind, UNUSUAL);
        assert!(differences.is_empty(), "in other surroundings:\n{differences}");
    }
}

#[test]
fn there_are_enough_bad_inputs_and_each_is_refused() {
    let cases = cases(Kind::Diagnostics);
    assert!(cases.len() >= 60, "{} bad inputs", cases.len());
    for case in cases {
        let expected = case.expected();
        let text = String::from_utf8_lossy(&expected["findings.txt"]);
        assert!(text.ends_with("exit code: 1\n"), "{} is not refused", case.name());
        assert!(text.contains("[TC0"), "{} has no code", case.name());
    }
}

#[test]
fn the_judges_have_nothing_to_say() {
    let templates: Vec<_> = cases(Kind::Compile).iter().map(|case| case.root.join("out/template.yaml")).collect();
    assert!(templates.len() >= 20, "{} templates", templates.len());
    assert_eq!(judge(&templates), Ok(Vec::new()));
}
