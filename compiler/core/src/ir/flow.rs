//! The state machine.

use super::Statement;
use crate::source::{Node, Span};
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
    /// The definition. A string in it that names a function of this topology holds
    /// [`crate::source::Symbol::FunctionArn`].
    pub definition: Node,
    /// Standard or Express.
    #[serde(rename = "type")]
    pub state_machine_type: StateMachineType,
    /// The functions its states invoke, with the place of each mention, in the order they are written.
    #[serde(skip)]
    pub invokes: Vec<(String, Span)>,
    /// IAM statements of `roles/flow.json`, beyond those read off the graph.
    pub statements: Vec<Statement>,
}
