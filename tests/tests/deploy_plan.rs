//! A change set that is looked at before it is executed: `--no-execute`, `tc deploy --plan`, `--fail-on`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::Value;
use std::fs;
use tc_tests::project::Run;
use tc_tests::sandbox::{Sandbox, TOPOLOGY, told};

const BETTER: &str = "def handler(event, context):\n    return {\"data\": \"better\"}\n";

fn deploy(sandbox: &Sandbox) -> Run {
    sandbox.project.tc(&["deploy", "--plan", "plan.json"])
}

/// A sandbox, and a plan of another code of the enhancer.
fn planned() -> Sandbox {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    sandbox.project.write("enhancer/handler.py", BETTER);
    let before = sandbox.code("enhancer");
    let run = sandbox.tc("update --no-execute").well();
    let last = "Nothing was executed; the plan is plan.json: tc deploy --plan plan.json";
    assert_eq!(told(&run).last().unwrap(), last, "{run:?}");
    assert_eq!((sandbox.status().as_str(), sandbox.code("enhancer")), ("CREATE_COMPLETE", before));
    sandbox
}

/// That a plan was refused for this reason, and the stack left as it was.
fn assert_outdated(sandbox: &Sandbox, reason: &str) {
    let (status, code) = (sandbox.status(), sandbox.code("enhancer"));
    let refused = deploy(sandbox).refused();
    assert!(refused.contains(&format!("error[TC1110]: {reason}\n")), "{refused}");
    assert!(refused.contains("help: make it anew with `--no-execute`, and look at it again; nothing was done"));
    assert_eq!((sandbox.status(), sandbox.code("enhancer")), (status, code));
}

#[test]
fn a_plan_is_executed_as_it_was_shown() {
    let sandbox = planned();
    let run = deploy(&sandbox).well();
    let lines = told(&run);
    assert_eq!(lines[1], "Initializing functor: etl@bob.local/0.0.1", "{run:?}");
    assert!(lines.contains(&"change set of etl-bob: 1 to change".to_owned()), "{run:?}");
    assert!(lines.contains(&"Updating function etl_enhancer_bob (177 B)".to_owned()), "{run:?}");
    assert!(run.out.starts_with("URL of the gateway api-test: https://"), "{run:?}");
    assert_eq!((sandbox.status().as_str(), sandbox.code("enhancer").1), ("UPDATE_COMPLETE", 177));
    let plan = fs::read_to_string(sandbox.project.root().join("plan.json")).unwrap();
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let executed = sandbox.ask("Action=ListChangeSets&StackName=etl-bob");
    assert!(executed.contains(plan["change_set"].as_str().unwrap()), "what was shown was executed: {executed}");
    // It cannot be executed twice.
    assert_outdated(&sandbox, "the stack has changed since the plan was made");
}

#[test]
fn a_plan_is_refused_after_an_edit() {
    let sandbox = planned();
    sandbox.project.write("topology.yml", &TOPOLOGY.replace("timeout: 10", "timeout: 20"));
    assert_outdated(&sandbox, "the topology has changed since the plan was made");
    sandbox.project.write("topology.yml", TOPOLOGY);
    sandbox.project.write("enhancer/handler.py", "def handler(event, context):\n    pass\n");
    assert_outdated(&sandbox, "the topology has changed since the plan was made");
    // The same as it was is what was looked at.
    sandbox.project.write("enhancer/handler.py", BETTER);
    deploy(&sandbox).well();
    assert_eq!(sandbox.code("enhancer").1, 177);
}

