//! `tc diff --between` where one side or both are sandboxes, on accounts of the local AWS.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::{Value, json};
use tc_tests::emulator::{Emulator, account};
use tc_tests::project::{Project, Run};
use tc_tests::repository::Repository;

const TOPOLOGY: &str = "name: etl\nroutes:\n  /etl: {function: enhancer, method: POST}\n";
const HANDLER: &str = "def handler(event, context):\n    return {\"version\": 1}\n";

/// A topology at version 0.1.0, with the environments `qa` and `prod`.
fn project() -> (Project, Repository) {
    let project = Project::new(&[
        ("topology.yml", TOPOLOGY),
        ("enhancer/handler.py", HANDLER),
        ("enhancer/function.json", r#"{"runtime": {"environment": {"LEVEL": "qa", "WHERE": "{{env}}"}}}"#),
    ]);
    let environment = |name: &str| {
        let address = &Emulator::shared().address;
        format!("  {name}: {{endpoint: '{address}', region: us-west-2, account: '{}'}}\n", account())
    };
    project.write("../tc.yml", &format!("environments:\n{}{}", environment("qa"), environment("prod")));
    let repository = Repository::new(&project);
    repository.commit("feat: begin");
    repository.tag("etl-0.1.0");
    (project, repository)
}

fn between(project: &Project, sides: &str) -> Run {
    project.tc(&["diff", "--between", sides, "--exit-code"])
}

/// The lines but for digests, which say nothing to people.
fn told(run: &Run) -> Vec<String> {
    assert_eq!(run.status, Some(1), "{run:?}");
    run.out.lines().map(|line| if line.contains(".zip") { "      Code".to_owned() } else { line.to_owned() }).collect()
}

#[test]
fn versions_sandboxes_and_files_are_compared() {
    let (project, repository) = project();
    project.tc(&["create", "-s", "stable", "-e", "qa"]).well();
    let same = between(&project, "0.1.0..@stable.qa").well();
    assert_eq!((same.out.as_str(), same.err.as_str()), ("etl 0.1.0..@stable.qa: nothing differs\n", ""));
    assert_eq!(between(&project, "@stable.qa..").well().out, "etl @stable.qa..working tree: nothing differs\n");

    project.write("enhancer/handler.py", &HANDLER.replace('1', "2"));
    project.write("topology.yml", &format!("{TOPOLOGY}queues:\n  jobs: {{consumer: enhancer}}\n"));
    repository.commit("feat: take jobs");
    repository.tag("etl-0.2.0");
    project.tc(&["create", "-s", "stable", "-e", "prod"]).well();
    assert_eq!(between(&project, "0.2.0..@stable.prod").well().out, "etl 0.2.0..@stable.prod: nothing differs\n");

    // Two accounts: what differs by nature is left out.
    let run = between(&project, "@stable.qa..@stable.prod");
    let lines = told(&run);
    assert_eq!(lines[0], "etl @stable.qa..@stable.prod: 4 added, 2 changed", "{}", run.out);
    assert!(run.out.contains("\nqueues/jobs\n  + QueueJobs  AWS::SQS::Queue\n"), "{}", run.out);
    assert!(lines.iter().any(|line| line == "      Code"), "{}", run.out);
    assert!(!run.out.contains("stable\"") && !run.out.contains("S3Bucket"), "{}", run.out);
    // Backwards, and by a version.
    let run = between(&project, "@stable.prod..0.1.0");
    assert_eq!(told(&run)[0], "etl @stable.prod..0.1.0: 2 changed, 4 removed", "{}", run.out);
    assert!(!run.out.contains("are lost"), "nothing is updated: {}", run.out);

    // Sandboxes of other names, in one environment and in two.
    project.tc(&["create", "-s", "bob", "-e", "qa"]).well();
    for sides in ["@bob.qa..@stable.prod", "@stable.prod..@bob.qa", "@bob.qa..0.2.0"] {
        let run = between(&project, sides).well();
        assert_eq!(run.out, format!("etl {sides}: nothing differs\n"));
    }
    assert_eq!(told(&between(&project, "@stable.qa..@bob.qa"))[0], "etl @stable.qa..@bob.qa: 4 added, 2 changed");

    // From elsewhere in the repository, and as data.
    let mut command =
        project.command(&["diff", "--service", "etl", "--between", "0.1.0..@stable.prod", "--format", "json"]);
    let output = command.current_dir(project.root().join("..")).output().unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&found["from"], &found["to"], &found["differs"]),
        (&json!("0.1.0"), &json!("@stable.prod"), &json!(true))
    );
    assert_eq!(found["changes"].as_array().unwrap().len(), 6, "{found}");
    assert_eq!((output.status.code(), &found["without_code"]), (Some(0), &json!([])));
}

