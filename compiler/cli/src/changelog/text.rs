//! A changelog as it is read: in a terminal, or as Markdown.

use super::{Changelog, Entry};
use crate::report::plural;
use tc_core::backend::difference::{Action, EntityDifference, PropertyDifference};

/// How many properties of one entity are told; of a flow they can be hundreds.
const PROPERTIES: usize = 12;

/// How much of a value is told, in characters.
const WIDTH: usize = 60;

impl Changelog {
    /// What it is of: `etl 0.1.0..0.2.0`.
    pub fn title(&self) -> String {
        let to = self.to.as_deref().unwrap_or("unreleased");
        match &self.from {
            Some(from) => format!("{} {from}..{to}", self.service),
            None => format!("{} {to}", self.service),
        }
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let commits: usize = self.groups.iter().map(|group| group.commits.len()).sum();
        let mut text = format!("{}, {}\n", self.title(), plural(commits, "commit"));
        if !self.entities.is_empty() {
            text.push('\n');
        }
        for entity in &self.entities {
            text += &format!("  {} {}\n", sign(entity.action), entity.entity);
            properties(entity).iter().for_each(|line| text += &format!("      {line}\n"));
        }
        for group in &self.groups {
            text += &format!("\n{}\n", group.title);
            for entry in &group.commits {
                text +=
                    &format!("  {} {} {} ({})\n", short(entry), entry.commit.date, line(entry), entry.commit.author);
            }
        }
        text
    }

    /// For a page, such as that of a release.
    pub fn markdown(&self) -> String {
        let mut text = format!("## {}\n", self.title());
        if !self.entities.is_empty() {
            text += "\n| | entity | what |\n|---|---|---|\n";
        }
        for entity in &self.entities {
            let cells: Vec<String> = properties(entity).iter().map(|line| cell(line)).collect();
            text += &format!("| {} | `{}` | {} |\n", word(entity.action), cell(&entity.entity), cells.join("<br>"));
        }
        for group in &self.groups {
            text += &format!("\n### {}\n\n", group.title);
            for entry in &group.commits {
                text += &format!("- {} ({}, {})\n", line(entry), short(entry), entry.commit.author);
            }
        }
        text
    }
}

/// What a commit does, in a line.
fn line(entry: &Entry) -> String {
    match &entry.scope {
        Some(scope) => format!("{scope}: {}", entry.text),
        None => entry.text.clone(),
    }
}

fn short(entry: &Entry) -> &str {
    entry.commit.id.get(..8).unwrap_or(&entry.commit.id)
}

fn sign(action: Action) -> char {
    match action {
        Action::Add => '+',
        Action::Remove => '-',
        Action::Modify | Action::Other => '~',
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Add => "added",
        Action::Remove => "removed",
        Action::Modify | Action::Other => "changed",
    }
}

fn properties(entity: &EntityDifference) -> Vec<String> {
    let mut lines: Vec<String> = entity.properties.iter().take(PROPERTIES).map(property).collect();
    let left = entity.properties.len().saturating_sub(PROPERTIES);
    if left > 0 {
        lines.push(format!("and {left} more"));
    }
    lines
}

fn property(property: &PropertyDifference) -> String {
    let PropertyDifference { path, old, new, .. } = property;
    let shown = |value: &serde_json::Value| {
        let text = value.to_string();
        match text.char_indices().nth(WIDTH) {
            Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
            None => text,
        }
    };
    match (old, new) {
        (Some(old), Some(new)) => format!("{path}: {} -> {}", shown(old), shown(new)),
        (None, Some(new)) => format!("{path}: + {}", shown(new)),
        (Some(old), None) => format!("{path}: - {}", shown(old)),
        (None, None) => path.clone(),
    }
}

/// A cell of a table, which a bar would end.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
