//! What uv's resolver logs of its way: who depends on whom, what it took, and where it had to go on searching.

use super::facts::Wanted;
use super::name::{normalised, split};
use std::collections::{BTreeMap, BTreeSet};

/// The setting of `RUST_LOG` under which uv logs this and little else.
pub(super) const LOG: &str = "uv_resolver::resolver=debug";

/// The resolver's way.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Trace {
    /// Who depends on whom, by normalised names; `None` is the list itself.
    pub needs: Vec<(Option<String>, Wanted)>,
    /// The version that was taken, by normalised name.
    pub taken: BTreeMap<String, String>,
    /// Those of which the first version that was looked at was not taken.
    pub passed: BTreeSet<String>,
}

impl Trace {
    /// Reads it out of uv's error stream.
    pub fn parse(said: &str) -> Self {
        let mut trace = Self::default();
        let mut searches: BTreeMap<String, usize> = BTreeMap::new();
        for line in said.lines() {
            let Some(line) = line.trim_start().strip_prefix("DEBUG ") else { continue };
            if let Some(what) = line.strip_prefix("Adding direct dependency: ") {
                trace.needs.extend(wanted(what).map(|what| (None, what)));
            } else if let Some((who, what)) =
                line.strip_prefix("Adding transitive dependency for ").and_then(|rest| rest.split_once(": "))
            {
                let who = who.split_once("==").map_or(who, |(name, _)| name);
                trace.needs.extend(wanted(what).map(|what| (Some(normalised(bare(who))), what)));
            } else if let Some(rest) = line.strip_prefix("Searching for a compatible version of ") {
                *searches.entry(normalised(bare(rest))).or_default() += 1;
            } else if let Some((name, version)) =
                line.strip_prefix("Selecting: ").and_then(|rest| rest.split_once("=="))
            {
                let name = normalised(bare(name));
                if searches.remove(&name).is_some_and(|count| count > 1) {
                    trace.passed.insert(name.clone());
                }
                trace.taken.insert(name, version.split(' ').next().unwrap_or_default().to_owned());
            }
        }
        trace
    }

    /// The way from the list to a distribution: the direct dependency first, the distribution itself last. `None` where
    /// nothing was seen to need it.
    pub fn way(&self, name: &str) -> Option<Vec<&Wanted>> {
        way(&self.needs, name)
    }
}

/// The shortest way from the list to a name.
pub(super) fn way<'a>(needs: &'a [(Option<String>, Wanted)], name: &str) -> Option<Vec<&'a Wanted>> {
    let mut ways: Vec<Vec<&Wanted>> =
        needs.iter().filter(|(who, _)| who.is_none()).map(|(_, what)| vec![what]).collect();
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut next = Vec::new();
        for way in ways {
            let Some(last) = way.last() else { continue };
            if last.name == name {
                return Some(way);
            }
            if !seen.insert(last.name.as_str()) {
                continue;
            }
            for (_, what) in needs.iter().filter(|(who, _)| who.as_deref() == Some(&last.name)) {
                next.push(way.iter().copied().chain([what]).collect());
            }
        }
        ways = next;
    }
    None
}

/// A name without what stands behind it: `numpy` of `numpy{python_version == '3.11'} (>=1)`.
fn bare(text: &str) -> &str {
    text.split(['[', '{', ' ', '(']).next().unwrap_or_default()
}

/// `numpy{marker}>=1, <2` or `numpy*`.
fn wanted(text: &str) -> Option<Wanted> {
    let without_marker = match text.split_once('{') {
        Some((name, rest)) => format!("{name}{}", rest.split_once('}').map_or("", |(_, rest)| rest)),
        None => text.to_owned(),
    };
    let text = without_marker.trim_end().trim_end_matches('*');
    let (name, specifiers) = split(text)?;
    Some(Wanted { name, specifiers: specifiers.replace(", ", ",") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_of_the_resolver_is_read() {
        let said = "Using CPython 3.11.7\nDEBUG Adding direct dependency: app*\nDEBUG Adding direct dependency: numpy>=1, <3\n\
            DEBUG Searching for a compatible version of app (*)\nDEBUG Selecting: app==1.0 [compatible] (app-1.0.whl)\n\
            DEBUG Adding transitive dependency for app==1.0: Lib{python_full_version == '3.11.*'}>=1\n\
            DEBUG Searching for a compatible version of numpy{python_full_version == '3.11.*'} (>=1)\n\
            DEBUG Searching for a compatible version of numpy (<=2.5.4)\n\
            DEBUG Selecting: numpy==2.2.6 [compatible] (numpy-2.2.6.whl)\nResolved 2 packages\n + a==1\n";
        let trace = Trace::parse(said);
        let needs: Vec<_> = trace.needs.iter().map(|(who, what)| (who.as_deref(), what.to_string())).collect();
        let wanted = [(None, "app"), (None, "numpy>=1,<3"), (Some("app"), "lib>=1")];
        assert_eq!(needs, wanted.map(|(who, what)| (who, what.to_owned())));
        assert_eq!(trace.passed, BTreeSet::from(["numpy".to_owned()]));
        assert_eq!(trace.taken.get("numpy").unwrap(), "2.2.6");
        let way: Vec<_> = trace.way("lib").unwrap().iter().map(|what| what.to_string()).collect();
        assert_eq!(way, ["app", "lib>=1"]);
        assert_eq!(trace.way("other"), None);
    }
}
