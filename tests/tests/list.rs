//! `tc list`: the sandboxes of a topology on the local AWS, and what one of them consists of.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::{Value, json};
use tc_tests::cloudformation;
use tc_tests::emulator::Emulator;
use tc_tests::interceptor::{Interceptor, Reply};
use tc_tests::sandbox::{Sandbox, TOPOLOGY};

fn list(sandbox: &Sandbox, arguments: &[&str]) -> tc_tests::project::Run {
    sandbox.project.tc(&[&["list", "-e", "local"], arguments].concat())
}

fn create(sandbox: &Sandbox, name: &str) {
    sandbox.project.tc(&["create", "-s", name, "-e", "local"]).well();
}

/// The rows by the value of a column.
fn column<'r>(rows: &'r [Value], name: &str) -> Vec<&'r Value> {
    rows.iter().map(|row| &row[name]).collect()
}

#[test]
fn sandboxes_are_listed_with_what_was_deployed_to_them() {
    let sandbox = Sandbox::new(&[]);
    create(&sandbox, "bob");
    sandbox.project.write("topology.yml", &format!("version: 1.4.2\n{TOPOLOGY}"));
    create(&sandbox, "ann");
    // Of another topology, whose name begins alike.
    sandbox.project.write("../etl2/topology.yml", "name: etl2\nqueues: {jobs: {consumer: worker}}\n");
    sandbox.project.write("../etl2/worker/handler.py", "def handler(event, context):\n    return {}\n");
    sandbox.project.tc(&["create", "../etl2", "-s", "bob", "-e", "local"]).well();

    let run = list(&sandbox, &["--format", "json"]).well();
    let rows = run.rows();
    assert_eq!((run.err.as_str(), column(&rows, "sandbox")), ("", vec![&json!("ann"), &json!("bob")]), "{run:?}");
    assert_eq!(column(&rows, "stack"), ["etl-ann", "etl-bob"]);
    assert_eq!(column(&rows, "version"), ["1.4.2", "0.0.1"]);
    assert_eq!(column(&rows, "status"), ["CREATE_COMPLETE", "CREATE_COMPLETE"]);
    assert_eq!(column(&rows, "drift"), ["NOT_CHECKED", "NOT_CHECKED"]);
    assert!(rows.iter().all(|row| row["age"].as_u64().is_some_and(|age| age < 3600)), "{rows:?}");
    let url = rows[0]["urls"]["GatewayApiTestUrl"].as_str().unwrap();
    assert!(url.starts_with("https://"), "{rows:?}");

    let table = list(&sandbox, &[]).well().out;
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split('|').map(str::trim).collect()).collect();
    assert_eq!(lines[0], ["sandbox", "version", "status", "age", "drift", "urls"], "{table}");
    assert_eq!(
        (lines.len(), &lines[2][..3], lines[2][4]),
        (4, &["ann", "1.4.2", "CREATE_COMPLETE"][..], "not checked")
    );
    assert_eq!(lines[2][5], url);

    // Without a change of the template, too, what was deployed is known.
    sandbox.project.tc(&["update", "-s", "bob", "-e", "local"]).well();
    assert_eq!(column(&list(&sandbox, &["--format", "json"]).rows(), "version"), ["1.4.2", "1.4.2"]);
    sandbox.project.tc(&["delete", "-s", "bob", "-e", "local", "--yes"]).well();
    assert_eq!(column(&list(&sandbox, &["--format", "json"]).rows(), "sandbox"), ["ann"]);
}

#[test]
fn the_manifest_of_what_was_deployed_is_kept_with_its_imports() {
    let sandbox = Sandbox::new(&[]);
    create(&sandbox, "bob");
    let bucket = format!("tc-artifacts-{}-us-west-2-an", sandbox.account);
    let kept = || {
        let request = format!("GET /{bucket}/deployments/etl-bob.json");
        Emulator::shared().ask(&sandbox.account, "s3", &request, "").unwrap()
    };
    let (status, manifest) = kept();
    assert_eq!(status, 200, "{manifest}");
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!((&manifest["topology"], &manifest["version"]), (&json!("etl"), &json!("0.0.1")));
    let import = &manifest["imports"]["ArtifactBucket"];
    assert_eq!((&import["value"], &import["origin"]), (&json!(bucket), &json!("local")), "{manifest}");
    sandbox.tc("delete --yes").well();
    assert_eq!(kept().0, 404);
}

