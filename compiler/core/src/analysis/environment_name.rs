//! Environment variables have names that Lambda takes and does not set itself.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::function as codes};
use crate::ir::function::RESERVED_ENVIRONMENT;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for function in subject.topology.functions.values() {
        for (name, variable) in &function.environment {
            if RESERVED_ENVIRONMENT.contains(&name.as_str()) {
                let message =
                    format!("Lambda sets `{name}` itself and refuses it in the environment of `{}`", function.name);
                let finding = Diagnostic::new(&codes::RESERVED_VARIABLE, variable.key, message);
                findings.push(finding.help("remove it, or give the variable another name"));
            } else if !is_name(name) {
                let message = format!("`{name}` cannot be the name of an environment variable of `{}`", function.name);
                let help = "it begins with a letter and holds letters, digits and `_`, at least two characters in all";
                findings.push(Diagnostic::new(&codes::VARIABLE_NAME, variable.key, message).help(help));
            }
        }
    }
}

/// `[a-zA-Z]([a-zA-Z0-9_])+` (Lambda API, Environment, Variables).
fn is_name(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_function;
    use super::{RESERVED_ENVIRONMENT, check};

    fn run(name: &str) -> Vec<String> {
        check_function(check, &format!("{{\"runtime\": {{\"environment\": {{\"{name}\": \"x\"}}}}}}"))
    }

    #[test]
    fn names_that_lambda_takes_pass() {
        for name in ["A1", "LOG_LEVEL", "PATH", "AWS_XRAY_CONTEXT_MISSING", "TZ"] {
            assert_eq!(run(name), [""; 0], "{name}");
        }
    }

    #[test]
    fn others_are_refused() {
        assert!(RESERVED_ENVIRONMENT.is_sorted());
        assert_eq!(
            run("AWS_REGION"),
            [
                "TC0506 error Lambda sets `AWS_REGION` itself and refuses it in the environment of `a` @\"AWS_REGION\"; remove \
              it, or give the variable another name"
            ]
        );
        for name in ["A", "1A", "LOG-LEVEL", "_X", "Ñ1", ""] {
            let found = run(name);
            assert!(found[0].starts_with(&format!("TC0507 error `{name}` cannot be the name")), "{found:?}");
        }
    }
}
