//! The layers of an environment.

use super::SetMark;
use crate::connection::Connection;
use aws_sdk_lambda::types::{Architecture, LayersListItem, Runtime};
use tc_core::diagnostic::Diagnostic;

/// The newest version of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The layer's name.
    pub name: String,
    /// Its newest version.
    pub version: i64,
    /// The version's ARN.
    pub arn: String,
    /// When it was published, as Lambda says it: `2024-01-04T17:24:28.363+0000`.
    pub created: String,
    /// What it is, without the mark.
    pub description: String,
    /// The set it belongs to; `None` for a layer that tc has not published.
    pub set: Option<SetMark>,
    /// The runtimes it is for.
    pub runtimes: Vec<String>,
    /// The architectures it is for.
    pub architectures: Vec<String>,
}

/// All layers of the environment, by name.
///
/// # Errors
/// When a request fails.
pub fn list(connection: &Connection) -> Result<Vec<Listed>, Box<Diagnostic>> {
    let layers = connection.block_on(async {
        let layers = connection.lambda.list_layers().into_paginator().items().send();
        layers.collect::<Result<Vec<_>, _>>().await
    });
    let layers = layers.map_err(|error| connection.finding("lambda:ListLayers", &error))?;
    let mut listed: Vec<Listed> = layers.iter().filter_map(listed).collect();
    listed.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(listed)
}

fn listed(layer: &LayersListItem) -> Option<Listed> {
    let newest = layer.latest_matching_version()?;
    let description = newest.description().unwrap_or_default();
    let set = SetMark::parse(description);
    let text = set.as_ref().and_then(|set| description.strip_suffix(&set.to_string())).unwrap_or(description);
    Some(Listed {
        name: layer.layer_name()?.to_owned(),
        version: newest.version(),
        arn: newest.layer_version_arn().unwrap_or_default().to_owned(),
        created: newest.created_date().unwrap_or_default().to_owned(),
        description: text.trim_end().to_owned(),
        set,
        runtimes: newest.compatible_runtimes().iter().map(Runtime::as_str).map(str::to_owned).collect(),
        architectures: newest.compatible_architectures().iter().map(Architecture::as_str).map(str::to_owned).collect(),
    })
}
