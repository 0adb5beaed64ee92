//! An AWS that does not answer while a stack changes, or does not know us any more: it is borne as long as it may pass, and
//! told where it does not. The stack goes on either way.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use std::sync::Mutex;
use tc_tests::cloudformation;
use tc_tests::emulator::Emulator;
use tc_tests::interceptor::{Interceptor, Reply, Request};
use tc_tests::sandbox::{Sandbox, told};

/// Lets `answer` decide on the questions that follow a change set that is executed, given how many came before.
fn while_followed(
    answer: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static,
) -> impl Fn(usize, &Request) -> Reply + Send + Sync + 'static {
    let followed: Mutex<Option<usize>> = Mutex::new(None);
    move |_, request| {
        let mut followed = followed.lock().unwrap();
        if request.action() == "ExecuteChangeSet" {
            *followed = Some(0);
            return Reply::Forward;
        }
        match followed.as_mut().filter(|_| request.action().starts_with("Describe")) {
            Some(count) => {
                *count += 1;
                answer(*count - 1, request)
            }
            None => Reply::Forward,
        }
    }
}

#[test]
fn a_cut_connection_and_throttling_are_borne() {
    let throttled = || cloudformation::refused(400, "Throttling", "Rate exceeded");
    for reply in [|| Reply::Cut, throttled] as [fn() -> Reply; 2] {
        let sandbox = Sandbox::new(&[]);
        // More often than the SDK asks by itself.
        let aws =
            Interceptor::before_aws(while_followed(move |count, _| if count < 4 { reply() } else { Reply::Forward }));
        sandbox.settle(&aws.address);
        let run = sandbox.tc("create").well();
        assert!(
            told(&run).iter().any(|line| line.starts_with("No answer (") && line.ends_with("; asking again")),
            "{run:?}"
        );
        assert_eq!(sandbox.status(), "CREATE_COMPLETE");
    }
}

#[test]
fn a_connection_that_stays_cut_is_told() {
    let sandbox = Sandbox::new(&[]);
    let aws = Interceptor::before_aws(while_followed(|_, _| Reply::Cut));
    sandbox.settle(&aws.address);
    let said = sandbox.tc("create").refused();
    assert!(said.contains("error[TC1011]"), "{said}");
    assert!(
        said.contains("CloudFormation goes on by itself; run the same command again to see how it ended"),
        "{said}"
    );
    sandbox.settle(&Emulator::shared().address);
    let run = sandbox.tc("create").well();
    assert_eq!(told(&run).last().unwrap(), "Nothing to do: the sandbox is as the topology says");
}

#[test]
fn credentials_that_expire_meanwhile_are_told() {
    let sandbox = Sandbox::new(&[]);
    let words = "The security token included in the request is expired";
    let aws = Interceptor::before_aws(while_followed(move |_, _| cloudformation::refused(403, "ExpiredToken", words)));
    sandbox.settle(&aws.address);
    let said = sandbox.tc("create").refused();
    assert!(said.contains("the session of the environment `local` has expired"), "{said}");
    assert!(
        said.contains("CloudFormation goes on by itself; run the same command again to see how it ended"),
        "{said}"
    );

    // Before anything is done, nothing is done.
    let sandbox = Sandbox::new(&[]);
    let aws = Interceptor::before_aws(move |_, _| cloudformation::refused(403, "ExpiredToken", words));
    sandbox.settle(&aws.address);
    let said = sandbox.tc("create").refused();
    assert!(said.contains("the session of the environment `local` has expired"), "{said}");
    assert!(!said.contains("goes on by itself"), "{said}");
    assert_eq!(sandbox.status(), "");
}
