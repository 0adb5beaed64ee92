//! `tc local`: an AWS on this machine, started, looked at and stopped as it is typed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "what does not hold fails the test, and what is skipped says so"
)]

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tc_tests::binary;
use tc_tests::emulator::{cache, free_port};

/// A user of this machine, with a cache of their own or the one that tests share.
struct User {
    cache: PathBuf,
    port: u16,
}

/// What a run gave.
#[derive(Debug)]
struct Run {
    status: i32,
    out: String,
    err: String,
}

impl User {
    fn new(cache: impl Into<PathBuf>) -> Self {
        Self { cache: cache.into(), port: free_port().unwrap() }
    }

    /// One for whom it is installed already, by the other tests.
    fn settled() -> Self {
        Self::new(cache())
    }

    fn home(&self) -> PathBuf {
        self.cache.join("tc/local")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary::tc());
        command.arg("local").args(arguments).args(["--port", &self.port.to_string()]).env("NO_COLOR", "1");
        command.env("XDG_CACHE_HOME", &self.cache).current_dir("/");
        command
    }

    fn tc(&self, arguments: &[&str]) -> Run {
        run(&mut self.command(arguments))
    }

    /// What `--format json` prints.
    fn json(&self, action: &str) -> (i32, Value) {
        let run = self.tc(&[action, "--format", "json"]);
        (run.status, serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{run:?}")))
    }

    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.tc(&["stop"]);
    }
}

fn run(command: &mut Command) -> Run {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// The process of what runs.
fn pid(status: &Value) -> Pid {
    Pid::from_raw(i32::try_from(status["pid"].as_i64().unwrap()).unwrap()).unwrap()
}

#[test]
fn it_is_started_once_and_stopped_once() {
    let user = User::settled();
    let none = format!("there is no local AWS running at {}\n", user.endpoint());
    let stopped = user.tc(&["status"]);
    assert_eq!((stopped.status, stopped.out.lines().next()), (1, none.lines().next()), "{stopped:?}");

    let started = user.tc(&["start"]);
    let lines: Vec<&str> = started.out.lines().collect();
    assert_eq!(started.status, 0, "{started:?}");
    assert_eq!(lines[0], format!("the local AWS at {} is running", user.endpoint()));
    assert!(lines[1].starts_with("  MiniStack 1.5.33, process "), "{started:?}");
    let (status, first) = user.json("status");
    assert_eq!((status, &first["status"], &first["changed"]), (0, &Value::from("running"), &Value::from(false)));
    assert_eq!(first["endpoint"], user.endpoint());
    assert!(Path::new(first["log"].as_str().unwrap()).is_file());

    // It serves an account, and a second start is the first.
    let account = environment(&user.endpoint());
    assert_eq!(account.account(), "000000000000");
    let (status, second) = user.json("start");
    assert_eq!((status, &second["pid"], &second["changed"]), (0, &first["pid"], &Value::from(false)));
    assert!(user.tc(&["start"]).out.contains("is running already"));

    let (status, ended) = user.json("stop");
    assert_eq!((status, &ended["status"], &ended["changed"]), (0, &Value::from("stopped"), &Value::from(true)));
    assert!(TcpStream::connect(("127.0.0.1", user.port)).is_err(), "nothing answers any more");
    let again = user.tc(&["stop"]);
    assert_eq!((again.status, again.out.lines().next()), (0, none.lines().next()), "{again:?}");
}

/// An environment at an address on this machine.
fn environment(address: &str) -> tc_deploy::Connection {
    use tc_core::frontend;
    use tc_core::world::MemoryWorld;
    let text = format!("environments: {{x: {{endpoint: '{address}', region: us-east-1}}}}");
    let project = frontend::load_project(&MemoryWorld::new([("tc.yml", text.as_str())])).project;
    tc_deploy::Connection::open(&tc_deploy::Environment::find("x", &project)).unwrap()
}

#[test]
fn two_starts_at_once_are_one_server() {
    let user = User::settled();
    let mut commands = [user.command(&["start"]), user.command(&["start"])];
    let started = commands.each_mut().map(|command| command.stdout(Stdio::piped()).spawn().unwrap());
    let said = started.map(|process| {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    });
    let already = said.iter().filter(|said| said.contains("is running already")).count();
    assert_eq!(already, 1, "{said:?}");
    let processes: Vec<&str> = said.iter().map(|said| said.lines().nth(1).unwrap()).collect();
    assert_eq!(processes[0], processes[1]);
}

#[test]
fn one_that_was_killed_is_none_and_can_be_started_again() {
    let user = User::settled();
    let (_, first) = user.json("start");
    kill_process_group(pid(&first), Signal::KILL).unwrap();
    let (status, second) = user.json("start");
    assert_eq!((status, &second["changed"]), (0, &Value::from(true)));
    assert_ne!(first["pid"], second["pid"]);
}

#[test]
fn one_that_does_not_end_by_itself_is_ended() {
    let user = User::settled();
    let (_, running) = user.json("start");
    // A stopped process does not see that it is asked to end.
    kill_process(pid(&running), Signal::STOP).unwrap();
    let (status, ended) = user.json("stop");
    assert_eq!((status, &ended["changed"]), (0, &Value::from(true)));
    assert_eq!(user.json("status").0, 1);
}

#[test]
fn a_taken_port_is_told_and_left_alone() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut user = User::settled();
    user.port = taken.local_addr().unwrap().port();
    let run = user.tc(&["start"]);
    let wanted = format!(
        "error[TC1203]: something else than the local AWS of tc has the port {}\n |\n = help: end it, or take another \
         port: `tc local start --port PORT`\n\n",
        user.port
    );
    assert_eq!((run.status, run.out, run.err), (1, String::new(), wanted));
    assert_eq!(user.json("status").1["status"], "stopped");
    assert_eq!(user.json("stop").1["changed"], false);
}

