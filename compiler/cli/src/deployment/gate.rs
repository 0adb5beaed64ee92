//! What a change set must not do, as CI asks with `--fail-on`.

use super::consent::is_destructive;
use clap::ValueEnum;
use tc_core::backend::difference::{Action, Difference};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;

/// A kind of change that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Gate {
    /// A new resource takes the place of one, or may
    Replace,
    /// A resource is removed
    Delete,
}

impl Gate {
    /// Refuses changes of these kinds.
    ///
    /// # Errors
    /// When there is one; all of them are named.
    pub fn check(gates: &[Self], changes: &[Difference]) -> Result<(), Box<Diagnostic>> {
        let kind = |change: &Difference| match change.action {
            Action::Remove => Some(Self::Delete),
            _ => is_destructive(change).then_some(Self::Replace),
        };
        let refused = |change: &&Difference| kind(change).is_some_and(|kind| gates.contains(&kind));
        let ids: Vec<String> =
            changes.iter().filter(refused).map(|change| format!("`{}`", change.logical_id)).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let message = format!("the change set removes or replaces {}", ids.join(", "));
        let finding = Diagnostic::without_place(&codes::GATED_CHANGE, message);
        Err(Box::new(finding.help("`--fail-on` forbids it; nothing was done")))
    }
}
