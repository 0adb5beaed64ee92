//! The state machine.

use super::{Statement, Target};
use crate::source::{Node, Span, Spanned, Text};
use serde::{Deserialize, Serialize};

/// The type of a state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub enum StateMachineType {
    /// Durable, up to a year.
    #[default]
    Standard,
    /// At most five minutes, billed by duration.
    Express,
}

impl StateMachineType {
    /// As CloudFormation spells it.
    pub fn as_cloudformation(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::Express => "EXPRESS",
        }
    }
}

/// A state machine: its definition in the Amazon States Language.
#[derive(Debug, Clone, Serialize)]
pub struct Flow {
    /// Where it is declared: the `flow` key.
    #[serde(skip)]
    pub span: Span,
    /// The definition. A string in it that names a function or a queue of this topology holds
    /// [`crate::source::Symbol::FunctionArn`] or [`crate::source::Symbol::QueueUrl`], one that names another topology
    /// [`crate::source::Symbol::FlowArn`].
    pub definition: Node,
    /// Standard or Express.
    #[serde(rename = "type")]
    pub state_machine_type: StateMachineType,
    /// The functions its states invoke, with the place of each mention, in the order they are written.
    #[serde(skip)]
    pub invokes: Vec<Spanned<String>>,
    /// The queues of this topology that its states send to, likewise.
    #[serde(skip)]
    pub sends: Vec<Spanned<String>>,
    /// The events its states put, likewise.
    #[serde(skip)]
    pub puts: Vec<PutEvent>,
    /// The flows of other topologies that its states start, likewise.
    #[serde(skip)]
    pub starts: Vec<StartExecution>,
    /// What the tasks hand their tokens to that wait for an answer (`.waitForTaskToken`).
    #[serde(skip)]
    pub tokens: Vec<Target>,
    /// IAM statements of `roles/flow.json`, beyond those read off the graph.
    pub statements: Vec<Statement>,
}

/// A task that starts the flow of another topology.
#[derive(Debug, Clone)]
pub struct StartExecution {
    /// The topology's name.
    pub topology: Spanned<String>,
    /// What the task waits for.
    pub until: Until,
}

/// What a task that starts an execution waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// That it has begun: `startExecution`.
    Begun,
    /// That it is over, as a job: `startExecution.sync`.
    Over,
    /// Its answer, of an Express flow: `startSyncExecution`.
    Answered,
}

/// An event that a state puts, as far as the definition says it.
#[derive(Debug, Clone)]
pub struct PutEvent {
    /// The detail-type.
    pub name: Spanned<String>,
    /// The `source`; `None` where it is only known when the state runs.
    pub source: Option<Spanned<String>>,
    /// The bus by its name or ARN; the account's default bus where none is named.
    pub bus: Option<Text>,
}

impl PutEvent {
    /// The event of one of the `Entries` of a call ("EventBridge API, PutEventsRequestEntry"). `None` where its
    /// detail-type or its bus is only known when the state runs: then it is no event with a name.
    pub fn of_entry(entry: &Node) -> Option<Self> {
        let literal = |node: &Node| node.as_str().map(|text| Spanned::new(text.to_owned(), node.span));
        let bus = match argument(entry, "EventBusName") {
            Argument::Absent => None,
            Argument::Written(node) => Some(node.as_text()?.clone()),
            Argument::WorkedOut => return None,
        };
        let Argument::Written(name) = argument(entry, "DetailType") else { return None };
        let source = match argument(entry, "Source") {
            Argument::Written(source) => literal(source),
            Argument::WorkedOut | Argument::Absent => None,
        };
        Some(Self { name: literal(name)?, source, bus })
    }
}

/// A key of a call's arguments.
#[derive(Debug, Clone, Copy)]
pub enum Argument<'n> {
    /// Its value stands in the definition.
    Written(&'n Node),
    /// `NAME.$`, a path or an intrinsic, or text in `{% %}`, JSONata: its value is only known when the state runs.
    WorkedOut,
    /// Not given.
    Absent,
}

