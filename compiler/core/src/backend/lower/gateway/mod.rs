//! Gateways with their routes: `AWS::ApiGatewayV2` for HTTP APIs, `AWS::ApiGateway` for REST APIs.
//!
//! What belongs to one route is that route's entity, and its logical ids depend on the route's key alone. What routes
//! share (API, stage, authorizers, the resources of a REST API's path tree) is the gateway's, and its ids depend on the
//! gateway's name, the path or the authorizer's name, so that another route adds resources and changes none. Two places
//! where API Gateway forces more: the CORS rules of an HTTP API stand on the API (see [`cors`]), and the methods of a
//! REST API are served only after a deployment (see [`rest::deployment`]).

mod access_log;
mod action;
mod api;
mod authorizer;
mod background;
mod cors;
mod credentials;
mod http;
mod path;
mod rest;
#[cfg(test)]
mod tests;

pub(super) use credentials::grant;

use super::Lowering;
use crate::ir::{Gateway, GatewayKind, Route};
use api::Api;

/// Puts a gateway with its routes.
pub(super) fn lower<'t>(cx: &mut Lowering<'t>, gateway: &'t Gateway) {
    let topology = cx.topology;
    let routes: Vec<&Route> = topology.routes.values().filter(|route| *route.gateway == gateway.name).collect();
    let api = Api::new(cx, gateway);
    match gateway.kind {
        GatewayKind::Http => http::lower(cx, &api, &routes),
        GatewayKind::Rest => rest::lower(cx, &api, &routes),
    }
}
