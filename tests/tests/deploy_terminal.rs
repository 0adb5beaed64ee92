//! What is shown at a terminal while a stack changes.

#![allow(clippy::unwrap_used, reason = "what does not hold fails the test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tc_tests::cloudformation;
use tc_tests::emulator::Emulator;
use tc_tests::interceptor::{Interceptor, Reply};
use tc_tests::sandbox::Sandbox;
use tc_tests::terminal::Terminal;

#[test]
fn what_is_being_done_stands_below_what_is_done() {
    let sandbox = Sandbox::new(&[]);
    let (executed, held) = (AtomicBool::new(false), Arc::new(AtomicBool::new(true)));
    let is_held = Arc::clone(&held);
    let aws = Interceptor::start(Some(&Emulator::shared().address), move |_, request| match request.action() {
        "ExecuteChangeSet" => {
            executed.store(true, Ordering::SeqCst);
            Reply::Forward
        }
        "DescribeStackEvents" if executed.load(Ordering::SeqCst) && is_held.load(Ordering::SeqCst) => {
            let begun = ("FunctionEnhancer", "AWS::Lambda::Function", "CREATE_IN_PROGRESS", "");
            cloudformation::events("etl-bob", &[begun])
        }
        _ => Reply::Forward,
    });
    sandbox.settle(&aws.unwrap().address);
    let mut command = sandbox.project.command(&["create", "-s", "bob", "-e", "local"]);
    command.env("TERM", "xterm");
    let mut terminal = Terminal::start(command).unwrap();
    terminal.wait_for("Creating functions/enhancer  FunctionEnhancer  AWS::Lambda::Function");
    terminal.wait_for("0/22");
    held.store(false, Ordering::SeqCst);
    let (status, text) = terminal.end().unwrap();
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains(" Creating function etl_enhancer_bob (180 B)"), "{text}");
    assert!(text.contains(" Created etl@bob.local/0.0.1 in "), "{text}");
    // The table is gone at the end.
    let last = text.trim_end().lines().last().unwrap();
    assert!(last.contains("Created etl@bob.local/0.0.1 in "), "{text}");
}
