//! tc killed in the middle of a creation and of an update, and run again: the sandbox ends as is wanted, and nothing is left
//! over. The moments are requests: tc is killed as it makes one, every other time after AWS has got it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use rustix::process::{Pid, Signal, kill_process};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use tc_tests::emulator::Emulator;
use tc_tests::interceptor::{Interceptor, Reply};
use tc_tests::sandbox::Sandbox;

/// How many moments of a run are tried.
const MOMENTS: usize = 10;

/// Runs a command and kills it as it makes its request of this number, which is passed on or not.
fn run_killed(sandbox: &Sandbox, command: &str, moment: usize, passed: bool) {
    let process = Arc::new(AtomicI32::new(0));
    let victim = Arc::clone(&process);
    let aws = Interceptor::start(Some(&Emulator::shared().address), move |count, _| {
        if count < moment {
            return Reply::Forward;
        }
        // The first request may be here before it is known whose it is.
        let id = loop {
            match Pid::from_raw(victim.load(Ordering::SeqCst)) {
                Some(id) => break id,
                None => std::thread::yield_now(),
            }
        };
        // It may be dead already.
        let _ = kill_process(id, Signal::KILL);
        if passed && count == moment { Reply::Forward } else { Reply::Cut }
    });
    sandbox.settle(&aws.unwrap().address);
    let mut tc = sandbox.project.command(&[command, "-s", "bob", "-e", "local"]);
    let mut child = tc.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    process.store(child.id().try_into().unwrap(), Ordering::SeqCst);
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None, "it was killed at request {moment}");
    sandbox.settle(&Emulator::shared().address);
}

/// How many requests a command makes.
fn requests(sandbox: &Sandbox, command: &str) -> usize {
    let aws = Interceptor::start(Some(&Emulator::shared().address), |_, _| Reply::Forward).unwrap();
    sandbox.settle(&aws.address);
    sandbox.tc(command).well();
    sandbox.settle(&Emulator::shared().address);
    aws.requests().len()
}

/// The names of the functions in a sandbox's account.
fn functions(sandbox: &Sandbox) -> Vec<String> {
    let (_, answer) = Emulator::shared().ask(&sandbox.account, "lambda", "GET /2015-03-31/functions/", "").unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let functions = answer["Functions"].as_array().unwrap().iter();
    functions.map(|function| function["FunctionName"].as_str().unwrap().to_owned()).collect()
}

/// How many roles there are in a sandbox's account.
fn roles(sandbox: &Sandbox) -> usize {
    let body = "Action=ListRoles&Version=2010-05-08";
    let (_, answer) = Emulator::shared().ask(&sandbox.account, "iam", "POST /", body).unwrap();
    answer.matches("<RoleName>").count()
}

/// That no change set waits to be executed.
fn assert_no_change_set_waits(sandbox: &Sandbox) {
    let answer = sandbox.ask("Action=ListChangeSets&StackName=etl-bob");
    assert!(!answer.contains("<ExecutionStatus>AVAILABLE<"), "{answer}");
}

#[test]
fn a_creation_that_was_killed_is_finished_by_the_next() {
    let total = requests(&Sandbox::new(&[]), "create");
    for moment in 0..MOMENTS {
        let sandbox = Sandbox::new(&[]);
        run_killed(&sandbox, "create", moment * total / MOMENTS, moment % 2 == 1);
        sandbox.tc("create").well();
        assert_eq!(sandbox.status(), "CREATE_COMPLETE", "killed at {moment}/{MOMENTS} of {total}");
        assert_eq!(functions(&sandbox).len(), 3);
        assert_no_change_set_waits(&sandbox);
        sandbox.tc("delete --yes").well();
        assert_eq!((sandbox.status(), functions(&sandbox), roles(&sandbox)), (String::new(), Vec::new(), 0));
    }
}

#[test]
fn an_update_that_was_killed_is_finished_by_the_next() {
    let versions = |number: usize| format!("def handler(event, context):\n    return {{\"data\": {number}}}\n");
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    sandbox.project.write("enhancer/handler.py", &versions(100));
    let total = requests(&sandbox, "update");
    for moment in 0..MOMENTS {
        let before = sandbox.code("enhancer");
        sandbox.project.write("enhancer/handler.py", &versions(101 + moment));
        run_killed(&sandbox, "update", moment * total / MOMENTS, moment % 2 == 0);
        sandbox.tc("update").well();
        assert!(sandbox.status().ends_with("E_COMPLETE"), "{}", sandbox.status());
        assert_ne!(sandbox.code("enhancer"), before, "killed at {moment}/{MOMENTS} of {total}");
        let request = "POST /2015-03-31/functions/etl_enhancer_bob/invocations";
        let (_, answer) = Emulator::shared().ask(&sandbox.account, "lambda", request, "{}").unwrap();
        assert_eq!(answer, format!("{{\"data\": {}}}", 101 + moment));
        assert_no_change_set_waits(&sandbox);
    }
    sandbox.tc("delete --yes").well();
    assert_eq!((sandbox.status(), functions(&sandbox), roles(&sandbox)), (String::new(), Vec::new(), 0));
}
