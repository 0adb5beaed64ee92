//! Routes: where they stand and what they lead to.

use super::gateway;
use super::names::{Named, Names};
use crate::diagnostic::{Diagnostic, codes::schema};
use crate::frontend::Session;
use crate::frontend::input::{CorsInput, Entries, MethodInput, RouteInput};
use crate::frontend::project::Project;
use crate::ir::{Cors, DEFAULT_ROUTE, GatewayKind, Method, Route, Topology};
use crate::source::Spanned;

/// Headers that a browser may send where `cors` does not say: without them neither a token nor JSON gets through.
const DEFAULT_HEADERS: [&str; 2] = ["authorization", "content-type"];

pub(super) fn resolve(
    session: &mut Session<'_>,
    names: &Names<'_>,
    project: &Project,
    topology: &mut Topology,
    routes: Entries<RouteInput>,
) {
    gateway::resolve(session, project, topology, &routes.0);
    for (key, input) in routes.0 {
        let gateway = gateway::named(topology, &key, &input);
        let kind = topology.gateways.get(&gateway.value).map_or(GatewayKind::Http, |gateway| gateway.kind);
        let Some(path) = path(session, &key, &input, kind) else { continue };
        let what = format!("the route `{}`", key.value);
        let named = Named {
            function: input.function,
            proxy: input.proxy,
            state: input.state,
            queue: input.queue,
            event: input.event,
            mutation: None,
        };
        let Some(target) = names.target(session, &what, key.span, named) else { continue };
        let authorizer = input.authorizer.and_then(|name| names.function(session, &name));
        let method = input.method.unwrap_or_else(|| Spanned::new(Method::Any, key.span));
        let route = Route {
            span: key.span,
            key: key.value.clone(),
            gateway,
            path,
            target,
            timeout: input.timeout,
            is_async: input.r#async.is_some_and(|value| value.value),
            authorizer,
            cors: input.cors.map(|cors| cors_of(session, kind, cors, method.value)),
            method,
        };
        topology.routes.insert(key.value, route);
    }
}

/// The path of a route. Whether API Gateway takes it is for the analysis to say.
fn path(
    session: &mut Session<'_>,
    key: &Spanned<String>,
    route: &RouteInput,
    kind: GatewayKind,
) -> Option<Spanned<String>> {
    let path = match &route.path {
        Some(path) => path,
        None if key.starts_with('/') || key.value == DEFAULT_ROUTE => key,
        None => {
            let message = format!("the route `{}` has no `path`", key.value);
            let help = format!("add `path: /{0}`, or call the route `/{0}`", key.value);
            session.findings.push(Diagnostic::new(&schema::MISSING_KEY, key.span, message).help(help));
            return None;
        }
    };
    let method = route.method.as_ref().filter(|method| method.value != Method::Any);
    let (span, message, help) = match (path.value.as_str(), method) {
        (DEFAULT_ROUTE, _) if kind == GatewayKind::Rest => {
            let help = "write `path: /{proxy+}` for what no other route takes".to_owned();
            (path.span, format!("a REST API has no route `{DEFAULT_ROUTE}`"), help)
        }
        (DEFAULT_ROUTE, Some(method)) => {
            (method.span, format!("`{DEFAULT_ROUTE}` takes every method"), "remove `method`".to_owned())
        }
        (DEFAULT_ROUTE, None) => return Some(path.clone()),
        (text, _) if text.starts_with('/') => return Some(path.clone()),
        (text, _) => {
            let message = format!("the path `{text}` does not begin with `/`");
            (path.span, message, format!("write `path: /{text}`"))
        }
    };
    session.findings.push(Diagnostic::new(&schema::WRONG_VALUE, span, message).help(help));
    None
}

fn cors_of(session: &mut Session<'_>, kind: GatewayKind, cors: Spanned<CorsInput>, own: Method) -> Cors {
    let Spanned { value: cors, span } = cors;
    // An HTTP API takes any origin of a scheme; a REST API's answers compare with each origin ("API Gateway Developer
    // Guide, Configure CORS for HTTP APIs in API Gateway": `https://*`).
    let scheme = cors.origins.iter().find(|origin| origin.ends_with("://*"));
    if let (GatewayKind::Rest, Some(scheme)) = (kind, scheme) {
        let message = format!("a REST API does not know the origin `{scheme}`");
        let help = "name each origin, or write `*` for any";
        session.findings.push(Diagnostic::new(&schema::WRONG_VALUE, span, message).help(help));
    }
    let method = |method: MethodInput| match method {
        MethodInput::Get => Method::Get,
        MethodInput::Post => Method::Post,
        MethodInput::Put => Method::Put,
        MethodInput::Patch => Method::Patch,
        MethodInput::Delete => Method::Delete,
        MethodInput::Head => Method::Head,
        MethodInput::Options => Method::Options,
        MethodInput::Any => Method::Any,
    };
    let or = |list: Vec<String>, default: &[&str]| match list.is_empty() {
        true => default.iter().map(|text| (*text).to_owned()).collect(),
        false => list,
    };
    Cors {
        span,
        methods: match cors.methods.is_empty() {
            true => vec![own],
            false => cors.methods.into_iter().map(method).collect(),
        },
        origins: or(cors.origins, &["*"]),
        allowed_headers: or(cors.allowed_headers, &DEFAULT_HEADERS),
    }
}
