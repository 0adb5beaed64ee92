//! What is deployed to the local AWS is started by `tc invoke`, as a user types it. One of the functions is in Ruby: see
//! [`tc_tests::ruby`].

#![allow(clippy::unwrap_used, reason = "what does not hold fails the test")]

use serde_json::{Value, json};
use std::io::Write;
use std::process::{Output, Stdio};
use tc_tests::emulator::Emulator;
use tc_tests::interceptor::{Interceptor, Reply};
use tc_tests::project::Run;
use tc_tests::ruby;
use tc_tests::sandbox::{Sandbox, TOPOLOGY};

/// What the three functions of the tutorial make of one another's output.
fn loaded() -> Value {
    json!({"loaded": {"data": {"data": {"data": "enhanced-data"}, "by": "transformer"}}})
}

fn created(files: &[(&str, &str)]) -> Sandbox {
    ruby::path();
    let sandbox = Sandbox::new(files);
    sandbox.tc("create -A TC0515").well();
    sandbox
}

/// A run of `tc invoke` whose payload may have spaces.
fn invoke(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.project.tc(&[&["invoke", "-s", "bob", "-e", "local"], arguments].concat())
}

/// The states that were told, without their times, and how it ended.
fn states(run: &Run) -> Vec<&str> {
    run.err.lines().filter_map(|line| line.split_once(" s  ").map(|(_, state)| state)).collect()
}

#[test]
fn the_flow_is_followed_state_by_state() {
    let sandbox = created(&[("payload.json", "{\"order\": 7}\n")]);
    let run = invoke(&sandbox, &["--payload", "payload.json", "--sync"]).well();
    assert_eq!(run.data(), loaded());
    assert_eq!(states(&run), ["enhance", "transform", "load", "succeeded"], "{run:?}");
    assert!(run.err.starts_with("etl_bob "), "{run:?}");
    // Each state is told with the seconds since the beginning, which never go back.
    let time = |line: &str| line.split_once(" s  ").map(|(time, _)| time.trim().parse::<f64>().unwrap());
    let times: Vec<f64> = run.err.lines().filter_map(time).collect();
    assert!(times.is_sorted() && times.first().is_some_and(|first| *first >= 0.0), "{times:?}");
}

#[test]
fn without_waiting_the_execution_is_named() {
    let sandbox = created(&[]);
    let run = invoke(&sandbox, &[]).well();
    assert_eq!(run.err, "");
    let name = run.out.trim_end();
    assert!(!name.is_empty() && !name.contains(char::is_whitespace), "{run:?}");
    let arn = format!("arn:aws:states:us-west-2:{}:execution:etl_bob:{name}", sandbox.account);
    let request = json!({ "executionArn": arn }).to_string();
    let asked = Emulator::shared().ask_json(&sandbox.account, "states", "AWSStepFunctions.DescribeExecution", &request);
    let (status, answer) = asked.unwrap();
    assert_eq!(status, 200, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer.get("input"), Some(&"{}".into()), "{answer}");
}

#[test]
fn the_state_that_failed_is_shown_at_its_line() {
    let failing = "def handler(event, context):\n    raise ValueError(\"no data\")\n";
    let sandbox = created(&[("transformer/handler.py", failing)]);
    let run = invoke(&sandbox, &["--sync"]);
    assert_eq!((run.out.as_str(), states(&run)), ("", vec!["enhance", "transform", "failed"]), "{run:?}");
    let said = run.refused();
    assert!(said.contains("error[TC1212]: the state `transform` failed with `ValueError`: no data\n"), "{said}");
    let place = TOPOLOGY.lines().position(|line| line.trim() == "transform:").unwrap() + 1;
    assert!(said.contains(&format!("--> topology.yml:{place}:5\n")), "{said}");
    assert!(said.contains("help: `tc logs` shows what the functions wrote"), "{said}");
}

#[test]
fn an_express_flow_is_waited_for_and_not() {
    let topology = format!("mode: Express\n{TOPOLOGY}");
    let sandbox = created(&[("topology.yml", &topology)]);
    let run = invoke(&sandbox, &["--sync"]).well();
    assert_eq!((run.data(), states(&run)), (loaded(), vec!["succeeded"]), "{run:?}");
    let run = invoke(&sandbox, &[]).well();
    assert!(!run.out.trim().is_empty(), "{run:?}");
    // What fails in it is told without the state, which AWS does not name.
    sandbox.project.write("loader/handler.rb", "def handler(event:, context:)\n  raise ArgumentError, 'full'\nend\n");
    sandbox.tc("update").well();
    let said = invoke(&sandbox, &["--sync"]).refused();
    assert!(said.contains("error[TC1212]: the flow failed with `"), "{said}");
    assert!(said.contains("full"), "{said}");
}

