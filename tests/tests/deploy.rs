//! A sandbox of the tutorial's topology is created, updated and deleted on the local AWS, as a user types it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use tc_tests::cloudformation::{self, STACK};
use tc_tests::emulator::Emulator;
use tc_tests::interceptor::{Interceptor, Reply};
use tc_tests::sandbox::{Sandbox, TOPOLOGY, told};

/// The lines of a run that say what became of entities.
fn done(lines: &[String]) -> Vec<&str> {
    const VERBS: [&str; 3] = ["Creating ", "Updating ", "Deleting "];
    let mut done: Vec<&str> =
        lines.iter().map(String::as_str).filter(|line| VERBS.iter().any(|verb| line.starts_with(verb))).collect();
    done.sort_unstable();
    done
}

#[test]
fn the_tutorials_topology_is_created_with_the_tutorials_lines() {
    let sandbox = Sandbox::new(&[]);
    let run = sandbox.tc("create").well();
    let lines = told(&run);
    assert_eq!(lines[0], "Composing topology...", "{run:?}");
    assert_eq!(lines[1], "Initializing functor: etl@bob.local/0.0.1");
    assert!(lines.contains(&"change set of etl-bob: 22 to add".to_owned()), "{run:?}");
    assert_eq!(
        done(&lines),
        [
            "Creating event StartETL (OK)",
            "Creating flow etl_bob (OK)",
            "Creating function etl_enhancer_bob (180 B)",
            "Creating function etl_loader_bob (171 B)",
            "Creating function etl_transformer_bob (195 B)",
            "Creating gateway api-test (OK)",
            "Creating route /api/etl (OK)",
        ]
    );
    // Each line begins with the time, in UTC and with milliseconds.
    let time = run.err.lines().next().unwrap().split(' ').next().unwrap();
    let form: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(form, "0000-00-00T00:00:00.000");
    assert!(run.out.starts_with("URL of the gateway api-test: https://"), "{run:?}");
    assert_eq!(sandbox.status(), "CREATE_COMPLETE");
    // The function that was made is the one on disk.
    let request = "POST /2015-03-31/functions/etl_enhancer_bob/invocations";
    let (status, answer) = Emulator::shared().ask(&sandbox.account, "lambda", request, "{}").unwrap();
    assert_eq!((status, answer.as_str()), (200, r#"{"data": "enhanced-data"}"#));
}

#[test]
fn nothing_to_do_is_a_success() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    for command in ["update", "create"] {
        let run = sandbox.tc(command).well();
        assert_eq!(told(&run).last().unwrap(), "Nothing to do: the sandbox is as the topology says", "{run:?}");
        assert!(run.out.starts_with("URL of the gateway api-test: https://"), "{run:?}");
    }
    let run = sandbox.tc("update --format json").well();
    assert_eq!(run.err, "");
    let done: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&done["result"], &done["changes"]), (&"unchanged".into(), &Value::Array(Vec::new())));
    assert_eq!(sandbox.status(), "CREATE_COMPLETE");
    assert_eq!(sandbox.change_sets(), 1, "only the one that was executed");
}

#[test]
fn a_change_of_one_function_changes_that_function() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    let before = sandbox.code("enhancer");
    sandbox.project.write("enhancer/handler.py", "def handler(event, context):\n    return {\"data\": \"better\"}\n");
    let run = sandbox.tc("update").well();
    let lines = told(&run);
    assert!(lines.contains(&"change set of etl-bob: 1 to change".to_owned()), "{run:?}");
    assert!(lines.contains(&"  ~ functions/enhancer  FunctionEnhancer  AWS::Lambda::Function  Code".to_owned()));
    assert_eq!(done(&lines), ["Updating function etl_enhancer_bob (177 B)"]);
    assert_eq!(sandbox.status(), "UPDATE_COMPLETE");
    let code = sandbox.code("enhancer");
    assert!(code.1 == 177 && code.0 != before.0, "{before:?} {code:?}");
}

