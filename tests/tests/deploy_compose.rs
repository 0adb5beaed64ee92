//! A tree of topologies, deployed with `--recursive`: what is named first, and on after a failure in the middle.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::{Value, json};
use tc_tests::compose::{FILES, STRIPE, tree};
use tc_tests::emulator::Emulator;
use tc_tests::sandbox::{Sandbox, told};

const STACKS: [&str; 3] = ["stripe-bob", "payment-bob", "order-bob"];

/// The three topologies, and an account.
fn composed() -> Sandbox {
    let sandbox = Sandbox::new(FILES);
    for file in ["enhancer", "transformer", "loader"] {
        std::fs::remove_dir_all(sandbox.project.root().join(file)).unwrap();
    }
    sandbox
}

/// The states of the three stacks; empty where there is none.
fn statuses(sandbox: &Sandbox) -> [String; 3] {
    STACKS.map(|stack| {
        let answer = sandbox.ask(&format!("Action=DescribeStacks&StackName={stack}"));
        let status = answer.split("<StackStatus>").nth(1).and_then(|rest| rest.split('<').next());
        status.unwrap_or_default().to_owned()
    })
}

/// The results that the report at the end tells.
fn report(lines: &[String]) -> Vec<String> {
    let rows = lines.iter().filter_map(|line| line.strip_prefix("  "));
    let rows = rows.filter(|row| ["stripe ", "payment ", "order "].iter().any(|name| row.starts_with(name)));
    rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// The lines that tell of the work on one topology, without the time.
fn of<'l>(lines: &'l [String], topology: &str) -> Vec<&'l str> {
    let prefix = format!("{topology:7} | ");
    let told = lines.iter().filter_map(|line| line.strip_prefix(&prefix));
    told.map(|line| line.split_once(' ').map_or(line, |(_, rest)| rest)).collect()
}