#[test]
fn one_function_is_started() {
    let echo = "def handler(event, context):\n    return {\"given\": event}\n";
    let sandbox = created(&[("enhancer/handler.py", echo)]);
    for name in ["functions/enhancer", "enhancer"] {
        let run = invoke(&sandbox, &["-c", name, "--payload", "{\"a\": [1, \"é\"]}", "--sync"]).well();
        assert_eq!((run.out.as_str(), run.err.as_str()), ("{\"given\": {\"a\": [1, \"é\"]}}\n", ""));
    }
    let run = invoke(&sandbox, &["-c", "enhancer"]).well();
    assert_eq!(run.out.trim_end().len(), 36, "the id of the request: {run:?}");
    sandbox.project.write("enhancer/handler.py", "def handler(event, context):\n    return event[\"missing\"]\n");
    sandbox.tc("update").well();
    let said = invoke(&sandbox, &["-c", "enhancer", "--sync"]).refused();
    assert!(said.contains("error[TC1212]: the function `enhancer` failed with `KeyError`: 'missing'\n"), "{said}");
}

#[test]
fn a_route_is_asked_as_its_callers_do() {
    let echo = "def handler(event, context):\n    return {\"statusCode\": 201, \"body\": event[\"body\"]}\n";
    let sandbox = created(&[("enhancer/handler.py", echo)]);
    let run = invoke(&sandbox, &["-c", "routes/etl", "--payload", "{\"order\": 7}"]).well();
    assert_eq!((run.out.as_str(), run.err.as_str()), ("{\"order\": 7}\n", ""));
    sandbox.project.write("enhancer/handler.py", "def handler(event, context):\n    return {\"statusCode\": 418}\n");
    sandbox.tc("update").well();
    let said = invoke(&sandbox, &["-c", "routes/etl"]).refused();
    assert!(said.contains("error[TC1212]: `POST https://") && said.contains("answered with the status 418"), "{said}");
}

#[test]
fn a_rest_api_is_asked_too_and_without_a_body_where_the_method_has_none() {
    let topology =
        "name: etl\nroutes:\n  read: {gateway: web, kind: rest, method: GET, path: /orders, function: enhancer}\n";
    let echo = "import json\n\ndef handler(event, context):\n    asked = [event[\"httpMethod\"], event[\"body\"]]\n    \
                return {\"statusCode\": 200, \"body\": json.dumps(asked)}\n";
    let sandbox = Sandbox::new(&[("topology.yml", topology), ("enhancer/handler.py", echo)]);
    sandbox.tc("create -A TC0515").well();
    let run = invoke(&sandbox, &["-c", "routes/read", "--payload", "{\"order\": 7}"]).well();
    assert_eq!(run.data(), json!(["GET", null]), "{run:?}");
}

#[test]
fn a_payload_comes_from_standard_input_and_from_a_bucket() {
    let echo = "def handler(event, context):\n    return event\n";
    let sandbox = created(&[("enhancer/handler.py", echo)]);
    let command = ["invoke", "-s", "bob", "-e", "local", "-c", "enhancer", "--sync", "--payload"];
    let mut tc = sandbox.project.command(&[&command[..], &["-"]].concat());
    tc.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut tc = tc.spawn().unwrap();
    tc.stdin.take().unwrap().write_all(b"{\"from\": \"input\"}\n").unwrap();
    let ended: Output = tc.wait_with_output().unwrap();
    assert_eq!(Run::of(&ended).well().out, "{\"from\": \"input\"}\n");

    let s3 = |request: &str, body: &str| Emulator::shared().ask(&sandbox.account, "s3", request, body).unwrap();
    let bucket = format!("payloads-{}", sandbox.account);
    let region = "<LocationConstraint>us-west-2</LocationConstraint>";
    let location = format!("<CreateBucketConfiguration>{region}</CreateBucketConfiguration>");
    assert_eq!(s3(&format!("PUT /{bucket}"), &location).0, 200);
    assert_eq!(s3(&format!("PUT /{bucket}/orders/7.json"), "{\"from\": \"bucket\"}").0, 200);
    let of_bucket = |key: &str| invoke(&sandbox, &["-c", "enhancer", "--sync", "-p", &format!("s3://{bucket}/{key}")]);
    assert_eq!(of_bucket("orders/7.json").well().out, "{\"from\": \"bucket\"}\n");
    let said = of_bucket("orders/8.json").refused();
    assert!(said.contains("error[TC1210]: there is no object `s3://") && said.contains("orders/8.json`"), "{said}");
    assert_eq!(s3(&format!("PUT /{bucket}/notes.txt"), "{no").0, 200);
    let said = of_bucket("notes.txt").refused();
    assert!(said.contains("notes.txt` is no JSON") && said.contains("nothing was started"), "{said}");
}

