//! A route that does not call its function and wait hands the request's body to its target and nothing else, so a
//! parameter of the path is lost. Of a request without a body the target gets the method and the path.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::route as codes};
use crate::ir::Target;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for route in subject.topology.routes.values() {
        let is_called = matches!(route.target, Target::Function(_)) && !route.is_async;
        if is_called || !route.method.has_body() {
            continue;
        }
        let Some(parameter) = route.path.split('/').find(|part| part.starts_with('{')) else { continue };
        let message = format!("the target of the route `{}` does not see `{parameter}`", route.key);
        findings.push(
            Diagnostic::new(&codes::UNSEEN_PARAMETER, route.path.span, message)
                .also(route.target.span(), "it is handed the request's body alone")
                .help("send the value in the body, or call a function without `async`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn a_parameter_of_what_hands_over_the_body() {
        let found = |more: &str| {
            let text = format!("queues: {{q: {{consumer: b}}}}\nroutes:\n  r: {{path: '/x/{{id}}', {more}}}\n");
            check_topology(check, &text)
        };
        assert_eq!(found("function: a, method: POST"), [""; 0]);
        assert_eq!(found("function: a, method: GET, async: true"), [""; 0]);
        let finding = "TC0313 warning the target of the route `r` does not see `{id}` @'/x/{id}'; send the value in the \
                       body, or call a function without `async`";
        assert_eq!(found("function: a, method: POST, async: true"), [finding]);
        assert_eq!(found("queue: q, method: PUT"), [finding]);
    }
}
