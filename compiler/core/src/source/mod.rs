//! Source files held in memory, spans into them, and the spanned tree that YAML and JSON are read into.

mod node;
mod text;

pub use node::{Map, MapEntry, Node, Number, Path, PathSegment, Value};
pub use text::{Piece, Symbol, Text};

use crate::world::SourcePath;
use serde::{Serialize, Serializer};
use std::ops::{Deref, Range};

/// Names one file of a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one source file. `start <= end`; both lie on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of bytes `start..end` of `file`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The span as a range of byte offsets.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The empty span at the start of a file: for findings about the file as a whole.
    pub fn start_of(file: FileId) -> Self {
        Self::new(file, 0, 0)
    }

    /// The part of this span at `from..to` bytes after its start, kept within it.
    pub fn part(self, from: usize, to: usize) -> Self {
        let end = self.end as usize;
        let start = (self.start as usize).saturating_add(from).min(end);
        Self::new(self.file, start, (self.start as usize).saturating_add(to).min(end))
    }
}

/// A value with the place it was written at. Serialised as the value alone: places move with every edit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value at a place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Another value at the same place.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Serialize> Serialize for Spanned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// One source file: its path, its text, and where its lines begin.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Where it stands, relative to the topology's directory.
    pub path: SourcePath,
    /// Its text. For a file that is not UTF-8, its lossy form, so that a finding can still show it.
    pub text: String,
    line_starts: Vec<u32>,
}

/// A place as people count it: line and column from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl SourceFile {
    /// The position of a byte offset; offsets past the end give the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start as usize <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).map_or(0, |start| *start as usize);
        let column = self.text.get(start..offset).map_or(0, |text| text.chars().count());
        Position { line, column: column + 1 }
    }

    /// The bytes of a line, counted from 1, without its line break; `None` past the last line.
    pub fn line(&self, number: usize) -> Option<Range<usize>> {
        let start = *self.line_starts.get(number.checked_sub(1)?)? as usize;
        let end = self.line_starts.get(number).map_or(self.text.len(), |next| (*next as usize).saturating_sub(1));
        let text = self.text.get(start..end)?;
        Some(start..start + text.strip_suffix('\r').unwrap_or(text).len())
    }
}

/// All files that were read, in the order they were read.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file. Text over 4 GiB cannot be addressed; readers bound their input far below that.
    pub fn add(&mut self, path: SourcePath, text: String) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)));
        let line_starts = line_starts.collect();
        self.files.push(SourceFile { path, text, line_starts });
        id
    }

    /// The file of an id that this map gave out; `None` for another map's id.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// Where a span begins: path and position.
    pub fn locate(&self, span: Span) -> Option<(&SourcePath, Position)> {
        self.get(span.file).map(|file| (&file.path, file.position(span.start as usize)))
    }

    /// The files in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let mut map = SourceMap::default();
        let id = map.add("t.yml".into(), "añb\ncd\n".to_owned());
        let file = map.get(id).unwrap();
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(3), Position { line: 1, column: 3 });
        assert_eq!(file.position(5), Position { line: 2, column: 1 });
        assert_eq!(file.position(99), Position { line: 3, column: 1 });
    }

    #[test]
    fn lines_are_given_without_their_break() {
        let mut map = SourceMap::default();
        let id = map.add("t.yml".into(), "a\r\n\nñ".to_owned());
        let file = map.get(id).unwrap();
        let lines: Vec<_> = (0..5).map(|number| file.line(number).map(|range| &file.text[range])).collect();
        assert_eq!(lines, [None, Some("a"), Some(""), Some("ñ"), None]);
    }
}
