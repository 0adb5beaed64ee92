//! Ctrl-C while a stack changes: a script leaves, a person at a terminal is asked.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use rustix::process::{Pid, Signal, kill_process};
use std::sync::atomic::{AtomicUsize, Ordering};
use tc_tests::cloudformation::{self, STACK};
use tc_tests::interceptor::{Interceptor, Reply};
use tc_tests::sandbox::Sandbox;
use tc_tests::terminal::Terminal;

const NAME: &str = "etl-bob";
const DESCRIPTION: &str = "etl in sandbox bob";
const BETTER: &str = "def handler(event, context):\n    return {\"data\": \"better\"}\n";

/// Sends an interruption, as Ctrl-C does.
fn interrupt(process: u32) {
    kill_process(Pid::from_raw(process.try_into().unwrap()).unwrap(), Signal::INT).unwrap();
}

/// An update that never ends, unless it is cancelled; says when it is followed.
fn endless(sandbox: &Sandbox, followed: std::sync::mpsc::Sender<()>) -> Interceptor {
    let id = sandbox.stack_id();
    let phase = AtomicUsize::new(0);
    Interceptor::before_aws(move |_, request| match (request.action(), phase.load(Ordering::SeqCst)) {
        ("ExecuteChangeSet", _) => {
            phase.store(1, Ordering::SeqCst);
            cloudformation::done("ExecuteChangeSet")
        }
        ("CancelUpdateStack", _) => {
            phase.store(2, Ordering::SeqCst);
            cloudformation::done("CancelUpdateStack")
        }
        ("DescribeStackEvents", 1) => {
            let _ = followed.send(());
            cloudformation::events(NAME, &[(NAME, STACK, "UPDATE_IN_PROGRESS", "User Initiated")])
        }
        ("DescribeStackEvents", 2) => cloudformation::events(
            NAME,
            &[
                (NAME, STACK, "UPDATE_IN_PROGRESS", "User Initiated"),
                ("FunctionEnhancer", "AWS::Lambda::Function", "UPDATE_FAILED", "Resource update cancelled"),
                (NAME, STACK, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated"),
                (NAME, STACK, "UPDATE_ROLLBACK_COMPLETE", ""),
            ],
        ),
        ("DescribeStacks", 2) => cloudformation::stack_of(&id, NAME, DESCRIPTION, "UPDATE_ROLLBACK_COMPLETE"),
        _ => Reply::Forward,
    })
}

/// A sandbox whose next update never ends.
fn updating() -> (Sandbox, Interceptor, std::sync::mpsc::Receiver<()>) {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    sandbox.project.write("enhancer/handler.py", BETTER);
    let (sender, followed) = std::sync::mpsc::channel();
    let aws = endless(&sandbox, sender);
    sandbox.settle(&aws.address);
    (sandbox, aws, followed)
}

#[test]
fn a_script_that_is_interrupted_leaves() {
    let (sandbox, aws, followed) = updating();
    let mut command = sandbox.project.command(&["update", "-s", "bob", "-e", "local"]);
    let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    followed.recv().unwrap();
    interrupt(child.id());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("error[TC1113]: AWS goes on with the stack etl-bob by itself"), "{said}");
    assert!(said.contains("`tc list -s bob -e local` shows how it stands"), "{said}");
    assert!(!aws.has_asked("CancelUpdateStack"));
}

/// An update as it is run where the table of what is being done can be shown.
fn at_terminal(sandbox: &Sandbox) -> std::process::Command {
    let mut command = sandbox.project.command(&["update", "-s", "bob", "-e", "local"]);
    command.env("TERM", "xterm");
    command
}

#[test]
fn who_interrupts_at_a_terminal_is_asked() {
    const QUESTION: &str = "[c]ancel and undo what was done, [d]etach and let AWS go on, or [Enter] to stay? ";
    let (sandbox, aws, followed) = updating();
    let mut terminal = Terminal::start(at_terminal(&sandbox)).unwrap();
    followed.recv().unwrap();
    interrupt(terminal.child.id());
    terminal.wait_for(QUESTION);
    terminal.type_in("\n").unwrap();
    // It goes on asking AWS, which it does not while it asks the user.
    followed.try_iter().for_each(drop);
    followed.recv().unwrap();
    interrupt(terminal.child.id());
    terminal.wait_for("stay? \r\n");
    terminal.type_in("c\n").unwrap();
    let (status, text) = terminal.end().unwrap();
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("error[TC1104]"), "{text}");
    assert!(text.contains("the change of the stack `etl-bob` was cancelled"), "{text}");
    assert!(text.contains("the sandbox is as it was before"), "{text}");
    assert!(aws.has_asked("CancelUpdateStack"));

    let (sandbox, aws, followed) = updating();
    let mut terminal = Terminal::start(at_terminal(&sandbox)).unwrap();
    followed.recv().unwrap();
    interrupt(terminal.child.id());
    terminal.wait_for(QUESTION);
    // Twice is once too often to ask.
    interrupt(terminal.child.id());
    let (status, text) = terminal.end().unwrap();
    assert_eq!(status, Some(130), "{text}");
    assert!(!aws.has_asked("CancelUpdateStack"));
}
