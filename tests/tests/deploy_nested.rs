//! Sandboxes of several stacks on the local AWS: what is too large for one is created, reviewed, changed, undone and deleted
//! as if it were one.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use tc_tests::emulator::{Emulator, account};
use tc_tests::project::{Project, Run};
use tc_tests::sandbox::{Sandbox, told};

/// Functions that are just too many for one stack, with ten resources each.
const SOME: usize = 42;

/// Adds one to the steps of what it is given.
const HANDLER: &str = "def handler(event, context):\n    return {\"steps\": event.get(\"steps\", 0) + 1}\n";

/// A zip without files, in base64.
const EMPTY_ZIP: &str = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";

/// A topology of functions, each with a route and an event, and a flow through three of them.
fn topology(count: usize) -> String {
    let mut text = "name: etl\nroutes:\n".to_owned();
    // Writing to a String cannot fail.
    for number in 1..=count {
        let _ = writeln!(text, "  /f{number:03}:\n    method: POST\n    function: f{number:03}");
    }
    text += "events:\n  consumes:\n";
    for number in 1..=count {
        let _ = writeln!(text, "    F{number:03}:\n      producer: default\n      function: f{number:03}");
    }
    let middle = count / 2;
    let _ = writeln!(text, "flow:\n  StartAt: first\n  States:");
    for (state, number, next) in
        [("first", 1, "Next: middle"), ("middle", middle, "Next: last"), ("last", count.min(SOME), "End: true")]
    {
        let _ = writeln!(
            text,
            "    {state}:\n      Type: Task\n      Resource: arn:aws:states:::lambda:invoke\n      OutputPath: $.Payload\n      \
             Parameters:\n        FunctionName: '{{{{namespace}}}}_f{number:03}_{{{{sandbox}}}}'\n        Payload.$: $\n      {next}"
        );
    }
    text
}

/// Makes the project one of so many functions.
fn resize(sandbox: &Sandbox, count: usize) {
    for number in 1..=count {
        let name = format!("f{number:03}/handler.py");
        if !sandbox.project.root().join(&name).exists() {
            sandbox.project.write(&name, HANDLER);
        }
    }
    let _ = fs::remove_dir_all(sandbox.project.root().join(format!("f{:03}", count + 1)));
    sandbox.project.write("topology.yml", &topology(count));
}

fn large(count: usize) -> Sandbox {
    let sandbox = Sandbox { project: Project::new(&[]), account: account() };
    resize(&sandbox, count);
    sandbox.settle(&Emulator::shared().address);
    sandbox
}

/// The logical ids of what a run changed, as its result says.
fn changed(run: &Run) -> BTreeSet<String> {
    let changes = run.data()["changes"].as_array().unwrap().clone();
    changes.iter().map(|change| change["logical_id"].as_str().unwrap().to_owned()).collect()
}

/// The logical ids of a function with its route and its event.
fn of_function(number: usize) -> BTreeSet<String> {
    let ids = [
        "Function",
        "Function%LogGroup",
        "Function%Role",
        "Route",
        "Route%Integration",
        "Route%Permission",
        "Event",
        "Event%DeadLetter",
        "Event%DeadLetterPolicy",
        "Event%Permission",
    ];
    let id = |pattern: &str| {
        let (kind, part) = pattern.split_once('%').unwrap_or((pattern, ""));
        format!("{kind}F{number:03}{part}")
    };
    ids.map(id).into()
}

/// What an account has that a sandbox is made of, a count each; no more than a page of answers.
fn inventory(sandbox: &Sandbox) -> [usize; 6] {
    let ask = |service: &str, request: &str, body: &str| {
        Emulator::shared().ask(&sandbox.account, service, request, body).unwrap().1
    };
    let json =
        |service: &str, action: &str| Emulator::shared().ask_json(&sandbox.account, service, action, "{}").unwrap().1;
    [
        ask("lambda", "GET /2015-03-31/functions/", "").matches("\"FunctionName\"").count(),
        ask("iam", "POST /", "Action=ListRoles&Version=2010-05-08").matches("<RoleName>").count(),
        ask("sqs", "POST /", "Action=ListQueues&Version=2012-11-05").matches("<QueueUrl>").count(),
        json("logs", "Logs_20140328.DescribeLogGroups").matches("\"logGroupName\"").count(),
        json("events", "AWSEvents.ListRules").matches("\"Name\"").count(),
        json("states", "AWSStepFunctions.ListStateMachines").matches("\"stateMachineArn\"").count(),
    ]
}

