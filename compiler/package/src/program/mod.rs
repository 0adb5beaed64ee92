//! Functions that are compiled: Rust and Go, for the target and not for this machine.
//!
//! ```text
//! rust      by cargo: for glibc by way of zig, for musl, or where neither can be for this machine's glibc
//! go        by go, without C
//! judge     whether the program can be started in the image of its runtime
//! messages  what a compiler says, as findings in the function's own source
//! ```
//!
//! The program is put where `tc compile` looks for it: `.tc/build/FUNCTION/ARCHITECTURE/bootstrap` below the topology.
//! Compilers keep their own caches, so they are always asked; equal source, tools and flags give equal bytes.

mod go;
mod judge;
mod messages;
mod rust;

use crate::layer::install::Request;
use crate::placement::Placement;
use crate::select::bootstrap::BOOTSTRAP;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use tc_core::diagnostic::codes::{artifact, dependency as codes};
use tc_core::diagnostic::{Diagnostic, Severity};
use tc_core::ir::{Architecture, Family, Function};
use tc_core::world::WorldError;

/// A function's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it was put.
    pub path: PathBuf,
    /// How many bytes it has.
    pub size: u64,
    /// Whether it is another than the one that was there.
    pub is_new: bool,
    /// What else is to be said; no errors.
    pub findings: Vec<Diagnostic>,
}

/// What a compiler made.
struct Compiled {
    path: PathBuf,
    /// How to make one that older images can start, where there is a way.
    older: Option<String>,
    findings: Vec<Diagnostic>,
}

/// Whether a function is written in a language that is compiled, and tc compiles it: without a `tasks.build` of its own.
pub fn is_compiled(function: &Function) -> bool {
    let family = function.runtime.as_ref().map(|runtime| runtime.family);
    matches!(family, Some(Family::Rust | Family::Go)) && function.build_task.is_none()
}

/// Compiles a function and puts its program where `tc compile` looks for it. `None` where its language is not compiled.
///
/// # Errors
/// What the compiler says of the function, which tool or target is absent, or why the program cannot be started in the
/// function's runtime. A program that was there stays.
pub fn build(request: &Request<'_>) -> Result<Option<Program>, Vec<Diagnostic>> {
    let function = request.function;
    let compile = match request.target.runtime.family {
        Family::Rust => rust::compile,
        Family::Go => go::compile,
        _ => return Ok(None),
    };
    let failed = |error: io::Error| {
        let code = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => &codes::NO_ROOM,
            _ => &artifact::NOT_WRITTEN,
        };
        let error = WorldError::from(&error);
        let message = format!("the program of function `{}` cannot be kept: {error}", function.name);
        vec![Diagnostic::new(code, function.span, message)]
    };
    let architecture = request.target.architecture;
    let place = Placement::of_function(request.root, &function.name, architecture).map_err(failed)?;
    let scratch = place.scratch().map_err(failed)?;
    let Compiled { path, older, mut findings } = compile(request, scratch.path())?;
    let bytes = fs::read(path).map_err(failed)?;
    findings.extend(judge::judge(request, &bytes, older.as_deref()));
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(findings);
    }
    let path = place.path(BOOTSTRAP);
    let is_new = !fs::read(&path).is_ok_and(|there| there == bytes);
    if is_new {
        place.write(BOOTSTRAP, &bytes, true).map_err(failed)?;
    }
    Ok(Some(Program { path, size: bytes.len() as u64, is_new, findings }))
}

/// The processor in the name of a Rust target.
fn cpu(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "aarch64",
    }
}
