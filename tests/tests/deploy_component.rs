//! `tc update -c COMPONENT`, as the tutorial uses it, on the local AWS.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::Value;
use tc_tests::emulator::Emulator;
use tc_tests::sandbox::{Sandbox, TOPOLOGY, told};

const BETTER: &str = "def handler(event, context):\n    return {\"data\": \"better\"}\n";
const VARS: &str = "../infrastructure/tc/etl/vars/enhancer.json";
const ROLES: &str = "../infrastructure/tc/etl/roles/enhancer.json";

/// The tutorial's topology up to a section.
fn until(section: &str) -> &'static str {
    TOPOLOGY.split(section).next().unwrap()
}

/// Runs a command and gives the lines of the change set: `~ FunctionEnhancer Code`.
fn changes(sandbox: &Sandbox, command: &str) -> Vec<String> {
    let run = sandbox.tc(&format!("{command} --format json")).well();
    let done: Value = serde_json::from_str(&run.out).unwrap();
    let change = |change: &Value| {
        let paths = change["properties"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap());
        let mut properties: Vec<&str> = paths.map(|path| path.split(['.', '[']).next().unwrap()).collect();
        properties.dedup();
        let id = change["logical_id"].as_str().unwrap();
        format!("{} {id} {}", change["action"].as_str().unwrap(), properties.join(" ")).trim_end().to_owned()
    };
    done["changes"].as_array().unwrap().iter().map(change).collect()
}

fn configuration(sandbox: &Sandbox, function: &str) -> Value {
    let request = format!("GET /2015-03-31/functions/etl_{function}_bob/configuration");
    let (_, answer) = Emulator::shared().ask(&sandbox.account, "lambda", &request, "").unwrap();
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn a_function_is_updated_alone() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    let others = (sandbox.code("loader"), sandbox.code("transformer"));
    sandbox.project.write("enhancer/handler.py", BETTER);
    sandbox.project.write("transformer/handler.py", "def handler(event, context):\n    return event\n");
    sandbox.project.write("topology.yml", &TOPOLOGY.replace("timeout: 10", "timeout: 20"));
    let run = sandbox.tc("update -c enhancer").well();
    let lines = told(&run);
    assert!(lines.contains(&format!("Uploading 1 artifact to {} (OK)", sandbox.bucket())), "{run:?}");
    assert!(lines.contains(&"change set of etl-bob: 1 to change".to_owned()), "{run:?}");
    assert!(lines.contains(&"  ~ functions/enhancer  FunctionEnhancer  AWS::Lambda::Function  Code".to_owned()));
    assert!(lines.contains(&"Updating function etl_enhancer_bob (177 B)".to_owned()), "{run:?}");
    assert_eq!(sandbox.code("enhancer").1, 177);
    assert_eq!((sandbox.code("loader"), sandbox.code("transformer")), others);
    // Once more is nothing to do, and the rest is still to be done.
    let run = sandbox.tc("update -c enhancer").well();
    assert_eq!(told(&run).last().unwrap(), "Nothing to do: `enhancer` is as the topology says", "{run:?}");
    let rest = ["modify RouteEtlIntegration TimeoutInMillis", "modify FunctionTransformer Code"];
    assert_eq!(changes(&sandbox, "diff"), rest);
    assert_eq!(changes(&sandbox, "diff -c routes"), rest[..1]);
    assert_eq!(changes(&sandbox, "update"), rest);
}

