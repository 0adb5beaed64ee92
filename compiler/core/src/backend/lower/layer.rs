//! Layers: they live in the central account, so each is an import.

use super::Lowering;
use crate::backend::expr::Expr;
use crate::backend::logical_id;
use crate::backend::template::{Import, ImportKind};
use crate::graph::{EntityId, EntityKind};
use crate::ir::{Function, LayerImport};

/// Where the version stands among the parts of a layer version's ARN,
/// `arn:PARTITION:lambda:REGION:ACCOUNT:layer:NAME:VERSION`.
const VERSION_IN_ARN: u32 = 7;

/// The function's layers and then its extensions, in the order they are laid over each other. One that is named twice
/// counts once: Lambda refuses a layer that stands twice.
pub(super) fn imports(cx: &mut Lowering<'_>, function: &Function) -> Vec<Expr> {
    distinct(function).into_iter().map(|layer| import(cx, layer)).collect()
}

/// The version number of each layer of the function.
pub(super) fn versions(function: &Function) -> Vec<Expr> {
    let version =
        |layer| Expr::Select(VERSION_IN_ARN, Box::new(Expr::Split(":", Box::new(Expr::reference(parameter(layer))))));
    distinct(function).into_iter().map(version).collect()
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

fn import(cx: &mut Lowering<'_>, layer: &LayerImport) -> Expr {
    let (name, description) = match layer.version {
        Some(version) => {
            (format!("{}:{version}", layer.name), format!("The ARN of version {version} of the layer {}", layer.name))
        }
        None => (layer.name.clone(), format!("The ARN of the newest version of the layer {}", layer.name)),
    };
    let import = Import { kind: ImportKind::LayerVersion, name, parameter_type: "String", description, default: None };
    cx.import(&parameter(layer), import)
}
