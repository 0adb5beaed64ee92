//! What is said of building and publishing beside what the stages say.

use crate::os_error;
use crate::paths::Paths;
use std::path::Path;
use tc_core::diagnostic::codes::{command, layer as codes, reading};
use tc_core::diagnostic::{Diagnostic, Label};
use tc_core::frontend::input::ProjectInput;
use tc_core::ir::function::DEPS_PATH;
use tc_core::ir::{Function, Topology};
use tc_core::suggest;
use tc_package::layer::output::MANIFEST;

/// A directory without topologies in it or below.
pub fn no_topology(directory: &Path) -> Diagnostic {
    let message = format!("there is no topology in `{}` or below", directory.display());
    Diagnostic::without_place(&reading::NO_TOPOLOGY, message)
}

/// A directory that cannot be opened.
pub fn no_directory(directory: &Path, error: &std::io::Error) -> Diagnostic {
    let message = format!("`{}` cannot be opened: {}", directory.display(), os_error::words(error));
    Diagnostic::without_place(&command::NO_DIRECTORY, message)
}

/// A file or directory that cannot be written.
pub fn unwritten(paths: &Paths, path: &Path, error: &std::io::Error) -> Diagnostic {
    let message = format!("`{}` cannot be written: {}", paths.shown(path), os_error::words(error));
    Diagnostic::without_place(&codes::LAYER_NOT_WRITTEN, message)
}

/// A manifest of the output directory that is of no use.
pub fn damaged(paths: &Paths, out: &Path, damage: &str) -> Diagnostic {
    let message = format!("`{}` could not be read: {damage}", paths.shown(&out.join(MANIFEST)));
    Diagnostic::without_place(&codes::MANIFEST_DAMAGED, message).help("it was begun anew; build the other layers again")
}

/// Dependencies that go to the file system.
pub fn elsewhere(function: &Function) -> Diagnostic {
    let message = format!("the dependencies of function `{}` go to the file system, not into a layer", function.name);
    let place = function.assets.get(DEPS_PATH).map_or(function.span, |path| path.span);
    Diagnostic::new(&codes::DEPENDENCIES_ELSEWHERE, place, message)
        .help(format!("`tc build --kind layer --name {}` builds a layer all the same", function.name))
}

/// A function that none of these topologies has; `name` is what was looked for.
pub fn unknown_function<'a>(
    message: String,
    name: &str,
    topologies: impl IntoIterator<Item = &'a Topology> + Clone,
) -> Diagnostic {
    let names = topologies.clone().into_iter().flat_map(|topology| topology.functions.keys().map(String::as_str));
    let names: Vec<&str> = names.collect();
    // The layer's name is taken for the function's.
    let of_layer = topologies.into_iter().find_map(|topology| {
        let function = name.strip_prefix(&*topology.name)?.strip_prefix('-')?;
        topology.functions.contains_key(function).then(|| format!("did you mean `{function}`?"))
    });
    let help = of_layer.or_else(|| suggest::help(name, "functions", names.iter().copied()));
    Diagnostic::without_place(&command::UNKNOWN_FUNCTION, message).help_opt(help)
}

/// A failed sign-in, shown where `tc.yml` says that it is this environment, if it does.
pub fn at_environment_of_layers(mut finding: Diagnostic, project: &ProjectInput) -> Diagnostic {
    let central = project.layers.as_ref().and_then(|layers| layers.environment.as_ref());
    if let (None, Some(central)) = (&finding.primary, central) {
        finding.primary = Some(Label { span: central.span, text: "layers are published there".to_owned() });
    }
    finding
}
