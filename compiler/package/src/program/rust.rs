//! Functions in Rust, by cargo.
//!
//! With cargo-zigbuild they are linked to the glibc of the runtime's image, whatever this machine has; without it they
//! are built for musl and stand alone, if that target is installed. Where it is not, and the function runs on this
//! machine's processor, they are linked to this machine's glibc: that is said, and judged like any program by what it
//! asks of the C library. Paths of this machine are left out of the program, and symbols too, unless the crate says
//! otherwise.

use super::messages::{SHOWN, dependency, error, failed, source};
use super::{Compiled, cpu};
use crate::layer::install::local::lexical;
use crate::layer::install::{Ran, Request, not_written};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::diagnostic::{Diagnostic, Severity};
use tc_core::source::{FileId, Span};

/// A crate that is to be compiled.
struct Crate<'a> {
    request: &'a Request<'a>,
    file: FileId,
    text: String,
    cargo: PathBuf,
    /// The directory of the workspace, from which rustc names files.
    workspace: PathBuf,
}

/// How the target is reached.
enum Way {
    /// By cargo-zigbuild, for this version of glibc.
    Zig(&'static str),
    /// By rustc alone, for musl.
    Musl,
    /// By rustc and this machine's linker, for its glibc.
    Host,
}

/// Compiles a function's crate. The program is put into `scratch`.
pub(super) fn compile(request: &Request<'_>, scratch: &Path) -> Result<Compiled, Vec<Diagnostic>> {
    let function = request.function;
    let Some((file, text)) = request.source("Cargo.toml") else {
        let message = format!("function `{}` is written in Rust and has no Cargo.toml", function.name);
        let help = "write one with `cargo init`, with the handler as its program";
        return Err(vec![Diagnostic::new(&codes::UNUSABLE_LIST, function.span, message).help(help)]);
    };
    let start = Span::start_of(file);
    let Some(cargo) = request.tools.find("cargo") else {
        let message = format!("function `{}` is written in Rust, which `cargo` compiles", function.name);
        let help = "install Rust by rustup; `cargo` is not on the PATH";
        return Err(vec![Diagnostic::new(&codes::TOOL_ABSENT, start, message).help(help)]);
    };
    let mut asked = Crate { request, file, text, cargo, workspace: lexical(request.directory) };
    let located = asked.ask(&asked.cargo, &["locate-project", "--workspace", "--message-format", "plain"])?;
    if let Some(root) = Path::new(located.trim()).parent() {
        asked.workspace = root.to_owned();
    }
    asked.compile(scratch)
}

impl Crate<'_> {
    fn start(&self) -> Span {
        Span::start_of(self.file)
    }

    /// What a program prints in the function's directory.
    fn ask(&self, program: &Path, arguments: &[&str]) -> Result<String, Vec<Diagnostic>> {
        let ran = self.run(self.request.tools.command(program, self.request.directory).args(arguments))?;
        match ran.succeeded() {
            true => Ok(ran.stdout),
            false => Err(vec![self.cargo_failed(&ran)]),
        }
    }

    fn run(&self, command: &mut Command) -> Result<Ran, Vec<Diagnostic>> {
        let unable = |error| vec![not_written(self.request, self.start(), &error)];
        self.request.tools.run(command).map_err(unable)
    }

    fn compile(&self, scratch: &Path) -> Result<Compiled, Vec<Diagnostic>> {
        let request = self.request;
        let unable = |error| vec![not_written(request, self.start(), &error)];
        if !self.workspace.join("Cargo.lock").is_file() {
            let message = format!("the crates of function `{}` are not locked", request.function.name);
            let mut finding = Diagnostic::new(&codes::LOCK_ABSENT, self.start(), message);
            finding.severity = Severity::Error;
            return Err(vec![
                finding.help("cargo would write into the source: lock them and commit it: `cargo generate-lockfile`"),
            ]);
        }
        let way = self.way()?;
        let triple = match way {
            Way::Zig(_) | Way::Host => format!("{}-unknown-linux-gnu", cpu(request.target.architecture)),
            Way::Musl => format!("{}-unknown-linux-musl", cpu(request.target.architecture)),
        };
        let mut command = request.tools.command(&self.cargo, request.directory);
        match way {
            Way::Zig(glibc) => command.args(["zigbuild", "--target", &format!("{triple}.{glibc}")]),
            Way::Musl | Way::Host => command.args(["build", "--target", &triple]),
        };
        // Rendered messages keep cargo's own output short; the JSON names the places.
        command.args(["--release", "--locked", "--message-format", "json"]);
        let target = request.cache().join("cargo");
        command.arg("--target-dir").arg(&target);
        self.configure(&mut command, &triple, &way);
        request.progress.step(&request.function.name, "compiling by cargo");
        // Functions share what they depend on, and their programs may have one name: each takes its own before the next.
        fs::create_dir_all(&target).map_err(unable)?;
        let lock = File::open(&target).and_then(|lock| lock.lock().map(|()| lock)).map_err(unable)?;
        let ran = self.run(&mut command)?;
        let messages: Vec<Value> = ran.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        if !ran.succeeded() {
            let errors: Vec<_> =
                messages.iter().filter_map(|message| self.compiler_error(message)).take(SHOWN).collect();
            return Err(if errors.is_empty() { vec![self.cargo_failed(&ran)] } else { errors });
        }
        let path = scratch.join("program");
        fs::copy(self.program(&messages)?, &path).map_err(unable)?;
        drop(lock);
        let (older, findings) = match way {
            Way::Host => (Some(self.other_ways()), vec![self.linked_to_host()]),
            Way::Zig(_) | Way::Musl => (None, Vec::new()),
        };
        Ok(Compiled { path, older, findings })
    }

