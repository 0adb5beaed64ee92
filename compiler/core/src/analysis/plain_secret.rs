//! No environment variable holds a secret in plain text.
//!
//! The value itself is never printed: the name is underlined, and the value's place is concealed where its line is shown.

mod form;
mod name;

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::function as codes};
use crate::ir::EnvironmentValue;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for function in subject.topology.functions.values() {
        for (name, variable) in &function.environment {
            let EnvironmentValue::Plain(text) = &variable.value else { continue };
            let value = text.to_string();
            let Some(what) = kind(name, &value) else { continue };
            let namespace = &*subject.topology.name;
            let message = format!("the variable `{name}` of `{}` holds {what} in plain text", function.name);
            findings.push(
                Diagnostic::new(&codes::PLAIN_SECRET, variable.key, message)
                    .conceal(variable.span)
                    .help(format!("store it in Secrets Manager and write `secret:{namespace}/NAME`"))
                    .help(format!("or in a SecureString parameter and write `ssm:/{namespace}/NAME`")),
            );
        }
    }
}

/// Whether an environment variable of this name and value holds a secret in plain text, so that it is not to be shown.
pub fn is_secret(name: &str, value: &str) -> bool {
    kind(name, value).is_some()
}

fn kind(name: &str, value: &str) -> Option<&'static str> {
    form::kind(value).or_else(|| name::kind(name, value))
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::check;
    use crate::diagnostic::render::{human, json};
    use crate::world::SourcePath;

    /// Put together here, so that no scanner takes this file for a leak.
    fn token() -> String {
        format!("ghp_{}", "a1B2".repeat(9))
    }

    fn files(value: &str) -> [(&'static str, String); 3] {
        let vars = format!("{{\"environment\": {{\"GITHUB\": \"{value}\", \"LEVEL\": \"info\"}}}}");
        [
            ("topology.yml", "name: etl\n".to_owned()),
            ("a/handler.py", "def handler(event, context): pass\n".to_owned()),
            ("infrastructure/tc/etl/vars/a.json", vars),
        ]
    }

    fn borrowed<'a>(files: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
        files.iter().map(|(path, text)| (*path, text.as_str())).collect()
    }

    #[test]
    fn references_and_plain_settings_pass() {
        for value in ["ssm:/etl/token", "secret:etl/token", "info", "https://api.github.com"] {
            assert_eq!(testing::check(check, &borrowed(&files(value))), [""; 0], "{value}");
        }
    }

    #[test]
    fn the_value_is_never_shown() {
        let files = files(&token());
        let files = borrowed(&files);
        assert_eq!(
            testing::check(check, &files),
            [
                "TC0509 warning the variable `GITHUB` of `a` holds a GitHub token in plain text @\"GITHUB\"; store it in Secrets \
              Manager and write `secret:etl/NAME`; or in a SecureString parameter and write `ssm:/etl/NAME`"
            ]
        );
        let (sources, found) = testing::diagnostics(check, &files);
        let shown = human::render(&found[0], &sources, human::Style::default(), &SourcePath::to_string);
        assert!(shown.contains("{\"environment\": {\"GITHUB\": ***, \"LEVEL\": \"info\"}}"), "{shown}");
        assert!(!shown.contains("a1B2"), "{shown}");
        assert!(!json::render(&found[0], &sources, &SourcePath::to_string).unwrap().contains("a1B2"));
    }
}
