//! HTTP APIs.

mod integration;
mod route;

use super::api::Api;
use super::cors::Rules;
use super::{access_log, authorizer};
use crate::backend::expr::Object;
use crate::backend::lower::Lowering;
use crate::backend::template::Resource;
use crate::ir::Route;
use crate::object;

/// Puts an HTTP API with its stage, where it is the stack's own, and the routes.
pub(super) fn lower(cx: &mut Lowering<'_>, api: &Api<'_>, routes: &[&Route]) {
    if api.is_own() {
        put_api(cx, api, routes);
        put_stage(cx, api);
    }
    api.put_url(cx);
    authorizer::lower(cx, api, routes);
    for route in routes {
        route::lower(cx, api, route);
    }
}

/// `AWS::ApiGatewayV2::Api`. Its CORS rules are the one property that depends on routes: an HTTP API answers preflight
/// requests for all of them by one configuration. It changes only with a route whose `cors` says something new.
fn put_api(cx: &mut Lowering<'_>, api: &Api<'_>, routes: &[&Route]) {
    let name = api.name(cx);
    let mut properties = object! { "Name": name, "ProtocolType": "HTTP" };
    properties.put_opt("CorsConfiguration", Rules::of(routes.iter().copied()).map(|rules| cors(&rules)));
    cx.put(&api.id, Resource::new("AWS::ApiGatewayV2::Api", &api.entity, properties));
}

fn cors(rules: &Rules) -> Object {
    object! {
        "AllowMethods": rules.methods(),
        "AllowOrigins": rules.origins(),
        "AllowHeaders": rules.headers(),
    }
}

/// `AWS::ApiGatewayV2::Stage`, which serves each route as soon as it is made.
fn put_stage(cx: &mut Lowering<'_>, api: &Api<'_>) {
    let mut properties = object! { "ApiId": api.reference(), "StageName": &api.gateway.stage, "AutoDeploy": true };
    properties.put_opt("AccessLogSettings", access_log::settings(cx, api));
    let id = format!("{}Stage", api.id);
    cx.put(id, Resource::new("AWS::ApiGatewayV2::Stage", &api.entity, properties));
}
