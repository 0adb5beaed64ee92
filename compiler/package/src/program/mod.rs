//! Functions that are compiled: Rust and Go, for the target and not for this machine.
//!
//! ```text
//! rust      by cargo, for glibc by way of zig or for musl
//! go        by go, without C
//! messages  what a compiler says, as findings in the function's own source
//! ```
//!
//! The program is put where `tc compile` looks for it: `.tc/build/FUNCTION/ARCHITECTURE/bootstrap` below the topology.
//! Compilers keep their own caches, so they are always asked; equal source, tools and flags give equal bytes.

mod go;
mod messages;
mod rust;

use crate::layer::install::Request;
use crate::select::bootstrap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::{artifact, dependency as codes};
use tc_core::ir::{Architecture, Family};
use tc_core::world::WorldError;

/// A function's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it was put.
    pub path: PathBuf,
    /// How many bytes it has.
    pub size: u64,
    /// What else is to be said; no errors.
    pub findings: Vec<Diagnostic>,
}

/// What a compiler made.
struct Compiled {
    path: PathBuf,
    findings: Vec<Diagnostic>,
}

/// Compiles a function and puts its program where `tc compile` looks for it. `None` where its language is not compiled.
/// `scratch` is an empty directory for files in between.
///
/// # Errors
/// What the compiler says of the function, or which tool or target is absent. A program that was there stays.
pub fn build(request: &Request<'_>, scratch: &Path) -> Result<Option<Program>, Vec<Diagnostic>> {
    let function = request.function;
    let compiled = match request.target.runtime.family {
        Family::Rust => rust::compile(request)?,
        Family::Go => go::compile(request, scratch)?,
        _ => return Ok(None),
    };
    let failed = |error: io::Error| {
        let error = WorldError::from(&error);
        let message = format!("the program of function `{}` cannot be kept: {error}", function.name);
        vec![Diagnostic::new(&artifact::NOT_WRITTEN, function.span, message)]
    };
    let bytes = fs::read(&compiled.path).map_err(failed)?;
    let architecture = request.target.architecture;
    match bootstrap::machine(&bytes) {
        Some(machine) if machine == architecture => {}
        Some(machine) => {
            let (made, wanted) = (machine.as_str(), architecture.as_str());
            let message = format!("function `{}` was compiled for {made}, and runs on {wanted}", function.name);
            return Err(vec![Diagnostic::new(&artifact::WRONG_PROCESSOR, function.span, message)]);
        }
        None => {
            let message = format!("what was compiled of function `{}` is no program for Linux", function.name);
            return Err(vec![Diagnostic::new(&codes::NO_PROGRAM, function.span, message)]);
        }
    }
    let path = place(request);
    keep(&bytes, &path).map_err(failed)?;
    Ok(Some(Program { path, size: bytes.len() as u64, findings: compiled.findings }))
}

/// Where `tc compile` looks first.
fn place(request: &Request<'_>) -> PathBuf {
    let function = request.function;
    let [built, _] = bootstrap::places(&function.name, request.target.architecture, &function.directory);
    request.root.join(built.as_str())
}

/// Writes a program beside its place and moves it there, so that it is whole or absent.
fn keep(bytes: &[u8], path: &Path) -> io::Result<()> {
    let directory = path.parent().unwrap_or(path);
    fs::create_dir_all(directory)?;
    let mut written = tempfile::Builder::new().prefix(".bootstrap-").tempfile_in(directory)?;
    io::Write::write_all(&mut written, bytes)?;
    written.as_file().set_permissions(fs::Permissions::from_mode(0o755))?;
    written.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The processor in the name of a Rust target.
fn cpu(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "aarch64",
    }
}
