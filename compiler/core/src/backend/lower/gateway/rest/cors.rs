//! Cross-origin rules of a REST API: an `OPTIONS` method that answers preflight requests on each path that has rules, and
//! the header on answers that are the gateway's own.

use super::resource;
use crate::backend::expr::{Expr, Object};
use crate::backend::lower::Lowering;
use crate::backend::lower::gateway::api::Api;
use crate::backend::lower::gateway::cors::Rules;
use crate::backend::template::Resource;
use crate::ir::{Method, Route};
use crate::object;
use std::collections::BTreeMap;

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";

/// Puts what answers preflight requests, and the header on errors of an API of the stack's own.
pub(super) fn lower(cx: &mut Lowering<'_>, api: &Api<'_>, root: &Expr, routes: &[&Route]) {
    let mut paths: BTreeMap<String, Vec<&Route>> = BTreeMap::new();
    for route in routes {
        paths.entry(api.path(&route.path)).or_default().push(route);
    }
    for (path, routes) in &paths {
        let answers_itself = routes.iter().any(|route| *route.method == Method::Options);
        if let (Some(rules), false) = (Rules::of(routes.iter().copied()), answers_itself) {
            put_preflight(cx, api, root, path, &rules);
        }
    }
    if let (Some(rules), true) = (Rules::of(routes.iter().copied()), api.is_own()) {
        put_gateway_responses(cx, api, &rules);
    }
}

/// An `OPTIONS` method that answers by itself.
fn put_preflight(cx: &mut Lowering<'_>, api: &Api<'_>, root: &Expr, path: &str, rules: &Rules) {
    let headers = [
        ("Access-Control-Allow-Headers", rules.headers().join(",")),
        ("Access-Control-Allow-Methods", rules.methods().join(",")),
        (ALLOW_ORIGIN, first_origin(rules)),
    ];
    let header = |name: &str| format!("method.response.header.{name}");
    let values = headers.iter().map(|(name, value)| (header(name), format!("'{value}'")));
    let mut answer = object! { "StatusCode": "204", "ResponseParameters": values.collect::<Object>() };
    if let Some(template) = choose_origin(rules) {
        answer.put("ResponseTemplates", object! { "application/json": template });
    }
    let declared = headers.iter().map(|(name, _)| (header(name), true));
    let properties = object! {
        "RestApiId": api.reference(),
        "ResourceId": resource::put(cx, api, root, path),
        "HttpMethod": "OPTIONS",
        "AuthorizationType": "NONE",
        "Integration": object! {
            "Type": "MOCK",
            "RequestTemplates": object! { "application/json": "{\"statusCode\":204}" },
            "IntegrationResponses": vec![answer],
        },
        "MethodResponses": vec![object! {
            "StatusCode": "204",
            "ResponseParameters": declared.collect::<Object>(),
        }],
    };
    let id = format!("{}Options", resource::id(api, path));
    cx.put(id, Resource::new("AWS::ApiGateway::Method", &api.entity, properties));
}

/// `AWS::ApiGateway::GatewayResponse`: without the header a browser does not show a page why its request was refused. A
/// gateway response cannot choose between origins, so with several of them any may read the gateway's own errors, which
/// tell nothing but that there was one.
fn put_gateway_responses(cx: &mut Lowering<'_>, api: &Api<'_>, rules: &Rules) {
    let origin = match rules.origins().as_slice() {
        [one] => format!("'{one}'"),
        _ => "'*'".to_owned(),
    };
    for (suffix, response_type) in [("ClientErrors", "DEFAULT_4XX"), ("ServerErrors", "DEFAULT_5XX")] {
        let properties = object! {
            "RestApiId": api.reference(),
            "ResponseType": response_type,
            "ResponseParameters": Object::new().with(format!("gatewayresponse.header.{ALLOW_ORIGIN}"), &origin),
        };
        let id = format!("{}{suffix}", api.id);
        cx.put(id, Resource::new("AWS::ApiGateway::GatewayResponse", &api.entity, properties));
    }
}

/// Adds a route's header to one of its integration's responses, and the template of the response's body.
pub(super) fn allow(route: &Route, answer: &mut Object, template: Option<&str>) {
    let rules = Rules::of([route]);
    if let Some(rules) = &rules {
        let name = format!("method.response.header.{ALLOW_ORIGIN}");
        answer.put("ResponseParameters", Object::new().with(name, format!("'{}'", first_origin(rules))));
    }
    let template = match (rules.as_ref().and_then(choose_origin), template) {
        (None, None) => return,
        (Some(origin), template) => format!("{origin}{}", template.unwrap_or("$input.json('$')")),
        (None, Some(template)) => template.to_owned(),
    };
    answer.put("ResponseTemplates", object! { "application/json": template });
}

/// Declares a route's header on one of its method's responses.
pub(super) fn declare(route: &Route, mut response: Object) -> Object {
    if route.cors.is_some() {
        let name = format!("method.response.header.{ALLOW_ORIGIN}");
        response.put("ResponseParameters", Object::new().with(name, true));
    }
    response
}

fn first_origin(rules: &Rules) -> String {
    rules.origins().first().copied().unwrap_or("*").to_owned()
}

/// The part of a template that answers with the caller's own origin where it is one of several: the header holds one.
fn choose_origin(rules: &Rules) -> Option<String> {
    let origins = rules.origins();
    if origins.len() < 2 {
        return None;
    }
    let is_known: Vec<String> = origins.iter().map(|origin| format!("$origin == '{origin}'")).collect();
    Some(format!(
        "#set($origin = $input.params('Origin'))#if({})#set($context.responseOverride.header.{ALLOW_ORIGIN} = $origin)#end",
        is_known.join(" || ")
    ))
}
