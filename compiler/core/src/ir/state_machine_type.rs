//! How a state machine is run.

use serde::Serialize;

/// The type of a state machine; it cannot be changed once the machine exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum StateMachineType {
    /// Up to a year, each step once, with a history that can be read afterwards.
    #[default]
    Standard,
    /// Up to five minutes, each step at least once; no job or callback integrations.
    Express,
}
