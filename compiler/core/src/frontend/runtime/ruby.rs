//! What Ruby's files ask for: `.ruby-version` of rbenv, and `ruby` of a `Gemfile`.

use super::range::{Range, Version, split_operator};
use std::ops::Range as Bytes;

/// Operators of requirements ("RubyGems Guides, Patterns: declaring dependencies").
const OPERATORS: [&str; 7] = ["~>", ">=", "<=", "!=", ">", "<", "="];

/// The version that `.ruby-version` names: `3.4`, `ruby-3.4.1`.
pub(super) fn pinned(text: &str) -> Option<Range> {
    Version::pinned(text.strip_prefix("ruby").map_or(text, |text| text.trim_start_matches('-')))
}

/// The versions that a requirement allows: `~> 3.3`, `3.4.1`.
pub(super) fn requirement(text: &str) -> Option<Range> {
    let (operator, rest) = split_operator(text.trim(), &OPERATORS);
    let version = Version::parse(rest).filter(|version| !version.is_wild)?;
    match operator {
        "" | "=" => Some(Range::between(version.first(), version.next())),
        "!=" => Some(Range::except(version.first(), version.next())),
        "~>" => {
            let kept = version.precision().saturating_sub(1).max(1);
            Some(Range::between(version.first(), version.behind(kept)))
        }
        other => version.compared(other),
    }
}

/// What `ruby` of a Gemfile says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Directive {
    /// Requirements, all of which hold, and the bytes they stand at.
    Requirements(Vec<String>, Bytes<usize>),
    /// `file: ".ruby-version"`: the file that says it.
    File(String),
}

/// The `ruby` of a Gemfile, as far as it is text; a program that makes it up is not run.
pub(super) fn directive(gemfile: &str) -> Option<Directive> {
    let mut start = 0;
    for line in gemfile.split_inclusive('\n') {
        let code = line.trim_start();
        let at = start + line.len() - code.len();
        start += line.len();
        let Some(arguments) = code.strip_prefix("ruby").filter(|rest| rest.starts_with([' ', '\t', '('])) else {
            continue;
        };
        let arguments = arguments.trim_start().trim_start_matches('(').trim_start();
        let from = at + code.len() - arguments.len();
        let keyword = arguments.strip_prefix("file:").map(str::trim_start);
        if let Some((file, _)) = keyword.and_then(quoted) {
            return Some(Directive::File(file.to_owned()));
        }
        let mut found = Vec::new();
        let mut rest = arguments;
        while let Some((text, behind)) = quoted(rest) {
            found.push(text.to_owned());
            let used = arguments.len() - behind.len();
            let next = behind.trim_start().strip_prefix(',').map(str::trim_start);
            match next.filter(|next| next.starts_with(['"', '\''])) {
                Some(next) => rest = next,
                None => return Some(Directive::Requirements(found, from..from + used)),
            }
        }
        return None;
    }
    None
}

/// The text in quotes that another begins with, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text.get(1..)?.split_once(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The minor versions of Ruby 3 that a range allows some release of.
    fn minors(range: &Range) -> Vec<u64> {
        (1..=5).filter(|minor| !range.and(&Range::between((3, *minor, 0), (3, minor + 1, 0))).is_empty()).collect()
    }

    #[test]
    fn requirements_are_read_as_rubygems_does() {
        let of = |text: &str| minors(&requirement(text).unwrap());
        assert_eq!(of("3.3.1"), [3]);
        assert_eq!(of("3.3"), [3]);
        assert_eq!(of("= 3.3.1"), [3]);
        assert_eq!(of("~> 3.3"), [3, 4, 5]);
        assert_eq!(of("~> 3.3.0"), [3]);
        assert_eq!(of("~> 3"), [1, 2, 3, 4, 5]);
        assert_eq!(of(">= 3.2"), [2, 3, 4, 5]);
        assert_eq!(of("< 3.4"), [1, 2, 3]);
        assert_eq!(of("!= 3.3.0").len(), 5);
        for text in ["", "x", "^3", "~> 3.*"] {
            assert_eq!(requirement(text), None, "{text}");
        }
    }

    #[test]
    fn a_pinned_version_is_its_releases() {
        let of = |text: &str| pinned(text).map(|range| minors(&range));
        assert_eq!(of("3.3.6"), Some(vec![3]));
        assert_eq!(of("ruby-3.4.1"), Some(vec![4]));
        for text in ["jruby-9.4", "3.5.0-preview1", "truffleruby"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn the_directive_is_found_in_a_gemfile() {
        let of = |text: &str| {
            directive(text).map(|found| match found {
                Directive::Requirements(list, place) => format!("{} at {}", list.join(" and "), &text[place]),
                Directive::File(file) => format!("file {file}"),
            })
        };
        let source = "source 'https://rubygems.org'\n";
        assert_eq!(of(&format!("{source}ruby '3.3.1'\n")).unwrap(), "3.3.1 at '3.3.1'");
        assert_eq!(of(&format!("{source}  ruby(\"~> 3.3\")  # ours\n")).unwrap(), "~> 3.3 at \"~> 3.3\"");
        assert_eq!(of("ruby '>= 3.2', '< 3.5', engine: 'ruby'\n").unwrap(), ">= 3.2 and < 3.5 at '>= 3.2', '< 3.5'");
        assert_eq!(of("ruby file: '.ruby-version'\n").unwrap(), "file .ruby-version");
        for text in ["", "# ruby '3'\n", "gem 'ruby'\n", "rubygems '3'\n", "ruby File.read('x')\n", "ruby 'unclosed\n"]
        {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
