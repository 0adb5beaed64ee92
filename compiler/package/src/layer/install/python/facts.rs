//! The reasons that uv's resolver gives, taken apart.
//!
//! It writes a proof in English: `Because A depends on B>=2 and you require A, we can conclude that ... And because ...`.
//! What stands before each conclusion are facts; the conclusions follow from them and are left out.

use super::name::normalised;
use std::fmt;

/// A distribution and the versions of it that are spoken of: `lib>=2,<3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    /// The normalised name; `python` for Python itself.
    pub name: String,
    /// The specifiers; empty for any version.
    pub specifiers: String,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, self.specifiers)
    }
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fact {
    /// A distribution depends on another.
    Needs(Wanted, Wanted),
    /// The list asks for it.
    Required(Wanted),
    /// It has no wheel for the target.
    NoWheel(Wanted),
    /// There is no such version.
    NoVersion(Wanted),
    /// These versions alone are there.
    Only(Wanted),
    /// No registry has the name.
    Unknown(String),
}

/// The facts in a text that begins with `Because`.
pub(super) fn facts(reasons: &str) -> Vec<Fact> {
    let reasons = without_markers(reasons);
    let premises = reasons.split("ecause ").skip(1).filter_map(|part| part.split("we can conclude").next());
    let mut facts = Vec::new();
    for premise in premises {
        let words: Vec<&str> = premise.split_whitespace().collect();
        for at in 0..words.len() {
            read(&words, at, &mut facts);
        }
    }
    facts
}

/// `numpy{python_full_version < '3.11'}>=1` without what stands in braces, which holds spaces.
fn without_markers(reasons: &str) -> String {
    let mut parts = reasons.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('}').map_or(part, |(_, rest)| rest))
}

/// The facts whose verb stands at a word.
fn read(words: &[&str], at: usize, facts: &mut Vec<Fact>) {
    let word = |offset: usize| words.get(at + offset).copied().unwrap_or_default();
    let before = |offset: usize| at.checked_sub(offset).and_then(|at| words.get(at)).copied().unwrap_or_default();
    match (word(0), word(1)) {
        ("depends" | "depend", "on") => {
            let list = before(1) == "project" && before(2) == "your";
            for what in listed(words, at + 2) {
                match (list, term(before(1))) {
                    (true, _) => facts.push(Fact::Required(what)),
                    (false, Some(who)) => facts.push(Fact::Needs(who, what)),
                    (false, None) => {}
                }
            }
        }
        ("you", "require") => facts.extend(listed(words, at + 2).into_iter().map(Fact::Required)),
        ("has" | "have", "no") if ["wheels", "usable"].contains(&word(2)) => {
            facts.extend(term(before(1)).map(Fact::NoWheel));
        }
        ("was", "not") if word(2) == "found" => facts.extend(term(before(1)).map(|what| Fact::Unknown(what.name))),
        ("no", "version" | "versions") if word(2) == "of" => facts.extend(term(word(3)).map(Fact::NoVersion)),
        ("only", _) if word(3) == "available" || word(3).starts_with("available,") => {
            facts.extend(term(word(1)).map(Fact::Only));
        }
        _ => {}
    }
}

/// The terms from a word on: `a>=1 and b` before `and all versions of ...`.
fn listed(words: &[&str], from: usize) -> Vec<Wanted> {
    let mut found = Vec::new();
    let mut at = from;
    while let Some(what) = words.get(at).and_then(|word| term(word)) {
        found.push(what);
        let next = words.get(at + 2).copied().unwrap_or_default();
        let verb = words.get(at + 3).copied().unwrap_or_default();
        let goes_on = words.get(at + 1) == Some(&"and")
            && !["all", "any", "only", "the", "there", "you", "your"].contains(&next)
            && !["depends", "depend", "has", "have", "was", "is", "are"].contains(&verb);
        if !goes_on {
            break;
        }
        at += 2;
    }
    found
}

