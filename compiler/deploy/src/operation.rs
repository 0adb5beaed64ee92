//! What is under way with a stack, and who began it.

use crate::connection::Connection;
use aws_sdk_cloudformation::types::Stack;
use std::time::{SystemTime, UNIX_EPOCH};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;

/// What the tokens of tc's requests begin with.
const OURS: &str = "tc-";

/// How long the part of a token is that says who, in characters. CloudFormation takes 128 in all ("API reference,
/// ExecuteChangeSet": `[a-zA-Z0-9][-a-zA-Z0-9]*`).
const WHO: usize = 64;

/// Something that is under way with a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The stack's name.
    pub stack: String,
    /// CloudFormation's word for its state: `UPDATE_IN_PROGRESS`.
    pub status: String,
    /// Who began it, as AWS names them, if that is known.
    pub who: Option<String>,
}

impl Operation {
    /// What is under way with a stack. Whose it is says the token of its newest event, which is that of the request that
    /// began it ("API reference, StackEvent").
    pub(crate) async fn of(connection: &Connection, stack: &Stack) -> Self {
        let id = stack.stack_id().or(stack.stack_name()).unwrap_or_default();
        let page = connection.cloudformation.describe_stack_events().stack_name(id).send().await;
        // Who it is need not be known: that something is under way is.
        let newest = page.ok().and_then(|page| page.stack_events.unwrap_or_default().into_iter().next());
        Self {
            stack: stack.stack_name().unwrap_or_default().to_owned(),
            status: stack.stack_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            who: newest.and_then(|event| event.client_request_token).and_then(|token| whose(&token)),
        }
    }

    /// In words: `UPDATE_IN_PROGRESS is under way with the stack etl-bob, begun by ann`.
    pub fn words(&self) -> String {
        let who = self.who.as_ref().map_or_else(String::new, |who| format!(", begun by {who}"));
        format!("{} is under way with the stack {}{who}", self.status, self.stack)
    }

    /// That it is not waited for.
    pub(crate) fn refusal(&self) -> Box<Diagnostic> {
        let finding = Diagnostic::without_place(&codes::STACK_IN_USE, self.words());
        Box::new(finding.help("run the same command again once it is over, or without `--no-wait`; nothing was done"))
    }
}

/// A token for one request. By it CloudFormation knows a request that is made again since its answer was lost, and others
/// know who made it.
#[expect(clippy::disallowed_methods, reason = "a request is made once; what is compiled does not depend on it")]
pub(crate) fn token(connection: &Connection) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("{OURS}{}-{now}", spelled(connection.caller()))
}

/// A name in the letters that a token may have.
fn spelled(name: &str) -> String {
    name.chars().take(WHO).map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
}

/// Who made a request with this token.
fn whose(token: &str) -> Option<String> {
    if token.starts_with("Console-") {
        return Some("somebody in the AWS console".to_owned());
    }
    let (who, _time) = token.strip_prefix(OURS)?.rsplit_once('-')?;
    Some(who.to_owned()).filter(|who| !who.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_who() {
        assert_eq!(spelled("ann.b@example.com"), "ann-b-example-com");
        assert_eq!(whose("tc-ann-b-example-com-1700000000000").as_deref(), Some("ann-b-example-com"));
        assert_eq!(whose("Console-ExecuteChangeSet-0a1b").as_deref(), Some("somebody in the AWS console"));
        assert_eq!(whose("0a1b-2c3d"), None);
    }
}
