//! Where an HTTP API has `cors`, the API itself answers preflight requests, so a route for OPTIONS never sees them
//! ("Configure CORS for HTTP APIs": a preflight request is answered even if there is an OPTIONS route). On a REST API such
//! a route takes the place of the answer that would be made for its path.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::route as codes};
use crate::ir::{GatewayKind, Method};
use std::collections::BTreeMap;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let mut rules = BTreeMap::new();
    for route in subject.topology.routes.values() {
        let kind = subject.topology.gateways.get(&route.gateway.value).map(|gateway| gateway.kind);
        if let (Some(cors), Some(GatewayKind::Http)) = (&route.cors, kind) {
            rules.entry(&route.gateway.value).or_insert(cors.span);
        }
    }
    for route in subject.topology.routes.values().filter(|route| *route.method == Method::Options) {
        let Some(cors) = rules.get(&route.gateway.value) else { continue };
        let message = format!("preflight requests never come to the route `{}`: `cors` answers them", route.key);
        findings.push(
            Diagnostic::new(&codes::PREFLIGHT_ROUTE, route.method.span, message)
                .also(*cors, format!("the `cors` of the gateway `{}`", *route.gateway))
                .help("remove the route, or `cors` to answer them yourself"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn options_beside_cors() {
        let text = |cors: &str, gateway: &str| {
            format!(
                "routes:\n  a: {{function: a, path: /x, method: GET{cors}}}\n  b: {{function: b, path: /x, method: \
                 OPTIONS{gateway}}}\n"
            )
        };
        assert_eq!(check_topology(check, &text("", "")), [""; 0]);
        assert_eq!(check_topology(check, &text(", cors: {}", ", gateway: other")), [""; 0]);
        assert_eq!(check_topology(check, &text(", cors: {}, kind: rest", "")), [""; 0]);
        assert_eq!(
            check_topology(check, &text(", cors: {}", "")),
            [
                "TC0309 warning preflight requests never come to the route `b`: `cors` answers them @OPTIONS; remove the \
              route, or `cors` to answer them yourself"
            ]
        );
    }
}
