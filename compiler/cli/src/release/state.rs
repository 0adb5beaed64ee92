//! Whether a commit may be released, and as which version.

use crate::invocation;
use crate::service::{Revision, Service};
use crate::version::{Bump, Version};
use std::collections::BTreeSet;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::release as codes;

/// How many files are named.
const NAMED: usize = 5;

/// What a commit has to be beside what every release asks.
#[derive(Debug, Clone, clap::Args)]
pub struct Demands {
    /// Refuse a commit that no branch of a remote has
    #[arg(long)]
    require_pushed: bool,

    /// Refuse a commit that is no part of this branch
    #[arg(long, value_name = "BRANCH")]
    require_merged: Option<String>,
}

/// The version that a commit is, or becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// The version.
    pub version: Version,
    /// The one before it.
    pub previous: Option<Version>,
    /// Whether the commit bears its tag.
    pub is_tagged: bool,
}

/// The commit that is checked out, if it may be released.
///
/// # Errors
/// When it may not.
pub fn check(service: &Service, demands: &Demands) -> Result<String, Box<Diagnostic>> {
    let repository = &service.repository;
    if repository.is_shallow()? {
        return Err(Box::new(service.shallow("no release can be made")));
    }
    let Some(commit) = repository.commit("HEAD")? else {
        let finding = Diagnostic::without_place(&codes::UNCOMMITTED, "there is no commit yet");
        return Err(Box::new(finding.help("what is released is a commit: `git commit`")));
    };
    let project = project_file(service, &commit)?;
    let mut paths = BTreeSet::from([repository.relative(&service.directory).unwrap_or_default()]);
    paths.extend(service.read(Revision::WorkingTree)?.elsewhere);
    paths.extend(project);
    let changed = repository.uncommitted(&paths.into_iter().collect::<Vec<_>>())?;
    if !changed.is_empty() {
        return Err(Box::new(uncommitted(service, &changed)));
    }
    repository.check_identity()?;
    demands.check(service, &commit)?;
    Ok(commit)
}

/// The version that a commit has, else the one that it gets.
///
/// # Errors
/// When another commit has it.
pub fn next(service: &Service, commit: &str, bump: Bump) -> Result<Next, Box<Diagnostic>> {
    let versions = service.repository.versions(&service.name, commit)?;
    if let Some(version) = service.version_at(commit)? {
        let previous = versions.into_iter().rfind(|one| *one < version);
        return Ok(Next { version, previous, is_tagged: true });
    }
    let previous = versions.last().copied();
    let version = previous.map_or(Version::FIRST, |previous| previous.bump(bump));
    service.repository.bears(&service.name, version, commit)?;
    Ok(Next { version, previous, is_tagged: false })
}

impl Demands {
    fn check(&self, service: &Service, commit: &str) -> Result<(), Box<Diagnostic>> {
        let refused = |message: String, help: String| {
            Err(Box::new(Diagnostic::without_place(&codes::UNPUBLISHED, message).help(help)))
        };
        let short = commit.get(..8).unwrap_or(commit);
        if self.require_pushed && !service.repository.is_pushed(commit)? {
            return refused(
                format!("no branch of a remote has the commit {short}"),
                "push it: `git push`; nothing was released".to_owned(),
            );
        }
        let Some(branch) = &self.require_merged else { return Ok(()) };
        match service.repository.is_merged(commit, branch)? {
            Some(true) => Ok(()),
            Some(false) => refused(
                format!("the commit {short} is no part of `{branch}`"),
                "merge it first; where it was merged elsewhere, `git fetch`".to_owned(),
            ),
            None => refused(
                format!("there is no branch `{branch}`"),
                format!("fetch it: `git fetch origin {}`", invocation::word(branch)),
            ),
        }
    }
}

/// `tc.yml` as the work tree has it, from the root of the repository.
///
/// # Errors
/// When the commit does not have it, for what it says would then not count.
fn project_file(service: &Service, commit: &str) -> Result<Option<String>, Box<Diagnostic>> {
    const FILE: &str = "tc.yml";
    let directories = service.directory.ancestors();
    let mut files = directories.map(|directory| directory.join(FILE));
    let Some(found) = files.find(|file| file.exists()) else {
        return Ok(None);
    };
    let Some(path) = service.repository.relative(&found) else {
        let message = format!("`{}` lies outside of the repository", found.display());
        let finding = Diagnostic::without_place(&codes::UNCOMMITTED, message);
        return Err(Box::new(finding.help("what is released is a commit: move it to the repository's root")));
    };
    match service.repository.has_file(commit, &path)? {
        true => Ok(Some(path)),
        false => Err(Box::new(uncommitted(service, &[path]))),
    }
}

fn uncommitted(service: &Service, files: &[String]) -> Diagnostic {
    let mut named: Vec<String> = files.iter().take(NAMED).map(|file| format!("`{file}`")).collect();
    let left = files.len() - named.len();
    if left > 0 {
        named.push(format!("{left} more"));
    }
    let message = format!("`{}` has changes that are not committed: {}", service.name, named.join(", "));
    Diagnostic::without_place(&codes::UNCOMMITTED, message)
        .help("commit them, or take them away: `git stash --include-untracked`; nothing was released")
}
