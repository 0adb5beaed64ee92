//! REST APIs.

mod cors;
mod deployment;
mod integration;
mod method;
mod resource;

use super::api::Api;
use super::{access_log, authorizer};
use crate::backend::expr::Expr;
use crate::backend::lower::Lowering;
use crate::backend::template::{Import, ImportKind, Resource};
use crate::ir::Route;
use crate::object;

/// Puts a REST API with its stage, where it is the stack's own, the routes, and the deployment that serves them.
///
/// On a shared API the stack makes its methods and a deployment onto the shared stage. API Gateway has one resource for
/// each part of a path, so the first part of the paths (the sandbox, but in the release sandbox) must belong to one
/// stack: a second one that wants to make it fails with "Another resource with the same parent already has this name".
pub(super) fn lower(cx: &mut Lowering<'_>, api: &Api<'_>, routes: &[&Route]) {
    let root = match &api.gateway.shared {
        None => {
            put_api(cx, api);
            Expr::GetAtt(api.id.clone(), "RootResourceId".into())
        }
        Some(shared) => {
            let import = Import {
                kind: ImportKind::GatewayRootResource,
                name: api.gateway.name.clone(),
                parameter_type: "String",
                description: format!("The id of the root resource of the shared REST API {}", api.gateway.name),
                default: shared.root_resource_id.clone(),
            };
            cx.import(&format!("{}RootResourceId", api.id), import)
        }
    };
    let served = cx.template.resources.len();
    let paths: Vec<String> = routes.iter().map(|route| api.path(&route.path)).collect();
    resource::put(cx, api, &root, paths.iter().map(String::as_str));
    authorizer::lower(cx, api, routes);
    for (route, path) in routes.iter().zip(&paths) {
        method::lower(cx, api, route, resource::reference(api, &root, path));
    }
    cors::lower(cx, api, &root, routes);
    let deployment = deployment::put(cx, api, served);
    if api.is_own() {
        put_stage(cx, api, deployment);
    }
    api.put_url(cx);
}

/// `AWS::ApiGateway::RestApi`.
fn put_api(cx: &mut Lowering<'_>, api: &Api<'_>) {
    let name = api.name(cx);
    let properties = object! {
        "Name": name,
        "EndpointConfiguration": object! { "Types": vec!["REGIONAL"] },
    };
    cx.put(&api.id, Resource::new("AWS::ApiGateway::RestApi", &api.entity, properties));
}

/// `AWS::ApiGateway::Stage`.
fn put_stage(cx: &mut Lowering<'_>, api: &Api<'_>, deployment: String) {
    let mut properties = object! {
        "RestApiId": api.reference(),
        "StageName": &api.gateway.stage,
        "DeploymentId": Expr::reference(deployment),
    };
    properties.put_opt("AccessLogSetting", access_log::settings(cx, api));
    cx.put(format!("{}Stage", api.id), Resource::new("AWS::ApiGateway::Stage", &api.entity, properties));
}
