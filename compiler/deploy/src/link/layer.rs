//! Versions of layers, in the account that they are published to.

use super::{Answer, Linker, give};
use crate::layers::{self, Found, Wanted};
use futures_util::{StreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};
use tc_core::backend::template::{Import, ImportKind, Template};
use tc_core::ir::Function;

/// How many layers are looked for at once.
const AT_ONCE: usize = 8;

/// What was found, by the import's name: `etl-enhancer`, or `etl-enhancer:3`.
pub(super) type Answers = BTreeMap<String, Answer>;

/// Looks for the layers of a template that the command line does not give.
pub(super) async fn find_all(linker: &Linker<'_>, template: &Template) -> Answers {
    let imports = template.parameters.iter().filter(|(parameter, import)| {
        import.kind == ImportKind::LayerVersion && !linker.given.contains_key(*parameter)
    });
    let answers =
        imports.map(|(parameter, import)| async move { (import.name.clone(), find(linker, parameter, import).await) });
    stream::iter(answers).buffered(AT_ONCE).collect().await
}

async fn find(linker: &Linker<'_>, parameter: &str, import: &Import) -> Answer {
    let wanted = wanted(linker, import);
    let (name, account) = (&wanted.name, linker.layers.environment());
    let list = |set: &BTreeSet<String>| set.iter().map(String::as_str).collect::<Vec<_>>().join(" and ");
    let publish = format!("publish it: `tc build --publish -e {}`", linker.topology.env);
    let (message, help) = match layers::find(linker.layers, &wanted).await? {
        Found::Versions(arns) => return Ok((arns.join(","), account.to_owned())),
        Found::Nothing => {
            let version = wanted.version.map_or_else(String::new, |version| format!(" of version {version}"));
            (format!("there is no layer `{name}`{version} in {account}"), publish)
        }
        Found::Unfit => {
            let (runtimes, architectures) = (list(&wanted.runtimes), list(&wanted.architectures));
            (format!("no version of the layer `{name}` in {account} is for {runtimes} on {architectures}"), publish)
        }
        Found::Incomplete(chunk) => {
            (format!("the layer `{name}` in {account} is not whole: its part `{chunk}` is not there"), publish)
        }
    };
    Err(Box::new(linker.missing(parameter, import, message).help(help).help(give(parameter, "ARN"))))
}

/// What the functions that name a layer need of it.
fn wanted(linker: &Linker<'_>, import: &Import) -> Wanted {
    let (name, version) = match import.name.split_once(':') {
        Some((name, version)) => (name, version.parse().ok()),
        None => (import.name.as_str(), None),
    };
    let names_it = |function: &&Function| {
        let mut layers = function.layers.iter().chain(&function.extensions);
        layers.any(|layer| layer.name == name && layer.version == version)
    };
    let functions: Vec<&Function> = linker.topology.functions.values().filter(names_it).collect();
    let runtimes = functions.iter().filter_map(|function| function.runtime.as_ref());
    Wanted {
        name: name.to_owned(),
        version,
        runtimes: runtimes.map(|runtime| runtime.id().to_owned()).collect(),
        architectures: functions.iter().map(|function| function.architecture.as_str().to_owned()).collect(),
    }
}
