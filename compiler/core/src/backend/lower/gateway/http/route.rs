//! `AWS::ApiGatewayV2::Route`.

use super::integration;
use crate::backend::expr::Expr;
use crate::backend::logical_id;
use crate::backend::lower::Lowering;
use crate::backend::lower::gateway::action::Action;
use crate::backend::lower::gateway::api::Api;
use crate::backend::lower::gateway::{authorizer, background};
use crate::backend::lower::permission;
use crate::backend::template::Resource;
use crate::graph::{EntityId, EntityKind};
use crate::ir::{DEFAULT_ROUTE, Method, Route};
use crate::object;

/// Puts a route with its integration and what its target needs to be reached.
pub(super) fn lower(cx: &mut Lowering<'_>, api: &Api<'_>, route: &Route) {
    let Some(action) = Action::of(cx.topology, route) else { return };
    let entity = EntityId::new(EntityKind::Route, &route.key);
    let id = logical_id::of(&entity);
    let integration = integration::put(cx, api, route, action);
    let mut properties = object! {
        "ApiId": api.reference(),
        "RouteKey": key(*route.method, &api.path(&route.path)),
        "Target": Expr::Sub(format!("integrations/${{{integration}}}")),
    };
    if let Some(function) = &route.authorizer {
        properties.put("AuthorizationType", "CUSTOM");
        properties.put("AuthorizerId", authorizer::reference(api, function));
    }
    cx.put(&id, Resource::new("AWS::ApiGatewayV2::Route", &entity, properties));
    match action {
        Action::Call(function) => {
            let method = if *route.method == Method::Any { "*" } else { route.method.as_str() };
            let source_arn = api.source_arn(method, &route.path);
            let permission_id = format!("{id}Permission");
            permission::put(cx, &permission_id, &entity, function, "apigateway.amazonaws.com", source_arn);
        }
        Action::Background(function) => background::put(cx, route, function),
        Action::Start(_) | Action::Run(_) | Action::Put(_) | Action::Send { .. } => {}
    }
}

/// `METHOD /path`, or `$default`.
fn key(method: Method, path: &str) -> String {
    match path {
        DEFAULT_ROUTE => path.to_owned(),
        path => format!("{} {path}", method.as_str()),
    }
}
