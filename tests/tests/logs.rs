//! `tc logs`: what the functions of a sandbox on the local AWS have written; and what reaches a function.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use tc_tests::emulator::Emulator;
use tc_tests::sandbox::Sandbox;

/// An `enhancer` that writes what it is given.
const TALKATIVE: &str = "\
import json

def handler(event, context):
    print(\"given\", json.dumps(event.get(\"detail\", event)))
    return {\"data\": \"enhanced-data\"}
";

const TRANSFORMER: &str = "def handler(event, context):\n    print(\"transforming\")\n    return event\n";

fn created() -> (Sandbox, String) {
    let sandbox = Sandbox::new(&[("enhancer/handler.py", TALKATIVE), ("transformer/handler.py", TRANSFORMER)]);
    let printed = sandbox.tc("create").well().out;
    (sandbox, printed)
}

/// The first line that `tc logs --follow` prints with a text in it, without the time.
fn followed(sandbox: &Sandbox, text: &str) -> String {
    let mut command = sandbox.project.command(&["logs", "-s", "bob", "-e", "local", "--follow"]);
    let mut logs = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(logs.stdout.take().unwrap()).lines();
    // Where it does not come the test does not end, and is ended.
    let line = lines.map(Result::unwrap).find(|line| line.contains(text)).unwrap();
    logs.kill().unwrap();
    logs.wait().unwrap();
    line.split_once(' ').unwrap().1.to_owned()
}

#[test]
fn what_functions_wrote_is_printed_in_its_order() {
    let (sandbox, _) = created();
    for (name, payload) in [("enhancer", "{\"n\": 1}"), ("transformer", "{}"), ("enhancer", "{\"n\": 2}")] {
        sandbox.project.tc(&["invoke", "-s", "bob", "-e", "local", "-c", name, "-p", payload, "--sync"]).well();
    }
    let own = |out: &str| -> Vec<String> {
        let lines = out.lines().map(|line| line.split_once(' ').unwrap().1.to_owned());
        lines.filter(|line| line.contains(" given ") || line.contains(" transforming")).collect()
    };
    let run = sandbox.tc("logs").well();
    let all = ["enhancer given {\"n\": 1}", "transformer transforming", "enhancer given {\"n\": 2}"];
    assert_eq!(own(&run.out), all, "{run:?}");
    // Each line begins with the time, in UTC and with milliseconds.
    for line in run.out.lines() {
        let form: String = line.chars().take(24).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(form, "0000-00-00T00:00:00.000Z", "{line}");
    }
    for component in ["transformer", "functions/transformer"] {
        let run = sandbox.tc(&format!("logs -c {component}")).well();
        assert_eq!(own(&run.out), ["transformer transforming"], "{run:?}");
        assert!(run.out.lines().all(|line| line.contains("Z transformer ")), "{run:?}");
    }
    assert_eq!(sandbox.tc("logs --since 0s").well().out, "");
}

#[test]
fn an_unknown_function_or_sandbox_is_told_with_the_nearest() {
    let (sandbox, _) = created();
    let said = sandbox.tc("logs -c transfomer").refused();
    assert!(said.contains("`etl` has no function `transfomer`"), "{said}");
    assert!(said.contains("help: did you mean `transformer`?"), "{said}");
    let said = sandbox.project.tc(&["logs", "-s", "bo", "-e", "local"]).refused();
    assert!(said.contains("error[TC1102]: there is no sandbox `bo` of `etl` in local"), "{said}");
    assert!(said.contains("help: did you mean `bob`?"), "{said}");
    let run = sandbox.tc("logs --since tomorrow");
    assert_eq!(run.status, Some(2));
    assert!(run.err.contains("write a number and its unit: 30s, 15m, 2h, 7d"), "{run:?}");
}

#[test]
fn a_request_to_the_printed_url_reaches_the_function() {
    let (sandbox, printed) = created();
    let url = printed.lines().find_map(|line| line.strip_prefix("URL of the gateway api-test: https://")).unwrap();
    // As curl sends it: signed by nobody.
    let post = || Emulator::shared().send("", "", "POST /api/etl", &[("host", url)], "{\"order\": 7}");
    assert_eq!(post().unwrap(), (200, "{\"data\": \"enhanced-data\"}".to_owned()));
    assert!(followed(&sandbox, "given").contains("order"), "the body of the request");
}

#[test]
fn an_event_on_the_bus_reaches_the_function() {
    let (sandbox, _) = created();
    let entry = json!({"Source": "orders", "DetailType": "StartETL", "Detail": "{\"order\": 7}"});
    let request = json!({ "Entries": [entry] }).to_string();
    let put = || Emulator::shared().ask_json(&sandbox.account, "events", "AWSEvents.PutEvents", &request);
    let (status, answer) = put().unwrap();
    assert_eq!(status, 200, "{answer}");
    assert_eq!(followed(&sandbox, "given"), "enhancer given {\"order\": 7}");
}

#[test]
fn an_event_that_tc_puts_reaches_the_function() {
    let (sandbox, _) = created();
    let run = sandbox.project.tc(&["invoke", "-s", "bob", "-e", "local", "-c", "events/StartETL", "-p", "{\"a\": 1}"]);
    assert_eq!(run.well().out.trim_end().len(), 36, "the id of the event");
    assert_eq!(followed(&sandbox, "given"), "enhancer given {\"a\": 1}");
}
