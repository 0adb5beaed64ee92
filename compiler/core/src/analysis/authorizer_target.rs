//! The function that decides who may call is another than the one that is called: its answer is a policy, not a response.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::route as codes};
use crate::ir::Target;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for route in subject.topology.routes.values() {
        if let (Some(authorizer), Target::Function(target)) = (&route.authorizer, &route.target)
            && authorizer.value == target.value
        {
            let message = format!("`{}` authorizes the calls of itself", target.value);
            findings.push(
                Diagnostic::new(&codes::AUTHORIZER_IS_TARGET, authorizer.span, message)
                    .also(target.span, "the target")
                    .help("name a function that answers with who may call, or remove `authorizer`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn a_function_does_not_authorize_itself() {
        assert_eq!(check_topology(check, "routes:\n  /x: {function: a, authorizer: b}\n"), [""; 0]);
        assert_eq!(
            check_topology(check, "routes:\n  /x: {function: a, authorizer: a}\n"),
            [
                "TC0310 warning `a` authorizes the calls of itself @a; name a function that answers with who may call, or \
              remove `authorizer`"
            ]
        );
    }
}