    /// How to compile for musl or by zig.
    fn other_ways(&self) -> String {
        let cpu = cpu(self.request.target.architecture);
        format!(
            "`rustup target add {cpu}-unknown-linux-musl` makes programs that stand alone, and \
             `pip install cargo-zigbuild ziglang` links to the runtime's own glibc"
        )
    }

    /// Says that a program may differ from one machine to the next.
    fn linked_to_host(&self) -> Diagnostic {
        let message = format!("function `{}` is linked to the C library of this machine", self.request.function.name);
        Diagnostic::new(&codes::HOST_LIBC, self.start(), message).help(self.other_ways())
    }

    /// How to compile for the target with what there is.
    fn way(&self) -> Result<Way, Vec<Diagnostic>> {
        let request = self.request;
        let rustc = request.tools.find("rustc").unwrap_or_else(|| self.cargo.with_file_name("rustc"));
        let sysroot = self.ask(&rustc, &["--print", "sysroot"])?;
        let cpu = cpu(request.target.architecture);
        let has = |libc: &str| {
            Path::new(sysroot.trim())
                .join("lib/rustlib")
                .join(format!("{cpu}-unknown-linux-{libc}"))
                .join("lib")
                .is_dir()
        };
        let has_zig = request.tools.find("cargo-zigbuild").is_some();
        let is_host = cpu == std::env::consts::ARCH && cfg!(target_os = "linux");
        match (has_zig && has("gnu"), has("musl")) {
            // Amazon Linux 2023 has glibc 2.34, Amazon Linux 2 glibc 2.26.
            (true, _) if request.target.runtime.id() == "provided.al2" => Ok(Way::Zig("2.26")),
            (true, _) => Ok(Way::Zig("2.34")),
            (false, true) => Ok(Way::Musl),
            (false, false) if is_host && has("gnu") => Ok(Way::Host),
            (false, false) => {
                let function = &request.function.name;
                let message = format!(
                    "no Rust target for Linux on {cpu} is installed that function `{function}` could be compiled for"
                );
                let finding = Diagnostic::new(&codes::TARGET_ABSENT, self.start(), message);
                Err(vec![match has_zig {
                    true => finding.help(format!("install it: `rustup target add {cpu}-unknown-linux-gnu`")),
                    false => finding
                        .help(format!("install it: `rustup target add {cpu}-unknown-linux-musl`"))
                        .help("or install cargo-zigbuild and zig, to link to the runtime's own glibc: `pip install cargo-zigbuild ziglang`"),
                }])
            }
        }
    }

    /// What makes the program the same in any directory, and small, where the crate does not say otherwise.
    fn configure(&self, command: &mut Command, triple: &str, way: &Way) {
        if !self.configures("rustflags") {
            let mut flags = vec![format!("--remap-path-prefix={}=.", self.workspace.display())];
            flags.push(format!("--remap-path-prefix={}=target", self.request.cache().join("cargo").display()));
            if let Some(registry) = self.registry() {
                flags.push(format!("--remap-path-prefix={}=cargo", registry.display()));
            }
            let flags: Vec<_> = flags.iter().map(|flag| Value::from(flag.as_str()).to_string()).collect();
            command.arg("--config").arg(format!("target.{triple}.rustflags=[{}]", flags.join(", ")));
        }
        let manifest = fs::read_to_string(self.workspace.join("Cargo.toml")).unwrap_or_default();
        if !manifest.contains("strip") && !self.configures("strip") {
            command.args(["--config", "profile.release.strip=\"symbols\""]);
        }
        let is_foreign = cpu(self.request.target.architecture) != std::env::consts::ARCH;
        if matches!(way, Way::Musl) && is_foreign && !self.configures("linker") {
            command.args(["--config", &format!("target.{triple}.linker=\"rust-lld\"")]);
        }
    }

