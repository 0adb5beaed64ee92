//! A string of the source once its placeholders are filled.

use serde::{Serialize, Serializer};
use std::fmt;

/// What a string refers to and only the deployment, or another resource, can say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    /// The AWS account id: `{{account}}`.
    Account,
    /// The AWS region: `{{region}}`.
    Region,
    /// The ARN of a function of this topology, by the function's name.
    FunctionArn(String),
    /// The URL of a queue of this topology, by the queue's name.
    QueueUrl(String),
    /// The ARN of the flow of another topology, by that topology's name.
    FlowArn(String),
}

impl Symbol {
    fn placeholder(&self) -> String {
        match self {
            Self::Account => "{{account}}".to_owned(),
            Self::Region => "{{region}}".to_owned(),
            Self::FunctionArn(name) => format!("{{{{functions/{name}}}}}"),
            Self::QueueUrl(name) => format!("{{{{queues/{name}}}}}"),
            Self::FlowArn(name) => format!("{{{{topologies/{name}}}}}"),
        }
    }
}

/// A string in which symbols stand at some places. Without symbols it is plain text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Text {
    literal: String,
    /// Offsets into `literal`, ascending, on character boundaries.
    symbols: Vec<(usize, Symbol)>,
}

/// A part of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that stands as it is.
    Literal(&'a str),
    /// A symbol.
    Symbol(&'a Symbol),
}

impl Text {
    /// Appends plain text.
    pub fn push_str(&mut self, text: &str) {
        self.literal.push_str(text);
    }

    /// Appends a symbol.
    pub fn push_symbol(&mut self, symbol: Symbol) {
        self.symbols.push((self.literal.len(), symbol));
    }

    /// The plain text, or `None` where a symbol stands in it.
    pub fn as_literal(&self) -> Option<&str> {
        self.symbols.is_empty().then_some(self.literal.as_str())
    }

    /// The parts in order; empty literals are left out.
    pub fn pieces(&self) -> Vec<Piece<'_>> {
        let mut pieces = Vec::with_capacity(self.symbols.len() * 2 + 1);
        let mut from = 0;
        for (at, symbol) in &self.symbols {
            if let Some(text) = self.literal.get(from..*at).filter(|text| !text.is_empty()) {
                pieces.push(Piece::Literal(text));
            }
            pieces.push(Piece::Symbol(symbol));
            from = *at;
        }
        if let Some(text) = self.literal.get(from..).filter(|text| !text.is_empty()) {
            pieces.push(Piece::Literal(text));
        }
        pieces
    }

    /// Whether it is JSONata, as a flow writes it: text that begins with `{%`.
    pub fn is_expression(&self) -> bool {
        matches!(self.pieces().first(), Some(Piece::Literal(text)) if text.starts_with("{%"))
    }

    /// Whether the text is empty and holds no symbol.
    pub fn is_empty(&self) -> bool {
        self.literal.is_empty() && self.symbols.is_empty()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Text {
    fn from(literal: String) -> Self {
        Self { literal, symbols: Vec::new() }
    }
}

impl From<Symbol> for Text {
    fn from(symbol: Symbol) -> Self {
        Self { literal: String::new(), symbols: vec![(0, symbol)] }
    }
}

/// Symbols are shown as the placeholders they were written as.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces().iter().try_for_each(|piece| match piece {
            Piece::Literal(text) => f.write_str(text),
            Piece::Symbol(symbol) => f.write_str(&symbol.placeholder()),
        })
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_literal() {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_str(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_stand_where_they_were_pushed() {
        let mut text = Text::from("arn:");
        text.push_symbol(Symbol::Region);
        text.push_str(":");
        text.push_symbol(Symbol::Account);
        assert_eq!(text.as_literal(), None);
        assert_eq!(text.to_string(), "arn:{{region}}:{{account}}");
        assert_eq!(text.pieces().len(), 4);
        assert_eq!(Text::from("x").as_literal(), Some("x"));
    }
}