/// `lib[x]>=2,<3,` without what is not name or specifiers.
fn term(word: &str) -> Option<Wanted> {
    let word = word.trim_end_matches([',', '.', ':']);
    let length = word.find(|char: char| !(char.is_ascii_alphanumeric() || "._-".contains(char))).unwrap_or(word.len());
    let (name, mut rest) = word.split_at(length);
    if let Some(inner) = rest.strip_prefix('[') {
        rest = inner.split_once(']').map_or("", |(_, rest)| rest);
    }
    let is_term = !name.is_empty() && (rest.is_empty() || rest.starts_with(['<', '>', '=', '!', '~']));
    is_term.then(|| Wanted { name: normalised(name), specifiers: plain(rest) })
}

/// `>=2.0,<2.0+`, by which the resolver means `==2.0` and the local versions of it, as people write it; others as they
/// are.
fn plain(specifiers: &str) -> String {
    match specifiers.strip_prefix(">=").and_then(|rest| rest.split_once(",<")) {
        Some((version, end)) if end.strip_suffix('+') == Some(version) => format!("=={version}"),
        _ => specifiers.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(reasons: &str) -> Vec<String> {
        let show = |fact: &Fact| match fact {
            Fact::Needs(who, what) => format!("{who} needs {what}"),
            Fact::Required(what) => format!("list: {what}"),
            Fact::NoWheel(what) => format!("no wheel: {what}"),
            Fact::NoVersion(what) => format!("no version: {what}"),
            Fact::Only(what) => format!("only: {what}"),
            Fact::Unknown(name) => format!("unknown: {name}"),
        };
        facts(reasons).iter().map(show).collect()
    }

    #[test]
    fn facts_are_what_stands_before_conclusions() {
        let reasons = "Because all versions of b depend on common>=2 and all versions of mid depend on b, we can conclude \
            that all versions of mid depend on common>=2. And because all versions of a depend on common<2, we can \
            conclude that all versions of a and all versions of mid are incompatible. And because you require a and mid, \
            we can conclude that your requirements are unsatisfiable.";
        assert_eq!(shown(reasons), ["b needs common>=2", "mid needs b", "a needs common<2", "list: a", "list: mid"]);
    }

    #[test]
    fn one_version_is_written_as_one() {
        assert_eq!(
            shown("Because requests>=2.32.5,<2.32.5+ depends on urllib3>=1.21.1,<3"),
            ["requests==2.32.5 needs urllib3>=1.21.1,<3"]
        );
        assert_eq!(shown("Because a>=2,<2.1+ depends on b>=1+x"), ["a>=2,<2.1+ needs b>=1+x"]);
    }

    #[test]
    fn wheels_versions_and_names_that_are_not_there_are_told_apart() {
        let reasons = "Because lib==2.0 has no wheels with a matching platform tag (e.g., `x`) and strict==1.0 depends on \
            lib==2.0 and other, we can conclude that z. And because only strict<=1.0 is available and there is no version \
            of numpy==99 and Foo.Bar was not found in the package registry and you require strict[x]>=1,<2, we can \
            conclude that your requirements are unsatisfiable.";
        assert_eq!(
            shown(reasons),
            [
                "no wheel: lib==2.0",
                "strict==1.0 needs lib==2.0",
                "strict==1.0 needs other",
                "only: strict<=1.0",
                "no version: numpy==99",
                "unknown: foo-bar",
                "list: strict>=1,<2"
            ]
        );
        let reasons = "Because pandas==2.2.0 depends on numpy{python_full_version < '3.11'}>=1.22.4,<2 and you require \
            pandas==2.2.0, we can conclude that you require numpy>=1.22.4,<2. And because you require numpy==1.20, we can \
            conclude that x.";
        assert_eq!(
            shown(reasons),
            ["pandas==2.2.0 needs numpy>=1.22.4,<2", "list: pandas==2.2.0", "list: numpy==1.20"]
        );
        let reasons = "Because lib==3.0 has no usable wheels and your project depends on lib>=3 and the requested Python \
            version (3.10) does not satisfy Python>=3.11 and a==2 depends on Python>=3.11, we can conclude that x.";
        assert_eq!(shown(reasons), ["no wheel: lib==3.0", "list: lib>=3", "a==2 needs python>=3.11"]);
    }
}
