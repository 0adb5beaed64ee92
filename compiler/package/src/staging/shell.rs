//! Running a build command.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// How much of a command's output is looked at, in bytes from its end.
const TAIL: u64 = 8 << 10;

/// Where a command runs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its working directory.
    pub directory: &'a Path,
    /// A directory for its temporary files, removed afterwards.
    pub scratch: &'a Path,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With status 0.
    Success,
    /// With another status.
    Status(i32),
    /// By a signal.
    Signal(i32),
}

impl End {
    /// How a process ended.
    pub(crate) fn of(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(0), _) => Self::Success,
            (Some(code), _) => Self::Status(code),
            (None, signal) => Self::Signal(signal.unwrap_or_default()),
        }
    }
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// The last that it wrote to its output or error stream, at most 8 KiB.
    pub output: String,
}

/// What runs build commands: the one door through which `compile` reaches other programs.
pub trait Shell: Sync {
    /// Runs a command and waits for its end.
    ///
    /// # Errors
    /// When it cannot be started, or its output cannot be kept.
    fn run(&self, command: &str, place: &Place<'_>) -> io::Result<Outcome>;
}

/// The system's `sh`, with an environment that is the same on every machine but for where programs and the user's own
/// settings are: `PATH`, `HOME`, `TZ=UTC`, `LC_ALL=C`, `SOURCE_DATE_EPOCH` at the first day that a zip can name,
/// `TMPDIR` in the scratch directory; and umask 022. Nothing else of tc's own environment is handed on, so neither are
/// credentials.
#[derive(Debug, Clone, Default)]
pub struct SystemShell {
    /// Where programs are looked for.
    pub path: Option<OsString>,
    /// The user's directory, where package managers have their settings and caches.
    pub home: Option<OsString>,
}

impl SystemShell {
    /// With this process's `PATH` and `HOME`.
    pub fn from_environment() -> Self {
        // What these two hold reaches an output only through what a build command makes of them.
        Self { path: std::env::var_os("PATH"), home: std::env::var_os("HOME") }
    }
}

impl Shell for SystemShell {
    fn run(&self, command: &str, place: &Place<'_>) -> io::Result<Outcome> {
        let kept = place.scratch.with_extension("output");
        let mut output = OpenOptions::new().read(true).append(true).create_new(true).open(kept)?;
        let mut shell = Command::new("sh");
        // The command is an argument of its own, so that its text cannot end what sets the umask.
        shell.args(["-c", "umask 022; exec sh -c \"$1\"", "sh", command]);
        shell.env_clear();
        shell.envs([("TZ", "UTC"), ("LC_ALL", "C"), ("SOURCE_DATE_EPOCH", "315532800")]);
        shell.env("TMPDIR", place.scratch);
        shell.envs(self.path.as_ref().map(|path| ("PATH", path)));
        shell.envs(self.home.as_ref().map(|home| ("HOME", home)));
        shell.current_dir(place.directory);
        // A file and no pipe: a process that outlives the shell cannot keep tc waiting, and the order is as written.
        shell.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output.try_clone()?);
        let status = shell.status()?;
        Ok(Outcome { end: End::of(status), output: tail(&mut output, TAIL)? })
    }
}

/// The last `most` bytes of a file as text.
///
/// # Errors
/// When they cannot be read.
pub(crate) fn tail(file: &mut File, most: u64) -> io::Result<String> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
