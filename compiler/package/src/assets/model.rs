//! Where the tree of a model comes from: the function's `artifacts/`.
//!
//! Without `build.pre` it is read where it is. With it, the commands run in a copy of the function's directory, and what is
//! then in the copy's `artifacts/`, their `TC_OUTPUT`, is the model: so a model can be fetched, or be made of what is there.

use super::finding;
use crate::layer::install::Request;
use crate::layer::install::commands::Stage;
use crate::residue;
use std::fs;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::function::ARTIFACTS;

/// The directory whose contents are the function's model. `scratch` is an empty directory for the copy; what is given
/// may lie in it.
///
/// # Errors
/// When there is nothing, the copy cannot be made, or a command fails.
pub fn directory(request: &Request<'_>, scratch: &Path) -> Result<PathBuf, Vec<Diagnostic>> {
    let directory = made(request, scratch)?;
    let is_empty = |directory: &Path| fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none());
    match directory.canonicalize() {
        Ok(directory) if directory.is_dir() && !is_empty(&directory) => Ok(directory),
        _ => Err(vec![finding::no_model(request)]),
    }
}

fn made(request: &Request<'_>, scratch: &Path) -> Result<PathBuf, Vec<Diagnostic>> {
    let pre = &request.function.build.pre;
    let Some(first) = pre.first() else { return Ok(request.directory.join(ARTIFACTS)) };
    let failed = |error| vec![crate::layer::install::not_written(request, first.span, &error)];
    let stage = Stage::set(request, scratch, residue::of_any).map_err(failed)?;
    let output = stage.directory.join(ARTIFACTS);
    fs::create_dir_all(&output).map_err(failed)?;
    let stage = stage.with_output("artifacts", &output);
    stage.run("build.pre", pre)?;
    Ok(output)
}
