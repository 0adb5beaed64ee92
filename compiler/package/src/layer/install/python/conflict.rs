//! Why nothing satisfies a list: the dependency that is in the way, and how the list leads to it.

use super::facts::{Fact, Wanted};
use super::trace::{Trace, way};
use std::collections::BTreeSet;

/// What is wrong with the dependency that is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No registry knows the name.
    Unknown,
    /// It needs another Python.
    Python,
    /// What is wanted of it has no wheel for the target.
    NoWheel,
    /// There is no such version.
    NoVersion,
    /// Two want versions that exclude each other.
    Versions,
}

/// Why nothing satisfies a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Conflict {
    /// What is wrong.
    pub kind: Kind,
    /// The normalised name of what is in the way.
    pub culprit: String,
    /// The versions of it that have no wheel, do not exist, or the versions of Python that it needs.
    pub versions: Vec<Wanted>,
    /// The ways from the list to it, each ending with what is wanted of it.
    pub chains: Vec<Vec<Wanted>>,
}

impl Conflict {
    /// Finds it in the resolver's facts. What they leave out of the ways is taken from its log.
    pub fn find(facts: &[Fact], trace: &Trace) -> Option<Self> {
        let mut needs: Vec<(Option<String>, Wanted)> = Vec::new();
        for fact in facts {
            match fact {
                Fact::Required(what) => needs.push((None, what.clone())),
                Fact::Needs(who, what) => needs.push((Some(who.name.clone()), what.clone())),
                _ => {}
            }
        }
        let (kind, culprit, versions) = culprit(facts, &needs)?;
        let mut chains = Vec::new();
        let mut seen = BTreeSet::new();
        let whole: Vec<_> = needs.iter().chain(&trace.needs).cloned().collect();
        // What the facts say of it is the reason; the log says more only where they say nothing.
        let told = needs.iter().any(|(_, what)| what.name == culprit);
        for (who, what) in if told { needs.iter() } else { whole.iter() } {
            if what.name != culprit || !seen.insert((who.clone(), what.clone())) {
                continue;
            }
            let before = who.as_deref().map_or(Some(Vec::new()), |who| way(&whole, who));
            let chain = before.unwrap_or_default().into_iter().chain([what]).cloned();
            chains.push(chain.collect());
        }
        Some(Self { kind, culprit, versions, chains })
    }

    /// What the list itself wants of the culprit, where it asks for it directly.
    pub fn direct(&self) -> Option<&Wanted> {
        self.chains.iter().filter(|chain| chain.len() == 1).find_map(|chain| chain.first())
    }

    /// The chains in words, for those that are longer than the list itself tells: "`a` needs `b`, which needs `c<2`".
    pub fn words(&self) -> Vec<String> {
        self.chains.iter().filter_map(|chain| words(chain)).collect()
    }
}

/// "`a` needs `b`, which needs `c<2`"; of a direct dependency "the list wants `c<2`".
fn words(chain: &[Wanted]) -> Option<String> {
    let (first, rest) = chain.split_first()?;
    if rest.is_empty() {
        return Some(format!("your list wants `{first}`"));
    }
    let mut text = format!("`{first}`");
    for (at, what) in rest.iter().enumerate() {
        text.push_str(if at == 0 { " needs " } else { ", which needs " });
        text.push_str(&format!("`{what}`"));
    }
    Some(text)
}

fn culprit(facts: &[Fact], needs: &[(Option<String>, Wanted)]) -> Option<(Kind, String, Vec<Wanted>)> {
    let first = |of: &dyn Fn(&Fact) -> Option<Wanted>| facts.iter().find_map(of);
    let all = |name: &str, of: &dyn Fn(&Fact) -> Option<Wanted>| -> Vec<Wanted> {
        facts.iter().filter_map(of).filter(|what| what.name == name).collect()
    };
    let unknown = facts.iter().find_map(|fact| match fact {
        Fact::Unknown(name) => Some(name.clone()),
        _ => None,
    });
    if let Some(name) = unknown {
        return Some((Kind::Unknown, name, Vec::new()));
    }
    let no_wheel = |fact: &Fact| match fact {
        Fact::NoWheel(what) => Some(what.clone()),
        _ => None,
    };
    if let Some(what) = first(&no_wheel) {
        let versions = all(&what.name, &no_wheel);
        return Some((Kind::NoWheel, what.name, versions));
    }
    let python = |fact: &Fact| match fact {
        Fact::Needs(who, what) if what.name == "python" => Some((who.name.clone(), what.clone())),
        _ => None,
    };
    if let Some((name, what)) = facts.iter().find_map(python) {
        return Some((Kind::Python, name, vec![what]));
    }
    // Two sides that want what is there count for more than a version that is not.
    let sides = |name: &str| {
        let wanted: BTreeSet<_> = needs.iter().map(|(_, what)| what).filter(|what| what.name == name).collect();
        wanted.len()
    };
    let contested = needs.iter().map(|(_, what)| &what.name).find(|name| sides(name) > 1);
    let missing = |fact: &Fact| match fact {
        Fact::NoVersion(what) | Fact::Only(what) => Some(what.clone()),
        _ => None,
    };
    match (contested, first(&missing)) {
        (Some(name), _) => Some((Kind::Versions, name.clone(), Vec::new())),
        (None, Some(what)) => Some((Kind::NoVersion, what.name.clone(), vec![what])),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::facts;
    use super::*;

    fn conflict(reasons: &str) -> Conflict {
        Conflict::find(&facts(reasons), &Trace::default()).unwrap()
    }

    #[test]
    fn two_sides_are_followed_to_the_list() {
        let found = conflict(
            "Because all versions of b depend on common>=2 and all versions of mid depend on b, we can conclude that x. And \
             because all versions of a depend on common<2, we can conclude that y. And because you require a and mid, we can \
             conclude that your requirements are unsatisfiable.",
        );
        assert_eq!((found.kind, found.culprit.as_str(), found.direct()), (Kind::Versions, "common", None));
        assert_eq!(found.words(), ["`mid` needs `b`, which needs `common>=2`", "`a` needs `common<2`"]);
    }

    #[test]
    fn a_pin_without_a_wheel_is_followed_to_the_list() {
        let found = conflict(
            "Because lib==2.0 has no wheels with a matching platform tag (e.g., `x`) and all versions of strict depend on \
             lib==2.0, we can conclude that y. And because you require strict, we can conclude that z.",
        );
        assert_eq!((found.kind, found.culprit.as_str()), (Kind::NoWheel, "lib"));
        assert_eq!(found.versions.first().unwrap().to_string(), "lib==2.0");
        assert_eq!(found.words(), ["`strict` needs `lib==2.0`"]);
    }

    #[test]
    fn other_reasons_are_told_apart() {
        let found =
            conflict("Because nosuch was not found in the package registry and you require nosuch, we can conclude x.");
        assert_eq!((found.kind, found.culprit.as_str()), (Kind::Unknown, "nosuch"));
        let found = conflict("Because there is no version of numpy==99 and you require numpy==99, we can conclude x.");
        assert_eq!((found.kind, found.direct().unwrap().to_string()), (Kind::NoVersion, "numpy==99".to_owned()));
        let found = conflict(
            "Because the requested Python version (3.10) does not satisfy Python>=3.11 and a==2 depends on Python>=3.11, we \
             can conclude that x. And because you require a>=2, we can conclude y.",
        );
        assert_eq!((found.kind, found.versions.first().unwrap().specifiers.as_str()), (Kind::Python, ">=3.11"));
        assert_eq!(Conflict::find(&facts("Because I say so, we can conclude x."), &Trace::default()), None);
    }
}
