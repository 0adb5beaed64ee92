//! Routes, and the gateways that they name.

use super::names::{Named, Names};
use crate::diagnostic::{Diagnostic, codes::schema};
use crate::frontend::Session;
use crate::frontend::input::{CorsInput, Entries, MethodInput, RouteInput};
use crate::frontend::project::Project;
use crate::ir::{Cors, Gateway, GatewayKind, Method, Route, SharedGateway, Topology};
use crate::source::{Span, Spanned};

pub(super) fn resolve(
    session: &mut Session<'_>,
    names: &Names<'_>,
    project: &Project,
    topology: &mut Topology,
    routes: Entries<RouteInput>,
) {
    for (key, input) in routes.0 {
        let Some(path) = path(session, &key, input.path.as_ref()) else { continue };
        let default_gateway = || Spanned::new(topology.name.value.clone(), key.span);
        let gateway = input.gateway.clone().unwrap_or_else(default_gateway);
        declare_gateway(session, project, topology, &gateway, &input);
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
        let route = Route {
            span: key.span,
            key: key.value.clone(),
            gateway,
            method: input.method.unwrap_or_else(|| Spanned::new(Method::Any, key.span)),
            path,
            target,
            timeout: input.timeout,
            is_async: input.r#async.is_some_and(|value| value.value),
            authorizer,
            cors: input.cors.map(|cors| cors_of(cors.span, cors.value)),
        };
        topology.routes.insert(key.value, route);
    }
}

fn path(session: &mut Session<'_>, key: &Spanned<String>, path: Option<&Spanned<String>>) -> Option<Spanned<String>> {
    match path {
        Some(path) if path.starts_with('/') => Some(path.clone()),
        Some(path) => {
            let message = format!("the path `{}` does not begin with `/`", path.value);
            let help = format!("write `path: /{}`", path.value);
            session.findings.push(Diagnostic::new(&schema::WRONG_VALUE, path.span, message).help(help));
            None
        }
        None if key.starts_with('/') => Some(key.clone()),
        None => {
            let message = format!("the route `{}` has no `path`", key.value);
            let help = format!("add `path: /{0}`, or call the route `/{0}`", key.value);
            session.findings.push(Diagnostic::new(&schema::MISSING_KEY, key.span, message).help(help));
            None
        }
    }
}

/// Adds the gateway of a route, or compares what this route says of it with what another has said.
fn declare_gateway(
    session: &mut Session<'_>,
    project: &Project,
    topology: &mut Topology,
    name: &Spanned<String>,
    route: &RouteInput,
) {
    let shared = project.gateways.get(&name.value);
    let kind = route.kind.as_ref().map(|kind| kind.value);
    let project_kind = shared.map(|shared| shared.kind.as_ref().map_or(GatewayKind::Http, |kind| kind.value));
    let stage = route.stage.as_ref().map(|stage| stage.value.clone());
    if let Some(gateway) = topology.gateways.get(&name.value) {
        let kind_differs = kind.unwrap_or(project_kind.unwrap_or(GatewayKind::Http)) != gateway.kind;
        let stage_differs = stage.as_ref().is_some_and(|stage| *stage != gateway.stage);
        if kind_differs || stage_differs {
            let key = if kind_differs { "kind" } else { "stage" };
            let span = if kind_differs {
                route.kind.as_ref().map_or(name.span, |kind| kind.span)
            } else {
                route.stage.as_ref().map_or(name.span, |stage| stage.span)
            };
            let message = format!("the gateway `{}` has another `{key}` in another route", name.value);
            session.findings.push(
                Diagnostic::new(&schema::EXCLUSIVE_KEYS, span, message)
                    .also(
                        gateway.span,
                        format!("here it is {}", if kind_differs { gateway.kind.title() } else { &gateway.stage }),
                    )
                    .help("give the routes one gateway each, or the same kind and stage"),
            );
        }
        return;
    }
    if let (Some(kind), Some(project_kind)) = (kind, project_kind)
        && kind != project_kind
    {
        let span = route.kind.as_ref().map_or(name.span, |kind| kind.span);
        let message = format!("the gateway `{}` is a {} in `tc.yml`", name.value, project_kind.title());
        session.findings.push(Diagnostic::new(&schema::EXCLUSIVE_KEYS, span, message).help("remove `kind` here"));
    }
    let kind = project_kind.or(kind).unwrap_or(GatewayKind::Http);
    let default_stage = match kind {
        GatewayKind::Http => "$default",
        GatewayKind::Rest => "api",
    };
    let known_stage = shared.and_then(|shared| shared.stage.as_ref().map(|stage| stage.value.clone()));
    let gateway = Gateway {
        span: name.span,
        name: name.value.clone(),
        kind,
        stage: stage.or(known_stage).unwrap_or_else(|| default_stage.to_owned()),
        shared: shared.map(|shared| SharedGateway {
            api_id: shared.api_id.as_ref().map(|id| id.value.clone()),
            root_resource_id: shared.root_resource_id.as_ref().map(|id| id.value.clone()),
        }),
    };
    topology.gateways.insert(name.value.clone(), gateway);
}

fn cors_of(span: Span, cors: CorsInput) -> Cors {
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
    Cors {
        span,
        methods: cors.methods.into_iter().map(method).collect(),
        origins: cors.origins,
        allowed_headers: cors.allowed_headers,
    }
}
