//! What the files of Node.js ask for: `.nvmrc` and `.node-version`, and `engines.node` of `package.json`.

use super::range::{Range, Version, split_operator};

/// Operators of npm's ranges ("npm, semver(7): ranges").
const OPERATORS: [&str; 8] = [">=", "<=", "~>", ">", "<", "=", "~", "^"];

/// The code names of lines with long-term support, from the first, version 4, on: each has the next even number ("Node.js
/// Releases").
const CODE_NAMES: [&str; 11] =
    ["argon", "boron", "carbon", "dubnium", "erbium", "fermium", "gallium", "hydrogen", "iron", "jod", "krypton"];

/// The version that `.nvmrc` names: `22`, `v22.3.0`, `lts/jod`; any for `lts/*`, `node` and `stable`.
pub(super) fn pinned(text: &str) -> Option<Range> {
    let text = text.to_ascii_lowercase();
    if let Some(line) = text.strip_prefix("lts/") {
        let major = || CODE_NAMES.iter().zip((4..).step_by(2)).find(|(name, _)| **name == line).map(|(_, major)| major);
        return match line {
            "*" => Some(Range::any()),
            _ => major().map(|major: u64| Range::between((major, 0, 0), (major + 1, 0, 0))),
        };
    }
    match text.as_str() {
        "node" | "stable" | "current" | "latest" => Some(Range::any()),
        text => Version::pinned(text),
    }
}

/// The versions that a range of npm allows: `>=20 <23`, `^20.9 || ^22`, `18 - 22`.
pub(super) fn range(text: &str) -> Option<Range> {
    let sets = text.split("||").map(set);
    sets.reduce(|all, one| Some(all?.or(one?)))?
}

fn set(text: &str) -> Option<Range> {
    if let Some((from, to)) = text.split_once(" - ") {
        let (from, to) = (Version::parse(from.trim())?, Version::parse(to.trim())?);
        return Some(Range::from(from.first()).and(&up_to(&to)));
    }
    let mut all = Range::any();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let (operator, mut version) = split_operator(word, &OPERATORS);
        // `>= 20` is one comparison.
        if version.is_empty() {
            version = words.next()?;
        }
        all = all.and(&comparison(operator, &Version::parse(version)?)?);
    }
    Some(all)
}

/// Up to and including a version, or all that begins with it where numbers are missing.
fn up_to(version: &Version<'_>) -> Range {
    match version.precision() {
        3 if version.is_before() => Range::before(version.first()),
        count => Range::before(version.behind(count)),
    }
}

fn comparison(operator: &str, version: &Version<'_>) -> Option<Range> {
    let (first, count) = (version.first(), version.precision());
    match operator {
        "" | "=" => Some(version.releases()),
        "<=" => Some(up_to(version)),
        ">" if count < 3 => Some(Range::from(version.behind(count))),
        "~" | "~>" => Some(Range::between(first, version.behind(count.min(2)))),
        "^" => {
            // What is left of the first number that is not 0, and that, stay.
            let kept = match first {
                (0, 0, _) => count,
                (0, ..) => count.min(2),
                _ => count.min(1),
            };
            Some(Range::between(first, version.behind(kept)))
        }
        other => version.compared(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The majors of which a range allows some release.
    fn majors(range: &Range) -> Vec<u64> {
        (16..=25).filter(|major| !range.and(&Range::between((*major, 0, 0), (major + 1, 0, 0))).is_empty()).collect()
    }

    #[test]
    fn ranges_are_read_as_npm_does() {
        let of = |text: &str| majors(&range(text).unwrap());
        assert_eq!(of(">=20 <23"), [20, 21, 22]);
        assert_eq!(of(">= 20.9.0"), [20, 21, 22, 23, 24, 25]);
        assert_eq!(of("^20.9 || ^22"), [20, 22]);
        assert_eq!(of("18 - 20"), [18, 19, 20]);
        assert_eq!(of("18.0.0 - 20.0.0"), [18, 19, 20]);
        assert_eq!(of("22.x"), [22]);
        assert_eq!(of("22"), [22]);
        assert_eq!(of("=22.3.1"), [22]);
        assert_eq!(of("~22.3"), [22]);
        assert_eq!(of("~22"), [22]);
        assert_eq!(of(">22"), [23, 24, 25]);
        assert_eq!(of(">22.1.0 <=23"), [22, 23]);
        assert_eq!(of("<=20"), [16, 17, 18, 19, 20]);
        assert_eq!(of(">=18.0.0-0 <20.0.0-0"), [18, 19]);
        assert_eq!(of("<20.0.0"), [16, 17, 18, 19]);
        for text in ["*", "", "x", ">=0"] {
            assert_eq!(of(text).len(), 10, "{text}");
        }
        assert_eq!(range("^0.2.3").unwrap(), Range::between((0, 2, 3), (0, 3, 0)));
        assert_eq!(range("^0.0.3").unwrap(), Range::between((0, 0, 3), (0, 0, 4)));
        for text in ["lts", ">=", "20 ||| 22", "latest"] {
            assert_eq!(range(text), None, "{text}");
        }
    }

    #[test]
    fn a_pinned_version_is_its_releases() {
        let of = |text: &str| pinned(text).map(|range| majors(&range));
        assert_eq!(of("22"), Some(vec![22]));
        assert_eq!(of("v22.3.0"), Some(vec![22]));
        assert_eq!(of("lts/jod"), Some(vec![22]));
        assert_eq!(of("lts/Krypton"), Some(vec![24]));
        assert_eq!(of("lts/*").map(|majors| majors.len()), Some(10));
        for text in ["lts/-1", "lts/x", "iojs", "22-nightly"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
