//! No two routes of a gateway answer the same requests.
//!
//! Paths that differ in the names of their parameters alone match the same requests. For REST APIs those are
//! `sibling_parameters`' to report, whatever their methods. `ANY` beside a method is fine: API Gateway takes the route
//! that says more ("Create routes for HTTP APIs", "Routing API requests").

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::route as codes};
use crate::ir::{Gateway, GatewayKind, Route, Topology};
use std::collections::BTreeMap;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let mut taken = BTreeMap::new();
    for (gateway, route) in in_source_order(subject.topology) {
        let path = match gateway.kind {
            GatewayKind::Http => shape(&route.path),
            GatewayKind::Rest => route.path.value.clone(),
        };
        let Some(first) = taken.insert((&gateway.name, *route.method, path), route) else { continue };
        let method = route.method.as_str();
        let message = match first.path.value == route.path.value {
            true => format!("two routes of the gateway `{}` are `{method} {}`", gateway.name, *route.path),
            false => format!("`{method} {}` and `{method} {}` match the same requests", *first.path, *route.path),
        };
        findings.push(
            Diagnostic::new(&codes::DUPLICATE_ROUTE, route.path.span, message)
                .also(first.path.span, format!("route `{}`", first.key))
                .help("give one of them another method, path or gateway, or remove it"),
        );
    }
}

/// The routes with their gateways, in the order they are written.
pub(super) fn in_source_order(topology: &Topology) -> Vec<(&Gateway, &Route)> {
    let gateway = |route: &'_ Route| topology.gateways.get(&route.gateway.value);
    let mut routes: Vec<_> = topology.routes.values().filter_map(|route| Some((gateway(route)?, route))).collect();
    routes.sort_by_key(|(_, route)| route.span);
    routes
}

/// A path without the names of its parameters: `/users/{id}/{rest+}` gives `/users/{}/{+}`.
pub(super) fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
        Some(name) if name.ends_with('+') => "{+}",
        Some(_) => "{}",
        None => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn routes_that_differ_pass() {
        let text = "routes:\n  r1: {function: a, path: /x, method: GET}\n  r2: {function: a, path: /x, method: POST}\n  \
                    r3: {function: a, path: /x}\n  r4: {function: a, path: /x, method: GET, gateway: other}\n  \
                    r5: {function: a, path: '/x/{id}', method: GET}\n  r6: {function: a, path: '/x/{id+}', method: GET}\n";
        assert_eq!(check_topology(check, text), [""; 0]);
    }

    #[test]
    fn the_later_one_is_reported() {
        let text = "routes:\n  z: {function: a, path: /x}\n  b: {function: b, path: /x}\n";
        assert_eq!(
            check_topology(check, text),
            [
                "TC0306 error two routes of the gateway `etl` are `ANY /x` @/x; give one of them another method, path or \
              gateway, or remove it"
            ]
        );
    }

    #[test]
    fn names_of_parameters_tell_no_requests_apart() {
        let text = "routes:\n  b: {function: b, path: '/x/{id}'}\n  c: {function: a, path: '/x/{name}'}\n";
        let found = check_topology(check, text);
        assert!(
            found[0].contains("`ANY /x/{id}` and `ANY /x/{name}` match the same requests @'/x/{name}'"),
            "{found:?}"
        );
    }
}
