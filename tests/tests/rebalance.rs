//! Parts of a sandbox that go to other stacks on purpose, on the local AWS: nothing of them is made anew, and what was
//! interrupted or refused is gone on with or undone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use tc_tests::emulator::{Emulator, account};
use tc_tests::interceptor::{Interceptor, Reply};
use tc_tests::project::Project;
use tc_tests::sandbox::{Sandbox, told};

const HANDLER: &str = "def handler(event, context):\n    return {\"steps\": event.get(\"steps\", 0) + 1}\n";

/// What CloudFormation answers who may not refactor.
const DENIED: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/bob is \
                      not authorized to perform: cloudformation:CreateStackRefactor</Message></Error></ErrorResponse>";

/// Functions, each with a route and an event, a queue that feeds the first and a flow through the first and the last.
fn topology(count: usize) -> String {
    let mut text = "name: etl\nqueues:\n  inbox: {consumer: f001}\nroutes:\n".to_owned();
    // Writing to a String cannot fail.
    for number in 1..=count {
        let _ = writeln!(text, "  /f{number:03}: {{method: POST, function: f{number:03}}}");
    }
    text += "events:\n  consumes:\n";
    for number in 1..=count {
        let _ = writeln!(text, "    F{number:03}: {{producer: default, function: f{number:03}}}");
    }
    text += "flow:\n  StartAt: first\n  States:\n";
    for (state, number, next) in [("first", 1, "Next: last"), ("last", count, "End: true")] {
        let _ = writeln!(
            text,
            "    {state}:\n      Type: Task\n      Resource: arn:aws:states:::lambda:invoke\n      OutputPath: $.Payload\n      \
             Parameters:\n        FunctionName: '{{{{namespace}}}}_f{number:03}_{{{{sandbox}}}}'\n        Payload.$: $\n      {next}"
        );
    }
    text
}

fn sandbox(count: usize) -> Sandbox {
    let sandbox = Sandbox { project: Project::new(&[]), account: account() };
    for number in 1..=count {
        sandbox.project.write(&format!("f{number:03}/handler.py"), HANDLER);
    }
    sandbox.project.write("topology.yml", &topology(count));
    sandbox.settle(&Emulator::shared().address);
    sandbox
}

fn lock(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.project.root().join("topology.lock")).unwrap()
}

/// Puts units into stacks.
fn place(sandbox: &Sandbox, places: &[(&str, &str)]) {
    let lines: Vec<String> = places.iter().map(|(unit, stack)| format!("{unit}: {stack}\n")).collect();
    sandbox.project.write("topology.lock", &lines.concat());
}

/// The places of three functions with all that belongs to them.
fn places<'a>(of: [(&'a str, &'a str); 3]) -> Vec<(String, String)> {
    let mut places =
        vec![("gateways/api".to_owned(), "root".to_owned()), ("queues/inbox".to_owned(), "root".to_owned())];
    for (number, (function, trigger)) in of.iter().enumerate() {
        let number = number + 1;
        places.push((format!("functions/f{number:03}"), (*function).to_owned()));
        places.push((format!("routes//f{number:03}"), (*trigger).to_owned()));
        places.push((format!("events/F{number:03}"), (*trigger).to_owned()));
    }
    places.sort();
    places
}

fn put(sandbox: &Sandbox, of: [(&str, &str); 3]) {
    let places = places(of);
    let places: Vec<(&str, &str)> = places.iter().map(|(unit, stack)| (unit.as_str(), stack.as_str())).collect();
    place(sandbox, &places);
}

/// By logical id, what AWS calls each resource of a sandbox.
fn physical_ids(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let rows = sandbox.tc("list --format json").rows();
    let id = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| (id(row, "logical_id"), id(row, "physical_id"))).collect()
}

/// What AWS says of the functions: when they were changed last, and their code.
fn functions(sandbox: &Sandbox) -> Vec<(String, String, String)> {
    let (_, answer) = Emulator::shared().ask(&sandbox.account, "lambda", "GET /2015-03-31/functions/", "").unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let of = |one: &Value| (text(one, "FunctionArn"), text(one, "LastModified"), text(one, "CodeSha256"));
    answer["Functions"].as_array().unwrap().iter().map(of).collect()
}

/// The names of all stacks, those of tc's own aside.
fn stacks(sandbox: &Sandbox) -> Vec<String> {
    let answer = sandbox.ask("Action=DescribeStacks");
    let names = answer.split("<StackName>").skip(1).filter_map(|rest| rest.split('<').next());
    names.filter(|name| name.starts_with("etl-")).map(str::to_owned).collect()
}

/// Asks the queue.
fn ask_queue(sandbox: &Sandbox, action: &str) -> String {
    let url = physical_ids(sandbox).remove("QueueInbox").unwrap();
    let body = format!("Action={action}&QueueUrl={url}&Version=2012-11-05");
    Emulator::shared().ask(&sandbox.account, "sqs", "POST /", &body).unwrap().1
}

