//! A function's model.
//!
//! Where the tree of a model comes from: the function's `artifacts/`.
//!
//! Without `build.pre` it is read where it is. With it, the commands run in a copy of the function's directory, and what is
//! then in the copy's `artifacts/`, their `TC_OUTPUT`, is the model: so a model can be fetched, or be made of what is there.

use super::{Built, Rule, finding};
use crate::layer::install::Request;
use crate::layer::install::commands::Stage;
use crate::layer::{Builder, Order};
use crate::product::Named;
use crate::residue;
use std::fs;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::function::{ARTIFACTS, MODEL_PATH};

impl Builder<'_> {
    /// Builds the model of a function; `None` after an error. With what was found.
    pub fn model(&self, order: &Order<'_>) -> (Option<Built>, Vec<Diagnostic>) {
        let name = order.name();
        let progress = Named { name: &name, progress: self.progress };
        let own = order.directory();
        let Some(request) = order.request(&own, self.architecture, self.options, &progress) else {
            return (None, Vec::new());
        };
        match model(&request) {
            Ok(built) => (Some(built), Vec::new()),
            Err(findings) => (None, findings),
        }
    }
}

fn model(request: &Request<'_>) -> Result<Built, Vec<Diagnostic>> {
    let not_written = |error| vec![crate::layer::install::not_written(request, request.function.span, &error)];
    let scratch = tempfile::Builder::new().prefix("tc-").tempdir().map_err(not_written)?;
    let root = directory(request, scratch.path())?;
    request.progress.step(&request.function.name, "digesting");
    let unusable = |error| vec![finding::unusable(request.function, MODEL_PATH, &error)];
    let manifest = super::read(&root, Rule::default(), &|_| {}).map_err(unusable)?;
    if manifest.files() == 0 {
        return Err(vec![finding::no_model(request)]);
    }
    Ok(Built::of_scratch(scratch, root, manifest))
}

/// The directory whose contents are the function's model. `scratch` is an empty directory for the copy; what is given
/// may lie in it.
fn directory(request: &Request<'_>, scratch: &Path) -> Result<PathBuf, Vec<Diagnostic>> {
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
