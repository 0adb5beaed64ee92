//! What the fields of a Task state ask of each other: its time-outs, and the parameters of what it calls.

use super::integration::Pattern;
use super::machine::QueryLanguage;
use super::resource::{self, Resource};
use super::text::readable;
use super::walk::{At, Walk, head, list};
use crate::diagnostic::{Diagnostic, codes::flow};
use crate::source::{Map, Node, Value};

/// The parameters that AWS refuses a call without: `The field 'FunctionName' is required but was missing`.
const REQUIRED: [(&str, &str, &[&str]); 11] = [
    ("batch", "submitJob", &["JobDefinition", "JobName", "JobQueue"]),
    ("dynamodb", "deleteItem", &["Key", "TableName"]),
    ("dynamodb", "getItem", &["Key", "TableName"]),
    ("dynamodb", "putItem", &["Item", "TableName"]),
    ("dynamodb", "updateItem", &["Key", "TableName"]),
    ("ecs", "runTask", &["TaskDefinition"]),
    ("events", "putEvents", &["Entries"]),
    ("glue", "startJobRun", &["JobName"]),
    ("lambda", "invoke", &["FunctionName"]),
    ("sqs", "sendMessage", &["MessageBody", "QueueUrl"]),
    ("states", "startExecution", &["StateMachineArn"]),
];

impl<'m, 'a> Walk<'m, 'a> {
    pub(super) fn task(&mut self, at: At<'m, 'a>, map: &'a Map) {
        self.heartbeat(at, map);
        let resource = map.get("Resource").and_then(Node::as_str).and_then(|text| resource::parse(text).ok());
        match resource {
            Some(Resource::Integration { service, action, pattern }) => {
                self.parameters(at, map, service, action);
                if pattern == Pattern::Callback {
                    self.token(at, map);
                }
            }
            Some(Resource::Activity) => {
                if let Some(credentials) = map.entry("Credentials") {
                    // AWS: "The field 'Credentials' is not supported for activities".
                    let message = format!("{} runs an activity, which takes no `Credentials`", at.subject());
                    let finding = Diagnostic::new(&flow::UNKNOWN_FIELD, credentials.key_span, message);
                    self.report(finding.help("remove it: the worker has its own"));
                }
            }
            _ => {}
        }
    }

    /// Specification, "Timeouts": the heartbeat is shorter than the time-out.
    fn heartbeat(&mut self, at: At<'m, 'a>, map: &Map) {
        let seconds = |name: &str| {
            let entry = map.entry(name)?;
            Some((entry, entry.value.as_number()?.as_i64()?))
        };
        let (Some((beat, every)), Some((timeout, after))) = (seconds("HeartbeatSeconds"), seconds("TimeoutSeconds"))
        else {
            return;
        };
        if every >= after {
            let message =
                format!("{} is timed out after {after} s, before its heartbeat is due after {every} s", at.subject());
            self.report(
                Diagnostic::new(&flow::FIELD_VALUE, beat.value.span, message)
                    .also(timeout.value.span, "the time-out")
                    .help("make `HeartbeatSeconds` smaller than `TimeoutSeconds`"),
            );
        }
    }

    /// What is called needs the token that it is to send back.
    fn token(&mut self, at: At<'m, 'a>, map: &Map) {
        let (field, token) = match at.language {
            QueryLanguage::JsonPath => ("Parameters", "$$.Task.Token"),
            QueryLanguage::Jsonata => ("Arguments", "$states.context.Task.Token"),
        };
        let given = map.get(field);
        if !given.is_some_and(hands_on_token)
            && let Some(resource) = map.get("Resource")
        {
            let message = format!("{} waits for a token that it does not hand on", at.subject());
            let finding = Diagnostic::new(&flow::NO_TOKEN, resource.span, message);
            self.report(finding.help(format!("put `{token}` into `{field}`")));
        }
    }

