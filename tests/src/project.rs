//! A topology on disk that `tc` is run on, as a user runs it.

use crate::binary::tc;
use crate::uv;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tc_package::archive::Reader;

/// A topology `etl` in a directory of its own, with a home directory beside it that holds nothing.
pub struct Project {
    place: tempfile::TempDir,
    /// Where programs are looked for.
    path: OsString,
}

/// What a run gave.
#[derive(Debug)]
pub struct Run {
    /// The exit status; none where a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Run {
    /// The result as data, of a run with `--format json`.
    ///
    /// # Panics
    /// When it is no list.
    pub fn rows(&self) -> Vec<Value> {
        self.data().as_array().unwrap_or_else(|| panic!("{self:?}")).clone()
    }

    /// Standard output as data.
    ///
    /// # Panics
    /// When it is no JSON.
    pub fn data(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The run, which ended well.
    ///
    /// # Panics
    /// When it did not.
    pub fn well(self) -> Self {
        assert_eq!(self.status, Some(0), "{}{}", self.out, self.err);
        self
    }

    /// What it printed for people, of a run that ended with status 1.
    ///
    /// # Panics
    /// When it did not.
    pub fn refused(self) -> String {
        assert_eq!(self.status, Some(1), "{}{}", self.out, self.err);
        self.err
    }
}

impl Project {
    /// Writes files, named from the directory of the topology `etl` (`../x` stands beside it). A `topology.yml` is added
    /// where there is none.
    ///
    /// # Panics
    /// When they cannot be written.
    pub fn new(files: &[(&str, &str)]) -> Self {
        Self::below("project", files)
    }

    /// [`Project::new`] in a directory of this name.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn below(directory: &str, files: &[(&str, &str)]) -> Self {
        let place = tempfile::Builder::new().prefix(directory).tempdir().expect("a temporary directory");
        let project = Self { place, path: std::env::var_os("PATH").unwrap_or_default() };
        for directory in ["home", "tmp", "project/.git"] {
            fs::create_dir_all(project.place.path().join(directory)).expect("a directory");
        }
        project.write("topology.yml", "name: etl\n");
        files.iter().for_each(|(name, text)| project.write(name, text));
        project
    }

    /// With programs of this PATH.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<OsString>) -> Self {
        self.path = path.into();
        self
    }

    /// With uv among the programs, and without what it keeps elsewhere.
    #[must_use]
    pub fn with_uv(self) -> Self {
        self.with_path(uv::path())
    }

    /// The topology's directory.
    pub fn root(&self) -> PathBuf {
        self.place.path().join("project/etl")
    }

    /// Where programs put temporary files.
    pub fn temporary(&self) -> PathBuf {
        self.place.path().join("tmp")
    }

    /// Writes a file.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().expect("a file has a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// `tc` in the topology's directory, with an environment that is the same everywhere but for the way to the network
    /// and for where compilers and uv keep what they download.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(tc());
        command.args(arguments).current_dir(self.root()).env_clear().stdin(Stdio::null());
        command.env("PATH", &self.path).env("HOME", self.place.path().join("home"));
        command.env("TMPDIR", self.temporary()).env("UV_CACHE_DIR", uv::cache());
        let home = std::env::home_dir().unwrap_or_default();
        for (variable, directory) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let value = std::env::var_os(variable).unwrap_or_else(|| home.join(directory).into());
            command.env(variable, value);
        }
        let is_network = |name: &str| {
            name.to_ascii_lowercase().ends_with("_proxy")
                || ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "UV_DEFAULT_INDEX"].contains(&name)
        };
        let variables = std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_network));
        command.envs(variables);
        command
    }

    /// Runs `tc` in the topology's directory.
    ///
    /// # Panics
    /// When it cannot be run.
    pub fn tc(&self, arguments: &[&str]) -> Run {
        Run::of(&self.command(arguments).output().expect("tc runs"))
    }

    /// The names of all that is below a directory of the topology.
    pub fn names(&self, directory: &str) -> Vec<String> {
        crate::tree::read(&self.root().join(directory)).expect("it can be read").into_keys().collect()
    }
}

impl Run {
    /// What a process gave.
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

/// The files of a zip, by name.
///
/// # Panics
/// When it is none.
pub fn unzip(zip: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let (reader, members) = Reader::open(zip).expect("a zip");
    let file = |(name, member): (tc_package::archive::EntryName, tc_package::archive::Member<_>)| {
        (name.to_string(), reader.read(member.source).expect("an entry"))
    };
    members.into_iter().map(file).collect()
}

/// Lays the files of zips down in a directory, over each other.
///
/// # Panics
/// When they cannot be written.
pub fn lay_down(directory: &Path, zips: &[PathBuf]) {
    for zip in zips {
        for (name, bytes) in unzip(&fs::read(zip).expect("a zip")) {
            let path = directory.join(name);
            fs::create_dir_all(path.parent().expect("a file has a parent")).expect("a directory");
            fs::write(path, bytes).expect("a file");
        }
    }
}