#[test]
fn code_that_has_to_be_built_is_left_out() {
    let (project, repository) = project();
    let function = |memory: u32| {
        let build = "cp handler.py made.py && zip -q lambda.zip made.py handler.py";
        format!(r#"{{"runtime": {{"memory_size": {memory}}}, "tasks": {{"build": "{build}"}}}}"#)
    };
    // `zip` is not everywhere; what makes no zip is packed as it is.
    project.write("enhancer/function.json", &function(256).replace(" && zip -q lambda.zip made.py handler.py", ""));
    repository.commit("build: copy");
    repository.tag("etl-0.1.1");
    project.tc(&["create", "-s", "bob", "-e", "qa"]).well();
    let run = between(&project, "0.1.1..@bob.qa").well();
    let note = "code of enhancer: not compared, it has to be built first\n";
    assert_eq!(run.out, format!("etl 0.1.1..@bob.qa: nothing differs\n{note}"));
    // The files as they are now are built, as they are to be deployed.
    assert_eq!(between(&project, "..@bob.qa").well().out, "etl working tree..@bob.qa: nothing differs\n");
    project.write("enhancer/handler.py", &HANDLER.replace('1', "2"));
    let run = between(&project, "@bob.qa..");
    assert_eq!(told(&run)[3], "      Code", "{run:?}");
}

#[test]
fn what_cannot_be_compared_says_why() {
    let (project, repository) = project();
    let said = between(&project, "0.1.0..@stable.qa").refused();
    assert!(said.contains("error[TC1102]: there is no sandbox `stable` of `etl` in qa"), "{said}");
    let said = between(&project, "0.3.0..@stable.qa").refused();
    assert!(said.contains("error[TC1403]") || said.contains("error[TC1102]"), "{said}");
    let said = between(&project, "@bob.nowhere..@stable.qa").refused();
    assert!(said.contains("there is no AWS profile `nowhere`"), "{said}");
    for (sides, wanted) in [
        ("@bob..", "`@bob` names no environment: write `@SANDBOX.ENV`, as in `@bob.dev`"),
        ("@Bob.qa..", "`Bob` is no sandbox: it must begin with a lower case letter"),
        ("..", "write a version or a sandbox on one side at least"),
        ("..0.1.0", "the files as they are now come last: `0.1.0..`"),
    ] {
        let run = between(&project, sides);
        assert!(run.status == Some(2) && run.err.contains(wanted), "{run:?}");
    }
    let run = project.tc(&["diff", "--changelog", "--between", "0.1.0..@stable.qa"]);
    assert_eq!(run.status, Some(2), "{run:?}");
    assert!(run.err.starts_with("error: a changelog is of versions: a sandbox has no commits\n"), "{run:?}");

    let run = project.tc(&["diff", "--between", "@bob.qa..", "--format", "markdown"]);
    assert_eq!(run.status, Some(2), "{run:?}");
    assert!(run.err.starts_with("error: a page is made of what changed between two versions alone\n"), "{run:?}");

    // An error in the files, and in those of a version.
    project.tc(&["create", "-s", "bob", "-e", "qa"]).well();
    project.write("topology.yml", "name: etl\nroutes:\n  /etl: {function: nobody}\n");
    repository.commit("break");
    repository.tag("etl-0.2.0");
    let said = between(&project, "@bob.qa..").refused();
    assert!(said.contains("topology.yml:3:"), "{said}");
    let said = between(&project, "0.2.0..@bob.qa").refused();
    assert!(said.contains("error[TC1407]: the topology of version 0.2.0 cannot be compiled: "), "{said}");
    // Neither matters where only what is deployed is compared, and no repository is needed.
    std::fs::remove_dir_all(project.root().join("../.git")).unwrap();
    assert_eq!(between(&project, "@bob.qa..@bob.qa").well().out, "etl @bob.qa..@bob.qa: nothing differs\n");
}
