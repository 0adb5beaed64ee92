//! What changed between two versions of a topology: its entities, and the commits that changed them.

mod text;

use crate::git::Commit;
use crate::service::{Revision, Service};
use crate::version::Version;
use serde::Serialize;
use std::collections::BTreeSet;
use std::thread;
use tc_core::backend::difference::{EntityDifference, entities};
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::Topology;

/// The kinds of commits that are told apart, by the types of Conventional Commits 1.0.0 and of the conventions before it,
/// in the order in which they are told.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Features", &["feat", "feature"]),
    ("Fixes", &["fix", "bugfix", "hotfix"]),
    ("Performance", &["perf"]),
    ("Documentation", &["docs", "doc"]),
];
const BREAKING: &str = "Breaking changes";
const OTHER: &str = "Other changes";

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changelog {
    /// The topology.
    pub service: String,
    /// The version that it is told since; `None` where there is none before.
    pub from: Option<String>,
    /// The version that it is told of; `None` of what is not released.
    pub to: Option<String>,
    /// The entities that were added, changed and removed.
    pub entities: Vec<EntityDifference>,
    /// The commits, by what they do.
    pub groups: Vec<Group>,
}

/// Commits of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// What they are called.
    pub title: String,
    /// The commits, the newest first.
    pub commits: Vec<Entry>,
}

/// A commit as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What it is about, where its author says so: the scope of a conventional commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// What it does.
    pub text: String,
    /// The commit.
    #[serde(flatten)]
    pub commit: Commit,
}

impl Changelog {
    /// What changed from one revision to another; all that there ever was where there is nothing to tell it from.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn of(service: &Service, from: Option<Version>, to: Revision) -> Result<Self, Box<Diagnostic>> {
        let (old, new) = thread::scope(|scope| {
            let old = from.map(|from| scope.spawn(move || service.read(Revision::Version(from))));
            let new = service.read(to);
            // A thread ends without a result only by a panic, which is passed on.
            let joined = old.map(|old| old.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            (joined.transpose(), new)
        });
        let (old, new) = (old?, new?);
        let mut paths = BTreeSet::from([service.repository.relative(&service.directory).unwrap_or_default()]);
        paths.extend(old.iter().chain([&new]).flat_map(|read| read.elsewhere.iter().cloned()));
        let paths: Vec<String> = paths.into_iter().collect();
        let from_tag = from.map(|from| from.tag(&service.name));
        let to_name = match to {
            Revision::Version(version) => version.tag(&service.name),
            Revision::WorkingTree => "HEAD".to_owned(),
        };
        let commits = service.repository.commits(from_tag.as_deref(), &to_name, &paths)?;
        Ok(Self {
            service: service.name.clone(),
            from: from.map(|version| version.to_string()),
            to: match to {
                Revision::Version(version) => Some(version.to_string()),
                Revision::WorkingTree => None,
            },
            entities: difference(old.as_ref().map(|read| &read.topology), &new.topology),
            groups: group(commits),
        })
    }
}

/// What two versions differ in; of a first version nothing but that all is new would be told.
fn difference(old: Option<&Topology>, new: &Topology) -> Vec<EntityDifference> {
    old.map(|old| entities(old, new)).unwrap_or_default()
}

/// Commits by what they do. Where nobody writes what kind they are, they stay together.
fn group(commits: Vec<Commit>) -> Vec<Group> {
    let mut titles: Vec<&str> = vec![BREAKING];
    titles.extend(GROUPS.iter().map(|(title, _)| *title));
    titles.push(OTHER);
    let mut groups: Vec<Group> =
        titles.iter().map(|title| Group { title: (*title).to_owned(), commits: Vec::new() }).collect();
    for commit in commits {
        let (title, entry) = classify(commit);
        if let Some(group) = groups.iter_mut().find(|group| group.title == title) {
            group.commits.push(entry);
        }
    }
    groups.retain(|group| !group.commits.is_empty());
    if let [only] = groups.as_mut_slice()
        && only.title == OTHER
    {
        "Changes".clone_into(&mut only.title);
    }
    groups
}

/// The kind of a commit: of `TYPE(SCOPE)!: TEXT` the type, of others none.
fn classify(commit: Commit) -> (&'static str, Entry) {
    let conventional = || {
        let (head, text) = commit.subject.split_once(": ")?;
        let (head, breaks) = head.strip_suffix('!').map_or((head, false), |head| (head, true));
        let (kind, scope) = match head.split_once('(') {
            Some((kind, scope)) => (kind, Some(scope.strip_suffix(')')?.to_owned())),
            None => (head, None),
        };
        let is_type = !kind.is_empty() && kind.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '-');
        is_type.then(|| (kind.to_ascii_lowercase(), scope, breaks, text.to_owned()))
    };
    match conventional() {
        Some((kind, scope, breaks, text)) => {
            let known = GROUPS.iter().find(|(_, kinds)| kinds.contains(&kind.as_str())).map(|(title, _)| *title);
            let title = if breaks || commit.breaks { BREAKING } else { known.unwrap_or(OTHER) };
            (title, Entry { scope, text, commit })
        }
        None => {
            let title = if commit.breaks { BREAKING } else { OTHER };
            (title, Entry { scope: None, text: commit.subject.clone(), commit })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(subject: &str, breaks: bool) -> Commit {
        Commit {
            id: "0".repeat(40),
            date: "2026-11-23".to_owned(),
            author: "ann".to_owned(),
            subject: subject.to_owned(),
            breaks,
        }
    }

    #[test]
    fn conventional_commits_are_told_by_kind() {
        let subjects = [
            ("fix(enhancer): take empty input", false),
            ("Tidy up", false),
            ("feat: greet twice", false),
            ("feat!: greet nobody", false),
            ("chore: dust", false),
            ("refactor: turn round", true),
            ("https://example.com: a link", false),
        ];
        let groups = group(subjects.into_iter().map(|(subject, breaks)| commit(subject, breaks)).collect());
        let told: Vec<(&str, Vec<&str>)> = groups
            .iter()
            .map(|group| (group.title.as_str(), group.commits.iter().map(|entry| entry.text.as_str()).collect()))
            .collect();
        assert_eq!(
            told,
            [
                ("Breaking changes", vec!["greet nobody", "turn round"]),
                ("Features", vec!["greet twice"]),
                ("Fixes", vec!["take empty input"]),
                ("Other changes", vec!["Tidy up", "dust", "https://example.com: a link"]),
            ]
        );
        assert_eq!(groups[2].commits[0].scope.as_deref(), Some("enhancer"));
    }

    #[test]
    fn others_stay_together() {
        let groups = group(vec![commit("Tidy up", false), commit("Dust", false)]);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].title, "Changes");
    }
}
