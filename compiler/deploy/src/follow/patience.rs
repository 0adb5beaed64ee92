//! How long it is borne that CloudFormation does not answer.

use super::Listener;
use crate::connection::Connection;
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account;
use tokio::time::{Instant, sleep};

/// How long it is asked again: a network that comes back does so in minutes, and the stack goes on meanwhile. An AWS on
/// this machine that is gone does not come back.
const LIMIT: Duration = Duration::from_secs(300);
const LOCAL_LIMIT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_secs(1);
const LOCAL_PAUSE: Duration = Duration::from_millis(200);

/// What is left of it.
#[derive(Debug)]
pub(super) struct Patience {
    limit: Duration,
    pause: Duration,
    /// Since when there has been no answer.
    since: Option<Instant>,
}

impl Patience {
    /// All of it.
    pub(super) fn new(connection: &Connection) -> Self {
        let (limit, pause) = match connection.is_local() {
            true => (LOCAL_LIMIT, LOCAL_PAUSE),
            false => (LIMIT, PAUSE),
        };
        Self { limit, pause, since: None }
    }

    /// There was an answer.
    pub(super) fn renew(&mut self) {
        self.since = None;
    }

    /// Waits a while after a question that was not answered.
    ///
    /// # Errors
    /// When it is no use to ask again, or was none for too long.
    pub(super) async fn bear(
        &mut self,
        reason: Box<Diagnostic>,
        listener: &mut dyn Listener,
    ) -> Result<(), Box<Diagnostic>> {
        // The SDK has asked several times already.
        let is_passing = [&account::UNREACHABLE, &account::THROTTLED].contains(&reason.code);
        let now = Instant::now();
        if !is_passing || self.since.is_some_and(|since| now - since > self.limit) {
            let help = "CloudFormation goes on by itself; run the same command again to see how it ended";
            return Err(Box::new(reason.help(help)));
        }
        if self.since.is_none() {
            listener.silence(&reason);
            self.since = Some(now);
        }
        sleep(self.pause).await;
        Ok(())
    }
}
