//! The npm of this machine.

use crate::layer::install::{Ran, Request};
use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::ir::Architecture;
use tc_core::source::Span;

/// The oldest npm that knows `--os`, `--cpu` (npm 10.1.0) and `--libc` (npm 10.3.0, with @npmcli/arborist 7.3.0).
const OLDEST: (u32, u32) = (10, 3);

/// npm and the Node that runs it.
#[derive(Debug, Clone)]
pub(super) struct Npm {
    program: PathBuf,
    node: PathBuf,
    /// npm's version.
    pub version: String,
}

impl Npm {
    /// Looks for npm.
    ///
    /// # Errors
    /// When it or Node is absent or too old.
    pub fn find(request: &Request<'_>, place: Span) -> Result<Self, Vec<Diagnostic>> {
        let absent = |name: &str| {
            let message = format!("the dependencies of function `{}` need `{name}`", request.function.name);
            let help = format!("install Node.js, which brings npm; `{name}` is not on the PATH");
            vec![Diagnostic::new(&codes::TOOL_ABSENT, place, message).help(help)]
        };
        let node = request.tools.find("node").ok_or_else(|| absent("node"))?;
        let program = request.tools.find("npm").ok_or_else(|| absent("npm"))?;
        let mut npm = Self { program, node, version: String::new() };
        npm.version = npm.read_version(request).ok_or_else(|| {
            let message = "`npm --version` says no version";
            vec![Diagnostic::new(&codes::TOOL_FAILED, place, message).help("install Node.js anew")]
        })?;
        let mut numbers = npm.version.split('.').map(|number| number.parse().unwrap_or(0));
        if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < OLDEST {
            let (major, minor) = OLDEST;
            let message = format!("npm {} cannot install for another machine than this one", npm.version);
            let help = format!("npm {major}.{minor} or newer is needed: `npm install --global npm@latest`");
            return Err(vec![Diagnostic::new(&codes::TOOL_ABSENT, place, message).help(help)]);
        }
        Ok(npm)
    }

    /// From npm's own package.json where it can be found, because npm takes half a second to say it.
    fn read_version(&self, request: &Request<'_>) -> Option<String> {
        let script = self.program.canonicalize().ok()?;
        let of_package = script.parent().and_then(Path::parent).and_then(|root| {
            let package: Value = serde_json::from_str(&fs::read_to_string(root.join("package.json")).ok()?).ok()?;
            let is_npm = package.get("name")?.as_str()? == "npm";
            is_npm.then(|| package.get("version")?.as_str().map(str::to_owned)).flatten()
        });
        of_package.or_else(|| {
            let ran = request.tools.run(request.tools.command(&self.program, Path::new("/")).arg("--version")).ok()?;
            Some(ran.stdout.trim().to_owned()).filter(|version| !version.is_empty())
        })
    }

    /// The version of Node. npm leaves optional packages out that do not want the Node it runs on.
    pub fn node_version(&self, request: &Request<'_>) -> String {
        let ran = request.tools.run(request.tools.command(&self.node, Path::new("/")).arg("--version"));
        ran.map(|ran| ran.stdout.trim().to_owned()).unwrap_or_default()
    }

    /// Installs in a directory, from its lock where it has one. `member` is the one package of a workspace to install.
    ///
    /// # Errors
    /// When npm cannot be started.
    pub fn install(&self, request: &Request<'_>, directory: &Path, member: Option<&Path>) -> io::Result<Ran> {
        let mut command = request.tools.command(&self.program, directory);
        command.arg(if lock(directory).is_some() { "ci" } else { "install" });
        command.args(["--omit=dev", "--os=linux", "--libc=glibc", "--ignore-scripts"]);
        command.arg(match request.target.architecture {
            Architecture::X86_64 => "--cpu=x64",
            Architecture::Arm64 => "--cpu=arm64",
        });
        // A registry that is down is to be known within seconds: by default npm waits for a minute and more.
        command.args(["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]);
        // What Node the function runs on is looked at afterwards; npm would look at the one it runs on itself.
        command.args(["--engine-strict=false", "--json", "--loglevel=error", "--no-audit", "--no-fund"]);
        command.args(["--no-update-notifier", "--no-progress", "--install-strategy=hoisted"]);
        if let Some(member) = member {
            command.arg("--workspace").arg(member);
        }
        request.tools.run(&mut command)
    }

    /// The files that npm would publish of the package in a directory, below it; `None` where it cannot be said, as of
    /// a package without a name.
    pub fn published(&self, request: &Request<'_>, directory: &Path) -> Option<Vec<String>> {
        let mut command = request.tools.command(&self.program, directory);
        command.args(["pack", "--dry-run", "--json", "--ignore-scripts", "--no-update-notifier", "--loglevel=error"]);
        let ran = request.tools.run(&mut command).ok().filter(Ran::succeeded)?;
        let said: Value = serde_json::from_str(&ran.stdout).ok()?;
        // A list of packages, or since npm 12 a mapping by name.
        let package = match &said {
            Value::Array(packages) => packages.first()?,
            Value::Object(packages) => packages.values().next()?,
            _ => return None,
        };
        let files = package.get("files")?.as_array()?;
        let paths = files.iter().map(|file| Some(file.get("path")?.as_str()?.to_owned()));
        paths.collect()
    }

    /// Whether a major version of Node can be in each of these ranges, as npm's own parser understands them; `None`
    /// where that cannot be asked.
    pub fn admits(&self, request: &Request<'_>, ranges: &[&str], major: &str, scratch: &Path) -> Option<Vec<bool>> {
        let library = self.program.canonicalize().ok()?.parent()?.parent()?.join("node_modules/semver");
        let question = scratch.join("engines.json");
        fs::write(&question, serde_json::to_vec(ranges).ok()?).ok()?;
        let script = "const [library, question, version] = process.argv.slice(1);
            const semver = require(library);
            const admits = (range) => !semver.validRange(range) || semver.intersects(range, version);
            console.log(JSON.stringify(require(question).map(admits)));";
        let mut command = request.tools.command(&self.node, scratch);
        command.args(["-e", script]).arg(library).arg(question).arg(format!("{major}.x"));
        let ran = request.tools.run(&mut command).ok().filter(Ran::succeeded)?;
        serde_json::from_str(&ran.stdout).ok()
    }
}

/// The lock in a directory that npm reads, the stronger first.
pub(super) fn lock(directory: &Path) -> Option<&'static str> {
    ["npm-shrinkwrap.json", "package-lock.json"].into_iter().find(|name| directory.join(name).is_file())
}
