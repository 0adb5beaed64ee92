//! Reading a requirements.txt. Source: pip documentation, "Requirements File Format".

use super::name::split;
use super::pyproject::{file_of, is_built, is_moving};
use std::ops::Range;

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A distribution by its name, normalised; whether it has to be built from source.
    Named(String, bool),
    /// A local file or directory, without a name.
    Path(String),
    /// A URL without a name, such as `git+https://...`.
    Url,
    /// Another list: `-r`.
    Include(String),
    /// A list of constraints: `-c`.
    Constraints(String),
    /// A directory or page of distributions: `-f`.
    FindLinks(String),
    /// Any other option.
    Option,
}

/// A line, with those that it continues on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// What it asks for.
    pub kind: Kind,
    /// It, without comments and continuations.
    pub text: String,
    /// Where its first line stands.
    pub at: Range<usize>,
}

impl Line {
    /// The local path that it names, if it does.
    pub fn path(&self) -> Option<&str> {
        match &self.kind {
            Kind::Path(path) => Some(path),
            Kind::Named(..) => file_of(&self.text),
            _ => None,
        }
    }

    /// Whether it follows a branch of a git repository.
    pub fn is_moving(&self) -> bool {
        match &self.kind {
            Kind::Named(..) => split(&self.text)
                .and_then(|(_, rest)| rest.strip_prefix('@'))
                .is_some_and(|url| is_moving(url.trim_start())),
            Kind::Url => is_moving(
                self.text.trim_start_matches("--editable").trim_start_matches("-e").trim_start_matches(['=', ' ']),
            ),
            _ => false,
        }
    }
}

/// The lines that ask for something.
pub(super) fn parse(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut whole = String::new();
    let mut at: Option<Range<usize>> = None;
    let mut offset = 0;
    for physical in text.split_inclusive('\n') {
        let start = offset;
        offset += physical.len();
        let line = without_comment(physical.trim_end_matches(['\n', '\r']));
        let (line, goes_on) = match line.strip_suffix('\\') {
            Some(line) => (line, true),
            None => (line, false),
        };
        // A byte order mark says nothing.
        let trimmed = line.trim_end().trim_start_matches(|char: char| char.is_whitespace() || char == '\u{feff}');
        if !trimmed.is_empty() {
            let from = start + (line.trim_end().len() - trimmed.len());
            at.get_or_insert(from..from + trimmed.len());
            whole.push_str(trimmed);
            whole.push(' ');
        }
        if !goes_on {
            lines.extend(at.take().map(|at| line_of(whole.trim_end(), at)));
            whole.clear();
        }
    }
    lines.extend(at.map(|at| line_of(whole.trim_end(), at)));
    lines
}

fn line_of(text: &str, at: Range<usize>) -> Line {
    let option = |names: &[&str]| names.iter().find_map(|name| value(text, name));
    let kind = if let Some(path) = option(&["-r", "--requirement"]) {
        Kind::Include(path)
    } else if let Some(path) = option(&["-c", "--constraint"]) {
        Kind::Constraints(path)
    } else if let Some(place) = option(&["-f", "--find-links"]) {
        Kind::FindLinks(place)
    } else if let Some(what) = option(&["-e", "--editable"]) {
        requirement(&what)
    } else if text.starts_with('-') {
        Kind::Option
    } else {
        requirement(text)
    };
    Line { kind, text: text.to_owned(), at }
}

/// The value of an option: `-r x`, `-rx`, `--requirement x`, `--requirement=x`.
fn value(text: &str, name: &str) -> Option<String> {
    let rest = text.strip_prefix(name)?;
    let rest = match name.starts_with("--") {
        true => rest.strip_prefix(['=', ' '])?,
        false => rest,
    };
    Some(rest.trim().trim_matches(['"', '\'']).to_owned()).filter(|rest| !rest.is_empty())
}