/// The names of all stacks, those of tc's own aside.
fn stacks(sandbox: &Sandbox) -> Vec<String> {
    let answer = sandbox.ask("Action=DescribeStacks");
    let names = answer.split("<StackName>").skip(1).filter_map(|rest| rest.split('<').next());
    names.filter(|name| name.starts_with("etl-")).map(str::to_owned).collect()
}

fn lock(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.project.root().join("topology.lock")).unwrap()
}

/// Takes the name of a function before the sandbox does.
fn take(sandbox: &Sandbox, name: &str) {
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
    let role = format!("Action=CreateRole&Version=2010-05-08&RoleName=other&AssumeRolePolicyDocument={trust}");
    Emulator::shared().ask(&sandbox.account, "iam", "POST /", &role).unwrap();
    let arn = format!("arn:aws:iam::{}:role/other", sandbox.account);
    let code = serde_json::json!({"ZipFile": EMPTY_ZIP});
    let function = serde_json::json!({
        "FunctionName": name, "Role": arn, "Runtime": "python3.13", "Handler": "h.h", "Code": code,
    });
    let request = "POST /2015-03-31/functions";
    let (status, answer) = Emulator::shared().ask(&sandbox.account, "lambda", request, &function.to_string()).unwrap();
    assert_eq!(status, 201, "{answer}");
}

/// Gives it back.
fn free(sandbox: &Sandbox, name: &str) {
    let request = format!("DELETE /2015-03-31/functions/{name}");
    assert_eq!(Emulator::shared().ask(&sandbox.account, "lambda", &request, "").unwrap().0, 204);
    let body = "Action=DeleteRole&Version=2010-05-08&RoleName=other";
    Emulator::shared().ask(&sandbox.account, "iam", "POST /", body).unwrap();
}

#[test]
fn three_hundred_functions_are_one_sandbox() {
    let sandbox = large(300);
    let before = inventory(&sandbox);
    let run = sandbox.tc("create --format json").well();
    assert_eq!(changed(&run).len(), 300 * 10 + 6);
    assert!(stacks(&sandbox).len() > 6, "{:?}", stacks(&sandbox));
    let there = inventory(&sandbox);
    assert_ne!(there, before);
    assert_eq!(sandbox.tc("list --format json").rows().len(), 3006);
    let run = sandbox.tc("invoke --sync").well();
    let output: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(output["steps"], 3, "{run:?}");
    let run = sandbox.tc("invoke -c routes//f299").well();
    assert!(run.out.contains("\"steps\""), "{run:?}");

    // Of one more there are its own resources and no other.
    let places = lock(&sandbox);
    resize(&sandbox, 301);
    let run = sandbox.tc("update --format json").well();
    assert_eq!(changed(&run), of_function(301));
    assert!(
        lock(&sandbox).lines().filter(|line| !places.contains(line)).all(|line| line.contains("301")),
        "{}",
        lock(&sandbox)
    );

    sandbox.project.write("f002/handler.py", &HANDLER.replace("+ 1", "+ 10"));
    sandbox.project.write("f003/handler.py", &HANDLER.replace("+ 1", "+ 100"));
    let run = sandbox.tc("update -c f002 --format json").well();
    assert_eq!(changed(&run), BTreeSet::from(["FunctionF002".to_owned()]));

    resize(&sandbox, 300);
    let run = sandbox.tc("diff --format json").well();
    let mut expected = of_function(301);
    expected.insert("FunctionF003".to_owned());
    assert_eq!(changed(&run), expected);
    let run = sandbox.tc("update --yes --allow-replace --format json").well();
    assert_eq!(changed(&run), expected);
    assert_eq!(lock(&sandbox), places);
    assert_eq!(inventory(&sandbox), there);

    sandbox.tc("delete --yes").well();
    assert_eq!((stacks(&sandbox), inventory(&sandbox)), (Vec::new(), before));
}

