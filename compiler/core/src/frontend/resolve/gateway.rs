//! Gateways: what the routes that name one, and `tc.yml`, say of it together.

use crate::diagnostic::{Diagnostic, codes::schema};
use crate::frontend::Session;
use crate::frontend::input::RouteInput;
use crate::frontend::project::Project;
use crate::ir::{Gateway, GatewayKind, SharedGateway, Topology};
use crate::source::Spanned;
use std::collections::BTreeMap;

/// The gateway that a route names; without one, that of the topology's name.
pub(super) fn named(topology: &Topology, key: &Spanned<String>, route: &RouteInput) -> Spanned<String> {
    route.gateway.clone().unwrap_or_else(|| Spanned::new(topology.name.value.clone(), key.span))
}

/// What routes say of a gateway, each with the place it was said at first.
#[derive(Default)]
struct Said {
    name: Option<Spanned<String>>,
    kind: Option<Spanned<GatewayKind>>,
    stage: Option<Spanned<String>>,
}

/// Adds the gateways of all routes. Routes that leave `kind` or `stage` out take what another one says; routes that say
/// different things of one gateway are a finding.
pub(super) fn resolve(
    session: &mut Session<'_>,
    project: &Project,
    topology: &mut Topology,
    routes: &[(Spanned<String>, RouteInput)],
) {
    let mut gateways: BTreeMap<String, Said> = BTreeMap::new();
    for (key, route) in routes {
        let name = named(topology, key, route);
        let said = gateways.entry(name.value.clone()).or_default();
        agree(session, &name, "kind", &mut said.kind, route.kind.as_ref(), |kind| kind.title());
        agree(session, &name, "stage", &mut said.stage, route.stage.as_ref(), |stage| stage);
        said.name.get_or_insert(name);
    }
    for (name, said) in gateways {
        let Some(first) = &said.name else { continue };
        let shared = project.gateways.get(&name);
        let known_kind = shared.map(|shared| shared.kind.as_ref().map_or(GatewayKind::Http, |kind| kind.value));
        if let (Some(kind), Some(known)) = (&said.kind, known_kind)
            && kind.value != known
        {
            let message = format!("the gateway `{name}` is a {} in `tc.yml`", known.title());
            let finding = Diagnostic::new(&schema::EXCLUSIVE_KEYS, kind.span, message);
            session.findings.push(finding.help("remove `kind` here"));
        }
        let kind = known_kind.or(said.kind.map(|kind| kind.value)).unwrap_or(GatewayKind::Http);
        if let (GatewayKind::Rest, Some(stage)) = (kind, &said.stage)
            && stage.value == GatewayKind::Http.default_stage()
        {
            let message = format!("a REST API has no stage `{}`", stage.value);
            let finding = Diagnostic::new(&schema::WRONG_VALUE, stage.span, message);
            session.findings.push(finding.help("name it by letters and digits, or remove `stage`"));
        }
        let known_stage = shared.and_then(|shared| shared.stage.as_ref()).map(|stage| stage.value.clone());
        let stage = said.stage.map(|stage| stage.value).or(known_stage);
        let gateway = Gateway {
            span: first.span,
            name: name.clone(),
            kind,
            stage: stage.unwrap_or_else(|| kind.default_stage().to_owned()),
            shared: shared.map(|shared| SharedGateway {
                api_id: shared.api_id.as_ref().map(|id| id.value.clone()),
                root_resource_id: shared.root_resource_id.as_ref().map(|id| id.value.clone()),
            }),
        };
        topology.gateways.insert(name, gateway);
    }
}

/// Takes what a route says of a key of its gateway, or compares it with what another has said.
fn agree<T: Clone + PartialEq>(
    session: &mut Session<'_>,
    gateway: &Spanned<String>,
    key: &str,
    said: &mut Option<Spanned<T>>,
    here: Option<&Spanned<T>>,
    show: impl Fn(&T) -> &str,
) {
    let Some(here) = here else { return };
    match said {
        None => *said = Some(here.clone()),
        Some(before) if before.value == here.value => {}
        Some(before) => {
            let message = format!("the gateway `{}` has another `{key}` in another route", gateway.value);
            let finding = Diagnostic::new(&schema::EXCLUSIVE_KEYS, here.span, message)
                .also(before.span, format!("here it is {}", show(&before.value)));
            session.findings.push(finding.help(format!("give the routes one gateway each, or the same `{key}`")));
        }
    }
}
