//! Sandboxes that cannot be changed as they are: each is led out of its state, or says what to do.
//! The states are those that the local AWS never gets into, so an interceptor plays them in CloudFormation's words.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tc_tests::cloudformation::{self, Happened, STACK};
use tc_tests::interceptor::{Interceptor, Reply, Request};
use tc_tests::sandbox::{Sandbox, told};

const NAME: &str = "etl-bob";
const DESCRIPTION: &str = "etl in sandbox bob";
const BETTER: &str = "def handler(event, context):\n    return {\"data\": \"better\"}\n";

/// A stack that is stuck until something is asked for, after which it ends in another state; from the next change set on
/// it is the local AWS's.
struct Stuck {
    id: Option<String>,
    status: &'static str,
    way_out: &'static str,
    events: Vec<Happened<'static>>,
    end: &'static str,
    phase: AtomicUsize,
}

impl Stuck {
    fn answer(&self, request: &Request) -> Reply {
        let stack = |status: &str| match &self.id {
            Some(id) => cloudformation::stack_of(id, NAME, DESCRIPTION, status),
            None => cloudformation::stack(NAME, DESCRIPTION, status),
        };
        match (request.action(), self.phase.load(Ordering::SeqCst)) {
            ("CreateChangeSet", _) => {
                self.phase.store(2, Ordering::SeqCst);
                Reply::Forward
            }
            (action, 0) if action == self.way_out => {
                self.phase.store(1, Ordering::SeqCst);
                cloudformation::done(self.way_out)
            }
            ("DescribeStacks", 0) if request.field("StackName").contains(NAME) => stack(self.status),
            ("DescribeStackEvents", 0) => cloudformation::events(NAME, &[]),
            ("DescribeStacks", 1) if request.field("StackName").contains(NAME) => stack(self.end),
            ("DescribeStackEvents", 1) => cloudformation::events(NAME, &self.events),
            _ => Reply::Forward,
        }
    }
}

#[test]
fn what_a_creation_left_is_cleared_away() {
    for status in ["ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED"] {
        let sandbox = Sandbox::new(&[]);
        let stuck = Stuck {
            id: None,
            status,
            way_out: "DeleteStack",
            events: vec![(NAME, STACK, "DELETE_IN_PROGRESS", ""), (NAME, STACK, "DELETE_COMPLETE", "")],
            end: "DELETE_COMPLETE",
            phase: AtomicUsize::new(0),
        };
        let aws = Interceptor::before_aws(move |_, request| stuck.answer(request));
        sandbox.settle(&aws.address);
        let run = sandbox.tc("create").well();
        let line = format!("Clearing away etl-bob, which an earlier run left in {status}");
        assert!(told(&run).contains(&line), "{run:?}");
        assert_eq!(sandbox.status(), "CREATE_COMPLETE");
    }
}

#[test]
fn what_cannot_be_cleared_away_says_why() {
    let sandbox = Sandbox::new(&[]);
    let stuck = Stuck {
        id: None,
        status: "DELETE_FAILED",
        way_out: "DeleteStack",
        events: vec![
            (NAME, STACK, "DELETE_IN_PROGRESS", ""),
            ("QueueJobs", "AWS::SQS::Queue", "DELETE_FAILED", "Access denied"),
            (NAME, STACK, "DELETE_FAILED", "The following resource(s) failed to delete: [QueueJobs]."),
        ],
        end: "DELETE_FAILED",
        phase: AtomicUsize::new(0),
    };
    let aws = Interceptor::before_aws(move |_, request| stuck.answer(request));
    sandbox.settle(&aws.address);
    let said = sandbox.tc("create").refused();
    assert!(
        said.contains("error[TC1105]: what an earlier run left cannot be deleted: `QueueJobs`: Access denied"),
        "{said}"
    );
    assert!(said.contains("`tc delete --keep QueueJobs`"), "{said}");
    assert!(!aws.has_asked("CreateChangeSet"));
}

