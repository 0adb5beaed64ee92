//! `${Name}` in a flow.
//!
//! CloudFormation replaces `${Name}` in a definition by what `DefinitionSubstitutions` says for `Name`, and leaves it as it
//! is where nothing is said. tc makes the substitutions from the names of functions, so one that a flow brings along
//! from another tool reaches Step Functions as it stands: no ARN in a `Resource` (an error there), and elsewhere text that
//! was likely meant to be something else.

use crate::diagnostic::{Diagnostic, codes::flow};
use crate::source::{Node, Value};

/// Warns of strings that are, or that begin an ARN with, a substitution. `${HOME}` amid a shell command is none.
pub(super) fn check(definition: &Node, findings: &mut Vec<Diagnostic>) {
    let mut waiting = vec![definition];
    while let Some(node) = waiting.pop() {
        match &node.value {
            Value::List(list) => waiting.extend(list),
            Value::Map(map) => {
                // A resource is judged by its own rule, a comment by none, and `Fn::Sub` by CloudFormation.
                let skipped = |key: &str| key == "Resource" || key == "Comment" || key.starts_with("Fn::");
                waiting.extend(map.iter().filter(|entry| !skipped(&entry.key)).map(|entry| &entry.value));
            }
            Value::String(_) => {
                if let Some(name) = node.as_str().and_then(substitution) {
                    let finding = Diagnostic::new(
                        &flow::SUBSTITUTION,
                        node.span,
                        format!("nothing is substituted for `${{{name}}}`"),
                    );
                    findings.push(finding.help(instead(name)));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// The name in a string that is a substitution, or an ARN with one.
fn substitution(text: &str) -> Option<&str> {
    let (before, rest) = text.split_once("${")?;
    let (name, after) = rest.split_once('}')?;
    let named = !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || "_.:-".contains(sign));
    let whole = before.is_empty() && after.is_empty();
    (named && (whole || before.starts_with("arn:") || name.starts_with("AWS::"))).then_some(name)
}

fn instead(name: &str) -> &'static str {
    match name {
        "AWS::Region" => "write `{{region}}`",
        "AWS::AccountId" => "write `{{account}}`",
        _ => "name a function by `{{namespace}}_NAME_{{sandbox}}`; write another value itself",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, passes};

    fn flow(value: &str) -> String {
        format!("StartAt: a\nStates:\n  a: {{Type: Pass, End: true, Parameters: {{list: [{{x: '{value}'}}]}}}}\n")
    }

    #[test]
    fn substitutions_of_other_tools() {
        assert_eq!(
            check(&flow("${Table}")),
            [
                "TC0225 nothing is substituted for `${Table}` @'${Table}'; name a function by `{{namespace}}_NAME_{{sandbox}}`; \
              write another value itself"
            ]
        );
        assert!(check(&flow("arn:aws:sns:${AWS::Region}:1:t"))[0].ends_with("write `{{region}}`"));
        assert!(check(&flow("s3://b-${AWS::AccountId}/x"))[0].ends_with("write `{{account}}`"));
    }

    #[test]
    fn other_text_with_a_dollar() {
        for value in ["echo ${HOME}/x", "${", "${}", "$x", "${a b}", "x${Table}", "{{region}}"] {
            passes(&flow(value));
        }
        passes(
            "StartAt: a\nStates:\n  a: {Type: Pass, End: true, Comment: '${Table}', Parameters: {x: {'Fn::Sub': '${Table}'}}}\n",
        );
    }
}
