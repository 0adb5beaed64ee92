//! The local AWS: the parts of AWS that tc deploys to, on this machine alone, for a laptop without an AWS account.
//!
//! Everything is in one directory, the home:
//!
//! ```text
//! launcher-DIGEST/  the files of `runtime-templates/local`, which are embedded
//! DIGEST/           what they install, by what is installed
//! PORT.json         the record of the server at a port, locked while that server lives
//! PORT.log          what it says
//! ```
//!
//! The server writes its record itself and holds the lock until it ends, however it ends. So a record never names the
//! process of somebody else, and none is missing because this program was killed.

mod install;
mod launcher;
mod python;
mod record;

pub use record::Running;

use crate::environment::LOCAL_REGION;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::local as codes;
use tc_core::world::WorldError;

/// How long a server that was asked to end may take before it is ended.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it may take to answer; one that has just begun answers once it is ready.
const ANSWER: Duration = Duration::from_secs(60);

/// How long a process that was killed may take to let go of its record.
const DYING: Duration = Duration::from_secs(2);

/// How much of the end of a log is read for the reason of a failure, in bytes.
const LOG_END: u64 = 4096;

/// The local AWS at a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAws {
    home: PathBuf,
    port: u16,
}

/// What starting came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The server.
    pub running: Running,
    /// Whether it ran before.
    pub was_running: bool,
}

impl LocalAws {
    /// The one at a port, with its home.
    pub fn new(home: impl Into<PathBuf>, port: u16) -> Self {
        Self { home: home.into(), port }
    }

    /// Where it answers.
    pub fn endpoint(&self) -> String {
        record::endpoint(self.port)
    }

    /// Starts it, unless it runs already, and waits until it answers. What it needs is installed on first use, which
    /// `progress` is told.
    ///
    /// # Errors
    /// No Python that will do; no package index on first use; a port that something else has; a server that ends.
    pub fn start(&self, progress: &mut dyn FnMut(&str)) -> Result<Started, Box<Diagnostic>> {
        let home = fs::create_dir_all(&self.home).and_then(|()| self.home.canonicalize());
        let home = home.map_err(|error| install::unwritten(&self.home, &error))?;
        // Of two that start it at the same time, the second finds it running.
        let lock = File::create(home.join("start.lock")).and_then(|file| file.lock().map(|()| file));
        let _lock = lock.map_err(|error| install::unwritten(&home, &error))?;
        if let Some(running) = record::read(&self.record())? {
            match self.answer() {
                Ok(()) => return Ok(Started { running, was_running: true }),
                Err(finding) if !record::wait_for_end(&self.record(), DYING)? => return Err(finding),
                // It was being ended.
                Err(_) => {}
            }
        }
        self.check_port()?;
        let python = python::find()?;
        let launcher = launcher::write(&home).map_err(|error| install::unwritten(&home, &error))?;
        install::install(&python, &launcher, &home, progress)?;
        self.spawn(&python, &launcher)?;
        match record::read(&self.record())? {
            Some(running) => Ok(Started { running, was_running: false }),
            None => Err(self.ended()),
        }
    }

    /// Ends it with all functions that it runs, and gives what ran. Nothing is done where it does not run.
    ///
    /// # Errors
    /// When the process cannot be ended.
    pub fn stop(&self) -> Result<Option<Running>, Box<Diagnostic>> {
        let Some(running) = record::read(&self.record())? else { return Ok(None) };
        let refused = |reason: String| {
            let message = format!("the process {} cannot be ended: {reason}", running.pid);
            Box::new(Diagnostic::without_place(&codes::NOT_STOPPED, message))
        };
        let pid = Pid::from_raw(running.pid).ok_or_else(|| refused("that is no process".to_owned()))?;
        let words = |error: rustix::io::Errno| refused(WorldError::from(&io::Error::from(error)).to_string());
        kill_process(pid, Signal::TERM).or_else(gone).map_err(words)?;
        if !record::wait_for_end(&self.record(), PATIENCE)? {
            kill_process_group(pid, Signal::KILL).or_else(gone).map_err(words)?;
            if !record::wait_for_end(&self.record(), PATIENCE)? {
                return Err(refused(format!("it still runs {} s later", PATIENCE.as_secs())));
            }
        }
        Ok(Some(running))
    }

