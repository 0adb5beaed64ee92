//! The record of a server: what runs at a port, known to run by the lock that it holds on the record.

use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::local as codes;
use tc_core::world::WorldError;

/// A local AWS that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Where it answers: `http://127.0.0.1:4566`.
    pub endpoint: String,
    /// The version of MiniStack.
    pub version: String,
    /// The process.
    pub pid: i32,
    /// When it was started, in UTC: `2024-01-15T19:57:03Z`.
    pub started: String,
    /// The file that it logs to.
    pub log: PathBuf,
}

/// The record of a port.
pub(super) fn path(home: &Path, port: u16) -> PathBuf {
    home.join(format!("{port}.json"))
}

/// Where the local AWS at a port answers.
pub(super) fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// What runs by a record. The record of a server that has ended counts for nothing.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read(path: &Path) -> Result<Option<Running>, Box<Diagnostic>> {
    let unread = |error: io::Error| unread(path, &WorldError::from(&error).to_string());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unread(error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => {
            let text = io::read_to_string(&file).map_err(unread)?;
            serde_json::from_str(&text).map(Some).map_err(|error| self::unread(path, &error.to_string()))
        }
        Err(TryLockError::Error(error)) => Err(unread(error)),
    }
}

/// Waits until the server of a record has ended, at most so long. Whether it has.
///
/// # Errors
/// When the record cannot be read.
pub(super) fn wait_for_end(path: &Path, patience: Duration) -> Result<bool, Box<Diagnostic>> {
    let unread = |error: io::Error| unread(path, &WorldError::from(&error).to_string());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(unread(error)),
    };
    let (ended, end) = channel();
    // Waiting for a lock has no limit of time; the thread goes with the process.
    std::thread::spawn(move || ended.send(file.lock_shared()));
    match end.recv_timeout(patience) {
        Ok(locked) => locked.map(|()| true).map_err(unread),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(false),
    }
}

fn unread(path: &Path, reason: &str) -> Box<Diagnostic> {
    let message = format!("the record of the local AWS cannot be read: `{}`: {reason}", path.display());
    Box::new(Diagnostic::without_place(&codes::NOT_STOPPED, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_record_counts_while_it_is_locked() {
        let home = tempfile::tempdir().unwrap();
        let path = path(home.path(), 4566);
        assert_eq!(read(&path).unwrap(), None);
        let running = Running {
            endpoint: endpoint(4566),
            version: "1".to_owned(),
            pid: 42,
            started: "2024-01-15T19:57:03Z".to_owned(),
            log: "4566.log".into(),
        };
        fs::write(&path, serde_json::to_string(&running).unwrap()).unwrap();
        assert_eq!(read(&path).unwrap(), None);
        let server = File::open(&path).unwrap();
        server.lock().unwrap();
        assert_eq!(read(&path).unwrap(), Some(running));
        assert!(!wait_for_end(&path, Duration::ZERO).unwrap());
        drop(server);
        assert!(wait_for_end(&path, Duration::from_secs(60)).unwrap());
        assert_eq!(read(&path).unwrap(), None);
    }

    #[test]
    fn a_record_that_is_none_is_told() {
        let home = tempfile::tempdir().unwrap();
        let path = path(home.path(), 1);
        fs::write(&path, "{").unwrap();
        let server = File::open(&path).unwrap();
        server.lock().unwrap();
        assert_eq!(read(&path).unwrap_err().code.id, "TC1205");
    }
}
