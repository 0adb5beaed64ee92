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
/// Tells caches that the answer depends on who asked ("Fetch standard, CORS protocol and HTTP caches").
const VARY: &str = "Vary";

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
    let mut headers = vec![
        ("Access-Control-Allow-Headers", rules.headers().join(",")),
        ("Access-Control-Allow-Methods", rules.methods().join(",")),
    ];
    headers.extend(origin_headers(rules));
    let mut answer = object! { "StatusCode": "204", "ResponseParameters": values(&headers) };
    if let Some(template) = choose_origin(rules) {
        answer.put("ResponseTemplates", object! { "application/json": template });
    }
    let properties = object! {
        "RestApiId": api.reference(),
        "ResourceId": resource::reference(api, root, path),
        "HttpMethod": "OPTIONS",
        "AuthorizationType": "NONE",
        "Integration": object! {
            "Type": "MOCK",
            "RequestTemplates": object! { "application/json": "{\"statusCode\":204}" },
            "IntegrationResponses": vec![answer],
        },
        "MethodResponses": vec![object! {
            "StatusCode": "204",
            "ResponseParameters": declarations(&headers),
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

/// Adds a route's headers to one of its integration's responses, and the template of the response's body.
pub(super) fn allow(route: &Route, answer: &mut Object, template: Option<&str>) {
    let rules = Rules::of([route]);
    if let Some(rules) = &rules {
        answer.put("ResponseParameters", values(&origin_headers(rules)));
    }
    let template = match (rules.as_ref().and_then(choose_origin), template) {
        (None, None) => return,
        (Some(origin), template) => format!("{origin}{}", template.unwrap_or("$input.json('$')")),
        (None, Some(template)) => template.to_owned(),
    };
    answer.put("ResponseTemplates", object! { "application/json": template });
}

/// Declares a route's headers on one of its method's responses.
pub(super) fn declare(route: &Route, mut response: Object) -> Object {
    if let Some(rules) = Rules::of([route]) {
        response.put("ResponseParameters", declarations(&origin_headers(&rules)));
    }
    response
}

/// A header of a response and its value.
type Header = (&'static str, String);

/// The first of the origins; where there are several, a template puts the caller's in its place ([`choose_origin`]).
fn origin_headers(rules: &Rules) -> Vec<Header> {
    let origins = rules.origins();
    let mut headers = vec![(ALLOW_ORIGIN, origins.first().copied().unwrap_or("*").to_owned())];
    if origins.len() > 1 {
        headers.push((VARY, "Origin".to_owned()));
    }
    headers
}

/// `ResponseParameters` of an integration's response: fixed text stands in single quotes.
fn values(headers: &[Header]) -> Object {
    headers.iter().map(|(name, value)| (format!("method.response.header.{name}"), format!("'{value}'"))).collect()
}

/// `ResponseParameters` of a method's response.
fn declarations(headers: &[Header]) -> Object {
    headers.iter().map(|(name, _)| (format!("method.response.header.{name}"), true)).collect()
}

/// The part of a template that answers with the caller's own origin where it is one of several: the header holds one.
///
/// Only the headers are looked at, since `$input.params('Origin')` would take a parameter of the query first
/// (aws/aws-cdk#19104); and by both spellings, since the names are kept as the client sent them, which over HTTP/2 is in
/// lower case.
fn choose_origin(rules: &Rules) -> Option<String> {
    let origins = rules.origins();
    if origins.len() < 2 {
        return None;
    }
    let is_known: Vec<String> = origins.iter().map(|origin| format!("$origin == '{origin}'")).collect();
    Some(format!(
        "#set($origin = $input.params().header.get('Origin'))\
         #if(!$origin || $origin == '')#set($origin = $input.params().header.get('origin'))#end\
         #if({})#set($context.responseOverride.header.{ALLOW_ORIGIN} = $origin)#end",
        is_known.join(" || ")
    ))
}