/// Leaves something in the queue that would be lost with it, and says whether it is there.
fn mark(sandbox: &Sandbox) {
    let answer = ask_queue(sandbox, "SendMessage&DelaySeconds=900&MessageBody=marker");
    assert!(answer.contains("<MessageId>"), "{answer}");
}

fn is_marked(sandbox: &Sandbox) -> bool {
    let answer = ask_queue(sandbox, "GetQueueAttributes&AttributeName.1=All");
    let count = |name: &str| -> usize {
        let value = answer.split(&format!("<Name>{name}</Name><Value>")).nth(1).and_then(|rest| rest.split('<').next());
        value.unwrap().parse().unwrap()
    };
    count("ApproximateNumberOfMessages") + count("ApproximateNumberOfMessagesDelayed") == 1
}

/// That a sandbox is as its topology and its lock say.
fn assert_settled(sandbox: &Sandbox) {
    sandbox.tc("diff --exit-code").well();
    let run = sandbox.tc("update").well();
    assert_eq!(told(&run).last().unwrap(), "Nothing to do: the sandbox is as the topology says");
    let run = sandbox.tc("rebalance").well();
    let last = "Nothing to move: no stack is too full, and everything is where the lock says";
    assert_eq!(told(&run).last().unwrap(), last);
    let templates: String =
        stacks(sandbox).iter().map(|name| sandbox.ask(&format!("Action=GetTemplate&StackName={name}"))).collect();
    assert!(!templates.contains("Placeholder") && !templates.contains("Moving"), "{templates}");
}

#[test]
fn a_root_that_is_too_full_gets_room() {
    let sandbox = sandbox(46);
    sandbox.project.tc(&["compile", "-s", "bob", "-e", "local"]).well();
    // As a topology had it that grew in one stack.
    let legacy: String = lock(&sandbox)
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| format!("{}: root\n", line.rsplit_once(": ").unwrap().0))
        .collect();
    sandbox.project.write("topology.lock", &legacy);
    sandbox.tc("create").well();
    assert_eq!(stacks(&sandbox), ["etl-bob"]);
    mark(&sandbox);
    let (ids, before) = (physical_ids(&sandbox), functions(&sandbox));

    // The plan is shown, and nothing is done without consent.
    let locked = lock(&sandbox);
    let refused = sandbox.tc("rebalance").refused();
    assert!(
        refused.contains("what goes to another stack of etl-bob; no resource is changed:\n  root -> functions-1: "),
        "{refused}"
    );
    assert!(refused.contains("error[TC1107]: nobody can be asked whether to move "), "{refused}");
    assert_eq!((lock(&sandbox), stacks(&sandbox).len()), (locked, 1));

    let moved = sandbox.tc("rebalance --yes --format json").well().data();
    assert_eq!(moved["result"], "moved");
    let rows = moved["moves"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["from"] == "root" && row["to"] == "functions-1"), "{moved}");
    let count: u64 = rows.iter().map(|row| row["resources"].as_u64().unwrap()).sum();
    assert!((60..200).contains(&count), "{count}");
    assert_eq!(stacks(&sandbox).len(), 2);
    assert_eq!((physical_ids(&sandbox), functions(&sandbox)), (ids, before));
    assert!(is_marked(&sandbox));
    assert_settled(&sandbox);
    let output: Value = serde_json::from_str(&sandbox.tc("invoke --sync").well().out).unwrap();
    assert_eq!(output["steps"], 2);
    sandbox.tc("delete --yes").well();
    assert_eq!((stacks(&sandbox), functions(&sandbox).len()), (Vec::new(), 0));
}

#[test]
fn a_sandbox_goes_where_the_lock_says() {
    let sandbox = sandbox(3);
    let everywhere = [("root", "root"), ("functions-1", "triggers-1"), ("functions-1", "triggers-2")];
    put(&sandbox, everywhere);
    sandbox.tc("create").well();
    assert_eq!(stacks(&sandbox).len(), 4);
    mark(&sandbox);
    let (ids, before) = (physical_ids(&sandbox), functions(&sandbox));
    // Out of the root, from stack to stack, to a new one, and out of one that ends; more stacks than go at once.
    for (next, count) in [
        ([("functions-1", "triggers-1"), ("functions-2", "triggers-2"), ("functions-1", "triggers-3")], 6),
        ([("functions-3", "triggers-4"), ("functions-1", "triggers-1"), ("functions-2", "triggers-2")], 7),
        ([("root", "root"), ("functions-1", "root"), ("functions-1", "triggers-1")], 3),
    ] {
        put(&sandbox, next);
        let refused = sandbox.tc("update --yes --allow-replace").refused();
        assert!(refused.contains("error[TC1115]"), "{refused}");
        sandbox.tc("rebalance --yes").well();
        let stacks = stacks(&sandbox);
        assert_eq!(stacks.len(), count, "{stacks:?}");
        assert_eq!((physical_ids(&sandbox), functions(&sandbox)), (ids.clone(), before.clone()));
        assert_settled(&sandbox);
    }
    assert!(is_marked(&sandbox));
    let output: Value = serde_json::from_str(&sandbox.tc("invoke --sync").well().out).unwrap();
    assert_eq!(output["steps"], 2);
    sandbox.tc("delete --yes").well();
    assert_eq!(stacks(&sandbox), [] as [&str; 0]);
}

