//! Other topologies, as far as one that names them has to know them.

use super::StateMachineType;
use crate::source::Spanned;
use crate::world::SourcePath;
use serde::Serialize;

/// Another topology whose flow is started here. It is a stack of its own, whose flow is an import of this one's template.
#[derive(Debug, Clone, Serialize)]
pub struct OtherTopology {
    /// Its name; the place is the first that names it here.
    #[serde(skip)]
    pub name: Spanned<String>,
    /// Its directory, from that of this topology.
    pub directory: SourcePath,
    /// The type of its flow.
    #[serde(rename = "type")]
    pub state_machine_type: StateMachineType,
}
