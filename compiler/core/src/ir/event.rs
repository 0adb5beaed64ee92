//! Events on an EventBridge bus.

use super::Target;
use crate::source::{Map, MapEntry, Node, Span, Spanned, Value};
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

impl ConsumedEvent {
    /// The pattern of its rule: the one written whole, else sources, detail-type and filter.
    pub fn rule_pattern(&self) -> Node {
        if let Some(pattern) = &self.pattern {
            return pattern.clone();
        }
        let text = |text: &str, span| Node::new(Value::String(text.into()), span);
        let entry = |key: &str, value: Node| MapEntry { key: key.to_owned(), key_span: value.span, value };
        let list = |items| Node::new(Value::List(items), self.span);
        let sources: Vec<_> = self.sources.iter().map(|source| text(source, source.span)).collect();
        let mut entries = Vec::new();
        if !sources.is_empty() {
            entries.push(entry("source", list(sources)));
        }
        entries.push(entry("detail-type", list(vec![text(&self.name, self.span)])));
        entries.extend(self.filter.as_ref().map(|filter| entry("detail", filter.clone())));
        Node::new(Value::Map(Map::from_entries(entries)), self.span)
    }
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
    /// Who is meant to take it: a function of this topology, or whatever another topology calls it.
    pub consumer: Option<Spanned<String>>,
    /// A pattern on `detail` that tells which of these events the consumer takes.
    pub filter: Option<Node>,
    /// The bus's name; the account's default bus where none is named.
    pub bus: Option<Spanned<String>>,
}
