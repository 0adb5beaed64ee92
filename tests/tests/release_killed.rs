//! A release killed in the middle and run again: one tag, one bundle, and the wanted version deployed. The moments are
//! requests: tc is killed as it makes one, every other time after AWS has got it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use rustix::process::{Pid, Signal, kill_process};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use tc_tests::emulator::Emulator;
use tc_tests::interceptor::{Interceptor, Reply};
use tc_tests::releases::Releases;

/// How many moments of a release are tried.
const MOMENTS: usize = 10;

/// A project whose requests go through a server that kills the process it is told of, at the request of this number.
fn killed_at(moment: usize, passed: bool) -> (Releases, Interceptor, Arc<AtomicI32>, Arc<AtomicBool>) {
    let (victim, is_over) = (Arc::new(AtomicI32::new(0)), Arc::new(AtomicBool::new(false)));
    let (process, over) = (Arc::clone(&victim), Arc::clone(&is_over));
    let aws = Interceptor::start(Some(&Emulator::shared().address), move |count, _| {
        if count < moment || over.load(Ordering::SeqCst) {
            return Reply::Forward;
        }
        // The first request may be here before it is known whose it is.
        let id = loop {
            match Pid::from_raw(process.load(Ordering::SeqCst)) {
                Some(id) => break id,
                None => std::thread::yield_now(),
            }
        };
        // It may be dead already.
        let _ = kill_process(id, Signal::KILL);
        if passed && count == moment { Reply::Forward } else { Reply::Cut }
    });
    let aws = aws.unwrap();
    (Releases::at(&aws.address), aws, victim, is_over)
}

#[test]
fn a_release_that_was_killed_is_finished_by_the_next() {
    let (etl, aws, ..) = killed_at(usize::MAX, true);
    etl.tc("release").well();
    let total = aws.requests().len();
    for number in 0..MOMENTS {
        let moment = number * total / MOMENTS;
        let (etl, _aws, victim, is_over) = killed_at(moment, number % 2 == 1);
        let mut tc = etl.project.command(&["release", "--service", "etl"]);
        let mut child = tc.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        victim.store(child.id().try_into().unwrap(), Ordering::SeqCst);
        assert_eq!(child.wait().unwrap().code(), None, "it was killed at request {moment} of {total}");
        is_over.store(true, Ordering::SeqCst);

        let place = format!("killed at request {moment} of {total}");
        assert_eq!(etl.tc("release --service etl").well().out, "0.1.0\n", "{place}");
        assert_eq!(etl.tags(), ["etl-0.1.0"], "{place}");
        let keys = etl.keys(&etl.qa, "releases/");
        assert!(keys.len() == 8 && keys.iter().all(|key| key.starts_with("releases/etl/0.1.0/")), "{place}: {keys:?}");
        assert_eq!((etl.status(&etl.qa).as_str(), etl.answer(&etl.qa).as_str()), ("CREATE_COMPLETE", "enhanced-data"));
        let waiting = etl.ask(&etl.qa, "Action=ListChangeSets&StackName=etl-stable");
        assert!(!waiting.contains("<ExecutionStatus>AVAILABLE<"), "{place}: {waiting}");
        assert!(etl.tc("verify 0.1.0").well().out.ends_with("digests equal\n"), "{place}");
    }
}
