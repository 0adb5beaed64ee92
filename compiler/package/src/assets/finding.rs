//! Findings about assets: what they say and where they point.

use super::tree::TreeError;
use crate::layer::install::Request;
use tc_core::diagnostic::codes::asset as codes;
use tc_core::diagnostic::{Code, Diagnostic};
use tc_core::ir::Function;
use tc_core::ir::function::{ARTIFACTS, MODEL_PATH};

/// A finding at an asset's path in function.json, else where the function is declared.
fn at(function: &Function, key: &str, code: &'static Code, message: String) -> Diagnostic {
    Diagnostic::new(code, function.assets.get(key).map_or(function.span, |path| path.span), message)
}

/// A model of which there is nothing.
pub(super) fn no_model(request: &Request<'_>) -> Diagnostic {
    let function = request.function;
    let directory = function.directory.join(ARTIFACTS);
    let (message, help) = match function.build.pre.is_empty() {
        true => (
            format!("the model of function `{}` is nowhere: `{directory}` is not there, or empty", function.name),
            format!("put its files into `{directory}/`, or fetch them by a command in `build.pre`"),
        ),
        false => (
            format!("the model of function `{}` is empty: `build.pre` put nothing into it", function.name),
            "let a command write it to `$TC_OUTPUT`, the directory `artifacts` of its copy".to_owned(),
        ),
    };
    at(function, MODEL_PATH, &codes::NO_SOURCE, message).help(help)
}

/// An asset whose source a function lacks.
pub(crate) fn no_source(function: &Function, key: &str, message: String, help: &str) -> Diagnostic {
    at(function, key, &codes::NO_SOURCE, message).help(help)
}

/// A directory that cannot be published.
pub(crate) fn unusable(function: &Function, key: &str, error: &TreeError) -> Diagnostic {
    let message = format!("`{key}` of function `{}` cannot be published: {error}", function.name);
    match error {
        TreeError::Changed(_) => at(function, key, &codes::CHANGED_MEANWHILE, message).help("run it again"),
        TreeError::Absolute(path) => at(function, key, &codes::UNSTORABLE, message)
            .help(format!("make it relative: `ln -srf TARGET {}`", path.display())),
        TreeError::Escapes(_) => {
            at(function, key, &codes::UNSTORABLE, message).help("put a copy of what it leads to in its place")
        }
        _ => at(function, key, &codes::UNSTORABLE, message),
    }
}