#[test]
fn without_python_it_says_what_to_install() {
    let home = tempfile::tempdir().unwrap();
    let user = User::new(home.path().join("cache"));
    let said = |path: &Path| {
        let run = run(user.command(&["start"]).env("PATH", path));
        assert_eq!((run.status, run.out.as_str()), (1, ""));
        run.err
    };
    let none = said(&home.path().join("none"));
    let wanted = "error[TC1201]: the local AWS needs Python 3.11 or later, and there is none on the PATH\n";
    assert!(none.starts_with(wanted) && none.contains("apt install python3 python3-venv"), "{none}");
    // One that says that it is 3.9.
    let python = home.path().join("old/python3");
    fs::create_dir(home.path().join("old")).unwrap();
    fs::write(&python, "#!/bin/sh\necho 3 9 1 /usr/bin/python3.9\n").unwrap();
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    let old = said(&home.path().join("old"));
    assert!(old.contains("there is none on the PATH: `/usr/bin/python3.9` is 3.9\n"), "{old}");
}

#[test]
fn without_a_cache_it_says_so() {
    let run = run(Command::new(binary::tc()).args(["local", "status"]).env_remove("XDG_CACHE_HOME").env_remove("HOME"));
    assert_eq!(run.status, 1);
    assert!(run.err.contains("neither `XDG_CACHE_HOME` nor `HOME` is set"), "{run:?}");
}

#[test]
fn an_installation_that_was_killed_is_begun_anew() {
    let cache = tempfile::tempdir().unwrap();
    let user = User::new(cache.path());
    // pip waits here for an answer that never comes.
    let index = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/simple", index.local_addr().unwrap());
    let mut command = user.command(&["start"]);
    command.env("PIP_INDEX_URL", &address).env("PIP_RETRIES", "0").stdin(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    let (mut asked, _) = index.accept().unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    // pip ends with it, which ends its request.
    let mut request = Vec::new();
    asked.read_to_end(&mut request).unwrap();
    assert!(request.starts_with(b"GET /simple/"), "{}", String::from_utf8_lossy(&request));

    // The index that is not there any more is what the next start tells; then comes the right one.
    drop((asked, index));
    let refused = run(user.command(&["start"]).env("PIP_INDEX_URL", &address).env("PIP_RETRIES", "0"));
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.err.contains("error[TC1202]: the local AWS cannot be installed\n"), "{refused:?}");
    assert!(refused.err.contains("help: pip says: "), "{refused:?}");
    let mut command = user.command(&["start"]);
    // What was fetched before need not be fetched again.
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    command.env("PIP_CACHE_DIR", home.join(".cache/pip"));
    let run = run(&mut command);
    if run.err.contains("TC1202") {
        eprintln!("the package index cannot be reached, so no installation was completed: {}", run.err);
        return;
    }
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.err.starts_with("installing the local AWS into "), "{run:?}");
    assert_eq!(environment(&user.endpoint()).account(), "000000000000");
    let names = fs::read_dir(user.home()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let hidden: Vec<String> = names.filter(|name| name.starts_with('.')).collect();
    assert!(hidden.is_empty(), "{hidden:?}");
}
