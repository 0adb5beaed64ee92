//! The code on this machine and in a function, file by file.

use crate::deployment::part::Aim;
use crate::pipeline::Product;
use crate::report::plural;
use crate::shell::Shell;
use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;
use similar::TextDiff;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::render::neutral;
use tc_core::ir::Topology;
use tc_deploy::Connection;
use tc_deploy::code::{self, Local, Remote};
use tc_package::archive::Reader;

/// How long the shortest diff is sought; after that any will do.
const PATIENCE: Duration = Duration::from_millis(500);

/// Larger files are only said to differ, in bytes.
const LARGEST: usize = 1 << 20;

/// A function whose code in AWS is another than on this machine.
#[derive(Debug, Serialize)]
pub struct FunctionCode {
    /// Its name in AWS.
    function: String,
    files: Vec<FileDifference>,
}

/// A file that is not the same.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct FileDifference {
    path: String,
    change: FileChange,
    /// From what is deployed to what is on this machine, of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum FileChange {
    Added,
    Changed,
    Removed,
}

/// The functions that are deployed and whose code is another.
pub fn find(
    connection: &Connection,
    topology: &Topology,
    (product, aim): (&Product, &Aim),
    artifacts: &Path,
) -> Result<Vec<FunctionCode>, Box<Diagnostic>> {
    let local = |(name, artifact): (&String, &tc_package::Artifact)| Local {
        function: topology.function_name(name).text,
        sha256: artifact.sha256.clone(),
    };
    let meant = product.artifacts.iter().filter(|(name, _)| aim.has_code_of(name));
    let locals: Vec<Local> = meant.map(local).collect();
    let remotes = code::compare(connection, &locals)?;
    let mut found = Vec::new();
    for (Local { function, sha256 }, remote) in locals.into_iter().zip(remotes) {
        // What is not there yet is a resource to add.
        let Remote::Zip(zip) = remote else { continue };
        let here = fs::read(artifacts.join(format!("{sha256}.zip"))).unwrap_or_default();
        found.push(FunctionCode { function, files: compare(&files(&zip), &files(&here)) });
    }
    Ok(found)
}

/// The files of a zip by their names; none of what cannot be read.
fn files(zip: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let Ok((reader, members)) = Reader::open(zip) else { return BTreeMap::new() };
    let file = |(name, member): (tc_package::archive::EntryName, tc_package::archive::Member<_>)| {
        Some((name.as_str().to_owned(), reader.read(member.source).ok()?))
    };
    members.into_iter().filter_map(file).collect()
}

fn compare(old: &BTreeMap<String, Vec<u8>>, new: &BTreeMap<String, Vec<u8>>) -> Vec<FileDifference> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let difference = |path: &String| {
        let (before, after) = (old.get(path), new.get(path));
        let change = match (before, after) {
            (None, _) => FileChange::Added,
            (_, None) => FileChange::Removed,
            (Some(before), Some(after)) if before == after => return None,
            _ => FileChange::Changed,
        };
        let empty = Vec::new();
        let diff = diff(before.unwrap_or(&empty), after.unwrap_or(&empty));
        Some(FileDifference { path: path.clone(), change, diff })
    };
    names.into_iter().filter_map(difference).collect()
}

/// A unified diff of two texts; `None` where one is none.
fn diff(old: &[u8], new: &[u8]) -> Option<String> {
    if old.len().max(new.len()) > LARGEST {
        return None;
    }
    let (old, new) = (std::str::from_utf8(old).ok()?, std::str::from_utf8(new).ok()?);
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    Some(diff.unified_diff().to_string())
}

impl FunctionCode {
    /// For people.
    pub fn text(&self, shell: &Shell) -> String {
        let Self { function, files } = self;
        if files.is_empty() {
            return format!("code of {function}: the same files, packed otherwise\n");
        }
        let mut text = format!("code of {function}: {}\n", plural(files.len(), "file"));
        for FileDifference { path, change, diff } in files {
            let (from, to) = match change {
                FileChange::Added => ("/dev/null", path.as_str()),
                FileChange::Removed => (path.as_str(), "/dev/null"),
                FileChange::Changed => (path.as_str(), path.as_str()),
            };
            let body = diff.as_deref().unwrap_or("(it is no text, or too large to be compared)\n");
            let heading = [format!("--- {from}"), format!("+++ {to}")];
            for line in heading.iter().map(String::as_str).chain(body.lines()) {
                let style = match line.as_bytes().first().filter(|_| shell.color_out()) {
                    Some(b'-') => AnsiColor::Red.on_default(),
                    Some(b'+') => AnsiColor::Green.on_default(),
                    _ => Style::new(),
                };
                text += &format!("{style}{}{style:#}\n", neutral(line));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_compared_as_texts() {
        let files = |all: &[(&str, &str)]| {
            let file = |(name, text): &(&str, &str)| ((*name).to_owned(), text.as_bytes().to_vec());
            all.iter().map(file).collect::<BTreeMap<_, _>>()
        };
        let old = files(&[("a.py", "x = 1\n"), ("gone.py", "y\n"), ("same.py", "z\n")]);
        let mut new = files(&[("a.py", "x = 2\n"), ("same.py", "z\n")]);
        new.insert("b.bin".to_owned(), vec![0xff, 0xfe]);
        let found = compare(&old, &new);
        let told: Vec<_> = found.iter().map(|one| (one.path.as_str(), one.change, one.diff.as_deref())).collect();
        assert_eq!(
            told,
            [
                ("a.py", FileChange::Changed, Some("@@ -1 +1 @@\n-x = 1\n+x = 2\n")),
                ("b.bin", FileChange::Added, None),
                ("gone.py", FileChange::Removed, Some("@@ -1 +0,0 @@\n-y\n")),
            ]
        );
    }
}
