//! A change set as it is shown: a line a resource, by entity.

use super::consent::is_destructive;
use crate::report::plural;
use crate::shell::Shell;
use clap::builder::styling::{AnsiColor, Style};
use std::collections::BTreeSet;
use tc_core::backend::difference::{Action, Difference, Replacement};
use tc_deploy::change_set::ChangeSet;

/// The change set of a sandbox for people.
pub fn text(stack: &str, change_set: &ChangeSet, shell: &Shell) -> String {
    let ChangeSet { changes, unchanged, .. } = change_set;
    let mut text = format!("change set of {stack}: {}", describe(changes, shell));
    if !unchanged.is_empty() {
        text +=
            &format!("  {} beside, which refer to these and stay as they are\n", plural(unchanged.len(), "resource"));
    }
    text
}

/// Changes for people: how many of which kind, and a line a resource.
pub fn describe(changes: &[Difference], shell: &Shell) -> String {
    format!("{}\n{}", summary(changes), lines(changes, shell))
}

/// A line a resource.
pub fn lines(changes: &[Difference], shell: &Shell) -> String {
    let width =
        |of: fn(&Difference) -> &str| changes.iter().map(|change| of(change).chars().count()).max().unwrap_or(0);
    let (entities, ids) = (width(|change| &change.entity), width(|change| &change.logical_id));
    let mut text = String::new();
    let mut last = None;
    for change in changes {
        // An entity is named once.
        let entity = if last == Some(&change.entity) { "" } else { &change.entity };
        last = Some(&change.entity);
        let (sign, style) = sign(change);
        let style = if shell.color_err() { style } else { Style::new() };
        let line = format!(
            "  {style}{sign}{style:#} {entity:entities$}  {:ids$}  {}{}",
            change.logical_id,
            change.resource_type,
            detail(change)
        );
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// "3 to add, 1 to change, 1 to replace"; what only outputs differ in changes no resource.
pub fn summary(changes: &[Difference]) -> String {
    let count = |is: fn(&Difference) -> bool| changes.iter().filter(|change| is(change)).count();
    let counts = [
        (count(|change| change.action == Action::Add), "add"),
        (count(|change| change.action == Action::Modify && !is_destructive(change)), "change"),
        (count(|change| change.action == Action::Modify && is_destructive(change)), "replace"),
        (count(|change| change.action == Action::Remove), "remove"),
        (count(|change| change.action == Action::Other), "import"),
    ];
    let parts: Vec<String> =
        counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} to {what}")).collect();
    if parts.is_empty() { "outputs alone".to_owned() } else { parts.join(", ") }
}

/// The sign of a change, and how it is coloured.
pub fn sign(change: &Difference) -> (&'static str, Style) {
    match (change.action, change.replacement) {
        (Action::Add, _) => ("+", AnsiColor::Green.on_default()),
        (Action::Modify, Replacement::Never) => ("~", AnsiColor::Yellow.on_default()),
        (Action::Modify, _) => ("!", AnsiColor::Red.on_default()),
        (Action::Remove, _) => ("-", AnsiColor::Red.on_default()),
        (Action::Other, _) => ("*", Style::new()),
    }
}

/// What becomes of the resource beside what its sign says.
pub fn fate(change: &Difference) -> Vec<String> {
    let replaced = match change.replacement {
        Replacement::Never => None,
        Replacement::Perhaps => Some("may be replaced".to_owned()),
        Replacement::Always => Some("replaced".to_owned()),
    };
    let lost = change.loss().map(|loss| match change.replacement {
        Replacement::Perhaps => format!("{} may be lost", loss.what),
        _ => format!("{} are lost", loss.what),
    });
    let kept = (change.is_kept && is_destructive(change)).then(|| "the old one is kept".to_owned());
    replaced.into_iter().chain(lost).chain(kept).collect()
}

fn detail(change: &Difference) -> String {
    let fate = fate(change).join(", ");
    // The first step of a path says enough where values are not shown.
    let property = |path: &str| path.split(['.', '[']).next().unwrap_or_default().to_owned();
    let properties: BTreeSet<String> = change.properties.iter().map(|one| property(&one.path)).collect();
    let properties = properties.into_iter().collect::<Vec<_>>().join(", ");
    match (fate.is_empty(), properties.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("  {fate}"),
        (true, false) => format!("  {properties}"),
        (false, false) => format!("  {fate}: {properties}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tc_core::backend::difference::differences;

    fn changes() -> Vec<Difference> {
        let function = |name: &str, key: &str| json!({ "Type": "AWS::Lambda::Function", "Properties": { "FunctionName": name, "Code": { "S3Key": key } } });
        let queue = json!({ "Type": "AWS::SQS::Queue" });
        let template = |resources: serde_json::Value| json!({ "Resources": resources });
        differences(
            &template(json!({ "A": function("a", "1"), "B": function("b", "1"), "Q": queue })),
            &template(json!({ "A": function("a", "2"), "B": function("c", "2"), "C": function("d", "1") })),
        )
    }

    #[test]
    fn a_replacement_is_no_change() {
        let changes = changes();
        assert_eq!(summary(&changes), "1 to add, 1 to change, 1 to replace, 1 to remove");
        assert_eq!(summary(&[]), "outputs alone");
        let details: Vec<_> = changes.iter().map(detail).collect();
        assert_eq!(details, ["  Code", "  replaced: Code, FunctionName", "", "  its messages are lost"]);
    }
}
