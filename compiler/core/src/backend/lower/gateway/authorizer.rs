//! `AWS::ApiGatewayV2::Authorizer` and `AWS::ApiGateway::Authorizer`: functions that decide who may call.
//!
//! One for each function that routes of a gateway name. Nothing is cached: a cached answer holds for all routes and all
//! values of path variables that the caller asks for with the same token, so an authorizer that looks at the path would
//! answer for another path.

use super::api::Api;
use crate::backend::expr::Expr;
use crate::backend::logical_id;
use crate::backend::lower::{Lowering, permission};
use crate::backend::template::Resource;
use crate::ir::{GatewayKind, Route};
use crate::object;
use std::collections::BTreeSet;

/// The URI by which API Gateway invokes a function.
pub(super) fn invocation_uri(cx: &Lowering<'_>, function: &str) -> Expr {
    let arn = cx.invocation_target_in_sub(function);
    Expr::Sub(format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/{arn}/invocations"
    ))
}

/// Puts the authorizers that the routes of a gateway name.
pub(super) fn lower(cx: &mut Lowering<'_>, api: &Api<'_>, routes: &[&Route]) {
    let functions: BTreeSet<&str> =
        routes.iter().filter_map(|route| Some(route.authorizer.as_ref()?.as_str())).collect();
    for function in functions {
        put(cx, api, function);
    }
}

fn id(api: &Api<'_>, function: &str) -> String {
    format!("{}Authorizer{}", api.id, logical_id::camel(function))
}

/// The id of a gateway's authorizer.
pub(super) fn reference(api: &Api<'_>, function: &str) -> Expr {
    Expr::GetAtt(id(api, function), "AuthorizerId".into())
}

fn put(cx: &mut Lowering<'_>, api: &Api<'_>, function: &str) {
    let id = id(api, function);
    let resource_type = match api.gateway.kind {
        GatewayKind::Http => "AWS::ApiGatewayV2::Authorizer",
        GatewayKind::Rest => "AWS::ApiGateway::Authorizer",
    };
    // Unique in the API, which may be shared by many stacks.
    let name = cx.topology.function_name(function).text;
    let properties = match api.gateway.kind {
        GatewayKind::Http => {
            object! {
                "ApiId": api.reference(),
                "Name": name,
                "AuthorizerType": "REQUEST",
                "AuthorizerPayloadFormatVersion": "2.0",
                "EnableSimpleResponses": true,
                "AuthorizerResultTtlInSeconds": 0u32,
                "IdentitySource": vec!["$request.header.Authorization"],
                "AuthorizerUri": invocation_uri(cx, function),
            }
        }
        GatewayKind::Rest => {
            object! {
                "RestApiId": api.reference(),
                "Name": name,
                "Type": "REQUEST",
                "AuthorizerResultTtlInSeconds": 0u32,
                "IdentitySource": "method.request.header.Authorization",
                "AuthorizerUri": invocation_uri(cx, function),
            }
        }
    };
    cx.put(&id, Resource::new(resource_type, &api.entity, properties));
    let source_arn = api.execute_api_arn(&format!("authorizers/${{{id}.AuthorizerId}}"));
    let permission_id = format!("{id}Permission");
    permission::put(cx, &permission_id, &api.entity, function, "apigateway.amazonaws.com", source_arn);
}
