//! Findings for people, with the source around them.
//!
//! ```text
//! error[TC0203]: state `load` cannot be reached
//!   --> etl/topology.yml:38:3
//!    |
//! 38 |   load:
//!    |   ^^^^
//!    |
//!    = help: `transform` goes to itself: did you mean `Next: load`?
//! ```

use super::ShowPath;
use super::excerpt::{Excerpt, Mark, excerpts};
use super::neutral::neutral;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, SourceMap};
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;

/// How findings look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour them with ANSI escape sequences.
    pub color: bool,
    /// The width in columns to which long source lines are cut.
    pub width: usize,
}

impl Default for Style {
    /// No colour, 140 columns.
    fn default() -> Self {
        Self { color: false, width: annotate_snippets::renderer::DEFAULT_TERM_WIDTH }
    }
}

/// One finding as text that ends without a line break. Control characters from the source are replaced by pictures.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, style: Style, path: ShowPath<'_>) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(neutral(&diagnostic.message)).id(diagnostic.code.id);
    let conceal = |file: FileId| {
        let spans = diagnostic.conceal.iter().filter(|span| span.file == file);
        let mut ranges: Vec<_> = spans.map(|span| span.range()).collect();
        ranges.sort_by_key(|range| range.start);
        ranges
    };
    let places =
        places(diagnostic).into_iter().flat_map(|(file, marks)| show(file, &marks, &conceal(file), sources, path));
    let help = diagnostic.help.iter().map(|help| Level::HELP.message(neutral(help)));
    let group = Group::with_title(title).elements(places).elements(help);
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(style.width).render(&[group])
}

/// The labels of a finding by file: that of the primary label first, then the others as they appear.
fn places(diagnostic: &Diagnostic) -> Vec<(FileId, Vec<Mark<'_>>)> {
    let primary = diagnostic.primary.iter().map(|label| Mark { label, primary: true });
    let secondary = diagnostic.secondary.iter().map(|label| Mark { label, primary: false });
    let mut files: Vec<(FileId, Vec<Mark<'_>>)> = Vec::new();
    for mark in primary.chain(secondary) {
        match files.iter_mut().find(|(file, _)| *file == mark.label.span.file) {
            Some((_, marks)) => marks.push(mark),
            None => files.push((mark.label.span.file, vec![mark])),
        }
    }
    files
}

/// The excerpts of one file, or its name and the place alone where none can be shown.
fn show<'a>(
    id: FileId,
    marks: &[Mark<'a>],
    conceal: &[Range<usize>],
    sources: &SourceMap,
    path: ShowPath<'_>,
) -> Vec<Element<'a>> {
    let Some(file) = sources.get(id) else { return Vec::new() };
    let shown_path = neutral(&path(&file.path)).into_owned();
    if file.text.is_empty() {
        // A file of which only the presence matters: its name says all there is to say.
        let origin = |mark: &Mark<'_>| match mark.label.text.as_str() {
            "" => Origin::path(shown_path.clone()).into(),
            label => Origin::path(format!("{shown_path} ({})", neutral(label))).into(),
        };
        return marks.iter().map(origin).collect();
    }
    let mut excerpts = excerpts(file, marks, conceal);
    // The excerpt of the finding's own place comes first, wherever in the file it stands.
    excerpts.sort_by_key(|excerpt| !excerpt.marks.iter().any(|(_, mark)| mark.primary));
    if excerpts.is_empty() {
        let start = marks.first().map_or(0, |mark| mark.label.span.range().start);
        let position = file.position(start);
        return vec![Origin::path(shown_path).line(position.line).char_column(position.column).into()];
    }
    excerpts.into_iter().map(|excerpt| snippet(excerpt).path(shown_path.clone()).into()).collect()
}