#[test]
fn a_failure_in_a_nested_stack_is_shown_at_its_line_and_undone() {
    let sandbox = large(SOME);
    let nothing = inventory(&sandbox);
    let last = format!("etl_f{SOME:03}_bob");
    take(&sandbox, &last);
    let said = sandbox.tc("create").refused();
    assert_eq!(said.matches("error[").count(), 1, "{said}");
    let message =
        format!("error[TC1104]: `FunctionF{SOME:03}` could not be created: Resource handler returned message");
    assert!(said.contains(&message), "{said}");
    assert!(said.contains(&format!("AWS::Lambda::Function of `functions/f{SOME:03}`")), "{said}");
    assert!(said.contains("nothing is left of the sandbox; mend it and run the same command again"), "{said}");
    assert!(said.contains("Undoing what was done..."), "{said}");
    free(&sandbox, &last);
    assert_eq!((stacks(&sandbox), inventory(&sandbox)), (Vec::new(), nothing));

    let run = sandbox.tc("create").well();
    assert!(told(&run).contains(&format!("change set of etl-bob: {} to add", SOME * 10 + 6)), "{run:?}");
    let (there, code) = (inventory(&sandbox), sandbox.code("f001"));
    let next = format!("etl_f{:03}_bob", SOME + 1);
    take(&sandbox, &next);
    resize(&sandbox, SOME + 1);
    sandbox.project.write("f001/handler.py", &HANDLER.replace("+ 1", "+ 10"));
    let said = sandbox.tc("update").refused();
    assert!(said.contains(&format!("error[TC1104]: `FunctionF{:03}` could not be", SOME + 1)), "{said}");
    assert!(said.contains("the sandbox is as it was before; mend it and run the same command again"), "{said}");
    assert_eq!(sandbox.status(), "UPDATE_ROLLBACK_COMPLETE");
    free(&sandbox, &next);
    assert_eq!((inventory(&sandbox), sandbox.code("f001")), (there, code));

    // The same command again goes on.
    let run = sandbox.tc("update --format json").well();
    let mut expected = of_function(SOME + 1);
    expected.insert("FunctionF001".to_owned());
    assert_eq!(changed(&run), expected);
    sandbox.tc("delete --yes").well();
    assert_eq!((stacks(&sandbox), inventory(&sandbox)), (Vec::new(), nothing));
}

#[test]
fn what_is_reviewed_is_executed_in_all_stacks() {
    let sandbox = large(SOME);
    sandbox.tc("create --no-execute").well();
    let planned: Value =
        serde_json::from_str(&fs::read_to_string(sandbox.project.root().join("plan.json")).unwrap()).unwrap();
    assert_eq!(planned["changes"].as_array().unwrap().len(), SOME * 10 + 6);
    // What is not executed leaves nothing, in no stack.
    sandbox.tc("delete --yes").well();
    assert_eq!(stacks(&sandbox), [] as [&str; 0]);
    sandbox.tc("create --no-execute").well();
    sandbox.project.tc(&["deploy", "--plan", "plan.json"]).well();
    assert_eq!(sandbox.status(), "CREATE_COMPLETE");

    sandbox.project.write("f001/handler.py", &HANDLER.replace("+ 1", "+ 10"));
    sandbox.tc("update --no-execute --plan first.json").well();
    // Somebody else changes another function, in a nested stack; the topology is the same again afterwards.
    let other = format!("f{SOME:03}/handler.py");
    sandbox.project.write(&other, &HANDLER.replace("+ 1", "+ 7"));
    sandbox.tc(&format!("update -c f{SOME:03}")).well();
    sandbox.project.write(&other, HANDLER);
    let refused = sandbox.project.tc(&["deploy", "--plan", "first.json"]).refused();
    assert!(refused.contains("error[TC1110]: the stack has changed since the plan was made"), "{refused}");
    sandbox.tc("update").well();
    assert_eq!(
        told(&sandbox.tc("update").well()).last().unwrap(),
        "Nothing to do: the sandbox is as the topology says"
    );
}

