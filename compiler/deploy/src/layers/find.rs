//! The versions of a layer that functions are linked with.

use super::SetMark;
use crate::connection::Connection;
use aws_sdk_lambda::types::{Architecture, LayerVersionsListItem, Runtime};
use std::collections::BTreeSet;
use tc_core::diagnostic::Diagnostic;

/// A layer as functions name it, and what it must run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// The version that is pinned; the newest that fits where none is.
    pub version: Option<u32>,
    /// The runtimes of the functions, as Lambda calls them.
    pub runtimes: BTreeSet<String>,
    /// The architectures of the functions.
    pub architectures: BTreeSet<String>,
}

/// What was found of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The ARNs of its version and of those that belong to it, in the order of the chunks.
    Versions(Vec<String>),
    /// There is no such layer, or not that version.
    Nothing,
    /// There are versions, but none for these runtimes and architectures.
    Unfit,
    /// A chunk of the newest set is not there.
    Incomplete(String),
}

/// Looks for a layer.
///
/// # Errors
/// When a request fails.
pub(crate) async fn find(connection: &Connection, wanted: &Wanted) -> Result<Found, Box<Diagnostic>> {
    let versions = versions(connection, &wanted.name).await?;
    let is_pinned =
        |version: &&LayerVersionsListItem| wanted.version.is_none_or(|pinned| version.version() == i64::from(pinned));
    // The newest comes first.
    let mut named = versions.iter().filter(is_pinned).peekable();
    if named.peek().is_none() {
        return Ok(Found::Nothing);
    }
    let Some(first) = named.find(|version| fits(version, wanted)) else { return Ok(Found::Unfit) };
    let mut arns = vec![arn(first)];
    let Some(mark) = SetMark::parse(first.description().unwrap_or_default()) else {
        return Ok(Found::Versions(arns));
    };
    for part in 2..=mark.parts {
        let name = format!("{}-{}", wanted.name, part - 1);
        let companion = SetMark { part, ..mark.clone() };
        let others = self::versions(connection, &name).await?;
        let is_companion = |version: &&LayerVersionsListItem| {
            SetMark::parse(version.description().unwrap_or_default()).as_ref() == Some(&companion)
        };
        match others.iter().filter(is_companion).find(|version| fits(version, wanted)) {
            Some(version) => arns.push(arn(version)),
            None => return Ok(Found::Incomplete(name)),
        }
    }
    Ok(Found::Versions(arns))
}

/// All versions of a layer, the newest first; none where there is no such layer.
async fn versions(connection: &Connection, name: &str) -> Result<Vec<LayerVersionsListItem>, Box<Diagnostic>> {
    let versions = connection.lambda.list_layer_versions().layer_name(name).into_paginator().items().send();
    match versions.collect::<Result<Vec<_>, _>>().await {
        Ok(versions) => Ok(versions),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
            Ok(Vec::new())
        }
        Err(error) => Err(connection.finding("lambda:ListLayerVersions", &error)),
    }
}

/// Whether a version runs wherever it is wanted; one that names no runtime or architecture is for all.
fn fits(version: &LayerVersionsListItem, wanted: &Wanted) -> bool {
    let runtimes: BTreeSet<&str> = version.compatible_runtimes().iter().map(Runtime::as_str).collect();
    let architectures: BTreeSet<&str> = version.compatible_architectures().iter().map(Architecture::as_str).collect();
    let is_for = |offered: &BTreeSet<&str>, wanted: &BTreeSet<String>| {
        offered.is_empty() || wanted.iter().all(|wanted| offered.contains(wanted.as_str()))
    };
    is_for(&runtimes, &wanted.runtimes) && is_for(&architectures, &wanted.architectures)
}

fn arn(version: &LayerVersionsListItem) -> String {
    version.layer_version_arn().unwrap_or_default().to_owned()
}