#[test]
fn drift_is_told_where_aws_has_looked() {
    let sandbox = Sandbox::new(&[]);
    create(&sandbox, "bob");
    let drift = |arguments: &[&str]| {
        let rows = list(&sandbox, &[arguments, &["--format", "json"]].concat()).well().rows();
        rows.iter().map(|row| row["drift"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(drift(&["--drift"]), ["IN_SYNC"]);
    // By other hands: the function's memory.
    let request = "PUT /2015-03-31/functions/etl_enhancer_bob/configuration";
    let (status, answer) =
        Emulator::shared().ask(&sandbox.account, "lambda", request, "{\"MemorySize\": 512}").unwrap();
    assert_eq!(status, 200, "{answer}");
    assert_eq!(drift(&[]), ["IN_SYNC"], "nobody has looked again");
    assert_eq!(drift(&["--drift"]), ["DRIFTED"]);
    assert!(list(&sandbox, &[]).out.contains("| drifted "));

    let rows = list(&sandbox, &["-s", "bob", "--drift", "--format", "json"]).well().rows();
    let drifted: Vec<&Value> = rows.iter().filter(|row| row["drift"] == "MODIFIED").collect();
    assert_eq!(drifted.len(), 1, "{rows:?}");
    assert_eq!(drifted[0]["logical_id"], "FunctionEnhancer");
}

#[test]
fn the_resources_of_a_sandbox_are_listed() {
    let sandbox = Sandbox::new(&[]);
    create(&sandbox, "bob");
    let rows = list(&sandbox, &["-s", "bob", "--format", "json"]).well().rows();
    assert_eq!(rows.len(), 22);
    let function = rows.iter().find(|row| row["logical_id"] == "FunctionEnhancer").unwrap();
    let expected = json!({"logical_id": "FunctionEnhancer", "type": "AWS::Lambda::Function", "status": "CREATE_COMPLETE",
        "physical_id": "etl_enhancer_bob", "drift": "NOT_CHECKED"});
    assert_eq!(function, &expected);
    let table = list(&sandbox, &["-s", "bob"]).well().out;
    assert_eq!(table.lines().count(), 24, "{table}");
    assert!(table.lines().next().unwrap().contains("| type "), "{table}");
}

#[test]
fn what_is_not_there_is_told() {
    let sandbox = Sandbox::new(&[]);
    let run = list(&sandbox, &[]).well();
    assert_eq!((run.out.as_str(), run.err.as_str()), ("", "there is no sandbox of `etl` in local\n"));
    assert_eq!(list(&sandbox, &["--format", "json"]).well().rows(), [] as [Value; 0]);
    let said = list(&sandbox, &["-s", "bob"]).refused();
    assert!(said.contains("error[TC1102]: there is no sandbox `bob` of `etl` in local"), "{said}");
    assert!(said.contains("make it: `tc create -s bob -e local`"), "{said}");
}

#[test]
fn a_version_that_may_not_be_read_is_left_out() {
    let sandbox = Sandbox::new(&[]);
    let aws = Interceptor::start(Some(&Emulator::shared().address), |_, request| match request.action() {
        "DescribeStacks" => cloudformation::stack("etl-bob", "etl in sandbox bob", "UPDATE_COMPLETE"),
        _ if request.method == "GET" => Reply::Answer(403, &[], String::new()),
        _ => Reply::Forward,
    });
    sandbox.settle(&aws.unwrap().address);
    let rows = list(&sandbox, &["--format", "json"]).well().rows();
    assert_eq!((&rows[0]["sandbox"], &rows[0]["version"]), (&json!("bob"), &Value::Null));
}

#[test]
fn a_stack_of_another_topology_is_refused() {
    let sandbox = Sandbox::new(&[]);
    create(&sandbox, "a-b");
    // Its sandbox `b` would have the same stack.
    sandbox.project.write("../etl-a/topology.yml", "name: etl-a\nqueues: {jobs: {consumer: worker}}\n");
    sandbox.project.write("../etl-a/worker/handler.py", "def handler(event, context):\n    return {}\n");
    for command in [&["list"][..], &["logs"], &["invoke", "-c", "worker"], &["update"], &["delete", "--yes"]] {
        let said = sandbox.project.tc(&[command, &["../etl-a", "-s", "b", "-e", "local"]].concat()).refused();
        let wanted = "error[TC1106]: the stack `etl-a-b` was not made from this topology and sandbox";
        assert!(said.contains(wanted), "{command:?}: {said}");
    }
    assert_eq!(column(&list(&sandbox, &["--format", "json"]).rows(), "sandbox"), ["a-b"]);
}

#[test]
fn an_environment_is_not_guessed_where_the_project_cannot_be_read() {
    let sandbox = Sandbox::new(&[]);
    create(&sandbox, "bob");
    sandbox.project.write("../tc.yml", "environmnts: {}\n");
    for command in [&["list"][..], &["list", "--versions"], &["diff", "--between", "@bob.local.."]] {
        let said = sandbox.project.tc(command).refused();
        assert!(said.contains("error[TC0101]: unknown key `environmnts`"), "{command:?}: {said}");
    }
    for command in ["invoke", "logs", "diff", "update", "delete --yes"] {
        let said = sandbox.tc(command).refused();
        assert!(said.contains("error[TC0101]: unknown key `environmnts`"), "{command}: {said}");
        assert!(!said.contains("error[TC10"), "nobody is asked: {said}");
    }
    sandbox.settle(&Emulator::shared().address);
    assert_eq!(sandbox.status(), "CREATE_COMPLETE");
}