#[test]
fn a_removal_has_to_be_confirmed() {
    let sandbox = Sandbox::new(&[("extra/handler.py", "def handler(event, context):\n    pass\n")]);
    sandbox.tc("create -A TC0515").well();
    std::fs::remove_dir_all(sandbox.project.root().join("extra")).unwrap();
    let refused = sandbox.tc("update").refused();
    assert!(
        refused.contains("error[TC1107]: nobody can be asked whether to remove or replace 3 resources"),
        "{refused}"
    );
    assert!(refused.contains("`--yes` says that it is meant"), "{refused}");
    assert!(refused.contains("FunctionExtraLogGroup  AWS::Logs::LogGroup  its logs are lost"), "{refused}");
    assert_eq!(sandbox.change_sets(), 1, "only the one that was executed");
    let run = sandbox.tc("update --yes").well();
    assert_eq!(done(&told(&run)), ["Deleting function etl_extra_bob (OK)"], "{run:?}");
    let (status, _) =
        Emulator::shared().ask(&sandbox.account, "lambda", "GET /2015-03-31/functions/etl_extra_bob", "").unwrap();
    assert_eq!(status, 404);
}

#[test]
fn losing_data_unseen_takes_its_own_word() {
    let queues = "queues:\n  jobs: {consumer: enhancer}\n";
    let sandbox = Sandbox::new(&[("topology.yml", &format!("{TOPOLOGY}\n{queues}"))]);
    sandbox.tc("create").well();
    sandbox.project.write("topology.yml", TOPOLOGY);
    let refused = sandbox.tc("update --yes").refused();
    let message = "error[TC1107]: nobody is there to see that `QueueJobs` and its messages";
    assert!(refused.contains(message) && refused.contains("`--allow-replace` says that it is meant"), "{refused}");
    assert_eq!(sandbox.status(), "CREATE_COMPLETE");
    let run = sandbox.tc("update --allow-replace").well();
    assert!(done(&told(&run)).contains(&"Deleting queue jobs (OK)"), "{run:?}");
}

#[test]
fn a_sandbox_is_deleted_once_that_is_confirmed() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    let refused = sandbox.tc("delete").refused();
    assert!(refused.contains("etl-bob: 22 resources to delete"), "{refused}");
    assert!(
        refused.contains("error[TC1107]: nobody can be asked whether to delete the sandbox `bob` of `etl` in local"),
        "{refused}"
    );
    let run = sandbox.tc("delete --yes").well();
    let lines = told(&run);
    assert!(lines.contains(&"Deleting functor: etl@bob.local/0.0.1".to_owned()), "{run:?}");
    assert_eq!(done(&lines).len(), 8, "{run:?}");
    assert_eq!(sandbox.status(), "");
    let refused = sandbox.tc("delete --yes").refused();
    assert!(refused.contains("error[TC1102]: there is no sandbox `bob` of `etl` in local"), "{refused}");
    let refused = sandbox.tc("update").refused();
    assert!(refused.contains("help: make it: `tc create -s bob -e local`"), "{refused}");
}

#[test]
fn a_resource_that_fails_is_shown_at_its_line() {
    let sandbox = Sandbox::new(&[]);
    let executed = AtomicBool::new(false);
    let reason = "Resource handler returned message: &quot;Unable to create Target (Service: ApiGatewayV2)&quot;";
    let aws = Interceptor::start(Some(&Emulator::shared().address), move |_, request| match request.action() {
        "ExecuteChangeSet" => {
            executed.store(true, Ordering::SeqCst);
            cloudformation::done("ExecuteChangeSet")
        }
        "DescribeStackEvents" if executed.load(Ordering::SeqCst) => cloudformation::events(
            "etl-bob",
            &[
                ("etl-bob", STACK, "CREATE_IN_PROGRESS", "User Initiated"),
                ("RouteEtl", "AWS::ApiGatewayV2::Route", "CREATE_IN_PROGRESS", ""),
                ("FlowRole", "AWS::IAM::Role", "CREATE_IN_PROGRESS", ""),
                ("RouteEtl", "AWS::ApiGatewayV2::Route", "CREATE_FAILED", reason),
                ("FlowRole", "AWS::IAM::Role", "CREATE_FAILED", "Resource creation cancelled"),
                ("etl-bob", STACK, "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [RouteEtl]."),
                ("RouteEtl", "AWS::ApiGatewayV2::Route", "DELETE_COMPLETE", ""),
                ("etl-bob", STACK, "ROLLBACK_COMPLETE", ""),
            ],
        ),
        "DescribeStacks" if executed.load(Ordering::SeqCst) => {
            cloudformation::stack("etl-bob", "etl in sandbox bob", "ROLLBACK_COMPLETE")
        }
        _ => Reply::Forward,
    });
    sandbox.settle(&aws.unwrap().address);
    let said = sandbox.tc("create").refused();
    assert!(said.contains("Creating route /api/etl (failed)\n"), "{said}");
    let finding = "error[TC1104]: `RouteEtl` could not be created: Resource handler returned message: \
                   \"Unable to create Target (Service: ApiGatewayV2)\"\n --> topology.yml:4:3\n";
    assert!(said.contains(finding), "{said}");
    assert!(said.contains("4 |   etl:\n  |   ^^^ AWS::ApiGatewayV2::Route of `routes/etl`\n"), "{said}");
    assert!(said.contains("nothing is left of the sandbox; mend it and run the same command again"), "{said}");
    assert_eq!(said.matches("error[").count(), 1, "what was only cancelled is no finding: {said}");
}

