//! The programs that installing stands on: where they are, and running them.

use crate::staging::{End, tail};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

/// How git reaches hosts over ssh: never asking for anything, since nobody would be there to answer.
const SSH: &str = "ssh -o BatchMode=yes";

/// How much of each output stream is kept, in bytes from its end.
const KEPT: u64 = 1 << 20;

/// What became of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// What it wrote to its output, at most the last 1 MiB.
    pub stdout: String,
    /// What it wrote to its error stream, at most the last 1 MiB.
    pub stderr: String,
}

impl Ran {
    /// Whether it ended with status 0.
    pub fn succeeded(&self) -> bool {
        self.end == End::Success
    }
}

/// The programs of this machine and the project's cache.
///
/// Unlike `tasks.build`, these programs get tc's own environment: they need the user's proxies, git and ssh
/// credentials and index settings.
#[derive(Debug, Clone)]
pub struct Tools {
    path: Option<OsString>,
    cache: PathBuf,
    /// Variables beyond those of this process.
    variables: BTreeMap<String, OsString>,
    /// Whether the user's settings of git name a program for ssh; asked for once.
    has_own_ssh: Arc<OnceLock<bool>>,
}

impl Tools {
    /// Programs on this process's `PATH`; what is fetched or kept goes below `cache`, an absolute path.
    pub fn from_environment(cache: PathBuf) -> Self {
        Self { path: std::env::var_os("PATH"), cache, variables: BTreeMap::new(), has_own_ssh: Arc::default() }
    }

    /// Programs on `path` alone.
    pub fn on_path(path: OsString, cache: PathBuf) -> Self {
        Self { path: Some(path), ..Self::from_environment(cache) }
    }

    /// The same programs with a variable in their environment.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self.has_own_ssh = Arc::default();
        self
    }

    /// A variable of the programs' environment.
    pub fn variable(&self, name: &str) -> Option<OsString> {
        self.variables.get(name).cloned().or_else(|| std::env::var_os(name))
    }

    /// Where the project keeps what can be made again.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// The first executable file of this name on `PATH`.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        let is_program = |path: &PathBuf| {
            path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
        };
        // An empty part means the working directory, which is not to be trusted with programs.
        let mut directories = std::env::split_paths(self.path.as_ref()?).filter(|path| path.is_absolute());
        directories.find_map(|directory| Some(directory.join(name)).filter(is_program))
    }

    /// A program to run in `directory`, with settings that make its words the same everywhere and keep it from asking.
    pub fn command(&self, program: impl AsRef<OsStr>, directory: &Path) -> Command {
        let mut command = self.plain(program, directory);
        // Either of the user's own ways says how ssh is to be called.
        let is_named = ["GIT_SSH_COMMAND", "GIT_SSH"].iter().any(|name| self.variable(name).is_some());
        if !is_named && !*self.has_own_ssh.get_or_init(|| self.has_own_ssh(directory)) {
            command.env("GIT_SSH_COMMAND", SSH);
        }
        command
    }

    fn plain(&self, program: impl AsRef<OsStr>, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.envs([("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("NO_COLOR", "1"), ("GIT_TERMINAL_PROMPT", "0")]);
        command.env("SOURCE_DATE_EPOCH", "315532800");
        command.envs(self.path.as_ref().map(|path| ("PATH", path)));
        command.envs(&self.variables);
        command.current_dir(directory).stdin(Stdio::null());
        command
    }

    fn has_own_ssh(&self, directory: &Path) -> bool {
        let Some(git) = self.find("git") else { return false };
        let mut git = self.plain(git, directory);
        self.run(git.args(["config", "--get", "core.sshCommand"])).is_ok_and(|ran| ran.succeeded())
    }

    /// Runs a program to its end.
    ///
    /// # Errors
    /// When it cannot be started, or there is no room for what it writes.
    pub fn run(&self, command: &mut Command) -> io::Result<Ran> {
        // Files and no pipes: a process that outlives the program cannot keep tc waiting.
        let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let status = command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?).status()?;
        Ok(Ran { end: End::of(status), stdout: tail(&mut stdout, KEPT)?, stderr: tail(&mut stderr, KEPT)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_where_it_can_be_run() {
        let cache = PathBuf::from("/nonexistent");
        let tools = Tools::on_path("relative:/nonexistent:/bin:/usr/bin".into(), cache.clone());
        assert!(tools.find("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(tools.find("no-such-program"), None);
        assert_eq!(Tools::on_path(OsString::new(), cache).find("sh"), None);
    }

    #[test]
    fn what_a_program_says_and_how_it_ends_is_kept() {
        let tools = Tools::from_environment(PathBuf::from("/nonexistent"));
        let mut command = tools.command("sh", Path::new("/"));
        let ran = tools.run(command.args(["-c", "echo out; echo err >&2; exit 3"])).unwrap();
        assert_eq!(ran, Ran { end: End::Status(3), stdout: "out\n".to_owned(), stderr: "err\n".to_owned() });
    }
}
