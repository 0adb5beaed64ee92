//! An HTTP API has one set of cross-origin rules, the union of its routes' ("API Gateway Developer Guide, Configure CORS
//! for HTTP APIs in API Gateway"), so an origin that one route allows may call every other one.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::route as codes};
use crate::ir::{Cors, GatewayKind, Route};
use std::collections::BTreeMap;

/// Stands for every origin.
const ANY: &str = "*";

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let mut gateways: BTreeMap<&str, Vec<(&Route, &Cors)>> = BTreeMap::new();
    for route in subject.topology.routes.values() {
        let gateway = subject.topology.gateways.get(&route.gateway.value);
        // A shared one's rules are not made here.
        let is_joined = gateway.is_some_and(|gateway| gateway.kind == GatewayKind::Http && gateway.shared.is_none());
        if let (Some(cors), true) = (&route.cors, is_joined) {
            gateways.entry(route.gateway.as_str()).or_default().push((route, cors));
        }
    }
    for (gateway, routes) in gateways {
        // The first route to allow each origin.
        let mut allowed: BTreeMap<&str, (&Route, &Cors)> = BTreeMap::new();
        for (route, cors) in &routes {
            for origin in &cors.origins {
                allowed.entry(origin.as_str()).or_insert((route, cors));
            }
        }
        findings.extend(routes.iter().filter_map(|(route, cors)| widened(gateway, route, cors, &allowed)));
    }
}

/// The finding of a route that origins may call beyond those it names, with the widest of them.
fn widened(gateway: &str, route: &Route, cors: &Cors, allowed: &BTreeMap<&str, (&Route, &Cors)>) -> Option<Diagnostic> {
    let names = |origin: &str| cors.origins.iter().any(|own| own == origin || own == ANY);
    // `*` sorts before any other origin.
    let (origin, (wider, place)) = allowed.iter().find(|(origin, _)| !names(origin))?;
    let what = if *origin == ANY { "any origin".to_owned() } else { format!("`{origin}`") };
    let message =
        format!("{what} may call the route `{}` too: the gateway `{gateway}` has one set of rules", route.key);
    let finding = Diagnostic::new(&codes::WIDENED_CORS, cors.span, message);
    let help = "write the same `origins` at the routes of a gateway, or give one of them a `gateway` of its own";
    Some(finding.also(place.span, format!("`{}` allows it", wider.key)).help(help))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    fn found(one: &str, other: &str, kind: &str) -> Vec<String> {
        let text = format!(
            "routes:\n  /x: {{function: a, kind: {kind}, cors: {one}}}\n  /y: {{function: b, kind: {kind}, cors: {other}}}\n"
        );
        check_topology(check, &text)
    }

    #[test]
    fn routes_that_name_the_same_origins_pass() {
        let (narrow, both) = ("{origins: ['https://p']}", "{origins: ['https://p', 'https://q'], methods: [GET]}");
        assert_eq!(found("{}", "{methods: [GET]}", "http"), [""; 0]);
        assert_eq!(found(both, "{origins: ['https://q', 'https://p']}", "http"), [""; 0]);
        assert_eq!(found(narrow, "{}", "rest"), [""; 0], "a REST API has rules for each path");
    }

    #[test]
    fn an_origin_of_another_route_is_told() {
        let narrow = "{origins: ['https://p']}";
        assert_eq!(
            found(narrow, "{}", "http"),
            [
                "TC0314 warning any origin may call the route `/x` too: the gateway `etl` has one set of rules @{origins: \
                 ['https://p']}; write the same `origins` at the routes of a gateway, or give one of them a `gateway` of its \
                 own"
            ]
        );
        let each = found(narrow, "{origins: ['https://q']}", "http");
        assert!(each[0].contains("`https://q` may call the route `/x` too"), "{each:?}");
        assert!(each[1].contains("`https://p` may call the route `/y` too"), "{each:?}");
    }
}
