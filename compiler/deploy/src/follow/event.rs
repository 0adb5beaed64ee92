//! Something that happened to a stack or to one of its resources.

use crate::failure::one_line;
use aws_sdk_cloudformation::types::StackEvent;

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is deleted.
    Delete,
    /// What was done to it is undone.
    RollBack,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It was begun.
    Begun,
    /// It is done.
    Done,
    /// It failed.
    Failed,
    /// It failed, or was not begun, because of something else that failed.
    Cancelled,
    /// The resource was kept, as its policy is, where it would have been deleted.
    Kept,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What is done.
    pub verb: Verb,
    /// How far it has come.
    pub phase: Phase,
    /// Whether it happened to the stack as a whole.
    pub is_of_stack: bool,
    /// The logical id of the resource.
    pub logical_id: String,
    /// Its physical id, once it has one.
    pub physical_id: Option<String>,
    /// Its type.
    pub resource_type: String,
    /// CloudFormation's words, in one line; empty where there are none.
    pub reason: String,
}

impl Event {
    /// Whether what was done begins to be undone.
    pub(super) fn is_undoing(&self) -> bool {
        self.verb == Verb::RollBack && self.phase == Phase::Begun
    }

    /// What CloudFormation says, so far as it is of use; `None` of a state that is none of a resource.
    pub(super) fn read(event: &StackEvent) -> Option<Self> {
        let status = event.resource_status()?.as_str();
        let reason = one_line(event.resource_status_reason().unwrap_or_default());
        let (verb, phase) = state(status, &reason)?;
        Some(Self {
            verb,
            phase,
            is_of_stack: event.physical_resource_id() == event.stack_id(),
            logical_id: event.logical_resource_id()?.to_owned(),
            physical_id: event.physical_resource_id().filter(|id| !id.is_empty()).map(str::to_owned),
            resource_type: event.resource_type().unwrap_or_default().to_owned(),
            reason,
        })
    }
}

/// A status of a resource, or of a stack ("AWS CloudFormation User Guide, Understand CloudFormation stack creation events
/// and status codes").
fn state(status: &str, reason: &str) -> Option<(Verb, Phase)> {
    let phase = if status.ends_with("_IN_PROGRESS") {
        Phase::Begun
    } else if status.ends_with("_COMPLETE") {
        Phase::Done
    } else if status.ends_with("_SKIPPED") {
        Phase::Kept
    } else if status.ends_with("_FAILED") {
        // "Resource creation cancelled", "Resource update cancelled".
        let is_cancelled = reason.starts_with("Resource ") && reason.contains("cancelled");
        if is_cancelled { Phase::Cancelled } else { Phase::Failed }
    } else {
        return None;
    };
    let verb = match status {
        _ if status.contains("ROLLBACK") => Verb::RollBack,
        _ if status.starts_with("CREATE_") || status.starts_with("IMPORT_") => Verb::Create,
        _ if status.starts_with("UPDATE_") => Verb::Update,
        _ if status.starts_with("DELETE_") => Verb::Delete,
        _ => return None,
    };
    Some((verb, phase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_read() {
        assert_eq!(state("CREATE_IN_PROGRESS", ""), Some((Verb::Create, Phase::Begun)));
        assert_eq!(state("UPDATE_COMPLETE", ""), Some((Verb::Update, Phase::Done)));
        assert_eq!(state("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", ""), Some((Verb::Update, Phase::Begun)));
        assert_eq!(state("UPDATE_ROLLBACK_COMPLETE", ""), Some((Verb::RollBack, Phase::Done)));
        assert_eq!(state("DELETE_SKIPPED", ""), Some((Verb::Delete, Phase::Kept)));
        assert_eq!(state("REVIEW_IN_PROGRESS", ""), None);
    }

    #[test]
    fn what_was_cancelled_is_no_cause() {
        let phase = |reason| state("CREATE_FAILED", reason).map(|(_, phase)| phase);
        assert_eq!(phase("Resource creation cancelled"), Some(Phase::Cancelled));
        assert_eq!(phase("Resource handler returned message: \"x\""), Some(Phase::Failed));
    }
}
