//! What an output directory would have to change, for `--check`.

use super::contents::{self, ARTIFACTS};
use super::{Files, OutputError};
use similar::TextDiff;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;
use tc_core::diagnostic::render::neutral;

/// One file that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// It is not there.
    Missing(String),
    /// It should not be there.
    Extra(String),
    /// It has other bytes; the text, if it is one, as a unified diff from what is there to what should be.
    Changed(String, Option<String>),
}

impl Difference {
    /// The diff with the name of its file above it and a line break at its end, if there is one.
    pub fn diff(&self) -> Option<String> {
        match self {
            Self::Changed(path, Some(diff)) => Some(format!("--- {path}\n+++ {path}\n{diff}\n")),
            _ => None,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "`{path}` is missing"),
            Self::Extra(path) => write!(f, "`{path}` does not belong there"),
            Self::Changed(path, _) => write!(f, "`{path}` differs"),
        }
    }
}

/// The most lines of a diff that are shown.
const DIFF_LINES: usize = 60;

/// How long the shortest diff is sought; after that any will do.
const DIFF_TIME: Duration = Duration::from_millis(500);

/// What in the directory `out` differs from `files`, in the order of the paths.
///
/// Code zips need not be there: they are named by their content, and the manifest names them. Where some are, all must
/// be.
///
/// # Errors
/// When `out` cannot be read.
pub fn differences(out: &Path, files: &Files<'_>) -> Result<Vec<Difference>, OutputError> {
    let present = match contents::list(out) {
        Err(error) if error.kind() == ErrorKind::NotFound => Default::default(),
        other => other.map_err(OutputError::at(out))?,
    };
    let is_artifact = |path: &str| path.strip_prefix(ARTIFACTS).is_some_and(|rest| rest.starts_with('/'));
    let with_artifacts = present.iter().any(|path| is_artifact(path));
    let mut differences = Vec::new();
    for (path, bytes) in files {
        if !present.contains(path) {
            if with_artifacts || !is_artifact(path) {
                differences.push(Difference::Missing(path.clone()));
            }
            continue;
        }
        let place = out.join(path);
        if !contents::holds(&place, bytes).map_err(OutputError::at(&place))? {
            let diff = diff(&place, bytes).map_err(OutputError::at(&place))?;
            differences.push(Difference::Changed(path.clone(), diff));
        }
    }
    differences.extend(present.into_iter().filter(|path| !files.contains_key(path)).map(Difference::Extra));
    Ok(differences)
}

/// A unified diff from the file at `path` to `wanted`; `None` where one of them is no text.
fn diff(path: &Path, wanted: &[u8]) -> io::Result<Option<String>> {
    let (Ok(found), Ok(wanted)) = (String::from_utf8(fs::read(path)?), std::str::from_utf8(wanted)) else {
        return Ok(None);
    };
    let diff = TextDiff::configure().timeout(DIFF_TIME).diff_lines(found.as_str(), wanted);
    let diff = diff.unified_diff().context_radius(3).to_string();
    let mut lines: Vec<_> = diff.lines().map(neutral).collect();
    let more = lines.len().saturating_sub(DIFF_LINES);
    lines.truncate(DIFF_LINES);
    if more > 0 {
        lines.push(format!("... and {more} more lines").into());
    }
    Ok(Some(lines.join("\n")))
}
