//! What Python's files ask for: `.python-version` of pyenv and uv, and `requires-python` of `pyproject.toml`.

use super::range::{Range, Version, split_operator};
use std::ops::Range as Bytes;

/// Operators of version specifiers ("Python Packaging User Guide, Version specifiers").
const OPERATORS: [&str; 8] = ["===", "~=", "==", "!=", "<=", ">=", "<", ">"];

/// The version that `.python-version` names: `3.12`, `cpython-3.12.4`, or specifiers as uv writes them. Of several, which
/// pyenv takes, the first.
pub(super) fn pinned(text: &str) -> Option<Range> {
    if text.starts_with(['=', '~', '!', '<', '>']) {
        return specifiers(text);
    }
    let text = text.split_whitespace().next()?;
    let text = ["cpython", "python"].iter().find_map(|name| text.strip_prefix(name)).unwrap_or(text);
    Version::pinned(text.trim_start_matches(['-', '@']))
}

/// The versions that a list of specifiers allows: `>=3.11,<3.14`.
pub(super) fn specifiers(text: &str) -> Option<Range> {
    let clauses = text.split(',').map(str::trim).filter(|clause| !clause.is_empty());
    clauses.map(specifier).try_fold(Range::any(), |all, one| Some(all.and(&one?)))
}

fn specifier(text: &str) -> Option<Range> {
    let (operator, rest) = split_operator(text, &OPERATORS);
    let version = Version::parse(rest)?;
    let is_whole = version.suffix.is_empty();
    match operator {
        "==" | "!=" if version.is_wild => {
            let (first, behind) = (version.first(), version.behind(version.precision()));
            let range = if operator == "==" { Range::between(first, behind) } else { Range::except(first, behind) };
            is_whole.then_some(range)
        }
        _ if version.is_wild => None,
        "==" | "===" if version.is_before() => Some(Range::before((0, 0, 0))),
        "==" | "===" => Some(Range::between(version.first(), version.next())),
        "!=" if version.is_before() => Some(Range::any()),
        "!=" => Some(Range::except(version.first(), version.next())),
        // Its last number may grow.
        "~=" if version.precision() > 1 => {
            Some(Range::from(version.first()).and(&Range::before(version.behind(version.precision() - 1))))
        }
        other => version.compared(other),
    }
}

/// A text and the bytes it stands at.
type Placed = (String, Bytes<usize>);

/// `project.requires-python` of a `pyproject.toml`.
///
/// # Errors
/// Where the text is no TOML: what is wrong, and where.
pub(super) fn requires_python(text: &str) -> Result<Option<Placed>, Placed> {
    let document = toml::de::DeTable::parse(text)
        .map_err(|error| (error.message().to_owned(), error.span().unwrap_or_default()))?;
    let project = document.get_ref().get("project").and_then(|project| project.get_ref().as_table());
    let value = project.and_then(|project| project.get("requires-python"));
    Ok(value.and_then(|value| Some((value.get_ref().as_str()?.to_owned(), value.span()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The minor versions of Python 3 that a range allows some release of.
    fn minors(range: &Range) -> Vec<u64> {
        (8..=15).filter(|minor| !range.and(&Range::between((3, *minor, 0), (3, minor + 1, 0))).is_empty()).collect()
    }

    #[test]
    fn specifiers_are_read_as_the_packaging_guide_says() {
        let of = |text: &str| minors(&specifiers(text).unwrap());
        assert_eq!(of(">=3.11"), [11, 12, 13, 14, 15]);
        assert_eq!(of(">= 3.11 , < 3.14"), [11, 12, 13]);
        assert_eq!(of("~=3.11"), [11, 12, 13, 14, 15]);
        assert_eq!(of("~=3.11.2"), [11]);
        assert_eq!(of("==3.12.*"), [12]);
        assert_eq!(of("==3.12"), [12]);
        assert_eq!(of("==3.12.4"), [12]);
        assert_eq!(of("===3.12.4"), [12]);
        assert_eq!(of(">=3.9,!=3.10.*,<=3.12"), [9, 11, 12]);
        assert_eq!(of(">=3.12,!=3.12.0"), [12, 13, 14, 15]);
        assert_eq!(of(">3.13"), [13, 14, 15], "3.13.1 is greater than 3.13");
        assert_eq!(of(">=3.14.0rc1"), [14, 15]);
        assert_eq!(of("<3.14.0rc1,>=3.13"), [13]);
        assert_eq!(of("==3.14.0rc1"), [0; 0]);
        assert_eq!(of(">=3.10,"), [10, 11, 12, 13, 14, 15]);
        assert_eq!(minors(&specifiers("").unwrap()).len(), 8);
        for text in ["3.12", "^3.11", ">=", "~=3", ">=3.*", "~=3.*", ">=3.9 <3.12", "=>3.9"] {
            assert_eq!(specifiers(text), None, "{text}");
        }
    }

    #[test]
    fn a_pinned_version_is_its_releases() {
        let of = |text: &str| pinned(text).map(|range| minors(&range));
        assert_eq!(of("3.12"), Some(vec![12]));
        assert_eq!(of("3.12.4"), Some(vec![12]));
        assert_eq!(of("cpython-3.12.4"), Some(vec![12]));
        assert_eq!(of("cpython@3.13"), Some(vec![13]));
        assert_eq!(of("3.13 3.11"), Some(vec![13]));
        assert_eq!(of("3").map(|minors| minors.len()), Some(8));
        assert_eq!(of(">=3.13,<3.15"), Some(vec![13, 14]));
        for text in ["pypy3.10", "3.13t", "3.14-dev", "miniconda3-4.7.12", "x"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn requires_python_is_found_in_its_table() {
        let of = |text: &str| requires_python(text).unwrap();
        assert_eq!(of("[project]\nrequires-python = \">=3.11\"\n"), Some((">=3.11".to_owned(), 28..36)));
        assert_eq!(of("project = {requires-python = '3'}\n").map(|(text, _)| text), Some("3".to_owned()));
        let elsewhere =
            "[project]\nreadme = '''\n[project]\nrequires-python = \"2\"\n'''\n[tool.x]\nrequires-python = \"1\"\n";
        assert_eq!(of(elsewhere), None);
        assert_eq!(of(""), None);
        let (message, place) = requires_python("[project]\nrequires-python = >=3\n").unwrap_err();
        assert!(!message.is_empty() && place.start >= 28, "{message} {place:?}");
    }
}