#[test]
fn a_bad_payload_is_told_before_anything_is_asked() {
    let sandbox = Sandbox::new(&[("broken.json", "{\"a\": 1,}\n")]);
    let aws = Interceptor::start(None, |_, _| Reply::Cut).unwrap();
    sandbox.settle(&aws.address);
    let said = |arguments: &[&str]| invoke(&sandbox, arguments).refused();
    let wrong = said(&["--payload", "broken.json"]);
    assert!(wrong.contains("error[TC1210]: `broken.json` is no JSON: "), "{wrong}");
    assert!(wrong.contains("line 1 column 9") && wrong.contains("nothing was started"), "{wrong}");
    let wrong = said(&["--payload", "paylod.json"]);
    assert!(wrong.contains("error[TC1210]: the payload `paylod.json` cannot be read: no such file"), "{wrong}");
    let wrong = said(&["--payload", "."]);
    assert!(wrong.contains("error[TC1210]: the payload `.` cannot be read: is a directory"), "{wrong}");
    let wrong = said(&["-c", "events/StartETL", "--payload", "[1]"]);
    assert!(wrong.contains("error[TC1210]: the payload of the event `StartETL` is no object"), "{wrong}");
    let wrong = said(&["--payload", "s3://bucket"]);
    assert!(wrong.contains("error[TC1210]: `s3://bucket` names no object"), "{wrong}");
    assert_eq!(aws.requests(), [], "nothing was asked");
}

#[test]
fn what_cannot_be_started_is_told_with_what_can() {
    let sandbox = Sandbox::new(&[]);
    let aws = Interceptor::start(None, |_, _| Reply::Cut).unwrap();
    sandbox.settle(&aws.address);
    let said = |arguments: &[&str]| invoke(&sandbox, arguments).refused();
    let wrong = said(&["-c", "enhancr"]);
    assert!(wrong.contains("error[TC1211]: `etl` has nothing to start that is called `enhancr`"), "{wrong}");
    assert!(wrong.contains("help: did you mean `enhancer`?"), "{wrong}");
    assert!(said(&["-c", "route/etl"]).contains("help: did you mean `routes/etl`?"));
    let wrong = said(&["-c", "billing"]);
    assert!(wrong.contains("there are: `flow`, `functions/enhancer`,"), "{wrong}");
    let wrong = said(&["-c", "events/StartETL", "--sync"]);
    assert!(wrong.contains("cannot be waited for"), "{wrong}");
    sandbox.project.write("topology.yml", "name: etl\nroutes:\n  user: {function: enhancer, path: '/users/{id}'}\n");
    let wrong = said(&["-c", "routes/user"]);
    assert!(wrong.contains("the path of the route `user` is not known: `/users/{id}`"), "{wrong}");
    let wrong = said(&[]);
    assert!(wrong.contains("`etl` has no flow") && wrong.contains("-c functions/enhancer"), "{wrong}");
    assert_eq!(aws.requests(), [], "nothing was asked");
}

#[test]
fn an_unknown_sandbox_or_environment_is_told_with_the_nearest() {
    let sandbox = created(&[]);
    let run = |sandbox_name: &str, env: &str| sandbox.project.tc(&["invoke", "-s", sandbox_name, "-e", env]).refused();
    let said = run("bobb", "local");
    assert!(said.contains("error[TC1102]: there is no sandbox `bobb` of `etl` in local"), "{said}");
    assert!(said.contains("help: did you mean `bob`?"), "{said}");
    let said = run("stable", "local");
    assert!(said.contains("the sandboxes are: `bob`") && said.contains("`tc create -s stable -e local`"), "{said}");
    let said = run("bob", "locla");
    assert!(said.contains("error[TC1001]: there is no AWS profile `locla`"), "{said}");
    assert!(said.contains("help: did you mean `local`?"), "{said}");
}
