//! A version whose topology is several stacks: released, deployed to another account, gone back to and verified.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use std::fmt::Write;
use tc_tests::releases::Releases;
use tc_tests::sandbox::{TOPOLOGY, told};

/// Adds so many functions with a schedule each, which are more than one stack has room for.
fn grow(etl: &Releases, functions: usize) {
    let mut schedules = "\nschedules:\n".to_owned();
    for n in 0..functions {
        etl.project.write(&format!("more{n}/handler.py"), "def handler(event, context):\n    return {}\n");
        let _ = writeln!(schedules, "  more{n}: {{rate: 1 hour, function: more{n}}}");
    }
    etl.project.write("topology.yml", &format!("{TOPOLOGY}{schedules}"));
}

#[test]
fn a_version_of_several_stacks_is_released_and_gone_back_to() {
    let etl = Releases::new();
    grow(&etl, 80);
    let run = etl.tc("compile").well();
    assert!(run.err.contains("written"), "{run:?}");
    let lock = std::fs::read_to_string(etl.project.root().join("topology.lock")).unwrap();
    std::fs::remove_file(etl.project.root().join("topology.lock")).unwrap();
    etl.repository.commit("more functions");
    let said = etl.tc("release").refused();
    assert!(said.contains("TC1410") && said.contains("`topology.lock` of the commit does not say where"), "{said}");

    etl.project.write("topology.lock", &lock);
    etl.repository.commit("their places");
    let run = etl.tc("release").well();
    assert_eq!((run.out.as_str(), etl.answer(&etl.qa).as_str()), ("0.1.0\n", "enhanced-data"));
    let nested = etl.keys(&etl.qa, "releases/etl/0.1.0/templates/qa/");
    assert_eq!(
        nested,
        ["functions-1.json", "functions-2.json", "triggers-1.json", "triggers-2.json"]
            .map(|name| format!("releases/etl/0.1.0/templates/qa/{name}"))
    );

    etl.enhance("better-data");
    etl.tc("release").well();
    assert_eq!(etl.answer(&etl.qa), "better-data");
    let run = etl.tc("deploy -s stable -e qa --version 0.1.0").well();
    assert!(told(&run).contains(&"Going back from 0.2.0 to 0.1.0".to_owned()), "{run:?}");
    assert_eq!(etl.answer(&etl.qa), "enhanced-data");
    etl.tc("deploy -s stable -e prod --version 0.2.0").well();
    assert_eq!(etl.answer(&etl.prod), "better-data");
    assert!(etl.tc("verify 0.2.0").well().out.ends_with("digests equal\n"));
}
