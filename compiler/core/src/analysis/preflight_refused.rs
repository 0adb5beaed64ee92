//! A route of any method takes `OPTIONS` too, so on an HTTP API its authorizer is asked about preflight requests, and
//! refuses them: browsers send no token with them ("API Gateway Developer Guide, Configure CORS for HTTP APIs, a $default
//! route and an authorizer"). A route of `OPTIONS` without authorizer beside it would be the way AWS names, but it lets
//! anyone reach the target by that method, so it is not made.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::route as codes};
use crate::ir::{DEFAULT_ROUTE, GatewayKind, Method};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for route in subject.topology.routes.values() {
        let kind = subject.topology.gateways.get(&route.gateway.value).map(|gateway| gateway.kind);
        if let (Some(GatewayKind::Http), Method::Any, Some(authorizer), Some(cors)) =
            (kind, *route.method, &route.authorizer, &route.cors)
        {
            let help = match route.path.as_str() {
                DEFAULT_ROUTE => "write `path: /{proxy+}` with a `method`: this route takes `OPTIONS` too",
                _ => "name its `method`: without one it takes `OPTIONS` too",
            };
            let message = format!("preflight requests to the route `{}` are refused by its authorizer", route.key);
            findings.push(
                Diagnostic::new(&codes::PREFLIGHT_REFUSED, authorizer.span, message)
                    .also(cors.span, "browsers are to call it")
                    .help(help),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn any_method_with_cors_and_authorizer() {
        let found = |more: &str| check_topology(check, &format!("routes:\n  /x: {{function: a{more}}}\n"));
        assert_eq!(found(", cors: {}"), [""; 0]);
        assert_eq!(found(", authorizer: b"), [""; 0]);
        assert_eq!(found(", authorizer: b, cors: {}, method: GET"), [""; 0]);
        assert_eq!(found(", authorizer: b, cors: {}, kind: rest"), [""; 0]);
        let default = check_topology(check, "routes:\n  $default: {function: a, authorizer: b, cors: {}}\n");
        assert!(default.iter().any(|finding| finding.contains("`path: /{proxy+}`")), "{default:?}");
        assert_eq!(
            found(", authorizer: b, cors: {}"),
            [
                "TC0312 warning preflight requests to the route `/x` are refused by its authorizer @b; name its `method`: \
              without one it takes `OPTIONS` too"
            ]
        );
    }
}
