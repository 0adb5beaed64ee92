//! A path parameter of a REST API has one name: a resource of it has at most one child that is a variable.
//!
//! API Gateway refuses a second one: `A sibling ({id}) of this resource already has a variable path part -- only one is
//! allowed` (BadRequestException of CreateResource). HTTP APIs have no such tree.

use super::Subject;
use super::duplicate_route::{in_source_order, shape};
use crate::diagnostic::{Diagnostic, codes::route as codes};
use crate::ir::GatewayKind;
use std::collections::BTreeMap;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let mut names = BTreeMap::new();
    for (gateway, route) in in_source_order(subject.topology) {
        if gateway.kind != GatewayKind::Rest {
            continue;
        }
        let mut parent = String::new();
        for segment in route.path.split('/') {
            if segment.starts_with('{') {
                let (first, known) = *names.entry((&gateway.name, parent.clone())).or_insert((route, segment));
                if known != segment {
                    let message = format!("the path parameter `{segment}` is called `{known}` in another route");
                    findings.push(
                        Diagnostic::new(&codes::SIBLING_PARAMETERS, route.path.span, message)
                            .also(first.path.span, format!("`{known}` here"))
                            .help(format!("a REST API has one name for it: write `{known}` here too")),
                    );
                    break;
                }
            }
            parent.push('/');
            parent.push_str(&shape(segment));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn one_place_has_one_name() {
        let text = |kind: &str, second: &str| {
            format!(
                "routes:\n  a: {{function: a, kind: {kind}, path: '/x/{{id}}/y'}}\n  b: {{function: b, kind: {kind}, \
                 path: '{second}'}}\n"
            )
        };
        assert_eq!(check_topology(check, &text("http", "/x/{name}/z")), [""; 0]);
        assert_eq!(check_topology(check, &text("rest", "/x/{id}/z/{name}")), [""; 0]);
        assert_eq!(check_topology(check, &text("rest", "/z/{name}")), [""; 0]);
        assert_eq!(
            check_topology(check, &text("rest", "/x/{name}/z/{other}")),
            [
                "TC0307 error the path parameter `{name}` is called `{id}` in another route @'/x/{name}/z/{other}'; a REST \
              API has one name for it: write `{id}` here too"
            ]
        );
        assert_eq!(check_topology(check, &text("rest", "/x/{rest+}")).len(), 1);
    }
}