#[test]
fn a_plan_is_refused_after_the_stack_has_changed() {
    let sandbox = planned();
    let plan = fs::read_to_string(sandbox.project.root().join("plan.json")).unwrap();
    // Somebody else is faster, with another memory.
    let vars = "../infrastructure/tc/etl/vars/enhancer.json";
    sandbox.project.write(vars, r#"{"memory_size": 512}"#);
    sandbox.tc("update").well();
    fs::remove_dir_all(sandbox.project.root().join("../infrastructure")).unwrap();
    sandbox.project.write("plan.json", &plan);
    assert_outdated(&sandbox, "the stack has changed since the plan was made");
}

#[test]
fn a_plan_is_not_something_else() {
    let sandbox = planned();
    let path = sandbox.project.root().join("plan.json");
    let plan: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let write = |plan: &Value| sandbox.project.write("plan.json", &plan.to_string());
    let with = |key: &str, value: Value| {
        let mut other = plan.clone();
        other[key] = value;
        write(&other);
    };
    with("template_sha256", "0".repeat(64).into());
    assert_outdated(&sandbox, "the change set has another template than the plan");
    with("account", "999999999999".into());
    assert_outdated(&sandbox, "the plan is for the account 999999999999 in us-west-2");
    with("version", 2.into());
    let refused = deploy(&sandbox).refused();
    assert!(
        refused.contains("error[TC1109]: `plan.json` is no plan: it is of version 2, this tc knows 1"),
        "{refused}"
    );
    sandbox.project.write("plan.json", "{}");
    let refused = deploy(&sandbox).refused();
    assert!(refused.contains("error[TC1109]: `plan.json` is no plan: missing field `version`"), "{refused}");
    fs::remove_file(&path).unwrap();
    let refused = deploy(&sandbox).refused();
    assert!(refused.contains("error[TC1109]: `plan.json` is no plan: no such file or directory"), "{refused}");
    write(&plan);
    sandbox.ask(&format!("Action=DeleteChangeSet&ChangeSetName={}", plan["change_set"].as_str().unwrap()));
    assert_outdated(&sandbox, "the change set of the plan is not there any more, or was executed");
}

#[test]
fn a_sandbox_is_created_by_a_plan() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create --no-execute --plan first.json").well();
    assert_eq!(sandbox.status(), "REVIEW_IN_PROGRESS");
    let run = sandbox.project.tc(&["deploy", "--plan", "first.json", "--format", "json"]).well();
    let done: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&done["stack"], &done["result"]), (&"etl-bob".into(), &"created".into()));
    assert_eq!(done["changes"].as_array().unwrap().len(), 22);
    assert_eq!(sandbox.status(), "CREATE_COMPLETE");
}

#[test]
fn a_plan_that_cannot_be_written_leaves_nothing() {
    let sandbox = Sandbox::new(&[]);
    let refused = sandbox.tc("create --no-execute --plan nowhere/plan.json").refused();
    assert!(refused.contains("error[TC1109]: `nowhere/plan.json` cannot be written: "), "{refused}");
    assert_eq!(sandbox.status(), "");
}

#[test]
fn losing_data_by_a_plan_unseen_takes_its_own_word() {
    let queues = "queues:\n  jobs: {consumer: enhancer}\n";
    let sandbox = Sandbox::new(&[("topology.yml", &format!("{TOPOLOGY}\n{queues}"))]);
    sandbox.tc("create").well();
    sandbox.project.write("topology.yml", TOPOLOGY);
    sandbox.tc("update --no-execute").well();
    let refused = deploy(&sandbox).refused();
    assert!(refused.contains("error[TC1107]: nobody is there to see that `QueueJobs` and its messages"), "{refused}");
    assert_eq!(sandbox.status(), "CREATE_COMPLETE");
    let refused =
        sandbox.project.tc(&["deploy", "--plan", "plan.json", "--allow-replace", "--fail-on", "delete"]).refused();
    assert!(refused.contains("error[TC1108]"), "{refused}");
    sandbox.project.tc(&["deploy", "--plan", "plan.json", "--allow-replace"]).well();
    assert_eq!(sandbox.status(), "UPDATE_COMPLETE");
}

#[test]
fn a_gate_stops_replacements_and_deletions() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    // Another path replaces the permission of the route; no event deletes its resources.
    sandbox.project.write("topology.yml", &TOPOLOGY.replace("\"/api/etl\"", "\"/api/v2/etl\""));
    let refused = sandbox.tc("update --yes --fail-on replace").refused();
    assert!(refused.contains("error[TC1108]: the change set removes or replaces `RouteEtlPermission`\n"), "{refused}");
    assert!(refused.contains("`--fail-on` forbids it; nothing was done"), "{refused}");
    let without_event = TOPOLOGY.replace("events:\n  consumes:\n    StartETL:\n      producer: default\n", "");
    let without_event = without_event.replace("      function: '{{namespace}}_enhancer_{{sandbox}}'\n\nflow", "flow");
    sandbox.project.write("topology.yml", &without_event);
    let refused = sandbox.tc("update --yes --allow-replace --fail-on replace,delete --no-execute").refused();
    assert!(refused.contains("error[TC1108]: the change set removes or replaces `EventStartETL"), "{refused}");
    assert!(!sandbox.project.root().join("plan.json").exists());
    assert_eq!((sandbox.status().as_str(), sandbox.change_sets()), ("CREATE_COMPLETE", 1));
    // What neither replaces nor deletes passes.
    sandbox.project.write("topology.yml", &TOPOLOGY.replace("timeout: 10", "timeout: 20"));
    sandbox.tc("update --fail-on replace,delete").well();
    assert_eq!(sandbox.status(), "UPDATE_COMPLETE");
}
