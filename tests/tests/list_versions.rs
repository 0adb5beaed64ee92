//! `tc list --versions`: which version of each topology is in which environment; and what a partial update leaves of a
//! version. Environments are accounts of the local AWS.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::{Value, json};
use tc_tests::emulator::{Emulator, account, free_port};
use tc_tests::project::{Project, Run};

const HANDLER: &str = "def handler(event, context):\n    return {}\n";

/// The topologies `etl` and `pay`, each of a queue and a function, with the environments `qa` and `prod`.
fn project() -> Project {
    let project = Project::new(&[("worker/handler.py", HANDLER), ("../pay/worker/handler.py", HANDLER)]);
    let environment = |name: &str, address: &str| {
        format!("  {name}: {{endpoint: '{address}', region: us-west-2, account: '{}'}}\n", account())
    };
    let address = &Emulator::shared().address;
    let environments = format!("environments:\n{}{}", environment("qa", address), environment("prod", address));
    project.write("../tc.yml", &environments);
    project.write("../pay/topology.yml", "name: pay\nversion: 3.0.0\nqueues: {jobs: {consumer: worker}}\n");
    set(&project, "0.1.4");
    project
}

fn set(project: &Project, version: &str) {
    project.write("topology.yml", &format!("name: etl\nversion: {version}\nqueues: {{jobs: {{consumer: worker}}}}\n"));
}

/// The lines of a table, without what only makes it one.
fn lines(run: &Run) -> Vec<Vec<&str>> {
    let lines = run.out.lines().filter(|line| !line.starts_with("---"));
    lines.map(|line| line.split('|').map(str::trim).collect()).collect()
}

#[test]
fn versions_are_told_by_topology_and_environment() {
    let project = project();
    project.tc(&["create", "-s", "stable", "-e", "prod"]).well();
    set(&project, "0.2.0");
    project.tc(&["create", "-s", "stable", "-e", "qa"]).well();
    project.tc(&["create", "../pay", "-s", "bob", "-e", "qa"]).well();

    let run = project.tc(&["list", "--versions", "-e", "qa,prod"]).well();
    let wanted =
        [["topology", "sandbox", "qa", "prod"], ["etl", "stable", "0.2.0", "0.1.4"], ["pay", "bob", "3.0.0", "-"]];
    assert_eq!((lines(&run), run.err.as_str()), (wanted.map(|line| line.to_vec()).to_vec(), ""), "{run:?}");

    // From outside of a topology, in all environments of the project, and in the sandboxes of one name.
    let run = project.tc(&["list", "..", "--versions", "-s", "stable"]).well();
    assert_eq!(lines(&run).len(), 2, "{run:?}");
    assert_eq!(lines(&run)[0], ["topology", "sandbox", "qa", "prod"]);

    let rows = project.tc(&["list", "--versions", "-e", "prod,qa", "--format", "json"]).well().rows();
    let deployed = |version: &str, stack: &str| json!({"version": version, "parts": {}, "stack": stack, "status": "CREATE_COMPLETE"});
    assert_eq!(
        rows,
        [
            json!({"topology": "etl", "sandbox": "stable",
                "environments": {"qa": deployed("0.2.0", "etl-stable"), "prod": deployed("0.1.4", "etl-stable")}}),
            json!({"topology": "pay", "sandbox": "bob",
                "environments": {"qa": deployed("3.0.0", "pay-bob"), "prod": null}}),
        ]
    );
    let run = project.tc(&["list", "--versions", "-s", "ann"]).well();
    assert_eq!((run.out.as_str(), run.err.as_str()), ("", "there is no sandbox in qa, prod\n"));
}

#[test]
fn an_environment_that_does_not_answer_is_told_beside_the_others() {
    let project = project();
    project.tc(&["create", "-s", "stable", "-e", "qa"]).well();
    let closed = format!("http://127.0.0.1:{}", free_port().unwrap());
    let known = std::fs::read_to_string(project.root().join("../tc.yml")).unwrap();
    project.write("../tc.yml", &format!("{known}  gone: {{endpoint: '{closed}', region: us-west-2}}\n"));

    let run = project.tc(&["list", "--versions", "-e", "gone,qa"]);
    assert_eq!(
        lines(&run),
        [["topology", "sandbox", "gone", "qa"], ["etl", "stable", "no answer", "0.1.4"]],
        "{run:?}"
    );
    let said = run.refused();
    assert!(said.contains(&format!("`gone` does not answer: `{closed}` cannot be reached")), "{said}");

    let run = project.tc(&["list", "--versions", "-e", "gone,qa,nowhere", "--format", "json"]);
    let environments = &run.rows()[0]["environments"];
    assert_eq!(environments["qa"]["version"], "0.1.4");
    assert!(environments["gone"]["error"].as_str().is_some_and(|error| !error.is_empty()), "{run:?}");
    let said = run.refused();
    assert!(said.contains("`nowhere` does not answer: there is no AWS profile `nowhere`"), "{said}");

    let run = project.tc(&["list", "--versions", "-e", "gone"]);
    assert_eq!(run.out, "");
    assert!(!run.refused().contains("there is no sandbox"));
}

#[test]
fn several_environments_are_compared_by_their_versions_alone() {
    let run = project().tc(&["list", "-e", "qa,prod"]);
    assert_eq!(run.status, Some(2), "{run:?}");
    assert!(run.err.starts_with("error: several environments are compared with `--versions` alone\n"), "{run:?}");
}

#[test]
fn a_part_that_is_newer_is_told() {
    let project = project();
    project.tc(&["create", "-s", "bob", "-e", "qa"]).well();
    let version = || {
        let run = project.tc(&["list", "-e", "qa"]).well();
        lines(&run)[1][1].to_owned()
    };
    let newer = |version: &str| {
        set(&project, version);
        project.write("worker/handler.py", &format!("{HANDLER}\n\nVERSION = \"{version}\"\n"));
    };
    assert_eq!(version(), "0.1.4");
    newer("0.1.5");
    project.tc(&["update", "-s", "bob", "-e", "qa", "-c", "worker"]).well();
    assert_eq!(version(), "0.1.4, functions/worker 0.1.5");
    let rows = project.tc(&["list", "-e", "qa", "--format", "json"]).well().rows();
    let parts = json!({"functions/worker": "0.1.5"});
    assert_eq!((&rows[0]["version"], &rows[0]["parts"]), (&json!("0.1.4"), &parts));

    // A plan of a part, and another part beside the first; a kind has all that was of it.
    newer("0.1.6");
    project.tc(&["update", "-s", "bob", "-e", "qa", "-c", "functions", "-c", "vars", "--no-execute"]).well();
    assert_eq!(version(), "0.1.4, functions/worker 0.1.5");
    project.tc(&["deploy", "--plan", "plan.json"]).well();
    assert_eq!(version(), "0.1.4, functions 0.1.6, vars 0.1.6");
    let run = project.tc(&["list", "--versions", "-e", "qa"]).well();
    assert_eq!(lines(&run)[1][2], "0.1.4, functions 0.1.6, vars 0.1.6");

    project.tc(&["update", "-s", "bob", "-e", "qa"]).well();
    assert_eq!(version(), "0.1.6");
    let rows: Vec<Value> = project.tc(&["list", "-e", "qa", "--format", "json"]).well().rows();
    assert_eq!(rows[0]["parts"], json!({}));
}