/// A key of a mapping of arguments.
pub fn argument<'n>(arguments: &'n Node, name: &str) -> Argument<'n> {
    if arguments.as_text().is_some() || arguments.get(&format!("{name}.$")).is_some() {
        return Argument::WorkedOut;
    }
    match arguments.get(name) {
        None => Argument::Absent,
        Some(node) if node.as_text().is_some_and(Text::is_expression) => Argument::WorkedOut,
        Some(node) => Argument::Written(node),
    }
}

/// A call of a service by a task's `Resource`: `arn:aws:states:::SERVICE:ACTION[.PATTERN]`, or with `aws-sdk:` before the
/// service ("Step Functions Developer Guide, Integrating services").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceCall<'t> {
    /// The service as Step Functions calls it; as the SDK for Java does where `is_sdk`.
    pub service: &'t str,
    /// The action, which begins with a small letter.
    pub action: &'t str,
    /// What stands behind the dot: `sync`, `waitForTaskToken`. Empty without one.
    pub pattern: &'t str,
    /// Whether the call goes to the SDK's own action and not to an integration made for Step Functions.
    pub is_sdk: bool,
}

impl<'t> ServiceCall<'t> {
    /// The call that a resource names; `None` for a function, an activity, or what cannot be read.
    pub fn parse(resource: &'t str) -> Option<Self> {
        let rest = resource.strip_prefix("arn:")?.split_once(":states:::")?.1;
        let (rest, is_sdk) = match rest.strip_prefix("aws-sdk:") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (service, action) = rest.split_once(':')?;
        let (action, pattern) = action.split_once('.').unwrap_or((action, ""));
        Some(Self { service, action, pattern, is_sdk })
    }

    /// Whether the task goes on when somebody sends its token back.
    pub fn waits_for_token(&self) -> bool {
        self.pattern == "waitForTaskToken"
    }

    /// What it waits for once it has started a state machine; `None` where it does something else.
    pub fn starts_execution(&self) -> Option<Until> {
        match (self.service, self.action) {
            ("states" | "sfn", "startExecution") if self.pattern.starts_with("sync") => Some(Until::Over),
            ("states" | "sfn", "startExecution") => Some(Until::Begun),
            ("states" | "sfn", "startSyncExecution") => Some(Until::Answered),
            _ => None,
        }
    }

    /// Whether it puts events on a bus.
    pub fn puts_events(&self) -> bool {
        matches!((self.service, self.action), ("events" | "eventbridge", "putEvents"))
    }
}

/// The states of a definition, each with its name; those within a Map or Parallel state follow it.
pub fn states(definition: &Node) -> Vec<(&str, &Node)> {
    let mut found = Vec::new();
    collect(definition, &mut found);
    found
}

fn collect<'n>(scope: &'n Node, found: &mut Vec<(&'n str, &'n Node)>) {
    for entry in scope.get("States").and_then(Node::as_map).into_iter().flatten() {
        let state = &entry.value;
        found.push((&entry.key, state));
        let branches = state.get("Branches").and_then(Node::as_list).unwrap_or_default();
        let processors = ["ItemProcessor", "Iterator"].into_iter().filter_map(|key| state.get(key));
        branches.iter().chain(processors).for_each(|inner| collect(inner, found));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_from_functions() {
        let call = |service, action, pattern, is_sdk| Some(ServiceCall { service, action, pattern, is_sdk });
        for (resource, expected) in [
            ("arn:aws:states:::lambda:invoke", call("lambda", "invoke", "", false)),
            ("arn:aws-cn:states:::states:startExecution.sync:2", call("states", "startExecution", "sync:2", false)),
            ("arn:aws:states:::aws-sdk:s3:getObject", call("s3", "getObject", "", true)),
            ("arn:aws:lambda:us-east-1:1:function:x", None),
            ("arn:aws:states:us-east-1:1:activity:x", None),
            ("", None),
        ] {
            assert_eq!(ServiceCall::parse(resource), expected, "{resource}");
        }
    }
}
