//! A span as the machine-readable formats state it.

use super::ShowPath;
use crate::source::{Position, SourceMap, Span};

/// A span with its file's shown path and its ends as people count them.
pub(super) struct Place {
    /// The path as [`ShowPath`] gives it.
    pub path: String,
    /// Where it begins.
    pub start: Position,
    /// One past where it ends, on the line of its last character.
    pub end: Position,
}

impl Place {
    /// The place of a span, or `None` where its file is not in `sources`.
    pub fn of(span: Span, sources: &SourceMap, path: ShowPath<'_>) -> Option<Self> {
        let file = sources.get(span.file)?;
        let covered = file.text.get(span.range()).unwrap_or_default();
        // The reader's spans of block collections may reach over the line break behind their last child.
        let end = span.range().start + covered.trim_end_matches(['\n', '\r', ' ']).len();
        Some(Self { path: path(&file.path), start: file.position(span.range().start), end: file.position(end) })
    }
}
