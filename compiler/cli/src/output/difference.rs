//! What an output directory would have to change, for `--check`.

use super::{OutputError, contents};
use clap::builder::styling::{AnsiColor, Style};
use sha2::{Digest, Sha256};
use similar::TextDiff;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::Path;
use std::time::Duration;
use tc_core::diagnostic::render::neutral;
use tc_core::digest::hexadecimal;
use tc_package::Artifact;

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
    pub fn diff(&self, color: bool) -> Option<String> {
        let Self::Changed(path, Some(diff)) = self else { return None };
        let line = |line: &str| match (line.as_bytes().first(), color) {
            (Some(b'-'), true) => format!("{REMOVED}{line}{REMOVED:#}\n"),
            (Some(b'+'), true) => format!("{ADDED}{line}{ADDED:#}\n"),
            _ => format!("{line}\n"),
        };
        let heading = [format!("--- {path}"), format!("+++ {path}")];
        Some(heading.iter().map(String::as_str).chain(diff.lines()).map(line).collect())
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

const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();

/// The most lines of a diff that are shown.
const DIFF_LINES: usize = 60;

/// Bytes that are read of a file at a time.
const CHUNK: usize = 64 << 10;

/// How long the shortest diff is sought; after that any will do.
const DIFF_TIME: Duration = Duration::from_millis(500);

/// What an output directory should hold.
#[derive(Debug, Default)]
pub struct Expected<'a> {
    /// The texts by their paths.
    pub texts: BTreeMap<String, &'a str>,
    /// The code zips by their paths.
    pub artifacts: BTreeMap<String, &'a Artifact>,
}

/// What in the directory `out` differs from what is expected, in the order of the paths.
///
/// Code zips need not be there: they are named by their content, and the manifest names them. Where some are, all must
/// be.
///
/// # Errors
/// When `out` cannot be read.
pub fn differences(out: &Path, expected: &Expected<'_>) -> Result<Vec<Difference>, OutputError> {
    let mut present = match contents::list(out) {
        Err(error) if error.kind() == ErrorKind::NotFound => BTreeSet::new(),
        other => other.map_err(OutputError::at(out))?,
    };
    let with_artifacts = present.iter().any(|path| contents::is_artifact(path));
    let mut differences = Vec::new();
    for (path, artifact) in &expected.artifacts {
        let place = out.join(path);
        if !present.remove(path) {
            differences.extend(with_artifacts.then(|| Difference::Missing(path.clone())));
        } else if digest(&place).map_err(OutputError::at(&place))? != artifact.sha256 {
            differences.push(Difference::Changed(path.clone(), None));
        }
    }
    for (name, text) in &expected.texts {
        let place = out.join(name);
        if !present.remove(name) {
            differences.push(Difference::Missing(name.clone()));
            continue;
        }
        let found = fs::read(&place).map_err(OutputError::at(&place))?;
        if found != text.as_bytes() {
            let diff = String::from_utf8(found).ok().map(|found| diff(&found, text));
            differences.push(Difference::Changed(name.clone(), diff));
        }
    }
    differences.extend(present.into_iter().map(Difference::Extra));
    Ok(differences)
}

/// The SHA-256 of a file in hexadecimal.
fn digest(path: &Path) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut file = BufReader::with_capacity(CHUNK, File::open(path)?);
    loop {
        let chunk = file.fill_buf()?;
        if chunk.is_empty() {
            return Ok(hexadecimal(digest.finalize()));
        }
        digest.update(chunk);
        let length = chunk.len();
        file.consume(length);
    }
}

/// A unified diff.
pub fn diff(found: &str, wanted: &str) -> String {
    let diff = TextDiff::configure().timeout(DIFF_TIME).diff_lines(found, wanted);
    let diff = diff.unified_diff().context_radius(3).to_string();
    let mut lines: Vec<_> = diff.lines().map(neutral).collect();
    let more = lines.len().saturating_sub(DIFF_LINES);
    lines.truncate(DIFF_LINES);
    if more > 0 {
        lines.push(format!("... and {more} more lines").into());
    }
    lines.join("\n")
}
