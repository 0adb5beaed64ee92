//! `AWS::ApiGateway::Deployment`: what a stage serves.

use crate::backend::expr::{Expr, Object};
use crate::backend::json;
use crate::backend::lower::Lowering;
use crate::backend::lower::gateway::api::Api;
use crate::backend::lower::gateway::path;
use crate::backend::template::{DeletionPolicy, Resource};
use crate::object;

/// Puts the deployment of all that was put from the resource number `from` on, and gives its logical id.
///
/// A deployment is a copy of the API as it stands, so a stage serves a changed method only after a new one, and
/// CloudFormation makes a new one only under a new logical id. The id therefore ends in a digest of what is deployed: it
/// changes with the methods of this gateway and with nothing else (not with a function's code, to which a method only
/// refers). Together with `DependsOn`, which must name every method, this is where a REST API cannot keep to the rule
/// that a route changes no resource but its own.
///
/// On a shared API the deployment goes onto the shared stage. It copies the whole API, with what other stacks have made
/// of it until then, and it is retained: API Gateway refuses to delete the deployment that a stage serves ("Active stages
/// pointing to this deployment must be moved or deleted"), which would leave the stack half deleted.
pub(super) fn put(cx: &mut Lowering<'_>, api: &Api<'_>, from: usize) -> String {
    let mut deployed: Vec<(&String, &Resource)> =
        cx.template.resources.iter().skip(from).filter(|(_, resource)| is_deployed(resource)).collect();
    deployed.sort_by_key(|(id, _)| *id);
    let content: Object = deployed.iter().map(|(id, resource)| (id.to_string(), resource.properties.clone())).collect();
    let id = format!("{}Deployment{}", api.id, path::digest(json::write(&Expr::Object(content)).as_bytes()));
    let is_referred = |resource: &Resource| {
        !matches!(resource.resource_type, "AWS::ApiGateway::Method" | "AWS::ApiGateway::GatewayResponse")
    };
    let awaited: Vec<String> =
        deployed.iter().filter(|(_, resource)| !is_referred(resource)).map(|(id, _)| (*id).clone()).collect();
    let mut properties = object! { "RestApiId": api.reference() };
    if !api.is_own() {
        properties.put("StageName", &api.gateway.stage);
    }
    let mut deployment = Resource::new("AWS::ApiGateway::Deployment", &api.entity, properties);
    if !api.is_own() {
        deployment.deletion_policy = Some(DeletionPolicy::Retain);
    }
    let deployment = awaited.into_iter().fold(deployment, Resource::after);
    cx.put(&id, deployment);
    id
}

/// Whether a resource is part of what a deployment copies.
fn is_deployed(resource: &Resource) -> bool {
    matches!(
        resource.resource_type,
        "AWS::ApiGateway::Resource"
            | "AWS::ApiGateway::Method"
            | "AWS::ApiGateway::Authorizer"
            | "AWS::ApiGateway::GatewayResponse"
    )
}
