//! The local AWS, for tests that need an account: `runtime-templates/local`, on a free port.
//!
//! It is installed into `target/tc/local` on first use, which needs a Python of 3.11 or later and a package index. That is
//! where `tc local` has it too with [`cache`] for the user's cache.

use crate::binary::workspace;
use crate::ruby;
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The versions of Python that it is pinned for, the one that CI has first.
const PYTHONS: [&str; 5] = ["python3.11", "python3.12", "python3.13", "python3.14", "python3"];

/// The region of requests that name none.
pub const REGION: &str = "us-west-2";

/// A local AWS that runs until this is dropped. Should the test be killed first, it notices by the end of its input.
#[derive(Debug)]
pub struct Emulator {
    /// Where it answers: `http://127.0.0.1:PORT`.
    pub address: String,
    process: Child,
}

impl Emulator {
    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// What it said before it ended: no Python, no package index on first use.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&[])
    }

    /// As [`Self::start`], with arguments of `start.py`.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(arguments: &[&OsStr]) -> io::Result<Self> {
        let mut log = tempfile::tempfile()?;
        let mut process = spawn(&log, arguments)?;
        let mut address = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut address)?;
        }
        if address.is_empty() {
            process.wait()?;
            log.rewind()?;
            return Err(io::Error::other(io::read_to_string(log.take(1 << 20))?));
        }
        Ok(Self { address: address.trim_end().to_owned(), process })
    }

    /// What an account answers to a request: the status and the body. Any signature will do.
    ///
    /// # Errors
    /// When the connection fails.
    pub fn ask(&self, account: &str, service: &str, request: &str, body: &str) -> io::Result<(u16, String)> {
        self.send(account, service, request, &[], body)
    }

    /// What an account answers to an action of a JSON protocol: `AWSEvents.PutEvents`.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub fn ask_json(&self, account: &str, service: &str, action: &str, body: &str) -> io::Result<(u16, String)> {
        self.send(account, service, "POST /", &[("x-amz-target", action)], body)
    }

    /// As [`send`], to this one.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub fn send(
        &self,
        account: &str,
        service: &str,
        request: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<(u16, String)> {
        send(&self.address, account, service, request, headers, body)
    }

    /// The one that all tests of a process share. Tests keep apart by their accounts: [`account`].
    ///
    /// # Panics
    /// When it does not start, since then there is nothing to test.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Emulator> = OnceLock::new();
        SHARED.get_or_init(|| Self::start().expect("the local AWS starts"))
    }
}

/// What a local AWS at an address answers to a request with headers of its own; `host` takes the place of the address's. Without an account
/// it is not signed.
///
/// # Errors
/// As [`Emulator::ask`].
pub fn send(
    address: &str,
    account: &str,
    service: &str,
    request: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<(u16, String)> {
    let authority = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority)?;
    let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
    let host = headers.iter().find(|(name, _)| *name == "host").map_or(authority, |(_, host)| host);
    let others = headers.iter().filter(|(name, _)| *name != "host");
    let others: String = others.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let credential = format!("{account}/20260101/{REGION}/{service}/aws4_request");
    let signature = match account {
        "" => String::new(),
        _ => {
            format!("authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0\r\n")
        }
    };
    let head = format!(
        "{request} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\
         content-type: {kind}\r\n{others}{signature}\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes())?;
    let answer = io::read_to_string(stream)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    Ok((status.unwrap_or_default(), body.to_owned()))
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // The functions that it runs are of its group.
        if let Some(group) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.process.wait();
    }
}

/// The Python that it runs by, which has boto3.
///
/// # Errors
/// As [`Emulator::start`].
pub fn python() -> io::Result<PathBuf> {
    let mut log = tempfile::tempfile()?;
    let mut process = spawn(&log, &[OsStr::new("--python")])?;
    // Its end would be that of the installation.
    let _input = process.stdin.take();
    let output = process.wait_with_output()?;
    match output.status.success() {
        true => Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end())),
        false => {
            log.rewind()?;
            Err(io::Error::other(io::read_to_string(log)?))
        }
    }
}

fn spawn(log: &File, arguments: &[&OsStr]) -> io::Result<Child> {
    for python in PYTHONS {
        let mut command = Command::new(python);
        command.arg(workspace().join("runtime-templates/local/start.py")).arg("--home");
        command.arg(cache().join("tc/local")).args(["--region", REGION, "--attached"]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log.try_clone()?).process_group(0);
        // Functions in Ruby run where there is one; the tests that need them say so where there is none.
        if let Ok(path) = ruby::find() {
            command.env("PATH", path);
        }
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            outcome => return outcome,
        }
    }
    Err(io::Error::other(format!("no Python found: looked for {}", PYTHONS.join(", "))))
}

/// What stands for the user's cache, `XDG_CACHE_HOME`, in tests.
pub fn cache() -> PathBuf {
    workspace().join("target")
}

/// A port that is free now, and hardly taken soon: the system gives them out in turn.
///
/// # Errors
/// When there is none.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// An account that no other test of this process uses, 12 digits.
pub fn account() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(100_000_000_001);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}
