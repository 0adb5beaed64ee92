//! What became of each topology of a tree.

use super::sites::Sited;
use serde::Serialize;
use serde_json::Value;
use std::process::ExitCode;

/// What became of all, as data and for people.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// In the order in which it was done.
    pub topologies: Vec<Row>,
}

/// What became of one.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    topology: String,
    directory: String,
    /// `created`, `updated`, `unchanged`, `planned`, `deleted`, `absent`, `failed`, `interrupted` or `not begun`.
    result: &'static str,
    /// The topology whose failure is the reason that this one was not begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// What the command says of one topology.
    #[serde(skip_serializing_if = "Value::is_null")]
    details: Value,
}

/// What failed, was interrupted, or was not begun.
const BAD: [&str; 3] = ["failed", "interrupted", "not begun"];

impl Row {
    fn of(member: &Sited, result: &'static str) -> Self {
        let directory = member.place.directory.to_string_lossy().into_owned();
        Self { topology: member.name().to_owned(), directory, result, because: None, details: Value::Null }
    }

    /// One with which all is well.
    pub fn done(member: &Sited, result: &'static str, details: &impl Serialize) -> Self {
        Self { details: serde_json::to_value(details).unwrap_or_default(), ..Self::of(member, result) }
    }

    /// One that failed, or that was left before its end.
    pub fn failed(member: &Sited, is_detached: bool) -> Self {
        Self::of(member, if is_detached { "interrupted" } else { "failed" })
    }

    /// One that was not begun because another failed.
    pub fn not_begun(member: &Sited, because: &str) -> Self {
        Self { because: Some(because.to_owned()), ..Self::of(member, "not begun") }
    }
}

impl Outcome {
    /// One document.
    pub fn json(&self) -> String {
        format!("{}\n", serde_json::to_string_pretty(self).unwrap_or_default())
    }

    /// A line a topology, and how it goes on where not all is well.
    pub fn text(&self) -> String {
        let width = self.topologies.iter().map(|row| row.topology.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        for Row { topology, result, because, .. } in &self.topologies {
            text += &format!("  {topology:width$}  {result}");
            text += &because.as_ref().map_or_else(String::new, |because| format!(": {because} failed"));
            text.push('\n');
        }
        if self.topologies.iter().any(|row| BAD.contains(&row.result)) {
            text += "What is done stays; the same command again goes on with the rest\n";
        }
        text
    }

    /// The exit status: 130 where one was interrupted, 1 where one failed.
    pub fn status(&self) -> ExitCode {
        let has = |result: &str| self.topologies.iter().any(|row| row.result == result);
        if has("interrupted") {
            ExitCode::from(130)
        } else if BAD.into_iter().any(has) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}
