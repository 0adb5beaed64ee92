//! What the states of a flow do beside what the graph has edges for, and the rights that takes.

use super::{distributed, integration};
use crate::backend::lower::iam::Grant;
use crate::ir::Statement;
use crate::ir::flow::states;
use crate::source::{Node, Span};

/// What the role of a flow needs beside its edges.
#[derive(Default)]
pub(super) struct Needs {
    /// Rights on what the definition names.
    pub grants: Vec<Grant>,
    /// Actions on what the definition does not name.
    pub unknown: Vec<Unknown>,
}

/// An action whose resource is not named in the definition.
pub(super) struct Unknown {
    /// The IAM action: `sqs:SendMessage`.
    pub action: String,
    /// The state.
    pub state: String,
    /// Where the call stands.
    pub span: Span,
}

/// The needs of all states, in the order they are written. `machine` is the state machine's name.
pub(super) fn needs(definition: &Node, machine: &str) -> Needs {
    let mut needs = Needs::default();
    for (name, state) in states(definition) {
        match state.get("Type").and_then(Node::as_str) {
            Some("Task") => integration::needs(name, state, &mut needs),
            Some("Map") => distributed::needs(name, state, machine, &mut needs),
            _ => {}
        }
    }
    needs
}

/// Whether a statement of a person allows an action. Letter case does not matter, `*` and `?` are wildcards ("IAM User
/// Guide, IAM JSON policy elements: Action").
pub(super) fn allows(statement: &Statement, action: &str) -> bool {
    let node = &statement.0;
    let actions = node.get("Action");
    let named = actions.and_then(Node::as_str).into_iter();
    let named = named.chain(actions.and_then(Node::as_list).unwrap_or_default().iter().filter_map(Node::as_str));
    let action = action.to_ascii_lowercase();
    let allow = node.get("Effect").and_then(Node::as_str) == Some("Allow");
    allow && named.into_iter().any(|pattern| matches(pattern.to_ascii_lowercase().as_bytes(), action.as_bytes()))
}

/// Whether a pattern of `*` and `?` matches; in time proportional to the product of the lengths.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    // reached[i]: the pattern so far matches the first i bytes.
    let mut reached: Vec<bool> = std::iter::once(true).chain(std::iter::repeat_n(false, text.len())).collect();
    for byte in pattern {
        let next: Vec<bool> = match byte {
            b'*' => reached
                .iter()
                .scan(false, |any, reached| {
                    *any |= *reached;
                    Some(*any)
                })
                .collect(),
            byte => {
                let steps = reached.iter().zip(text).map(|(reached, at)| *reached && (*byte == b'?' || byte == at));
                std::iter::once(false).chain(steps).collect()
            }
        };
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_iam() {
        for (pattern, text, expected) in [
            ("*", "sqs:sendmessage", true),
            ("sqs:*", "sqs:sendmessage", true),
            ("sqs:send*e", "sqs:sendmessage", true),
            ("sqs:sendmessag?", "sqs:sendmessage", true),
            ("sqs:sendmessag", "sqs:sendmessage", false),
            ("sns:*", "sqs:sendmessage", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }
}
