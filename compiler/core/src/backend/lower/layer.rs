//! Layers: they live in the central account, so each is an import.
//!
//! Dependencies that are large are published as up to three layers that are used together (`tc build` splits them), and
//! only linking knows how many there are. So the parameter of a layer is a text of one to three ARNs with commas between
//! them, and `Layers` is what that is split into.

use super::Lowering;
use crate::backend::expr::Expr;
use crate::backend::logical_id;
use crate::backend::template::{Import, ImportKind};
use crate::graph::{EntityId, EntityKind};
use crate::ir::{Function, LayerImport};

/// Where the version stands among the parts of the ARN of a layer's version,
/// `arn:PARTITION:lambda:REGION:ACCOUNT:layer:NAME:VERSION`: its last part.
const VERSION_IN_ARN: u32 = 7;

/// How many ARNs may stand in one parameter.
const CHUNKS: u32 = 3;

/// The function's layers and then its extensions, in the order they are laid over each other. One that is named twice
/// counts once: Lambda refuses a layer that stands twice.
pub(super) fn imports(cx: &mut Lowering<'_>, function: &Function) -> Option<Expr> {
    let parameters: Vec<String> = distinct(function).into_iter().map(|layer| import(cx, layer)).collect();
    let arns = match parameters.as_slice() {
        [] => return None,
        [one] => Expr::reference(one),
        several => {
            let references: Vec<String> = several.iter().map(|parameter| format!("${{{parameter}}}")).collect();
            Expr::Sub(references.join(","))
        }
    };
    Some(Expr::Split(",", Box::new(arns)))
}

/// The version numbers of the function's layers: [`CHUNKS`] texts a layer, each the number and, where another ARN
/// follows, the `,arn` that stands between two colons with it; empty for chunks that there are not. The colons after the
/// parameter are there so that every part can be selected: `Fn::Split` gives empty texts between them ("AWS CloudFormation
/// User Guide, Fn::Split", list with empty string values).
pub(super) fn versions(function: &Function) -> Vec<Expr> {
    let missing = ":".repeat(((CHUNKS - 1) * VERSION_IN_ARN) as usize);
    let version = |layer: &LayerImport, chunk: u32| {
        let parts = Expr::Sub(format!("${{{}}}{missing}", parameter(layer)));
        Expr::Select((chunk + 1) * VERSION_IN_ARN, Box::new(Expr::Split(":", Box::new(parts))))
    };
    let layers = distinct(function).into_iter();
    layers.flat_map(|layer| (0..CHUNKS).map(move |chunk| version(layer, chunk))).collect()
}

fn distinct(function: &Function) -> Vec<&LayerImport> {
    let mut distinct: Vec<&LayerImport> = Vec::new();
    for layer in function.layers.iter().chain(&function.extensions) {
        if !distinct.contains(&&layer.value) {
            distinct.push(layer);
        }
    }
    distinct
}

/// The parameter of a layer: all functions that name the same layer and version share it.
fn parameter(layer: &LayerImport) -> String {
    let id = logical_id::of(&EntityId::new(EntityKind::Layer, &layer.name));
    match layer.version {
        Some(version) => format!("{id}Version{version}"),
        None => id,
    }
}

/// Imports a layer and gives its parameter.
fn import(cx: &mut Lowering<'_>, layer: &LayerImport) -> String {
    let (name, version) = match layer.version {
        Some(version) => (format!("{}:{version}", layer.name), format!("version {version}")),
        None => (layer.name.clone(), "the newest version".to_owned()),
    };
    let description =
        format!("The ARN of {version} of the layer {}; if it has chunks, those of all with commas between", layer.name);
    let parameter = parameter(layer);
    let import = Import { kind: ImportKind::LayerVersion, name, parameter_type: "String", description, default: None };
    cx.import(&parameter, import);
    parameter
}