#[test]
fn a_route_that_leads_to_a_function_of_another_stack_stays_where_it_is() {
    let sandbox = large(80);
    sandbox.tc("create").well();
    let before = lock(&sandbox);
    assert!(
        before.contains("functions/f001: functions-1\n") && before.contains("functions/f080: functions-2\n"),
        "{before}"
    );
    let text = topology(80).replacen("method: POST\n    function: f001\n", "method: POST\n    function: f080\n", 1);
    sandbox.project.write("topology.yml", &text);
    sandbox.project.write("f080/handler.py", "def handler(event, context):\n    return {\"other\": True}\n");
    let run = sandbox.tc("update --yes --format json").well();
    let changed = changed(&run);
    assert!(changed.contains("RouteF001Permission") && changed.contains("RouteF001Integration"), "{run:?}");
    assert_eq!(lock(&sandbox), before);
    let run = sandbox.tc("invoke -c routes//f001").well();
    assert!(run.out.contains("\"other\""), "{run:?}");
    assert!(sandbox.tc("update").well().err.contains("Nothing to do"));
}

#[test]
fn what_is_deployed_stays_in_its_stack() {
    // Everything is in the root of a sandbox that fits.
    let sandbox = large(30);
    sandbox.tc("create").well();
    assert_eq!(stacks(&sandbox), ["etl-bob"]);
    // It grows past one stack, and nobody remembers where everything is.
    let _ = fs::remove_file(sandbox.project.root().join("topology.lock"));
    resize(&sandbox, SOME);
    let run = sandbox.tc("update --format json").well();
    let added: BTreeSet<String> = (31..=SOME).flat_map(of_function).collect();
    let flow: BTreeSet<String> = ["Flow", "FlowRole"].map(str::to_owned).into();
    assert!(changed(&run).difference(&flow).eq(added.iter()), "{run:?}");
    assert!(stacks(&sandbox).len() > 1);
    let places = lock(&sandbox);
    assert!(places.contains("functions/f030: root\n"), "{places}");
    let nested = places.lines().find(|line| line.starts_with(&format!("functions/f{SOME:03}: ")));
    assert!(nested.is_some_and(|line| line.ends_with("functions-1")), "{places}");

    // A lock that is lost is made from what is deployed.
    fs::remove_file(sandbox.project.root().join("topology.lock")).unwrap();
    let run = sandbox.tc("update").well();
    let line = "Writing topology.lock: which stack each part is in as it is deployed; commit it";
    assert!(told(&run).contains(&line.to_owned()), "{run:?}");
    assert_eq!(told(&run).last().unwrap(), "Nothing to do: the sandbox is as the topology says");
    assert_eq!(lock(&sandbox), places);

    // So is a part of it.
    sandbox.project.write("topology.lock", &places.replace("functions/f030: root\n", ""));
    sandbox.tc("update").well();
    assert_eq!(lock(&sandbox), places);

    // One that disagrees moves nothing.
    let edited = places.replace("functions/f030: root\n", "functions/f030: functions-1\n");
    sandbox.project.write("topology.lock", &edited);
    let said = sandbox.tc("update --yes --allow-replace").refused();
    let message = "error[TC1115]: `functions/f030` is deployed in the stack `root` and would go to `functions-1`";
    assert!(said.contains(message), "{said}");
    assert!(said.contains("take topology.lock from git as it was deployed, or delete it"), "{said}");
    assert_eq!(lock(&sandbox), edited);
    sandbox.project.write("topology.lock", &places);

    // It shrinks to what fits into one stack, and the nested ones go.
    resize(&sandbox, 30);
    (31..=SOME).for_each(|number| {
        let _ = fs::remove_dir_all(sandbox.project.root().join(format!("f{number:03}")));
    });
    let run = sandbox.tc("update --yes --allow-replace --format json").well();
    assert!(changed(&run).difference(&flow).eq(added.iter()), "{run:?}");
    assert_eq!(stacks(&sandbox), ["etl-bob"]);
    assert_eq!(inventory(&sandbox)[0], 30);
}
