//! What became of trees, as data, as a table and in a line.

use super::job::Job;
use crate::report::plural;
use crate::size;
use crate::table::table;
use serde::Serialize;
use std::time::Duration;
use tc_core::ir::Topology;
use tc_core::ir::function::MODEL_PATH;
use tc_package::assets::Built;

/// How many digits of a digest people are shown.
const DIGITS: usize = 12;

/// What became of a tree.
#[derive(Debug, Serialize)]
pub struct Row {
    pub topology: String,
    pub function: String,
    /// `artifacts` or `deps`.
    pub kind: &'static str,
    /// As the function sees it.
    pub path: String,
    pub result: Verdict,
    #[serde(flatten)]
    pub tree: Option<Tree>,
}

/// What is known of a tree.
#[derive(Debug, Serialize)]
pub struct Tree {
    /// The digest of its manifest.
    pub tree: String,
    pub files: usize,
    /// Bytes.
    pub size: u64,
    pub parts: usize,
}

/// What became of a tree in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It was built, and not to be published.
    Built,
    /// It is on the file system now.
    Published,
    /// It was there before.
    Unchanged,
    /// It was not published, for what was found of others.
    Withheld,
    /// It could not be built or published.
    Failed,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::Published => "published",
            Self::Unchanged => "unchanged",
            Self::Withheld => "withheld",
            Self::Failed => "failed",
        }
    }
}

impl Row {
    /// Of a tree of which nothing is known yet.
    pub fn new(topology: &Topology, job: &Job) -> Self {
        Self {
            topology: topology.name.value.clone(),
            function: job.function.clone(),
            kind: kind(job.key),
            path: job.path.clone(),
            result: Verdict::Failed,
            tree: None,
        }
    }

    /// Notes what was built.
    pub fn measure(&mut self, built: &Built) {
        let manifest = built.manifest();
        self.tree = Some(Tree {
            tree: manifest.digest(),
            files: manifest.files(),
            size: manifest.size(),
            parts: manifest.parts.len(),
        });
    }
}

/// What is published to a key of `assets`, as it is named on the command line.
fn kind(key: &str) -> &'static str {
    if key == MODEL_PATH { "artifacts" } else { "deps" }
}

/// A line a tree.
pub fn table_of(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let [tree, files, size] = match &row.tree {
            Some(tree) => [tree.tree.chars().take(DIGITS).collect(), tree.files.to_string(), size::human(tree.size)],
            None => Default::default(),
        };
        let (function, path, result) = (row.function.clone(), row.path.clone(), row.result.as_str().to_owned());
        [function, row.kind.to_owned(), path, files, size, tree, result]
    };
    let lines: Vec<_> = rows.iter().map(line).collect();
    table(["function", "kind", "path", "files", "size", "tree", "result"], [0; 7], &lines)
}

/// The last line for people. `destinations` are the environments that trees were published to, if any.
pub fn summary(rows: &[Row], key: &str, destinations: &[String], is_forbidden: bool, time: Duration) -> String {
    if rows.is_empty() {
        return match is_forbidden {
            true => "nothing was built\n".to_owned(),
            false => format!("nothing to build: no function has `assets.{key}`\n"),
        };
    }
    use Verdict::{Built, Failed, Published, Unchanged, Withheld};
    let counted = [Built, Published, Unchanged, Withheld, Failed].map(|verdict| {
        let count = rows.iter().filter(|row| row.result == verdict).count();
        (count > 0).then(|| format!("{} {}", plural(count, "tree"), verdict.as_str()))
    });
    let counted: Vec<String> = counted.into_iter().flatten().collect();
    let place = match destinations {
        [] => String::new(),
        destinations => format!(" in {}", destinations.join(", ")),
    };
    format!("{}{place}, {:.1} s\n", counted.join(", "), time.as_secs_f64())
}