#[test]
fn what_nobody_executed_is_made_anew() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create --no-execute").well();
    assert_eq!(sandbox.status(), "REVIEW_IN_PROGRESS");
    sandbox.tc("create").well();
    assert_eq!(sandbox.status(), "CREATE_COMPLETE");

    // A change set that waits, and nothing else, is deleted like a sandbox.
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create --no-execute").well();
    sandbox.tc("delete --yes").well();
    assert_eq!(sandbox.status(), "");
}

#[test]
fn an_update_that_could_not_be_undone_is_undone_first() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    sandbox.project.write("enhancer/handler.py", BETTER);
    let stuck = Stuck {
        id: Some(sandbox.stack_id()),
        status: "UPDATE_ROLLBACK_FAILED",
        way_out: "ContinueUpdateRollback",
        events: vec![(NAME, STACK, "UPDATE_ROLLBACK_IN_PROGRESS", ""), (NAME, STACK, "UPDATE_ROLLBACK_COMPLETE", "")],
        end: "UPDATE_ROLLBACK_COMPLETE",
        phase: AtomicUsize::new(0),
    };
    let aws = Interceptor::before_aws(move |_, request| stuck.answer(request));
    sandbox.settle(&aws.address);
    let run = sandbox.tc("update").well();
    let lines = told(&run);
    let line = "Bringing etl-bob back to what it was: an update failed, and so did its undoing";
    assert!(lines.contains(&line.to_owned()), "{run:?}");
    assert!(lines.contains(&"Updating function etl_enhancer_bob (177 B)".to_owned()), "{run:?}");
    assert_eq!(sandbox.code("enhancer").1, 177);
}

#[test]
fn what_cannot_be_undone_can_be_skipped_when_told() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    let stuck = Stuck {
        id: Some(sandbox.stack_id()),
        status: "UPDATE_ROLLBACK_FAILED",
        way_out: "ContinueUpdateRollback",
        events: vec![
            (NAME, STACK, "UPDATE_ROLLBACK_IN_PROGRESS", ""),
            ("FunctionLoader", "AWS::Lambda::Function", "UPDATE_FAILED", "Function not found: etl_loader_bob"),
            (NAME, STACK, "UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: [FunctionLoader]."),
        ],
        end: "UPDATE_ROLLBACK_FAILED",
        phase: AtomicUsize::new(0),
    };
    let aws = Interceptor::before_aws(move |_, request| stuck.answer(request));
    sandbox.settle(&aws.address);
    let said = sandbox.tc("update").refused();
    let finding = "error[TC1105]: an update that failed cannot be undone: `FunctionLoader`: Function not found";
    assert!(said.contains(finding) && said.contains("leave it as it is: `--skip FunctionLoader`"), "{said}");
    let continued = |aws: &Interceptor| {
        let requests = aws.requests();
        let request = requests.iter().rfind(|request| request.action() == "ContinueUpdateRollback").cloned();
        request.unwrap().field("ResourcesToSkip.member.1").to_owned()
    };
    assert_eq!(continued(&aws), "", "nothing is skipped unless it is told");

    let stuck = Stuck {
        id: Some(sandbox.stack_id()),
        status: "UPDATE_ROLLBACK_FAILED",
        way_out: "ContinueUpdateRollback",
        events: vec![(NAME, STACK, "UPDATE_ROLLBACK_COMPLETE", "")],
        end: "UPDATE_ROLLBACK_COMPLETE",
        phase: AtomicUsize::new(0),
    };
    let aws = Interceptor::before_aws(move |_, request| stuck.answer(request));
    sandbox.settle(&aws.address);
    sandbox.tc("update --skip FunctionLoader").well();
    assert_eq!(continued(&aws), "FunctionLoader");
}