#[test]
fn a_creation_that_failed_can_be_run_again() {
    let sandbox = Sandbox::new(&[]);
    // Somebody else's function has the name.
    let request = "POST /2015-03-31/functions";
    let taken = taken_function(&sandbox);
    let (status, made) = Emulator::shared().ask(&sandbox.account, "lambda", request, &taken).unwrap();
    assert_eq!(status, 201, "{made}");

    let said = sandbox.tc("create").refused();
    assert!(said.contains("Creating function etl_loader_bob (failed)\n"), "{said}");
    assert!(said.contains("Undoing what was done...\n"), "{said}");
    let finding = "error[TC1104]: `FunctionLoader` could not be created: \
                   Resource handler returned message: \"Function already exist: etl_loader_bob\" \
                   (HandlerErrorCode: AlreadyExists)\n--> loader/handler.rb (AWS::Lambda::Function of `functions/loader`)";
    assert!(said.contains(finding), "{said}");
    assert_eq!(sandbox.status(), "");

    let request = "DELETE /2015-03-31/functions/etl_loader_bob";
    assert_eq!(Emulator::shared().ask(&sandbox.account, "lambda", request, "").unwrap().0, 204);
    sandbox.tc("create").well();
}

/// A request for a function of the loader's name, in an account that has no function yet.
fn taken_function(sandbox: &Sandbox) -> String {
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                 %22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A\
                 %22sts%3AAssumeRole%22%7D%5D%7D";
    let body = format!("Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument={trust}");
    let (status, answer) = Emulator::shared().ask(&sandbox.account, "iam", "POST /", &body).unwrap();
    assert_eq!(status, 200, "{answer}");
    // An empty zip.
    let zip = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";
    format!(
        r#"{{"FunctionName": "etl_loader_bob", "Runtime": "python3.13", "Handler": "a.b", "Code": {{"ZipFile": "{zip}"}},
            "Role": "arn:aws:iam::{}:role/r"}}"#,
        sandbox.account
    )
}

#[test]
fn express_mode_is_asked_for_and_undoes_failures() {
    let sandbox = Sandbox::new(&[]);
    let aws = Interceptor::start(Some(&Emulator::shared().address), |_, _| Reply::Forward).unwrap();
    sandbox.settle(&aws.address);
    sandbox.tc("create --express").well();
    sandbox.project.write("topology.yml", &TOPOLOGY.replace("timeout: 10", "timeout: 20"));
    sandbox.tc("update").well();
    let asked = aws.requests().into_iter().filter(|request| request.action() == "CreateChangeSet");
    let asked: Vec<_> = asked
        .map(|request| {
            ["DeploymentConfig.Mode", "DeploymentConfig.DisableRollback", "OnStackFailure"]
                .map(|name| request.field(name).to_owned())
        })
        .collect();
    assert_eq!(asked, [["EXPRESS", "false", ""], ["", "", ""]].map(|fields| fields.map(str::to_owned)));
}

#[test]
fn what_lacks_for_one_reason_is_told_once() {
    let metadata = r#"{"runtime": {"lang": "python3.13"}, "assets": {"MODEL_PATH": "/mnt/assets/etl/transformer"}}"#;
    let sandbox = Sandbox::new(&[("transformer/function.json", metadata)]);
    let said = sandbox.tc("create").refused();
    assert_eq!(said.matches("error[TC1101]: nothing was published to the file system `assets`").count(), 1, "{said}");
    for parameter in ["AccessPoint", "SecurityGroups", "Subnets"] {
        assert!(said.contains(&format!("`--import FileSystemAssets{parameter}=VALUE`")), "{said}");
    }
    assert_eq!(said.matches("publish what it holds").count(), 1, "{said}");
    assert_eq!(sandbox.status(), "", "nothing was begun");
}