/// Takes or frees the name of the function `charge` of `payment`.
fn taken(sandbox: &Sandbox, is_taken: bool) {
    let name = "payment_charge_bob";
    let ask = |service: &str, request: &str, body: &str| {
        Emulator::shared().ask(&sandbox.account, service, request, body).unwrap()
    };
    if !is_taken {
        let (status, _) = ask("lambda", &format!("DELETE /2015-03-31/functions/{name}"), "");
        assert_eq!(status, 204);
        return;
    }
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
    let body = format!("Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument={trust}");
    assert_eq!(ask("iam", "POST /", &body).0, 200);
    let function = json!({
        "FunctionName": name,
        "Runtime": "python3.13",
        "Handler": "a.b",
        // An empty zip.
        "Code": {"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
        "Role": format!("arn:aws:iam::{}:role/r", sandbox.account),
    });
    let (status, made) = ask("lambda", "POST /2015-03-31/functions", &function.to_string());
    assert_eq!(status, 201, "{made}");
}

#[test]
fn a_tree_is_deployed_and_goes_on_after_a_failure_in_the_middle() {
    let sandbox = composed();
    taken(&sandbox, true);
    let failed = sandbox.tc("create --recursive");
    assert_eq!(failed.status, Some(1), "{failed:?}");
    let lines = told(&failed);
    assert_eq!(report(&lines), ["stripe created", "payment failed", "order not begun: payment failed"], "{failed:?}");
    assert_eq!(lines.last().unwrap(), "What is done stays; the same command again goes on with the rest");
    assert!(failed.err.contains("Function already exist: payment_charge_bob"), "{failed:?}");
    assert!(failed.err.contains("--> payment/charge/handler.py"), "{failed:?}");
    assert_eq!(statuses(&sandbox), ["CREATE_COMPLETE", "", ""]);

    // What it is for is known before it is begun.
    let plans: Vec<&String> = lines.iter().filter(|line| line.starts_with("plan of ")).collect();
    assert_eq!(
        plans,
        ["plan of stripe-bob: 3 to add", "plan of payment-bob: 6 to add", "plan of order-bob: 15 to add"]
    );
    assert!(of(&lines, "order").is_empty(), "{failed:?}");

    taken(&sandbox, false);
    let run = sandbox.tc("create --recursive").well();
    let lines = told(&run);
    assert_eq!(report(&lines), ["stripe unchanged", "payment created", "order created"], "{run:?}");
    assert_eq!(of(&lines, "stripe").last(), Some(&"Nothing to do: the sandbox is as the topology says"));
    let machine = format!("arn:aws:states:us-west-2:{}:stateMachine:payment_bob", sandbox.account);
    let linking = format!("Linking TopologyPaymentFlow to {machine} (the stack payment-bob)");
    assert!(of(&lines, "order").contains(&linking.as_str()), "{run:?}");
    assert!(run.out.starts_with("URL of the gateway order: https://"), "{run:?}");
    assert_eq!(statuses(&sandbox), ["CREATE_COMPLETE"; 3]);

    // From the outermost flow to the innermost and back.
    sandbox.project.write("payload.json", r#"{"order": 7}"#);
    let run = sandbox.tc("invoke --payload payload.json --sync").well();
    assert_eq!(run.data(), json!({"order": 7}), "{run:?}");
}

#[test]
fn one_that_is_changed_is_updated_and_the_rest_is_left() {
    let sandbox = composed();
    let absent = sandbox.tc("update --recursive").refused();
    assert!(absent.contains("error[TC1102]: there is no sandbox `bob` of `order` in local"), "{absent}");
    assert!(absent.contains("`tc create -s bob -e local --recursive`"), "{absent}");
    let run = sandbox.tc("diff --recursive").well();
    assert!(run.out.starts_with("stripe-bob: 3 to add\n"), "{run:?}");
    sandbox.tc("create --recursive").well();
    let run = sandbox.tc("diff --recursive --exit-code").well();
    assert_eq!(run.out, STACKS.map(|stack| format!("{stack} is as the topology says\n")).concat());

    sandbox.project.write("payment/stripe/topology.yml", &STRIPE.replace("Pass,", "Pass, Comment: books,"));
    let run = sandbox.tc("diff --recursive --exit-code --format json");
    assert_eq!(run.status, Some(1), "{run:?}");
    let differs: Vec<Value> =
        run.data()["topologies"].as_array().unwrap().iter().map(|one| one["differs"].clone()).collect();
    assert_eq!(differs, [true, false, false]);
    let run = sandbox.tc("update --recursive --format json").well();
    let rows = run.data()["topologies"].as_array().unwrap().clone();
    let results: Vec<_> =
        rows.iter().map(|row| (row["topology"].as_str().unwrap(), row["result"].as_str().unwrap())).collect();
    assert_eq!(results, [("stripe", "updated"), ("payment", "unchanged"), ("order", "unchanged")]);
    assert_eq!(rows[0]["details"]["changes"][0]["logical_id"], "Flow");
    assert_eq!(rows[0]["directory"], "payment/stripe");
}

#[test]
fn what_names_another_is_deleted_before_it() {
    let sandbox = composed();
    sandbox.tc("create --recursive").well();
    let refused = sandbox.tc("delete --recursive").refused();
    let asked = "nobody can be asked whether to delete the sandbox `bob` of `order`, `payment`, `stripe` in local, 24 resources";
    assert!(refused.contains(asked), "{refused}");
    assert_eq!(statuses(&sandbox), ["CREATE_COMPLETE"; 3]);
    let run = sandbox.tc("delete --recursive --yes").well();
    let lines = told(&run);
    assert_eq!(report(&lines), ["order deleted", "payment deleted", "stripe deleted"], "{run:?}");
    let place = |topology: &str| {
        let line = format!("Deleted {topology}@bob.local/0.0.1 in");
        lines.iter().position(|one| one.contains(&line)).unwrap()
    };
    assert!(place("order") < place("payment") && place("payment") < place("stripe"), "{run:?}");
    assert_eq!(statuses(&sandbox), [""; 3]);
    let refused = sandbox.tc("delete --recursive --yes").refused();
    assert!(refused.contains("error[TC1102]: there is no sandbox `bob` of `order` in local"), "{refused}");
}

#[test]
fn a_removal_is_agreed_to_once_for_all() {
    let sandbox = composed();
    sandbox.tc("create --recursive").well();
    let fewer = tree("topology.yml").replace("  /payments: {method: POST, state: payment}\n", "");
    sandbox.project.write("topology.yml", &fewer);
    let refused = sandbox.tc("update --recursive").refused();
    assert!(refused.contains("nobody can be asked whether to remove or replace 3 resources"), "{refused}");
    let gated = sandbox.tc("update --recursive --yes --fail-on delete").refused();
    assert!(gated.contains("error[TC1108]"), "{gated}");
    let run = sandbox.tc("update --recursive --yes").well();
    assert_eq!(report(&told(&run)), ["stripe unchanged", "payment unchanged", "order updated"], "{run:?}");
    assert!(!run.err.contains("change set of"), "what was agreed to is not shown again: {run:?}");
}

#[test]
fn one_plan_is_of_all_of_them() {
    let sandbox = composed();
    let run = sandbox.tc("create --recursive --no-execute").well();
    let lines = told(&run);
    assert_eq!(report(&lines), ["stripe planned", "payment planned", "order planned"], "{run:?}");
    assert_eq!(lines.last().unwrap(), "Nothing was executed; the plan is plan.json: tc deploy --plan plan.json");
    // What needs another has no change set yet.
    assert_eq!(statuses(&sandbox), ["REVIEW_IN_PROGRESS", "", ""]);
    let deploy = || sandbox.project.tc(&["deploy", "--plan", "plan.json"]);

    sandbox.project.write("topology.yml", &tree("topology.yml").replace("method: POST", "method: PUT"));
    let outdated = deploy().refused();
    assert!(outdated.contains("error[TC1110]: the topology `order` has changed since the plan was made"), "{outdated}");
    assert_eq!(statuses(&sandbox), ["REVIEW_IN_PROGRESS", "", ""]);
    sandbox.project.write("topology.yml", tree("topology.yml"));
    sandbox.project.write("refund/topology.yml", &STRIPE.replace("stripe", "refund"));
    let outdated = deploy().refused();
    assert!(outdated.contains("the topology `refund` has come since the plan was made"), "{outdated}");
    std::fs::remove_dir_all(sandbox.project.root().join("refund")).unwrap();

    let run = deploy().well();
    assert_eq!(report(&told(&run)), ["stripe created", "payment created", "order created"], "{run:?}");
    assert_eq!(statuses(&sandbox), ["CREATE_COMPLETE"; 3]);
    let again = deploy();
    assert_eq!(again.status, Some(1), "a change set is executed once: {again:?}");
    assert_eq!(report(&told(&again))[0], "stripe failed", "{again:?}");

    // Once all are there each has its change set, or nothing to do.
    sandbox.project.write("topology.yml", &tree("topology.yml").replace("method: POST", "method: PUT"));
    let run = sandbox.tc("update --recursive --no-execute --format json").well();
    let rows = run.data()["topologies"].as_array().unwrap().clone();
    let results: Vec<_> = rows.iter().map(|row| row["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["unchanged", "unchanged", "planned"], "{run:?}");
    let run = deploy().well();
    assert_eq!(report(&told(&run)), ["stripe unchanged", "payment unchanged", "order updated"], "{run:?}");
    assert!(of(&told(&run), "stripe").is_empty(), "{run:?}");
}

#[test]
fn alone_it_says_what_has_to_be_there_first() {
    let sandbox = composed();
    let refused = sandbox.tc("create").refused();
    assert!(refused.contains("error[TC1101]: the topology `payment` is not deployed in the sandbox `bob` of local"));
    assert!(refused.contains("`tc create -s bob -e local payment`, or both: `tc create --recursive`"), "{refused}");
    assert_eq!(statuses(&sandbox), [""; 3]);
    let none = sandbox.tc("create --recursive --import Nothing=x").refused();
    assert!(none.contains("no template of these topologies has a parameter `Nothing`"), "{none}");
    let machine = "TopologyPaymentFlow=arn:aws:states:us-west-2:111111111111:stateMachine:other";
    sandbox.tc(&format!("create --import {machine}")).well();
    assert_eq!(statuses(&sandbox), ["", "", "CREATE_COMPLETE"]);
}
