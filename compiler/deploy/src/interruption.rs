//! Ctrl-C, where nothing is under way.

use crate::connection::Connection;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

/// What the user interrupts. While there is one, an interruption does not end the process.
#[derive(Debug)]
pub struct Interruptions {
    /// Absent where the system has no such signal; the process then ends as it would.
    signal: Option<Signal>,
}

impl Interruptions {
    /// Listens from now on.
    pub fn listen(connection: &Connection) -> Self {
        Self { signal: connection.block_on(async { signal(SignalKind::interrupt()).ok() }) }
    }

    /// Waits, but not beyond an interruption. Whether there was one since the last time.
    pub fn rest(&mut self, connection: &Connection, pause: Duration) -> bool {
        connection.block_on(async {
            let interrupted = async {
                match &mut self.signal {
                    Some(signal) => _ = signal.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = interrupted => true,
                () = sleep(pause) => false,
            }
        })
    }
}