fn requirement(text: &str) -> Kind {
    let is_path = |word: &str| {
        word.starts_with(['.', '/']) || word.starts_with("file:") || word.ends_with(".whl") || word.ends_with(".tar.gz")
    };
    let word = text.split([' ', ';']).next().unwrap_or_default();
    if word.contains("://") && !word.starts_with("file:") {
        return Kind::Url;
    }
    let named = split(text.split(" --").next().unwrap_or_default()).filter(|_| !is_path(word));
    if let Some((name, rest)) = named {
        let built = rest.strip_prefix('@').is_some_and(|url| is_built(url.trim_start()));
        return Kind::Named(name, built);
    }
    // `./lib[extra]` has extras, and a path may end with any other bracket.
    let path = word.strip_suffix(']').and_then(|word| word.rsplit_once('[')).map_or(word, |(path, _)| path);
    let path = path.strip_prefix("file://").or_else(|| path.strip_prefix("file:")).unwrap_or(path);
    Kind::Path(path.split('#').next().unwrap_or_default().to_owned())
}

/// A line up to a `#` at its begin or behind white space.
fn without_comment(line: &str) -> &str {
    let is_comment = |(at, _): &(usize, &str)| {
        line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t']))
    };
    let end = line.match_indices('#').find(is_comment).map_or(line.len(), |(at, _)| at);
    line.get(..end).unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        parse(text).into_iter().map(|line| line.kind).collect()
    }

    fn named(name: &str) -> Kind {
        Kind::Named(name.to_owned(), false)
    }

    #[test]
    fn lines_are_what_pip_reads() {
        let text = "# comment\n\nrequests[socks]>=2 ; python_version < '4'  # why\r\n  idna==3.10 \\\n    --hash=sha256:aa \\\n    \
            --hash=sha256:bb\n-r base.txt\n--requirement=more.txt\n-c limits.txt\n-f ./wheels\n--index-url https://u:p@h/\n";
        let lines = parse(text);
        let wanted = [
            named("requests"),
            named("idna"),
            Kind::Include("base.txt".to_owned()),
            Kind::Include("more.txt".to_owned()),
            Kind::Constraints("limits.txt".to_owned()),
            Kind::FindLinks("./wheels".to_owned()),
            Kind::Option,
        ];
        assert_eq!(lines.iter().map(|line| line.kind.clone()).collect::<Vec<_>>(), wanted);
        let idna = lines.get(1).unwrap();
        assert_eq!(idna.text, "idna==3.10 --hash=sha256:aa --hash=sha256:bb");
        assert_eq!(text.get(idna.at.clone()), Some("idna==3.10"));
    }

    #[test]
    fn paths_and_urls_are_told_from_names() {
        let path = |path: &str| Kind::Path(path.to_owned());
        let text = "-e ../lib[x]\n./lib\nfile:///a/b\nwheels/a-1-py3-none-any.whl\ngit+https://h/x.git@v1#egg=x\nlib/sub\n\
            a @ git+ssh://git@h/x.git\nb @ https://h/b-1-py3-none-any.whl\nc@file:../c\n-e git+https://h/y.git\n--pre\n";
        let wanted = [
            path("../lib"),
            path("./lib"),
            path("/a/b"),
            path("wheels/a-1-py3-none-any.whl"),
            Kind::Url,
            path("lib/sub"),
            Kind::Named("a".to_owned(), true),
            named("b"),
            Kind::Named("c".to_owned(), true),
            Kind::Url,
            Kind::Option,
        ];
        assert_eq!(kinds(text), wanted);
        let moving: Vec<_> = parse(text).iter().map(Line::is_moving).collect();
        assert_eq!(moving, [false, false, false, false, false, false, true, false, false, true, false]);
        assert_eq!(parse("c@file:../c").first().unwrap().path(), Some("../c"));
    }

    #[test]
    fn odd_ends_are_read() {
        assert_eq!(kinds("a \\"), [named("a")]);
        assert_eq!(kinds("\\\n\n#a\n   \n-r\n"), [Kind::Option]);
        assert_eq!(kinds("\u{feff}a\r\nb"), [named("a"), named("b")]);
        assert_eq!(kinds("a#b"), [Kind::Path("a".to_owned())]);
    }
}
