//! The lines of a file that a finding shows, made fit for a terminal.

use super::neutral::neutral;
use crate::diagnostic::Label;
use crate::source::SourceFile;
use std::collections::BTreeMap;
use std::ops::Range;

/// Marked lines at most this far apart share an excerpt, in which the lines between them are folded.
const SAME_EXCERPT: usize = 100;

/// Lines longer than this, in bytes, are not shown: neither would a reader see anything in them, nor is drawing them
/// cheap. The drawing itself cuts shorter ones to the width of the terminal.
const LONG_LINE: usize = 4096;

/// What is shown in place of a secret. Its length tells nothing; columns behind it are those of the line as shown.
const MASK: &str = "***";

/// A label, and whether it is the finding's own place.
#[derive(Clone, Copy)]
pub(super) struct Mark<'a> {
    /// The label.
    pub label: &'a Label,
    /// Whether it is the primary one.
    pub primary: bool,
}

/// Some successive lines of a file and what is marked in them.
pub(super) struct Excerpt<'a> {
    /// The number of the first line, from 1.
    pub first_line: usize,
    /// The lines, each with its break.
    pub text: String,
    /// What is marked, as ranges of bytes in `text`.
    pub marks: Vec<(Range<usize>, Mark<'a>)>,
}

/// The excerpts that show all `marks`, which lie in `file`, from its top to its end. A mark over several lines is shown
/// on its first line only; one in an overlong line gets no excerpt. What lies in `conceal`, ascending
/// ranges of bytes of the file, is masked.
pub(super) fn excerpts<'a>(file: &SourceFile, marks: &[Mark<'a>], conceal: &[Range<usize>]) -> Vec<Excerpt<'a>> {
    let mut by_line: BTreeMap<usize, Vec<Mark<'a>>> = BTreeMap::new();
    for mark in marks {
        by_line.entry(file.position(mark.label.span.range().start).line).or_default().push(*mark);
    }
    by_line.retain(|number, _| file.line(*number).is_some_and(|line| line.len() <= LONG_LINE));
    let mut excerpts: Vec<Excerpt<'a>> = Vec::new();
    let mut next_line = 0;
    for (number, marks) in by_line {
        match excerpts.last_mut() {
            Some(excerpt) if number - next_line <= SAME_EXCERPT => {
                (next_line..number).for_each(|between| excerpt.push(file, between, &[], conceal));
                excerpt.push(file, number, &marks, conceal);
            }
            _ => {
                let mut excerpt = Excerpt { first_line: number, text: String::new(), marks: Vec::new() };
                excerpt.push(file, number, &marks, conceal);
                excerpts.push(excerpt);
            }
        }
        next_line = number + 1;
    }
    excerpts
}

impl<'a> Excerpt<'a> {
    /// Appends a line and what is marked in it.
    fn push(&mut self, file: &SourceFile, number: usize, marks: &[Mark<'a>], conceal: &[Range<usize>]) {
        let line = file.line(number).unwrap_or_default();
        let base = self.text.len();
        let piece = |range: Range<usize>| masked(&file.text, range, conceal);
        for mark in marks {
            let span = mark.label.span.range();
            let start = span.start.clamp(line.start, line.end);
            let from = base + piece(line.start..start).len();
            let marked = piece(start..span.end.clamp(start, line.end));
            self.marks.push((from..from + marked.trim_end().len(), *mark));
        }
        if line.len() <= LONG_LINE {
            self.text.push_str(&piece(line));
        } else {
            self.text.push('…');
        }
        self.text.push('\n');
    }
}

/// A part of a text made harmless, with a mask where it lies in one of the ranges to conceal.
fn masked(text: &str, part: Range<usize>, conceal: &[Range<usize>]) -> String {
    let plain = |range: Range<usize>| neutral(text.get(range).unwrap_or_default());
    let mut shown = String::new();
    let mut from = part.start;
    for range in conceal.iter().filter(|range| range.start < part.end && range.end > part.start) {
        shown.push_str(&plain(from..range.start.max(from)));
        shown.push_str(MASK);
        from = range.end.min(part.end).max(from);
    }
    shown.push_str(&plain(from..part.end));
    shown
}