#[test]
fn what_somebody_else_does_is_waited_for() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    let id = sandbox.stack_id();
    let asked = AtomicUsize::new(0);
    let aws = Interceptor::before_aws(move |_, request| match request.action() {
        "DescribeStacks" if request.field("StackName").contains(NAME) && asked.load(Ordering::SeqCst) < 3 => {
            asked.fetch_add(1, Ordering::SeqCst);
            cloudformation::stack_of(&id, NAME, DESCRIPTION, "UPDATE_IN_PROGRESS")
        }
        "DescribeStackEvents" if asked.load(Ordering::SeqCst) < 3 => {
            let begun = [(NAME, STACK, "UPDATE_IN_PROGRESS", "User Initiated")];
            cloudformation::events_of("tc-ann-example-com-1700000000000", NAME, &begun)
        }
        _ => Reply::Forward,
    });
    sandbox.settle(&aws.address);
    let run = sandbox.tc("update").well();
    let line = "Waiting: UPDATE_IN_PROGRESS is under way with the stack etl-bob, begun by ann-example-com";
    assert!(told(&run).contains(&line.to_owned()), "{run:?}");
    assert_eq!(told(&run).last().unwrap(), "Nothing to do: the sandbox is as the topology says");
}

#[test]
fn what_somebody_else_does_need_not_be_waited_for() {
    let sandbox = Sandbox::new(&[]);
    let aws = Interceptor::before_aws(|_, request| match request.action() {
        "DescribeStacks" if request.field("StackName") == NAME => {
            cloudformation::stack(NAME, DESCRIPTION, "CREATE_IN_PROGRESS")
        }
        "DescribeStackEvents" => {
            let begun = [(NAME, STACK, "CREATE_IN_PROGRESS", "User Initiated")];
            cloudformation::events_of("Console-CreateStack-0a1b2c3d", NAME, &begun)
        }
        _ => Reply::Forward,
    });
    sandbox.settle(&aws.address);
    for command in ["create --no-wait", "update --no-wait", "delete --yes --no-wait"] {
        let said = sandbox.tc(command).refused();
        let finding = "error[TC1112]: CREATE_IN_PROGRESS is under way with the stack etl-bob, begun by somebody in the \
                       AWS console";
        assert!(said.contains(finding), "{said}");
    }
    assert!(!aws.has_asked("CreateChangeSet") && !aws.has_asked("DeleteStack"));
}

#[test]
fn who_comes_second_changes_nothing() {
    // CloudFormation's words where another change set was executed first.
    let words = "ChangeSet [arn:aws:cloudformation:us-west-2:1:changeSet/x] cannot be executed in its current \
                 execution status of [OBSOLETE]";
    let sandbox = Sandbox::new(&[]);
    let executed = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&executed);
    let aws = Interceptor::before_aws(move |_, request| match request.action() {
        "ExecuteChangeSet" => {
            seen.store(1, Ordering::SeqCst);
            cloudformation::refused(400, "InvalidChangeSetStatus", words)
        }
        // The one who came first is making the stack.
        "DescribeStacks" if seen.load(Ordering::SeqCst) == 1 => {
            cloudformation::stack(NAME, DESCRIPTION, "CREATE_IN_PROGRESS")
        }
        _ => Reply::Forward,
    });
    sandbox.settle(&aws.address);
    let said = sandbox.tc("create").refused();
    let finding = "error[TC1112]: somebody else began to change the stack etl-bob while this change was prepared";
    assert!(said.contains(finding), "{said}");
    assert!(aws.has_asked("DeleteChangeSet"), "its own change set is gone");
    assert!(!aws.has_asked("DeleteStack"), "the other's stack is not");

    // The same, a little earlier.
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    sandbox.project.write("enhancer/handler.py", BETTER);
    let aws = Interceptor::before_aws(|_, request| match request.action() {
        "CreateChangeSet" => cloudformation::refused(
            400,
            "ValidationError",
            "Stack:arn:aws:cloudformation:us-west-2:1:stack/etl-bob/x is in UPDATE_IN_PROGRESS state and can not be updated.",
        ),
        _ => Reply::Forward,
    });
    sandbox.settle(&aws.address);
    let said = sandbox.tc("update").refused();
    assert!(said.contains(finding) && said.contains("run the same command again"), "{said}");
}