/// Runs a rebalancing and kills it as it makes its first request of an action, which is passed on or not.
fn run_killed(sandbox: &Sandbox, action: &'static str, passed: bool) {
    let process = Arc::new(AtomicI32::new(0));
    let victim = Arc::clone(&process);
    let aws = Interceptor::before_aws(move |_, request| {
        if request.action() != action {
            return Reply::Forward;
        }
        let id = Pid::from_raw(victim.load(Ordering::SeqCst)).unwrap();
        let _ = kill_process(id, Signal::KILL);
        if passed { Reply::Forward } else { Reply::Cut }
    });
    sandbox.settle(&aws.address);
    let mut tc = sandbox.project.command(&["rebalance", "-s", "bob", "-e", "local", "--yes"]);
    let mut child = tc.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    process.store(child.id().try_into().unwrap(), Ordering::SeqCst);
    assert_eq!(child.wait().unwrap().code(), None, "it was killed");
    sandbox.settle(&Emulator::shared().address);
}

#[test]
fn what_was_interrupted_is_gone_on_with() {
    let sandbox = sandbox(3);
    let here = [("root", "root"), ("functions-1", "triggers-1"), ("functions-1", "triggers-1")];
    let there = [("functions-2", "triggers-2"), ("root", "root"), ("functions-1", "triggers-3")];
    put(&sandbox, here);
    sandbox.tc("create").well();
    mark(&sandbox);
    let (ids, before) = (physical_ids(&sandbox), functions(&sandbox));
    let moments = [
        ("CreateStackRefactor", false),
        ("CreateStackRefactor", true),
        ("ExecuteStackRefactor", false),
        ("ExecuteStackRefactor", true),
        ("ExecuteChangeSet", true),
    ];
    for (number, (action, passed)) in moments.into_iter().enumerate() {
        put(&sandbox, if number % 2 == 0 { there } else { here });
        run_killed(&sandbox, action, passed);
        sandbox.tc("rebalance --yes").well();
        assert_eq!((physical_ids(&sandbox), functions(&sandbox)), (ids.clone(), before.clone()), "{action} {passed}");
        assert_settled(&sandbox);
    }
    assert!(is_marked(&sandbox));
}

#[test]
fn what_is_refused_is_undone() {
    let sandbox = sandbox(3);
    sandbox.tc("create").well();
    put(&sandbox, [("root", "root"), ("functions-1", "root"), ("functions-1", "triggers-1")]);
    let ids = physical_ids(&sandbox);
    let aws = Interceptor::before_aws(|_, request| match request.action() {
        "CreateStackRefactor" => Reply::Answer(403, &[("content-type", "text/xml")], DENIED.to_owned()),
        _ => Reply::Forward,
    });
    sandbox.settle(&aws.address);
    let wanted = lock(&sandbox);
    let refused = sandbox.tc("rebalance --yes").refused();
    assert!(refused.contains("cloudformation:CreateStackRefactor"), "{refused}");
    assert!(refused.contains("nothing was moved, and topology.lock is as it was"), "{refused}");
    sandbox.settle(&Emulator::shared().address);
    assert_eq!((stacks(&sandbox), physical_ids(&sandbox), lock(&sandbox)), (vec!["etl-bob".to_owned()], ids, wanted));
}

#[test]
fn what_is_not_deployed_changes_the_lock_alone() {
    let sandbox = sandbox(46);
    sandbox.project.tc(&["compile", "-s", "bob", "-e", "local"]).well();
    let fresh = lock(&sandbox);
    let crowded: String = fresh.replace("functions-1", "root").replace("triggers-1", "root");
    sandbox.project.write("topology.lock", &crowded);
    let run = sandbox.tc("rebalance --yes --all --format json").well();
    assert_eq!(run.data()["result"], "locked");
    assert_eq!(lock(&sandbox), fresh);
    assert_eq!(stacks(&sandbox), [] as [&str; 0]);
}

