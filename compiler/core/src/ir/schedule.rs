//! Schedules of EventBridge Scheduler.

use super::Target;
use crate::source::{Node, Span, Spanned};
use serde::Serialize;

/// When a schedule fires. The text is what stands between the parentheses of Scheduler's expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Recurrence {
    /// Six fields: minutes, hours, day of month, month, day of week, year.
    Cron(Spanned<String>),
    /// A value and a unit: `5 minutes`.
    Rate(Spanned<String>),
    /// Once, at `yyyy-mm-ddThh:mm:ss`.
    At(Spanned<String>),
}

/// A schedule.
#[derive(Debug, Clone, Serialize)]
pub struct Schedule {
    /// Where its key stands.
    #[serde(skip)]
    pub span: Span,
    /// Its name in the topology.
    pub name: String,
    /// When it fires.
    pub recurrence: Recurrence,
    /// The time zone of a cron or one-time expression; UTC where none is named.
    pub timezone: Option<Spanned<String>>,
    /// What it leads to.
    pub target: Target,
    /// What the target is given.
    pub payload: Option<Node>,
}
