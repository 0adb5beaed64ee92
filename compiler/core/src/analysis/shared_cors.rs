//! A shared HTTP API answers preflight requests by the one configuration it was made with, which no route can change.
//! On a shared REST API they are answered by methods of the stack's own.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::route as codes};
use crate::ir::GatewayKind;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for route in subject.topology.routes.values() {
        let Some(gateway) = subject.topology.gateways.get(&route.gateway.value) else { continue };
        if let (Some(cors), GatewayKind::Http, Some(_)) = (&route.cors, gateway.kind, &gateway.shared) {
            let message = format!("`cors` changes nothing on the shared gateway `{}`", gateway.name);
            findings.push(
                Diagnostic::new(&codes::SHARED_CORS, cors.span, message)
                    .help("remove it here, and set it where the gateway is made"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::check;

    #[test]
    fn only_a_shared_http_api_has_rules_of_its_own() {
        let found = |gateway: &str, kind: &str| {
            let text = format!("name: etl\nroutes:\n  /x: {{gateway: {gateway}, function: a, cors: {{}}}}\n");
            let project = format!("gateways: {{web: {{kind: {kind}}}}}\n");
            let handler = "def handler(event, context): pass\n";
            testing::check(check, &[("topology.yml", &text), ("tc.yml", &project), ("a/handler.py", handler)])
        };
        assert_eq!(found("own", "http"), [""; 0]);
        assert_eq!(found("web", "rest"), [""; 0]);
        assert_eq!(
            found("web", "http"),
            [
                "TC0311 warning `cors` changes nothing on the shared gateway `web` @{}; remove it here, and set it where \
              the gateway is made"
            ]
        );
    }
}
