//! Running uv for one function.

use super::super::transcript::Transcript;
use super::super::{Request, not_written};
use super::mirror::Mirror;
use super::plan::Plan;
use super::trace::{LOG, Trace};
use super::uv::Uv;
use super::words::Failure;
use crate::staging::End;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::Architecture;
use tc_core::source::Span;

/// How many names are added to those that are built from source, one after another as uv names them.
const MAX_BUILT: usize = 200;

/// What uv is run with for one function.
pub(super) struct Session<'a> {
    /// What is asked for.
    pub request: &'a Request<'a>,
    /// What the list leads to.
    pub plan: &'a Plan,
    /// The program.
    pub uv: &'a Uv,
    /// The copies it works in.
    pub mirror: &'a Mirror,
    /// The file that it installs, in the copies or beside them.
    pub list: PathBuf,
    /// The names of dependencies that are built from source, where the list decides them once and for all.
    pub built: Option<BTreeSet<String>>,
    /// An empty directory.
    pub scratch: &'a Path,
}

/// Why an installation did not come about.
pub(super) enum Failed {
    /// uv could not be run.
    Io(io::Error),
    /// uv failed.
    Uv(Box<Failure>, Trace),
}

/// The platform that wheels have to fit, as uv spells it: the processor, and the newest glibc that the wheel may need.
/// Amazon Linux 2, below python3.11 and older, has glibc 2.26, and Amazon Linux 2023 below python3.12 and newer has 2.34
/// (Lambda Developer Guide, "Lambda runtimes"). uv knows no platform between 2.17 and 2.28.
pub(super) fn platform(architecture: Architecture, (major, minor): (u32, u32)) -> &'static str {
    match (architecture, (major, minor) >= (3, 12)) {
        (Architecture::X86_64, false) => "x86_64-manylinux_2_17",
        (Architecture::X86_64, true) => "x86_64-manylinux_2_34",
        (Architecture::Arm64, false) => "aarch64-manylinux_2_17",
        (Architecture::Arm64, true) => "aarch64-manylinux_2_34",
    }
}

/// The newest platform that uv knows for a processor: what a layer is resolved for to learn whether it is for the age of
/// the image's glibc that something is not to be had.
fn newest_platform(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64-manylinux_2_40",
        Architecture::Arm64 => "aarch64-manylinux_2_40",
    }
}

impl Session<'_> {
    /// uv, to be run in a directory.
    pub fn command(&self, directory: &Path) -> Command {
        let mut command = self.request.tools.command(&self.uv.program, directory);
        command.env("RUST_LOG", LOG);
        command
    }

    /// Installs the list into `target`, which is emptied before.
    pub fn install(&self, target: &Path) -> Result<Trace, Failed> {
        self.run(target, self.platform(), &[])
    }

    /// Resolves the list, with more constraints, and installs nothing.
    pub fn resolve(&self, constraints: &str) -> Result<Trace, Failed> {
        self.resolve_for(constraints, self.platform())
    }

    /// As [`Self::resolve`], as if the image had the newest glibc that uv knows.
    pub fn resolve_for_newest(&self, constraints: &str) -> Result<Trace, Failed> {
        self.resolve_for(constraints, newest_platform(self.request.target.architecture))
    }

    /// The platform of the function.
    pub fn platform(&self) -> &'static str {
        platform(self.request.target.architecture, super::version(self.request).unwrap_or_default())
    }

    fn resolve_for(&self, constraints: &str, platform: &str) -> Result<Trace, Failed> {
        let path = self.scratch.join("constraints.txt");
        fs::write(&path, constraints).map_err(Failed::Io)?;
        let path = path.to_string_lossy().into_owned();
        self.run(&self.scratch.join("resolved"), platform, &["--dry-run", "--constraints", &path])
    }

    fn run(&self, target: &Path, platform: &str, more: &[&str]) -> Result<Trace, Failed> {
        let version = super::version(self.request).unwrap_or_default();
        let mut built = self.built.clone().unwrap_or_else(|| self.plan.disk.built.clone());
        for _ in 0..MAX_BUILT {
            match fs::remove_dir_all(target) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Failed::Io(error)),
                _ => {}
            }
            let mut command = self.command(&self.mirror.place(self.request.directory));
            command.args(["pip", "install", "--target"]).arg(target).arg("--requirement").arg(&self.list);
            command.args(["--python-version", &format!("{}.{}", version.0, version.1)]);
            command.args(["--python-platform", platform]);
            // Files are changed afterwards: they may not be links to uv's own cache.
            command.args(["--no-editable", "--no-compile-bytecode", "--link-mode", "copy"]);
            command.args(["--preview-features", "pylock", "--only-binary", ":all:"]);
            command.args(built.iter().flat_map(|name| ["--no-binary", name.as_str()]));
            command.args(more);
            let ran = self.request.tools.run(&mut command).map_err(Failed::Io)?;
            let trace = Trace::parse(&ran.stderr);
            if ran.succeeded() {
                return Ok(trace);
            }
            let mut failure = Failure::parse(&ran.stderr);
            if let End::Signal(signal) = ran.end {
                failure.causes.push(format!("it was ended by signal {signal}"));
            }
            // uv names one at a time what only sources are known of. From an index these are no candidates at all, so
            // it comes from git, a path or a URL.
            let name = failure.named("but attempted to build").map(super::name::normalised);
            match name.filter(|_| self.built.is_none()) {
                Some(name) if built.insert(name.clone()) => {}
                _ => return Err(Failed::Uv(Box::new(failure), trace)),
            }
        }
        let failure = Failure {
            causes: vec![format!("more than {MAX_BUILT} dependencies have to be built")],
            ..Failure::default()
        };
        Err(Failed::Uv(Box::new(failure), Trace::default()))
    }

    /// Where a dependency comes from in the list: itself, or the one that needs it; else the list's beginning.
    pub fn place(&self, name: &str, trace: &Trace) -> Span {
        let root = || trace.way(name).and_then(|way| self.plan.place(&way.first()?.name));
        self.plan.place(name).or_else(root).unwrap_or_else(|| self.plan.start())
    }

    /// What uv said, fit to be shown.
    pub fn shown(&self, text: &str) -> Transcript {
        let copy = self.mirror.place(self.request.directory);
        let root = self.mirror.place(self.request.root);
        let places = [
            (copy.as_path(), "."),
            (root.as_path(), ""),
            (self.mirror.root(), ""),
            (self.request.directory, "."),
            (self.scratch, ""),
        ];
        Transcript::of_text(text, &places)
    }

    /// A finding about an error of the operating system.
    pub fn io(&self, error: &io::Error) -> Diagnostic {
        not_written(self.request, self.plan.start(), error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_follows_the_image_of_the_runtime() {
        for (architecture, version, wanted) in [
            (Architecture::X86_64, (3, 11), "x86_64-manylinux_2_17"),
            (Architecture::Arm64, (3, 9), "aarch64-manylinux_2_17"),
            (Architecture::X86_64, (3, 12), "x86_64-manylinux_2_34"),
            (Architecture::Arm64, (3, 14), "aarch64-manylinux_2_34"),
        ] {
            assert_eq!(platform(architecture, version), wanted);
        }
    }
}