/// Text as a form has it.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A template of queues by their logical ids and names, with further sections.
fn queues(queues: &[(&str, &str)], further: &Value) -> Value {
    let queue = |name: &str| serde_json::json!({"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}});
    let resources: serde_json::Map<String, Value> =
        queues.iter().map(|(id, name)| ((*id).to_owned(), queue(name))).collect();
    let mut template = serde_json::json!({"Resources": resources});
    template.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    template
}

/// Asks for a refactor of stacks; its id, and why it was refused, if it was.
fn refactor(sandbox: &Sandbox, definitions: &[(&str, Value)]) -> (String, String) {
    let mut question = "Action=CreateStackRefactor".to_owned();
    for (number, (stack, template)) in definitions.iter().enumerate() {
        let at = format!("StackDefinitions.member.{}", number + 1);
        let _ = write!(question, "&{at}.StackName={stack}&{at}.TemplateBody={}", encoded(&template.to_string()));
    }
    let text = |answer: &str, tag: &str| {
        let value = answer.split(&format!("<{tag}>")).nth(1).and_then(|rest| rest.split('<').next());
        value.unwrap_or_default().to_owned()
    };
    let id = text(&sandbox.ask(&question), "StackRefactorId");
    let described = sandbox.ask(&format!("Action=DescribeStackRefactor&StackRefactorId={id}"));
    (id, text(&described, "StatusReason"))
}

#[test]
fn the_local_aws_refuses_what_aws_refuses() {
    let sandbox = sandbox(1);
    let nothing = serde_json::json!({});
    let one = queues(&[("A", "a"), ("B", "b")], &nothing);
    let other = queues(&[("C", "c")], &nothing);
    for (name, template) in [("one", &one), ("other", &other)] {
        let answer = sandbox
            .ask(&format!("Action=CreateStack&StackName={name}&TemplateBody={}", encoded(&template.to_string())));
        assert!(answer.contains("<StackId>"), "{answer}");
        while sandbox.ask(&format!("Action=DescribeStacks&StackName={name}")).contains("IN_PROGRESS") {
            std::thread::yield_now();
        }
    }
    let less = queues(&[("A", "a")], &nothing);
    let more = queues(&[("B", "b"), ("C", "c")], &nothing);
    let refused = |definitions: &[(&str, Value)]| refactor(&sandbox, definitions).1;
    let two = |first: &Value, second: &Value| refused(&[("one", first.clone()), ("other", second.clone())]);
    let changed = queues(&[("B", "b2"), ("C", "c")], &nothing);
    assert_eq!(two(&less, &changed), "Stack Refactor does not support modifications of resources: B");
    let new = queues(&[("B", "b"), ("C", "c"), ("D", "d")], &nothing);
    assert_eq!(two(&less, &new), "Stack Refactor does not support new resources: D");
    assert_eq!(two(&less, &other), "Stack Refactor does not support that resources are deleted: B");
    let given = queues(
        &[("B", "b"), ("C", "c")],
        &serde_json::json!({"Parameters": {"P": {"Type": "String", "Default": "p"}}}),
    );
    assert_eq!(two(&less, &given), "Stack Refactor does not support changes of Parameters: other");
    let all = queues(&[("A", "a"), ("B", "b"), ("C", "c")], &nothing);
    let none = queues(&[], &nothing);
    assert!(two(&none, &all).contains("would be empty"), "{}", two(&none, &all));
    let dangling = serde_json::json!({"Outputs": {"Url": {"Value": {"Ref": "B"}}}});
    let dangling = two(&queues(&[("A", "a")], &dangling), &more);
    assert!(dangling.starts_with("Unresolved resource dependencies [B]"), "{dangling}");
    assert_eq!(refused(&[("one", one.clone())]), "A stack refactor takes 2 to 5 stacks, not 1");
    let six = vec![("one", one.clone()); 6];
    assert_eq!(refused(&six), "A stack refactor takes 2 to 5 stacks, not 6");

    let (first, reason) = refactor(&sandbox, &[("one", less.clone()), ("other", more.clone())]);
    let (second, _) = refactor(&sandbox, &[("one", less), ("other", more)]);
    assert_eq!(reason, "");
    let actions = sandbox.ask(&format!("Action=ListStackRefactorActions&StackRefactorId={first}"));
    assert_eq!(actions.matches("<Action>MOVE</Action>").count(), 1, "{actions}");
    sandbox.ask(&format!("Action=ExecuteStackRefactor&StackRefactorId={first}"));
    let has = |stack: &str| sandbox.ask(&format!("Action=ListStackResources&StackName={stack}")).contains(">B<");
    assert_eq!((has("one"), has("other")), (false, true));
    // What was planned of what they were is nothing any more.
    let late = sandbox.ask(&format!("Action=ExecuteStackRefactor&StackRefactorId={second}"));
    assert!(late.contains("<Code>ValidationError</Code>"), "{late}");
}
