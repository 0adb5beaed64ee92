//! `tc update -c FUNCTION --watch` on the local AWS, and what mends a sandbox that it left behind.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;
use tc_tests::sandbox::{Sandbox, told};

const ORIGINAL: &str = "def handler(event, context):\n    return {\"data\": \"enhanced-data\"}\n";
const BETTER: &str = "def handler(event, context):\n    return {\"data\": \"better\"}\n";

/// How long a line may be in coming.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running `tc update -c enhancer --watch`.
struct Watch {
    process: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(sandbox: &Sandbox) -> Self {
        let words = ["update", "-s", "bob", "-e", "local", "-c", "enhancer", "--watch"];
        let mut command = sandbox.project.command(&words);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let errors = BufReader::new(process.stderr.take().unwrap());
        thread::spawn(move || errors.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let watch = Self { process, lines };
        watch.until("Watching function etl_enhancer_bob; Ctrl-C ends");
        watch
    }

    /// Waits for a line that ends so; the lines before it.
    fn until(&self, end: &str) -> Vec<String> {
        let mut before = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.ends_with(end) => return before,
                Ok(line) => before.push(line),
                Err(error) => panic!("{error}, no `{end}`: {before:#?}"),
            }
        }
    }

    fn end(&mut self, signal: Signal) -> Option<i32> {
        let id = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(id, signal).unwrap();
        self.process.wait().unwrap().code()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn each_save_reaches_the_function_and_the_end_reaches_the_stack() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    let mut watch = Watch::start(&sandbox);
    sandbox.project.write("enhancer/handler.py", BETTER);
    watch.until("Updating function etl_enhancer_bob (177 B)");
    assert_eq!((sandbox.code("enhancer").1, sandbox.status().as_str()), (177, "CREATE_COMPLETE"));
    // What cannot be compiled is told, and it goes on.
    sandbox.project.write("enhancer/function.json", "{\"nmae\": \"enhancer\"}");
    let before = watch.until("= help: did you mean `name`?");
    assert!(before.iter().any(|line| line.starts_with("error[TC0101]: unknown key `nmae`")), "{before:?}");
    sandbox.project.write("enhancer/handler.py", "def handler(event, context):\n    return event\n");
    std::fs::remove_file(sandbox.project.root().join("enhancer/function.json")).unwrap();
    watch.until("Updating function etl_enhancer_bob (161 B)");
    let running = sandbox.code("enhancer");
    assert_eq!(running.1, 161);
    assert_eq!(watch.end(Signal::INT), Some(0));
    assert_eq!((sandbox.status().as_str(), sandbox.code("enhancer")), ("UPDATE_COMPLETE", running));
    sandbox.tc("diff --exit-code").well();
}

#[test]
fn what_was_watched_and_cut_off_is_mended_by_the_next_update() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    let original = sandbox.code("enhancer");
    let mut watch = Watch::start(&sandbox);
    sandbox.project.write("enhancer/handler.py", BETTER);
    watch.until("Updating function etl_enhancer_bob (177 B)");
    watch.end(Signal::KILL);
    // The stack says something else than what runs, and that it does is told.
    sandbox.project.write("enhancer/handler.py", ORIGINAL);
    let run = sandbox.tc("diff --exit-code");
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.out.starts_with("etl-bob: no resource differs\ncode of etl_enhancer_bob: 1 file\n"), "{run:?}");
    // What does not concern the function leaves it.
    sandbox.tc("update -c routes").well();
    assert_eq!(sandbox.code("enhancer").1, 177);
    let run = sandbox.tc("update").well();
    let restored = "Restoring function etl_enhancer_bob, whose code was changed elsewhere";
    assert_eq!(told(&run).last().unwrap(), restored, "{run:?}");
    assert_eq!(sandbox.code("enhancer"), original);
    let run = sandbox.tc("update --format json").well();
    let done: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&done["restored"], &done["result"]), (&Value::Array(Vec::new()), &"unchanged".into()));
}

#[test]
fn only_a_function_of_a_sandbox_of_ones_own_is_watched() {
    let published = r#"{"runtime": {"lang": "python3.13", "provisioned_concurrency": 1}}"#;
    let sandbox = Sandbox::new(&[("transformer/function.json", published)]);
    let refused = sandbox.tc("update -c routes --watch").refused();
    assert!(refused.contains("error[TC1114]: only one function can be watched\n"), "{refused}");
    assert!(refused.contains("functions: `enhancer`, `loader`, `transformer`"), "{refused}");
    let refused = sandbox.tc("update -c transformer --watch").refused();
    assert!(
        refused.contains("error[TC1114]: the function `transformer` is invoked by a published version"),
        "{refused}"
    );
    let run = sandbox.project.tc(&["update", "-s", "stable", "-e", "local", "-c", "enhancer", "--watch"]);
    let refused = run.refused();
    assert!(refused.contains("error[TC1114]: the sandbox `stable` is protected"), "{refused}");
    assert_eq!(sandbox.tc("update --watch").status, Some(2), "a function has to be named");
}