    /// The server, if it runs.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub fn status(&self) -> Result<Option<Running>, Box<Diagnostic>> {
        record::read(&self.record())
    }

    /// Those that run at other ports.
    pub fn others(&self) -> Vec<Running> {
        let Ok(entries) = fs::read_dir(&self.home) else { return Vec::new() };
        let ports = entries.flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            name.strip_suffix(".json")?.parse::<u16>().ok()
        });
        let mut ports: Vec<u16> = ports.filter(|port| *port != self.port).collect();
        ports.sort_unstable();
        let running = |port: u16| record::read(&record::path(&self.home, port)).ok().flatten();
        ports.into_iter().filter_map(running).collect()
    }

    fn record(&self) -> PathBuf {
        record::path(&self.home, self.port)
    }

    fn log(&self) -> PathBuf {
        self.home.join(format!("{}.log", self.port))
    }

    /// Says so where something else has the port, before anything is installed.
    fn check_port(&self) -> Result<(), Box<Diagnostic>> {
        match TcpListener::bind(self.address()) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                let message = format!("something else than the local AWS of tc has the port {}", self.port);
                let finding = Diagnostic::without_place(&codes::PORT_TAKEN, message);
                Err(Box::new(finding.help("end it, or take another port: `tc local start --port PORT`")))
            }
            Err(error) => {
                let message = format!("the port {} cannot be used: {}", self.port, WorldError::from(&error));
                Err(Box::new(Diagnostic::without_place(&codes::PORT_TAKEN, message)))
            }
        }
    }

    /// Starts the server and waits until it says that it answers.
    fn spawn(&self, python: &Path, launcher: &Path) -> Result<(), Box<Diagnostic>> {
        let log = File::create(self.log()).map_err(|error| install::unwritten(&self.home, &error))?;
        let mut command = Command::new(python);
        command.arg(launcher.join("start.py")).arg("--home").arg(&self.home).arg("--record").arg(self.record());
        command.args(["--port", &self.port.to_string(), "--region", LOCAL_REGION]).arg("--log").arg(self.log());
        // It outlives this command, and the directory it was started in.
        command.current_dir(&self.home).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut process = command.spawn().map_err(|error| install::not_run(python, &error))?;
        let mut said = String::new();
        if let Some(output) = process.stdout.take() {
            // An end without a line is that of the server.
            let _ = BufReader::new(output).read_line(&mut said);
        }
        if said.is_empty() {
            let _ = process.wait();
            return Err(self.ended());
        }
        Ok(())
    }

    /// Waits until a server that has its port answers.
    fn answer(&self) -> Result<(), Box<Diagnostic>> {
        let ask = || {
            let mut stream = TcpStream::connect_timeout(&self.address().into(), ANSWER)?;
            stream.set_read_timeout(Some(ANSWER))?;
            stream.write_all(b"GET /_ministack/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
            stream.read_exact(&mut [0; 12])
        };
        ask().map_err(|error: io::Error| {
            let message = format!("the local AWS at {} does not answer: {}", self.endpoint(), WorldError::from(&error));
            let finding = Diagnostic::without_place(&codes::NOT_STARTED, message);
            Box::new(finding.help(format!("end it by `tc local stop --port {}` and start it again", self.port)))
        })
    }

    /// That it ended, with the last that it said.
    fn ended(&self) -> Box<Diagnostic> {
        let finding = Diagnostic::without_place(&codes::NOT_STARTED, "the local AWS ended as soon as it was started");
        let finding = finding.help_opt(last_line(&self.log()).map(|line| format!("it said: {line}")));
        Box::new(finding.help(format!("all it said is in `{}`", self.log().display())))
    }

    fn address(&self) -> SocketAddrV4 {
        SocketAddrV4::new(Ipv4Addr::LOCALHOST, self.port)
    }
}

/// That a process to be ended is not there is no failure.
fn gone(error: rustix::io::Errno) -> rustix::io::Result<()> {
    if error == rustix::io::Errno::SRCH { Ok(()) } else { Err(error) }
}

/// The last line of a log that is not empty.
fn last_line(log: &Path) -> Option<String> {
    let mut file = File::open(log).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_END))).ok()?;
    let mut end = Vec::new();
    file.read_to_end(&mut end).ok()?;
    let end = String::from_utf8_lossy(&end).into_owned();
    end.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}
