//! `AWS::ApiGateway::Method`: a route of a REST API.

use super::integration;
use crate::backend::expr::Expr;
use crate::backend::logical_id;
use crate::backend::lower::gateway::action::Action;
use crate::backend::lower::gateway::api::Api;
use crate::backend::lower::gateway::authorizer;
use crate::backend::lower::{Lowering, permission};
use crate::backend::template::Resource;
use crate::graph::{EntityId, EntityKind};
use crate::ir::{Method, Route};
use crate::object;

/// Puts the method of a route on the resource of its path, and what its target needs to be reached.
pub(super) fn lower(cx: &mut Lowering<'_>, api: &Api<'_>, route: &Route, resource: Expr) {
    let Some(action) = Action::of(cx.topology, route) else { return };
    let entity = EntityId::new(EntityKind::Route, &route.key);
    let id = logical_id::of(&entity);
    let mut properties = object! {
        "RestApiId": api.reference(),
        "ResourceId": resource,
        "HttpMethod": route.method.as_str(),
    };
    match &route.authorizer {
        Some(function) => {
            properties.put("AuthorizationType", "CUSTOM");
            properties.put("AuthorizerId", authorizer::reference(api, function));
        }
        None => properties.put("AuthorizationType", "NONE"),
    }
    let integration::Integration { integration, responses } = integration::of(cx, route, action);
    properties.put("Integration", integration);
    if !responses.is_empty() {
        properties.put("MethodResponses", responses);
    }
    cx.put(&id, Resource::new("AWS::ApiGateway::Method", &entity, properties));
    if let Action::Call(function) | Action::Background(function) = action {
        let method = if *route.method == Method::Any { "*" } else { route.method.as_str() };
        let source_arn = api.source_arn(method, &route.path);
        let permission_id = format!("{id}Permission");
        permission::put(cx, &permission_id, &entity, function, "apigateway.amazonaws.com", source_arn);
    }
}
