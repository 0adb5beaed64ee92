//! `AWS::Lambda::Version` and `AWS::Lambda::Alias`: what SnapStart and provisioned concurrency stand on. Lambda offers
//! both for published versions only, so whoever invokes such a function calls its alias `live`.

use super::{Lowering, layer, mount};
use crate::backend::expr::{Expr, Object};
use crate::backend::json;
use crate::backend::logical_id;
use crate::backend::template::Resource;
use crate::digest::hexadecimal;
use crate::graph::EntityId;
use crate::ir::Function;
use crate::object;
use sha2::{Digest, Sha256};

/// The alias that is invoked.
const ALIAS: &str = "live";

/// Hexadecimal digits that tell a version's content from another's.
const DIGEST_CHARACTERS: usize = 16;

/// Properties of a function that are no part of what a version holds ("Lambda Developer Guide, Manage Lambda function
/// versions": code, configuration, layers, runtime), so that changing them publishes nothing.
const UNVERSIONED: [&str; 2] = ["ReservedConcurrentExecutions", "Tags"];

/// Whether a function is invoked through an alias.
pub(super) fn has_alias(function: &Function) -> bool {
    snap_start(function) || function.provisioned_concurrency.is_some()
}

/// Whether Lambda restores the function from a snapshot.
pub(super) fn snap_start(function: &Function) -> bool {
    function.snap_start.as_ref().is_some_and(|wanted| wanted.value)
}

/// The logical id of a function's alias.
fn alias_id(function: &str) -> String {
    format!("{}Alias", logical_id::function(function))
}

impl Lowering<'_> {
    /// The ARN by which a function of this topology is invoked, whoever invokes it: its alias where it has one. Also what
    /// the `FunctionName` of a permission or of an event source mapping is.
    pub fn invocation_target(&self, function: &str) -> Expr {
        match self.is_aliased(function) {
            true => Expr::reference(alias_id(function)),
            false => Expr::arn(logical_id::function(function)),
        }
    }

    /// [`Lowering::invocation_target`] as it stands within the text of a `Fn::Sub`.
    pub fn invocation_target_in_sub(&self, function: &str) -> String {
        match self.is_aliased(function) {
            true => format!("${{{}}}", alias_id(function)),
            false => format!("${{{}.Arn}}", logical_id::function(function)),
        }
    }

    fn is_aliased(&self, function: &str) -> bool {
        self.topology.functions.get(function).is_some_and(has_alias)
    }
}

/// Puts the version and the alias of a function with these properties.
pub(super) fn put(cx: &mut Lowering<'_>, function: &Function, properties: &Object) {
    let entity = EntityId::function(&function.name);
    let id = logical_id::function(&function.name);
    let version = format!("{id}Version");
    let published = object! { "FunctionName": Expr::reference(&id), "Description": content(function, properties) };
    cx.put(&version, Resource::new("AWS::Lambda::Version", &entity, published));
    let mut alias = object! {
        "FunctionName": Expr::reference(&id),
        "FunctionVersion": Expr::GetAtt(version, "Version".into()),
        "Name": ALIAS,
    };
    alias.put_opt(
        "ProvisionedConcurrencyConfig",
        function
            .provisioned_concurrency
            .as_ref()
            .map(|count| object! { "ProvisionedConcurrentExecutions": count.value }),
    );
    cx.put(alias_id(&function.name), Resource::new("AWS::Lambda::Alias", &entity, alias));
}

/// The version's description, which names what it holds. A version cannot be changed: another description makes
/// CloudFormation publish the next version and delete this one after the alias has moved. The logical id stays the same,
/// and the description changes with this function's code and configuration and with nothing else, also when linking
/// finds another version of a layer, another image or access point. Subnets and security groups are left out: a list
/// of them can be longer than the 256 characters of a description.
fn content(function: &Function, properties: &Object) -> Expr {
    let versioned = properties.iter().filter(|(name, _)| !UNVERSIONED.contains(&name.as_ref()));
    let versioned: Object = versioned.cloned().collect();
    let digest = Sha256::digest(json::write(&versioned.into()).as_bytes());
    let digest = hexadecimal(digest);
    let mut parts = vec![Expr::from(digest.chars().take(DIGEST_CHARACTERS).collect::<String>())];
    parts.extend(layer::versions(function));
    parts.extend(mount::imported_access_point(function));
    if let Some(uri) = properties.get("Code").and_then(Expr::as_object).and_then(|code| code.get("ImageUri")) {
        parts.push(uri.clone());
    }
    match parts.as_slice() {
        [digest] => digest.clone(),
        _ => Expr::Join(" ", parts),
    }
}
