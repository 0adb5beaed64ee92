//! The programs that installing stands on: where they are, and running them.

use crate::staging::End;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
}

impl Tools {
    /// Programs on this process's `PATH`; what is fetched or kept goes below `cache`, an absolute path.
    pub fn from_environment(cache: PathBuf) -> Self {
        Self { path: std::env::var_os("PATH"), cache, variables: BTreeMap::new() }
    }

    /// Programs on `path` alone.
    pub fn on_path(path: OsString, cache: PathBuf) -> Self {
        Self { path: Some(path), cache, variables: BTreeMap::new() }
    }

    /// The same programs with a variable in their environment.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
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

    /// A program to run in `directory`, with settings that make its words the same everywhere.
    pub fn command(&self, program: impl AsRef<OsStr>, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.envs([("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("NO_COLOR", "1"), ("GIT_TERMINAL_PROMPT", "0")]);
        command.env("SOURCE_DATE_EPOCH", "315532800");
        command.envs(self.path.as_ref().map(|path| ("PATH", path)));
        command.envs(&self.variables);
        command.current_dir(directory).stdin(Stdio::null());
        command
    }

    /// Runs a program to its end.
    ///
    /// # Errors
    /// When it cannot be started, or there is no room for what it writes.
    pub fn run(&self, command: &mut Command) -> io::Result<Ran> {
        // Files and no pipes: a process that outlives the program cannot keep tc waiting.
        let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let status = command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?).status()?;
        let end = match (status.code(), status.signal()) {
            (Some(0), _) => End::Success,
            (Some(code), _) => End::Status(code),
            (None, signal) => End::Signal(signal.unwrap_or_default()),
        };
        Ok(Ran { end, stdout: kept(&mut stdout)?, stderr: kept(&mut stderr)? })
    }
}

/// The last bytes of a file as text.
fn kept(file: &mut File) -> io::Result<String> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(KEPT)))?;
    let mut bytes = Vec::new();
    file.take(KEPT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
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