    fn parameters(&mut self, at: At<'m, 'a>, map: &Map, service: &str, action: &str) {
        let wanted = REQUIRED.iter().find(|(name, of, _)| (*name, *of) == (service, action));
        let Some((_, _, wanted)) = wanted else { return };
        let field = match at.language {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        let given = map.entry(field);
        if given.is_some_and(|entry| entry.value.as_map().is_none()) {
            // An expression gives them, or the value is of the wrong type, which is a finding already.
            return;
        }
        let has = |name: &str| {
            let map = given.and_then(|entry| entry.value.as_map());
            map.is_some_and(|map| map.iter().any(|entry| entry.key.strip_suffix(".$").unwrap_or(&entry.key) == name))
        };
        let missing: Vec<&str> = wanted.iter().copied().filter(|name| !has(name)).collect();
        if !missing.is_empty() {
            let span = given.map_or(at.head, |entry| head(&entry.value));
            let message = format!("{} calls `{service}:{action}` without {}", at.subject(), list(&missing));
            self.report(Diagnostic::new(&flow::MISSING_FIELD, span, message).help(format!("write it in `{field}`")));
        }
    }
}

/// Whether a value holds the task token, or may hold it: the whole context object, say, or a variable.
fn hands_on_token(node: &Node) -> bool {
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        match &node.value {
            Value::List(list) => waiting.extend(list),
            Value::Map(map) => waiting.extend(map.iter().map(|entry| &entry.value)),
            Value::String(text) => {
                let text = readable(text);
                let context = text.match_indices("$$").map(|(at, _)| at + 2);
                let context = context.chain(text.match_indices("$states.context").map(|(at, sign)| at + sign.len()));
                let mut rest = context.map(|at| text.get(at..).unwrap_or_default());
                if rest.any(|rest| !rest.starts_with('.') || rest.starts_with(".Task")) || text.contains("$states)") {
                    return true;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, passes};

    fn flow(fields: &str) -> String {
        format!("StartAt: t\nStates:\n  t: {{Type: Task, End: true, {fields}}}\n")
    }

    const FUNCTION: &str = "Resource: 'arn:aws:lambda:r:1:function:f'";

    #[test]
    fn a_heartbeat_is_shorter_than_the_time_out() {
        passes(&flow(&format!("{FUNCTION}, TimeoutSeconds: 20, HeartbeatSeconds: 19")));
        assert_eq!(
            check(&flow(&format!("{FUNCTION}, TimeoutSeconds: 20, HeartbeatSeconds: 20"))),
            [
                "TC0207 state `t` is timed out after 20 s, before its heartbeat is due after 20 s @20; make `HeartbeatSeconds` \
              smaller than `TimeoutSeconds`"
            ]
        );
    }

    #[test]
    fn calls_have_the_parameters_that_they_need() {
        let call = "Resource: 'arn:aws:states:::lambda:invoke'";
        passes(&flow(&format!("{call}, Parameters: {{FunctionName: f, 'Payload.$': $}}")));
        passes(&flow(&format!("{call}, Parameters: {{'FunctionName.$': $.f}}")));
        passes(&flow(&format!("{call}, QueryLanguage: JSONata, Arguments: '{{% $states.input %}}'")));
        assert_eq!(
            check(&flow(call)),
            ["TC0205 state `t` calls `lambda:invoke` without `FunctionName` @t; write it in `Parameters`"]
        );
        assert_eq!(
            check(&flow(&format!("{call}, QueryLanguage: JSONata, Arguments: {{Payload: 1}}"))),
            ["TC0205 state `t` calls `lambda:invoke` without `FunctionName` @Payload; write it in `Arguments`"]
        );
    }

    #[test]
    fn a_callback_gets_its_token() {
        let call = "Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken'";
        let jsonata = format!("{call}, QueryLanguage: JSONata, Arguments: {{QueueUrl: q, MessageBody: ");
        let jsonpath = format!("{call}, Parameters: {{QueueUrl: q, MessageBody: ");
        passes(&flow(&format!("{jsonpath}{{token.$: $$.Task.Token}}}}")));
        passes(&flow(&format!("{jsonpath}{{context.$: $$}}}}")));
        passes(&flow(&format!("{jsonata}'{{% $states.context.Task.Token %}}'}}")));
        assert_eq!(
            check(&flow(&format!("{jsonpath}{{id.$: $$.Execution.Id}}}}"))),
            [
                "TC0231 state `t` waits for a token that it does not hand on @'arn:aws:states:::sqs:sendMessage.waitForTaskToken'; \
              put `$$.Task.Token` into `Parameters`"
            ]
        );
        assert!(
            check(&flow(&format!("{jsonata}'{{% $states.input %}}'}}")))[0]
                .ends_with("put `$states.context.Task.Token` into `Arguments`")
        );
    }

    #[test]
    fn credentials_name_a_role() {
        passes(&flow(&format!("{FUNCTION}, Credentials: {{RoleArn: 'arn:aws:iam::1:role/r'}}")));
        passes(&flow(&format!("{FUNCTION}, Credentials: {{'RoleArn.$': $.role}}")));
        passes(&flow(&format!(
            "{FUNCTION}, QueryLanguage: JSONata, Credentials: {{RoleArn: '{{% $states.input.role %}}'}}"
        )));
        assert_eq!(
            check(&flow(&format!("{FUNCTION}, Credentials: {{flag: true}}"))),
            ["TC0205 `Credentials` of state `t` needs `RoleArn` @flag"]
        );
        assert_eq!(
            check(&flow(&format!("{FUNCTION}, Credentials: null"))),
            ["TC0206 `Credentials` of state `t` is a mapping with `RoleArn`, not null @null"]
        );
        assert_eq!(
            check(&flow("Resource: 'arn:aws:states:r:1:activity:a', Credentials: {RoleArn: r}")),
            [
                "TC0201 state `t` runs an activity, which takes no `Credentials` @Credentials; remove it: the worker has its own"
            ]
        );
    }
}
