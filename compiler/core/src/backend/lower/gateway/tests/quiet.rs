//! One more route adds resources and changes none but those that API Gateway makes depend on all routes.

use super::template;
use crate::backend::template::{Resource, Template};
use crate::graph::EdgeKind;

const ROUTES: &str = "name: etl\nroutes:\n  /a/b: {KIND, function: enhancer, method: GET, authorizer: guard}\n  \
                      /a/{id}: {KIND, function: enhancer, method: GET, async: true}\n";
const ONE_MORE: &str = "  /a/b/c: {KIND, function: enhancer, method: GET, authorizer: guard}\n";

fn both(kind: &str) -> (Template, Template) {
    let of = |text: &str| template(&text.replace("KIND", kind), "");
    (of(ROUTES), of(&format!("{ROUTES}{ONE_MORE}")))
}

/// The ids of the resources of `one` that `other` has not, or has otherwise.
fn missing(one: &Template, other: &Template) -> Vec<String> {
    let differs = |(id, resource): &(&String, &Resource)| other.resources.get(*id) != Some(*resource);
    one.resources.iter().filter(differs).map(|(id, _)| id.clone()).collect()
}

#[test]
fn a_route_of_an_http_api_changes_nothing_else() {
    let (old, new) = both("kind: http");
    assert_eq!(missing(&old, &new), [""; 0]);
    assert_eq!(missing(&new, &old), ["RouteABCIntegration", "RouteABC", "RouteABCPermission"]);
}

#[test]
fn a_route_of_a_rest_api_changes_the_deployment_alone() {
    let (old, new) = both("kind: rest");
    let gone = missing(&old, &new);
    assert!(
        matches!(gone.as_slice(), [deployment, stage]
        if deployment.starts_with("GatewayEtlDeployment") && stage == "GatewayEtlStage"),
        "{gone:?}"
    );
    let come = missing(&new, &old);
    assert!(
        matches!(come.as_slice(), [path, route, permission, deployment, stage]
        if path == "GatewayEtlPathABC" && route == "RouteABC" && permission == "RouteABCPermission"
            && deployment.starts_with("GatewayEtlDeployment") && stage == "GatewayEtlStage"),
        "{come:?}"
    );
}

#[test]
fn a_deployment_changes_with_what_is_deployed_and_with_nothing_else() {
    let id = |topology: &str| {
        let template = template(topology, "");
        let mut ids = template.resources.keys().filter(|id| id.starts_with("GatewayEtlDeployment"));
        ids.next().cloned().unwrap()
    };
    let text = ROUTES.replace("KIND", "kind: rest");
    assert_eq!(id(&text), id(&format!("{text}queues: {{jobs: {{consumer: guard}}}}\nlogs: {{access: true}}\n")));
    assert_ne!(id(&text), id(&text.replace("authorizer: guard", "timeout: 3")));
}

#[test]
fn each_edge_from_a_route_has_its_grant_or_permission() {
    for kind in ["http", "rest"] {
        let topology = format!(
            "name: etl\nflow: {{StartAt: a, States: {{a: {{Type: Pass, End: true}}}}}}\nqueues: {{jobs: {{consumer: guard}}}}\n\
             routes:\n  /call: {{kind: {kind}, function: enhancer, authorizer: guard}}\n  \
             /later: {{kind: {kind}, function: enhancer, async: true}}\n  /run: {{kind: {kind}, proxy: none}}\n  \
             /send: {{kind: {kind}, queue: jobs}}\n  /put: {{kind: {kind}, event: Done}}\n"
        );
        let (lowered, graph) = super::lowered(&topology, "");
        let resources = &lowered.template.resources;
        for link in graph.links().iter().filter(|link| link.from.id.kind == crate::graph::EntityKind::Route) {
            let id = crate::backend::logical_id::of(&link.from.id);
            let needed = match link.edge.kind {
                EdgeKind::Invokes => format!("{id}Permission"),
                EdgeKind::Authorizes => "GatewayEtlAuthorizerGuardPermission".to_owned(),
                EdgeKind::Starts | EdgeKind::Sends | EdgeKind::Puts => format!("{id}Role"),
                other => panic!("a route with an edge {other:?}"),
            };
            assert!(resources.contains_key(&needed), "{needed} of {kind}");
        }
        let roles = resources.values().filter(|resource| resource.resource_type == "AWS::IAM::Role");
        let of_routes = roles.filter(|role| role.entity.kind == crate::graph::EntityKind::Route).count();
        // An HTTP API needs one more to put the event of the asynchronous route.
        assert_eq!(of_routes, if kind == "http" { 4 } else { 3 });
    }
}