#[test]
fn the_tutorials_components_are_updated_one_by_one() {
    let sandbox = Sandbox::new(&[("topology.yml", until("events:"))]);
    sandbox.tc("create").well();
    // Roles and vars, each without the other.
    sandbox.project.write(VARS, r#"{"memory_size": 512, "environment": {"LEVEL": "debug"}}"#);
    let statement = r#"{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#;
    sandbox.project.write(ROLES, &format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#));
    assert_eq!(changes(&sandbox, "update -c roles"), ["modify FunctionEnhancerRole Policies"]);
    assert_eq!(configuration(&sandbox, "enhancer")["MemorySize"], 256);
    assert_eq!(changes(&sandbox, "update -c vars"), ["modify FunctionEnhancer MemorySize Environment"]);
    let enhancer = configuration(&sandbox, "enhancer");
    assert_eq!(
        (&enhancer["MemorySize"], &enhancer["Environment"]["Variables"]["LEVEL"]),
        (&512.into(), &"debug".into())
    );
    // A route.
    sandbox.project.write("topology.yml", &until("events:").replace("timeout: 10", "timeout: 20"));
    assert_eq!(changes(&sandbox, "update -c routes"), ["modify RouteEtlIntegration TimeoutInMillis"]);
    // The event.
    let with_event = until("flow:").replace("timeout: 10", "timeout: 20");
    sandbox.project.write("topology.yml", &with_event);
    let run = sandbox.tc("update -c events").well();
    assert!(told(&run).contains(&"Creating event StartETL (OK)".to_owned()), "{run:?}");
    // The flow.
    sandbox.project.write("topology.yml", &TOPOLOGY.replace("timeout: 10", "timeout: 20"));
    assert_eq!(changes(&sandbox, "diff -c flow"), ["add FlowRole", "add FlowLogGroup", "add Flow"]);
    let run = sandbox.tc("update -c flow").well();
    assert!(told(&run).contains(&"Creating flow etl_bob (OK)".to_owned()), "{run:?}");
    // One by one comes to the same as all at once.
    let run = sandbox.tc("diff --exit-code").well();
    assert_eq!(run.out, "etl-bob is as the topology says\n");
    let run = sandbox.tc("update").well();
    assert_eq!(told(&run).last().unwrap(), "Nothing to do: the sandbox is as the topology says", "{run:?}");
}

#[test]
fn what_comes_along_is_told() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    let queues = "queues:\n  jobs: {consumer: extra}\n";
    sandbox.project.write("topology.yml", &format!("{TOPOLOGY}\n{queues}"));
    sandbox.project.write("extra/handler.py", BETTER);
    // Not meant, and left alone.
    sandbox.project.write("enhancer/handler.py", BETTER);
    let run = sandbox.tc("diff -c queues").well();
    let line = "Taking along FunctionExtra, FunctionExtraLogGroup, FunctionExtraRole of functions/extra: \
                it is referred to and not there yet";
    assert!(run.out.lines().any(|other| other == line), "{run:?}");
    assert!(!run.out.contains("enhancer"), "{run:?}");
    let run = sandbox.tc("update -c queues").well();
    assert!(told(&run).contains(&line.to_owned()), "{run:?}");
    assert!(told(&run).contains(&"Creating queue jobs (OK)".to_owned()), "{run:?}");
    assert_eq!(sandbox.code("enhancer").1, 180);
    // Without the queue nothing else goes.
    sandbox.project.write("topology.yml", TOPOLOGY);
    let refused = sandbox.tc("update -A TC0515 -c queues --yes").refused();
    assert!(refused.contains("error[TC1107]: nobody is there to see that `QueueJobs` and its messages"), "{refused}");
    let run = sandbox.tc("update -A TC0515 -c queues --allow-replace").well();
    let line = "Taking along FunctionExtraRole of functions/extra: it refers to what is removed";
    assert!(told(&run).contains(&line.to_owned()), "{run:?}");
    assert_eq!((sandbox.code("extra").1, sandbox.code("enhancer").1), (177, 180));
}

#[test]
fn a_component_can_be_planned() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    sandbox.project.write("enhancer/handler.py", BETTER);
    sandbox.project.write("loader/handler.rb", "def handler(event:, context:)\n  event\nend\n");
    let loader = sandbox.code("loader");
    sandbox.tc("update -c functions/enhancer --no-execute").well();
    sandbox.project.tc(&["deploy", "--plan", "plan.json"]).well();
    assert_eq!((sandbox.code("enhancer").1, sandbox.code("loader")), (177, loader));
}

#[test]
fn an_unknown_component_is_refused() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    for (name, help) in [
        ("enhancr", "did you mean `enhancer`?"),
        ("route", "did you mean `routes`?"),
        ("routes/elt", "did you mean `routes/etl`?"),
        ("roles/nobody", "`roles` has: `enhancer`, `loader`, `transformer`"),
    ] {
        for command in ["update", "diff"] {
            let refused = sandbox.tc(&format!("{command} -c {name}")).refused();
            assert!(refused.contains(&format!("error[TC1111]: there is no component `{name}`\n")), "{refused}");
            assert!(refused.contains(&format!("= help: {help}\n")), "{refused}");
        }
    }
    assert_eq!((sandbox.status().as_str(), sandbox.change_sets()), ("CREATE_COMPLETE", 1));
}