    /// Whether a configuration of cargo above the crate speaks of a key.
    fn configures(&self, key: &str) -> bool {
        let directories = self.request.directory.ancestors().map(|above| above.join(".cargo"));
        let files = directories.flat_map(|directory| [directory.join("config.toml"), directory.join("config")]);
        files.into_iter().any(|file| fs::read_to_string(file).is_ok_and(|text| text.contains(key)))
    }

    /// Where cargo keeps the sources of crates.
    fn registry(&self) -> Option<PathBuf> {
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
    }

    /// An error of rustc, where it stands in the function's source.
    fn compiler_error(&self, line: &Value) -> Option<Diagnostic> {
        let message =
            line.get("message").filter(|_| line.get("reason").and_then(Value::as_str) == Some("compiler-message"))?;
        let text = message.get("message")?.as_str()?;
        if message.get("level")?.as_str()? != "error" || text.starts_with("aborting due to") {
            return None;
        }
        let spans = message.get("spans").and_then(Value::as_array);
        let primary = spans.into_iter().flatten().find(|span| span.get("is_primary") == Some(&Value::Bool(true)));
        let at = primary.and_then(|span| {
            let path = self.workspace.join(span.get("file_name")?.as_str()?);
            let number = |key| span.get(key).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
            let (file, _) = source(self.request, &path)?;
            Some(Span::new(file, number("byte_start")?, number("byte_end")?))
        });
        let code = message.get("code").and_then(|code| code.get("code")).and_then(Value::as_str);
        let finding = error(self.request, at, text);
        let label = primary.and_then(|span| span.get("label")).and_then(Value::as_str).unwrap_or_default();
        let finding = finding.label(label.lines().next().unwrap_or_default());
        Some(finding.help_opt(code.map(|code| format!("`rustc --explain {code}`"))))
    }

    /// What cargo says when it fails before or beside the compiler.
    fn cargo_failed(&self, ran: &Ran) -> Diagnostic {
        let line =
            |needles: &[&str]| ran.stderr.lines().find(|line| needles.iter().any(|needle| line.contains(needle)));
        if line(&["--locked was passed", "cannot update the lock file", "lock file needs to be updated"]).is_some() {
            return dependency(&codes::STALE_LOCK, self.start(), "Cargo.lock was made for another Cargo.toml")
                .help("bring it up to date and commit it: `cargo update --workspace`");
        }
        if let Some(said) =
            line(&["no matching package", "failed to select a version", "failed to parse manifest", "could not parse"])
        {
            let name = said.split('`').nth(1).unwrap_or_default();
            let code = if said.contains("parse") { &codes::UNUSABLE_LIST } else { &codes::NOT_FOUND };
            return dependency(code, self.place(name), said);
        }
        if let Some(said) = line(&["Failed to find zig"]) {
            return dependency(&codes::TOOL_ABSENT, self.start(), said).help("install it: `pip install ziglang`");
        }
        failed(self.request, "cargo", self.start(), ran)
    }

    /// Where a dependency stands in Cargo.toml.
    fn place(&self, name: &str) -> Span {
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let rest = line.strip_prefix(name).map(str::trim_start);
            if !name.is_empty() && rest.is_some_and(|rest| rest.starts_with(['=', '.'])) {
                return Span::new(self.file, start, start + name.len());
            }
            start += line.len();
        }
        self.start()
    }

    /// The program among what cargo made: the only one, else `bootstrap`, else the one of the function's name.
    fn program(&self, messages: &[Value]) -> Result<PathBuf, Vec<Diagnostic>> {
        let mut made: Vec<(String, PathBuf)> = messages
            .iter()
            .filter_map(|message| {
                let path = message.get("executable")?.as_str()?;
                Some((message.get("target")?.get("name")?.as_str()?.to_owned(), PathBuf::from(path)))
            })
            .collect();
        // cargo names them as they are done.
        made.sort();
        let function = &self.request.function.name;
        let named = |name: &str| made.iter().find(|(made, _)| made == name);
        let only = made.first().filter(|_| made.len() == 1);
        if let Some((_, path)) = only.or_else(|| named("bootstrap")).or_else(|| named(function)) {
            return Ok(path.clone());
        }
        let names: Vec<_> = made.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = match names.is_empty() {
            true => format!("the crate of function `{function}` makes no program"),
            false => format!("the crate of function `{function}` makes several programs: {}", names.join(", ")),
        };
        let finding = Diagnostic::new(&codes::NO_PROGRAM, self.start(), message);
        Err(vec![match names.is_empty() {
            true => finding.help("write a `src/main.rs`, or a `[[bin]]` with the path of the handler"),
            false => finding.help("call the one that Lambda starts `bootstrap`: `[[bin]]`, `name = \"bootstrap\"`"),
        }])
    }
}
