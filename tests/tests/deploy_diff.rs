//! What `tc diff` says of a sandbox on the local AWS.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::{Value, json};
use tc_tests::emulator::Emulator;
use tc_tests::sandbox::{Sandbox, TOPOLOGY};

const BETTER: &str = "def handler(event, context):\n    return {\"data\": \"better\"}\n";

#[test]
fn nothing_differs_right_after_it_was_deployed() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    let run = sandbox.tc("diff --exit-code").well();
    assert_eq!((run.out.as_str(), run.err.as_str()), ("etl-bob is as the topology says\n", ""));
    let run = sandbox.tc("diff --exit-code --format json").well();
    let found: Value = serde_json::from_str(&run.out).unwrap();
    let nothing = json!({
        "stack": "etl-bob", "functor": "etl@bob.local/0.0.1", "differs": false, "changes": [], "along": [], "code": [],
    });
    assert_eq!(found, nothing);
}

#[test]
fn edits_are_shown_down_to_the_property_and_the_line() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    let before = sandbox.code("enhancer").0;
    sandbox.project.write("enhancer/handler.py", BETTER);
    sandbox.project.write("enhancer/greeting.txt", "hello\n");
    sandbox.project.write(
        "../infrastructure/tc/etl/vars/enhancer.json",
        r#"{"memory_size": 512, "environment": {"LEVEL": "debug"}}"#,
    );
    let longer = TOPOLOGY.replace("timeout: 10", "timeout: 20").replace("\"/api/etl\"", "\"/api/v2/etl\"");
    sandbox.project.write("topology.yml", &longer);
    let run = sandbox.tc("diff").well();
    // A digest says nothing to people.
    let digest = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = run.out.split_inclusive('"').map(|word| match word.split_once(".zip") {
        Some((name, rest)) if digest(name) => format!("DIGEST.zip{rest}"),
        _ => word.to_owned(),
    });
    let out: String = words.collect();
    let arn = "!Sub arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${GatewayApiTest}";
    let expected = format!(
        "\
etl-bob: 3 to change, 1 to replace
routes/etl
  ~ RouteEtlIntegration  AWS::ApiGatewayV2::Integration
      TimeoutInMillis: 10000 -> 20000
  ~ RouteEtl  AWS::ApiGatewayV2::Route
      RouteKey: \"POST /api/etl\" -> \"POST /api/v2/etl\"
  ! RouteEtlPermission  AWS::Lambda::Permission  replaced
      SourceArn: {arn}/*/POST/api/etl -> {arn}/*/POST/api/v2/etl
functions/enhancer
  ~ FunctionEnhancer  AWS::Lambda::Function
      Code.S3Key: \"DIGEST.zip\" -> \"DIGEST.zip\"
      MemorySize: 256 -> 512
      Environment: + {{\"Variables\":{{\"LEVEL\":\"debug\"}}}}
code of etl_enhancer_bob: 2 files
--- /dev/null
+++ greeting.txt
@@ -0,0 +1 @@
+hello
--- handler.py
+++ handler.py
@@ -1,2 +1,2 @@
 def handler(event, context):
-    return {{\"data\": \"enhanced-data\"}}
+    return {{\"data\": \"better\"}}
"
    );
    assert_eq!(out, expected, "{run:?}");
    let run = sandbox.tc("diff --exit-code --format json");
    assert_eq!(run.status, Some(1), "{run:?}");
    let found: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(found["differs"], true);
    assert_eq!(found["changes"][2]["replacement"], "always");
    let memory = json!({ "path": "MemorySize", "old": 256, "new": 512, "replacement": "never" });
    assert_eq!(found["changes"][3]["properties"][1], memory);
    assert_eq!(found["code"][0]["files"][0]["change"], "added");
    // Nothing was changed, and nothing prepared.
    assert_eq!((sandbox.change_sets(), sandbox.code("enhancer").0), (1, before));
    assert_eq!(sandbox.artifacts(), 5, "three functions, a template and a manifest");
}

#[test]
fn what_would_be_lost_is_marked() {
    let queues = "queues:\n  jobs: {consumer: enhancer}\n";
    let sandbox = Sandbox::new(&[("topology.yml", &format!("{TOPOLOGY}\n{queues}"))]);
    sandbox.tc("create").well();
    sandbox.project.write("topology.yml", TOPOLOGY);
    let run = sandbox.tc("diff").well();
    assert!(run.out.starts_with("etl-bob: 1 to change, 4 to remove\n"), "{run:?}");
    assert!(run.out.contains("\n  - QueueJobs  AWS::SQS::Queue  its messages are lost\n"), "{run:?}");
    assert!(
        run.out.contains("      Policies[Enhancer].PolicyDocument.Statement[ReceiveMessages]: - "),
        "the right to read the queue goes: {run:?}"
    );
    let found: Value = serde_json::from_str(&sandbox.tc("diff --format json").well().out).unwrap();
    let queue = found["changes"].as_array().unwrap().iter().find(|change| change["logical_id"] == "QueueJobs");
    let loss = json!({ "what": "its messages", "is_data": true });
    assert_eq!((&queue.unwrap()["action"], &queue.unwrap()["loss"]), (&"remove".into(), &loss));
}

#[test]
fn code_that_was_changed_in_aws_is_shown() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    sandbox.project.write("enhancer/handler.py", BETTER);
    let found: Value = serde_json::from_str(&sandbox.tc("diff --format json").well().out).unwrap();
    let first = found["changes"][0]["properties"][0]["old"].as_str().unwrap().to_owned();
    sandbox.tc("update").well();
    sandbox.put_code("enhancer", &first);
    let run = sandbox.tc("diff --exit-code");
    assert_eq!(run.status, Some(1), "{run:?}");
    let expected = "\
etl-bob: no resource differs
code of etl_enhancer_bob: 1 file
--- handler.py
+++ handler.py
@@ -1,2 +1,2 @@
 def handler(event, context):
-    return {\"data\": \"enhanced-data\"}
+    return {\"data\": \"better\"}
";
    assert_eq!(run.out, expected, "{run:?}");
}

#[test]
fn there_has_to_be_a_sandbox() {
    let sandbox = Sandbox::new(&[]);
    let refused = sandbox.tc("diff").refused();
    assert!(refused.contains("error[TC1102]: there is no sandbox `bob` of `etl` in local"), "{refused}");
    assert!(refused.contains("help: make it: `tc create -s bob -e local`"), "{refused}");
    // One that is only planned has nothing in it.
    sandbox.tc("create --no-execute").well();
    assert_eq!(sandbox.status(), "REVIEW_IN_PROGRESS");
    let refused = sandbox.tc("diff").refused();
    assert!(refused.contains("error[TC1102]"), "{refused}");
    let said = Emulator::shared().ask(&sandbox.account, "lambda", "GET /2015-03-31/functions/", "").unwrap();
    assert!(!said.1.contains("etl_enhancer_bob"), "{said:?}");
}

#[test]
fn a_sandbox_of_a_like_name_is_suggested() {
    let sandbox = Sandbox::new(&[]);
    sandbox.project.tc(&["create", "-s", "bobb", "-e", "local"]).well();
    for command in ["diff", "update", "delete --yes"] {
        let refused = sandbox.tc(command).refused();
        assert!(refused.contains("help: did you mean `bobb`?"), "{command}: {refused}");
    }
}
