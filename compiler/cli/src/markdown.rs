//! The Markdown of explanations, shown in a terminal.

use clap::builder::styling::{AnsiColor, Effects, Style};
use std::fmt::Write;

const HEADING: Style = Style::new().effects(Effects::BOLD);
const CODE: Style = AnsiColor::Cyan.on_default();

/// `text` with headings, code spans and code blocks styled in place of their marks. Explanations use nothing else that
/// would read badly as it stands. What stands behind a block's language (```` ```yaml topology.yml wrong ````) becomes its
/// heading.
pub fn styled(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut in_block = false;
    for line in text.lines() {
        // Writing to a string cannot fail.
        let _ = if let Some(info) = line.strip_prefix("```") {
            in_block = !in_block;
            match info.split_once(' ') {
                Some((_, place)) => writeln!(out, "    {HEADING}{place}{HEADING:#}"),
                None => continue,
            }
        } else if in_block {
            writeln!(out, "    {CODE}{line}{CODE:#}")
        } else if let Some(heading) = line.strip_prefix('#') {
            writeln!(out, "{HEADING}{}{HEADING:#}", heading.trim_start_matches('#').trim())
        } else {
            writeln!(out, "{}", spans(line))
        };
    }
    out
}

/// A line of text with its code spans styled.
fn spans(line: &str) -> String {
    let pieces: Vec<&str> = line.split('`').collect();
    // An odd number of backticks marks no spans.
    if pieces.len().is_multiple_of(2) {
        return line.to_owned();
    }
    let mut out = String::new();
    for (nth, piece) in pieces.into_iter().enumerate() {
        let _ = if nth.is_multiple_of(2) { write!(out, "{piece}") } else { write!(out, "{CODE}{piece}{CODE:#}") };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_styles() {
        let text = "# Title\n\nUse `a` and `b`.\nOne ` stays.\n\n```yaml\nkey: `x`\n```\nEnd.\n\n```yaml a.yml wrong\nb: 1\n```\n";
        let expected = "\u{1b}[1mTitle\u{1b}[0m\n\nUse \u{1b}[36ma\u{1b}[0m and \u{1b}[36mb\u{1b}[0m.\nOne ` stays.\n\n    \
                        \u{1b}[36mkey: `x`\u{1b}[0m\nEnd.\n\n    \u{1b}[1ma.yml wrong\u{1b}[0m\n    \u{1b}[36mb: 1\u{1b}[0m\n";
        assert_eq!(styled(text), expected);
    }
}
