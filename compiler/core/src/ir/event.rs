//! Events on an EventBridge bus.

use super::Target;
use crate::source::{Node, Span, Spanned};
use serde::Serialize;

/// An event that starts something in this topology: an EventBridge rule.
#[derive(Debug, Clone, Serialize)]
pub struct ConsumedEvent {
    /// Where its key stands.
    #[serde(skip)]
    pub span: Span,
    /// The detail-type.
    pub name: String,
    /// The sources it may come from; empty for any source on the bus (`producer: default`).
    pub sources: Vec<Spanned<String>>,
    /// A whole event pattern, in place of sources and filter.
    pub pattern: Option<Node>,
    /// A pattern on `detail`.
    pub filter: Option<Node>,
    /// What it leads to.
    pub target: Target,
    /// The bus's name; the account's default bus where none is named.
    pub bus: Option<Spanned<String>>,
}

/// An event that functions of this topology put on a bus.
#[derive(Debug, Clone, Serialize)]
pub struct ProducedEvent {
    /// Where its key stands.
    #[serde(skip)]
    pub span: Span,
    /// The detail-type.
    pub name: String,
    /// The functions that put it.
    pub producers: Vec<Spanned<String>>,
    /// The `source` values it is put with; any where empty.
    pub sources: Vec<Spanned<String>>,
    /// The function of this topology that is meant to take it.
    pub consumer: Option<Spanned<String>>,
    /// A pattern on `detail` that tells which of these events the consumer takes.
    pub filter: Option<Node>,
    /// The bus's name; the account's default bus where none is named.
    pub bus: Option<Spanned<String>>,
}