/// An excerpt as annotate-snippets draws it.
fn snippet(excerpt: Excerpt<'_>) -> Snippet<'_, Annotation<'_>> {
    let annotations = excerpt.marks.into_iter().map(|(range, mark)| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(range);
        if mark.label.text.is_empty() { annotation } else { annotation.label(neutral(&mark.label.text)) }
    });
    Snippet::source(excerpt.text).line_start(excerpt.first_line).annotations(annotations)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::diagnostic::codes::reading;
    use crate::source::Span;
    use crate::world::SourcePath;

    /// Draws a finding at bytes `start..end` of one file.
    fn drawn(text: &str, start: usize, end: usize, style: Style) -> String {
        let mut sources = SourceMap::default();
        let file = sources.add("t.yml".into(), text.to_owned());
        let finding = Diagnostic::new(&reading::SYNTAX, Span::new(file, start, end), "m").label("here");
        render(&finding, &sources, style, &SourcePath::to_string)
    }

    #[test]
    fn other_places_and_help_follow_the_finding() {
        let (sources, findings) = fixture::findings();
        let drawn: Vec<_> = findings.iter().map(|f| render(f, &sources, Style::default(), &fixture::shown)).collect();
        let expected = "\
error[TC0005]: key `load` stands twice
 --> etl/topology.yml:5:3
  |
3 |   load: {}
  |   ---- the first
4 |   # ñ
5 |   load: {}
  |   ^^^^ the second
  |
 ::: infrastructure/vars/a,b.json:1:1
  |
1 | {}
  | --
  |
  = help: remove one of them
  = help: or rename it: `loader`";
        assert_eq!(drawn, [expected, "warning[TC0001]: 100% of `␛[31m`␊is: missing"]);
    }

    #[test]
    fn colours_come_only_when_asked_for() {
        let plain = drawn("a: \u{1b}[31m\n", 0, 8, Style::default());
        assert!(plain.contains("a: ␛[31m") && !plain.contains('\u{1b}'), "{plain}");
        assert!(drawn("a: b\n", 0, 1, Style { color: true, ..Style::default() }).contains("\u{1b}["));
    }

    #[test]
    fn only_the_first_line_of_a_long_span_is_shown() {
        let text = format!("a:\n{}", "  b: 1\n".repeat(10_000));
        let expected = "\
error[TC0004]: m
 --> t.yml:1:1
  |
1 | a:
  | ^^ here";
        assert_eq!(drawn(&text, 0, text.len(), Style::default()), expected);
    }

    #[test]
    fn secrets_are_masked() {
        let mut sources = SourceMap::default();
        let text = "{\"A\": \"s3cret\", \"B\": 1}\nC: |\n  s3cret\n  s3cret\nD: 1\n";
        let file = sources.add("t.yml".into(), text.to_owned());
        let at = |word: &str| text.find(word).unwrap();
        let finding = Diagnostic::new(&reading::SYNTAX, Span::new(file, at("\"B"), at("\"B") + 3), "m")
            .also(Span::new(file, at("D"), at("D") + 1), "after")
            .conceal(Span::new(file, at("\"s3"), at(", ")))
            .conceal(Span::new(file, at("|"), at("D: 1") - 1));
        let drawn = render(&finding, &sources, Style::default(), &SourcePath::to_string);
        let expected = "\
error[TC0004]: m
 --> t.yml:1:12
  |
1 | {\"A\": ***, \"B\": 1}
  |            ^^^
...
5 | D: 1
  | - after";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn far_places_get_excerpts_of_their_own() {
        let mut sources = SourceMap::default();
        let text = format!("a: 1\n{}a: 2\n", "b:\n".repeat(150));
        let file = sources.add("t.yml".into(), text.clone());
        let last = text.len() - 5;
        let finding = Diagnostic::new(&reading::DUPLICATE_KEY, Span::new(file, last, last + 1), "m")
            .also(Span::new(file, 0, 1), "first");
        let expected = "\
error[TC0005]: m
   --> t.yml:152:1
    |
152 | a: 2
    | ^
    |
   ::: t.yml:1:1
    |
  1 | a: 1
    | - first";
        assert_eq!(render(&finding, &sources, Style::default(), &SourcePath::to_string), expected);
    }

    #[test]
    fn long_lines_are_cut_and_overlong_ones_left_out() {
        let text = format!("{}: {}\n", "k".repeat(300), "v".repeat(300));
        let shown = drawn(&text, 302, 306, Style { width: 60, ..Style::default() });
        assert!(shown.contains("t.yml:1:303") && shown.contains("^^^^ here"), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 70), "{shown}");
        let text = "v".repeat(1_000_000);
        assert_eq!(drawn(&text, 500_000, 500_001, Style::default()), "error[TC0004]: m\n--> t.yml:1:500001");
    }

    #[test]
    fn no_span_or_width_upsets_the_drawing() {
        let text = "a:\t日本\r\n\n \u{1b}e\u{301}\u{200d}👩‍👩‍👧: \u{202e}x\n  - \u{feff}\0";
        let bounds: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for (nth, start) in bounds.iter().enumerate() {
            for end in &bounds[nth..] {
                for width in [0, 1, 10, 140] {
                    let shown = drawn(text, *start, *end, Style { width, ..Style::default() });
                    assert!(shown.starts_with("error[TC0004]: m\n"), "{shown}");
                    assert!(!shown.contains(['\u{1b}', '\u{202e}', '\r', '\0']), "{shown:?}");
                }
            }
        }
    }
}
