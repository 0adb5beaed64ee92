//! What in a pyproject.toml tc does not take.

use super::super::Request;
use super::name::admits;
use super::pyproject::Project;
use std::ops::Range;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::source::{FileId, Span};

/// Refuses a list that would have to be made by running something, is Poetry's own, or excludes the function's Python.
///
/// # Errors
/// The first of these.
pub(super) fn check(
    request: &Request<'_>,
    file: FileId,
    project: &Project,
    has_poetry: bool,
) -> Result<(), Vec<Diagnostic>> {
    let at = |range: &Range<usize>| Span::new(file, range.start, range.end);
    if let Some(range) = &project.dynamic {
        let message = "`dependencies` are dynamic, and would be known only after running the project's build";
        let finding = Diagnostic::new(&codes::UNUSABLE_LIST, at(range), message);
        return Err(vec![finding.help("write them into `[project]`, or into a requirements.txt beside it")]);
    }
    if let Some(range) = project.poetry.as_ref().filter(|_| has_poetry) {
        let message = "tc does not read Poetry's own list of dependencies";
        let finding = Diagnostic::new(&codes::UNUSABLE_LIST, at(range), message);
        return Err(vec![
            finding
                .help("write them as `dependencies` of `[project]`, which Poetry 2 reads too")
                .help("or run `poetry export -o requirements.txt` and leave the table out"),
        ]);
    }
    let Some(wanted) = &project.requires_python else { return Ok(()) };
    let Some(version) = super::version(request) else { return Ok(()) };
    match admits(&wanted.text, version) {
        Some(false) => {
            let runtime = request.target.runtime.id();
            let message = format!("`requires-python` is `{}`, and the function runs on {runtime}", wanted.text);
            let finding = Diagnostic::new(&codes::WRONG_PYTHON, at(&wanted.at), message);
            let finding = match request.function.runtime.as_ref() {
                Some(runtime) => finding.also(runtime.span, "the runtime"),
                None => finding,
            };
            Err(vec![finding.help("change `requires-python`, or `runtime.lang` of the function")])
        }
        _ => Ok(()),
    }
}
