//! Strings that hold an expression: their text, and the place of a part of it.

use crate::source::{Node, Piece, Span, Text};
use std::borrow::Cow;

/// The text as it can be read before the deployment: a symbol is shown as `0`, which stands for text in any expression.
pub(super) fn readable(text: &Text) -> Cow<'_, str> {
    if let Some(literal) = text.as_literal() {
        return Cow::Borrowed(literal);
    }
    let piece = |piece| match piece {
        Piece::Literal(text) => text,
        Piece::Symbol(_) => "0",
    };
    Cow::Owned(text.pieces().into_iter().map(piece).collect())
}

/// The place of the bytes `start..end` of a string's text. Where the string is escaped or folded, so that they cannot be
/// told, it is the whole string.
pub(super) fn inside(node: &Node, text: &str, (start, end): (usize, usize)) -> Span {
    let written = node.span.range().len();
    let before = match (node.as_str().is_some_and(|text| !text.is_empty()), written.checked_sub(text.len())) {
        (true, Some(0)) => 0,
        (true, Some(2)) => 1,
        _ => return node.span,
    };
    let start = floor(text, start.min(text.len().saturating_sub(1)));
    let end = ceil(text, end.max(start + 1));
    node.span.part(before + start, before + end)
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn ceil(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::super::testing::read;
    use super::*;
    use crate::source::Symbol;

    #[test]
    fn parts_are_found_in_plain_and_quoted_strings() {
        let part = |yaml: &str, start, end| {
            let node = read(yaml);
            let node = node.get("a").unwrap().clone();
            let text = node.as_str().unwrap().to_owned();
            yaml[inside(&node, &text, (start, end)).range()].to_owned()
        };
        assert_eq!(part("a: $.b.\n", 3, 4), ".");
        assert_eq!(part("a: '$.b.'\n", 3, 4), ".");
        assert_eq!(part("a: \"$.b.\"\n", 3, 4), ".");
        assert_eq!(part("a: 'é{'\n", 1, 2), "é");
        assert_eq!(part("a: 'it''s'\n", 0, 1), "'it''s'");
        assert_eq!(part("a: ''\n", 0, 1), "''");
        assert_eq!(part("a: ab\n", 2, 2), "b");
    }

    #[test]
    fn symbols_are_readable() {
        let mut text = Text::from("'");
        text.push_symbol(Symbol::Region);
        text.push_str("'");
        assert_eq!(readable(&text), "'0'");
    }
}
