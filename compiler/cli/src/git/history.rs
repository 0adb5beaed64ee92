//! The commits between two versions.

use super::Repository;
use serde::Serialize;
use tc_core::diagnostic::Diagnostic;

/// Between the fields of a commit, and between commits: bytes that no message has.
const FIELD: char = '\u{1f}';
const RECORD: char = '\u{1e}';

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// Its id, in 40 digits.
    pub id: String,
    /// The day it was made, as its author had it: `2026-11-23`.
    pub date: String,
    /// Who wrote it.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
    /// Whether its message says that it breaks something, by a `BREAKING CHANGE:` footer.
    pub breaks: bool,
}

impl Repository {
    /// The commits that can be reached from one and not from another, and that touch one of these paths, the newest first.
    /// Paths are from the root of the work tree; merges are left out, since what they merge is there.
    ///
    /// # Errors
    /// When git fails.
    pub fn commits(&self, from: Option<&str>, to: &str, paths: &[String]) -> Result<Vec<Commit>, Box<Diagnostic>> {
        let format = format!("--format=%H{FIELD}%ad{FIELD}%an{FIELD}%s{FIELD}%b{RECORD}");
        let range = from.map_or_else(|| to.to_owned(), |from| format!("{from}..{to}"));
        let mut arguments = vec!["log", "--no-merges", "--date=short", &format, &range, "--"];
        // A pathspec as it stands: a name may hold what git reads as a pattern.
        let paths: Vec<String> = paths.iter().map(|path| format!(":(top,literal){path}")).collect();
        arguments.extend(paths.iter().map(String::as_str));
        let log = self.run(&arguments)?;
        Ok(log.split(RECORD).filter_map(|record| read(record.trim_start_matches('\n'))).collect())
    }
}

fn read(record: &str) -> Option<Commit> {
    let mut fields = record.splitn(5, FIELD).map(str::to_owned);
    let (id, date, author, subject) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let body = fields.next()?;
    let breaks = body.lines().any(|line| line.starts_with("BREAKING CHANGE:") || line.starts_with("BREAKING-CHANGE:"));
    Some(Commit { id, date, author, subject, breaks })
}