#[test]
fn two_at_once_leave_one_good_sandbox() {
    let sandbox = Sandbox::new(&[]);
    let begin = || sandbox.project.command(&["create", "-s", "bob", "-e", "local"]).output().unwrap();
    let runs = std::thread::scope(|scope| {
        let both = [scope.spawn(begin), scope.spawn(begin)];
        both.map(|thread| thread.join().unwrap())
    });
    let ends: Vec<_> = runs.iter().map(|run| (run.status.code(), String::from_utf8_lossy(&run.stderr))).collect();
    assert!(ends.iter().any(|(status, _)| *status == Some(0)), "{ends:?}");
    for (status, said) in &ends {
        assert!(*status == Some(0) || said.contains("error[TC1112]"), "{said}");
    }
    assert_eq!(sandbox.status(), "CREATE_COMPLETE");
    sandbox.tc("create").well();
}

#[test]
fn what_cannot_be_deleted_can_be_kept() {
    let sandbox = Sandbox::new(&[]);
    sandbox.tc("create").well();
    let id = sandbox.stack_id();
    let deleted = AtomicUsize::new(0);
    let aws = Interceptor::before_aws(move |_, request| match (request.action(), deleted.load(Ordering::SeqCst)) {
        ("DeleteStack", 0) => {
            deleted.store(1, Ordering::SeqCst);
            cloudformation::done("DeleteStack")
        }
        ("DeleteStack", _) => {
            deleted.store(2, Ordering::SeqCst);
            cloudformation::done("DeleteStack")
        }
        ("DescribeStackEvents", 1) => cloudformation::events(
            NAME,
            &[
                (
                    "FlowRole",
                    "AWS::IAM::Role",
                    "DELETE_FAILED",
                    "Cannot delete entity, must detach all policies first.",
                ),
                (NAME, STACK, "DELETE_FAILED", "The following resource(s) failed to delete: [FlowRole]."),
            ],
        ),
        ("DescribeStackEvents", 2) => cloudformation::events(
            NAME,
            &[
                (
                    "FlowRole",
                    "AWS::IAM::Role",
                    "DELETE_FAILED",
                    "Cannot delete entity, must detach all policies first.",
                ),
                (NAME, STACK, "DELETE_FAILED", "The following resource(s) failed to delete: [FlowRole]."),
                ("FlowRole", "AWS::IAM::Role", "DELETE_SKIPPED", ""),
                (NAME, STACK, "DELETE_COMPLETE", ""),
            ],
        ),
        ("DescribeStacks", 1) => cloudformation::stack_of(&id, NAME, DESCRIPTION, "DELETE_FAILED"),
        ("DescribeStacks", 2) => cloudformation::stack_of(&id, NAME, DESCRIPTION, "DELETE_COMPLETE"),
        _ => Reply::Forward,
    });
    sandbox.settle(&aws.address);
    let said = sandbox.tc("delete --yes").refused();
    assert!(
        said.contains("error[TC1104]: `FlowRole` could not be deleted: Cannot delete entity, must detach"),
        "{said}"
    );
    assert!(said.contains("`tc delete --keep FlowRole`"), "{said}");
    let run = sandbox.tc("delete --yes --keep FlowRole").well();
    assert!(told(&run).iter().any(|line| line.starts_with("AWS kept ") && line.ends_with("(FlowRole)")), "{run:?}");
    let requests = aws.requests();
    let last = requests.iter().rfind(|request| request.action() == "DeleteStack").unwrap();
    assert_eq!(last.field("RetainResources.member.1"), "FlowRole");
}
