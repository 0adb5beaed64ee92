//! A Gemfile and its lock, as far as they can be read without running Ruby: where things stand, and which directories
//! they name.

use std::collections::BTreeSet;
use tc_core::source::{FileId, Span};

/// Where the gem `name` stands in a Gemfile, else the file's start.
pub(super) fn gem_place(file: FileId, text: &str, name: &str) -> Span {
    let of = |line: &Line<'_>| {
        let (at, first) = line.string("gem")?;
        (first == name).then(|| Span::new(file, at, at + first.len()))
    };
    lines(text).find_map(|line| of(&line)).unwrap_or_else(|| Span::start_of(file))
}

/// Where the first call of `method` stands (`ruby`, `source`, `gemspec`), else the file's start.
pub(super) fn call_place(file: FileId, text: &str, method: &str) -> Span {
    let of = |line: &Line<'_>| {
        line.arguments(method)?;
        let start = line.start + (line.text.len() - line.text.trim_start().len());
        Some(Span::new(file, start, line.start + line.text.trim_end().len()))
    };
    lines(text).find_map(|line| of(&line)).unwrap_or_else(|| Span::start_of(file))
}

/// The whole of a line, counted from 1.
pub(super) fn line_place(file: FileId, text: &str, number: usize) -> Span {
    match lines(text).nth(number.saturating_sub(1)) {
        Some(line) => {
            let indent = line.text.len() - line.text.trim_start().len();
            Span::new(file, line.start + indent, line.start + line.text.trim_end().len().max(indent))
        }
        None => Span::start_of(file),
    }
}

/// Whether any gem is asked for: by name, or through a gemspec or another Gemfile.
pub(super) fn asks_for_gems(text: &str) -> bool {
    let calls = ["gem", "gemspec", "eval_gemfile", "instance_eval"];
    lines(text).any(|line| calls.iter().any(|call| line.text.contains(call)) && !line.is_comment())
}

/// The paths that a Gemfile and its lock name, relative to the Gemfile: gems from directories, and further Gemfiles.
pub(super) fn paths(text: &str, lock: Option<&str>) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for line in lines(text).filter(|line| !line.is_comment()) {
        for key in ["path:", ":path =>", ":path=>", "path ", "path(", "eval_gemfile"] {
            let Some((before, after)) = line.text.split_once(key) else { continue };
            let is_word = |char: char| char.is_alphanumeric() || char == '_';
            if !before.ends_with(is_word) {
                paths.extend(quoted(after).map(|(_, path)| path.to_owned()));
            }
        }
        if line.text.trim_start().starts_with("gemspec") {
            paths.insert(".".to_owned());
        }
    }
    let mut in_path = false;
    for line in lock.unwrap_or_default().lines() {
        match line.strip_prefix("  remote: ") {
            Some(path) if in_path => {
                paths.insert(path.to_owned());
            }
            _ if !line.starts_with(' ') => in_path = line == "PATH",
            _ => {}
        }
    }
    paths
}

/// A line and where it begins.
struct Line<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Line<'a> {
    fn is_comment(&self) -> bool {
        self.text.trim_start().starts_with('#')
    }

    /// What follows a call of `method` on this line.
    fn arguments(&self, method: &str) -> Option<&'a str> {
        let rest = self.text.trim_start().strip_prefix(method)?;
        (rest.is_empty() || rest.starts_with([' ', '(', '\t'])).then_some(rest)
    }

    /// The first string after a call of `method`, and where it stands.
    fn string(&self, method: &str) -> Option<(usize, &'a str)> {
        let rest = self.arguments(method)?;
        let (at, string) = quoted(rest)?;
        Some((self.start + self.text.len() - rest.len() + at, string))
    }
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |text| {
        let line = Line { text, start };
        start += text.len();
        line
    })
}

/// The first string in quotes, and where it begins.
fn quoted(text: &str) -> Option<(usize, &str)> {
    let open = text.find(['"', '\''])?;
    let (_, rest) = text.split_at(open + 1);
    let quote = if text.get(open..)?.starts_with('"') { '"' } else { '\'' };
    let (string, _) = rest.split_once(quote)?;
    Some((open + 1, string))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tc_core::source::SourceMap;

    const TEXT: &str = "source \"https://gems.example\"\nruby '3.3'\n# gem \"old\"\ngem 'rack', '~> 3'\n  gem(\"shared\", path: \"../shared\")\ngem 'x', :path => 'x'\npath '../more' do\n  gem 'y'\nend\n";

    #[test]
    fn gems_and_calls_have_places() {
        let mut sources = SourceMap::default();
        let file = sources.add("Gemfile".into(), TEXT.to_owned());
        let at = |span: Span| TEXT.get(span.range()).unwrap();
        for name in ["rack", "shared", "x", "y"] {
            assert_eq!(at(gem_place(file, TEXT, name)), name);
        }
        assert_eq!(at(gem_place(file, TEXT, "old")), "");
        assert_eq!(at(call_place(file, TEXT, "ruby")), "ruby '3.3'");
        assert_eq!(at(line_place(file, TEXT, 1)), "source \"https://gems.example\"");
        assert_eq!(at(line_place(file, TEXT, 99)), "");
    }

    #[test]
    fn paths_come_from_both() {
        let lock = "PATH\n  remote: ../shared\n  specs:\n    shared (1.0)\n\nGEM\n  remote: https://gems.example/\n";
        assert_eq!(paths(TEXT, Some(lock)).into_iter().collect::<Vec<_>>(), ["../more", "../shared", "x"]);
        assert!(paths("gemspec\n", None).contains("."));
        assert!(asks_for_gems(TEXT) && !asks_for_gems("source 'x'\n# gem 'y'\n"));
    }
}
