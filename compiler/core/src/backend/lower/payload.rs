//! A tree of the source as JSON text in which symbols stand.

use crate::source::{Node, Piece, Symbol, Text, Value};
use std::fmt::Write;

/// The JSON text of a tree. Text that holds JSON already stands as it was written; other text is quoted unless `plain`.
pub(super) fn json(node: &Node, plain: bool) -> Text {
    if let Value::String(text) = &node.value
        && (plain || is_json(text))
    {
        return text.clone();
    }
    let mut out = Text::default();
    write(&mut out, node);
    out
}

/// Whether the text is JSON whatever its symbols stand for: account ids, regions and ARNs, which need no escape.
fn is_json(text: &Text) -> bool {
    let mut plain = String::new();
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => plain.push_str(literal),
            // A digit is right both as a number and within a string.
            Piece::Symbol(_) => plain.push('1'),
        }
    }
    serde_json::from_str::<serde::de::IgnoredAny>(&plain).is_ok()
}

fn write(out: &mut Text, node: &Node) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.value.to_string()),
        Value::String(text) => string(out, text),
        Value::List(list) => {
            out.push_str("[");
            for (position, item) in list.iter().enumerate() {
                out.push_str(if position == 0 { "" } else { "," });
                write(out, item);
            }
            out.push_str("]");
        }
        Value::Map(map) => {
            out.push_str("{");
            for (position, entry) in map.iter().enumerate() {
                out.push_str(if position == 0 { "" } else { "," });
                string(out, &Text::from(entry.key.as_str()));
                out.push_str(":");
                write(out, &entry.value);
            }
            out.push_str("}");
        }
    }
}

fn string(out: &mut Text, text: &Text) {
    out.push_str("\"");
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => {
                let mut quoted = String::new();
                // Writing to a String cannot fail.
                let _ = write!(quoted, "{}", serde_json::Value::from(literal));
                out.push_str(quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default());
            }
            Piece::Symbol(symbol) => out.push_symbol(Symbol::clone(symbol)),
        }
    }
    out.push_str("\"");
}
