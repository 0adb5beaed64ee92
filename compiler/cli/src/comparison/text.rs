//! What differs between two states, for people.

use super::Comparison;
use crate::deployment::{property, sign};
use crate::shell::Shell;
use clap::builder::styling::Style;
use tc_core::backend::difference::{Action, Difference};

impl Comparison {
    /// By entity, each property with its old and its new value.
    pub fn text(&self, shell: &Shell) -> String {
        let shown = |side: &Option<String>| side.clone().unwrap_or_else(|| "working tree".to_owned());
        let (from, to) = (shown(&self.from), shown(&self.to));
        let mut text = match self.differs {
            true => format!("{} {from}..{to}: {}\n", self.service, summary(&self.changes)),
            false => format!("{} {from}..{to}: nothing differs\n", self.service),
        };
        let mut last = None;
        for change in &self.changes {
            if last != Some(&change.entity) {
                text += &format!("{}\n", if change.entity.is_empty() { "no entity" } else { &change.entity });
            }
            last = Some(&change.entity);
            text += &resource(change, shell);
        }
        for function in &self.without_code {
            text += &format!("code of {function}: not compared, it has to be built first\n");
        }
        text
    }
}

/// "1 added, 2 changed, 1 removed", of resources.
fn summary(changes: &[Difference]) -> String {
    let count = |action: Action| changes.iter().filter(|change| change.action == action).count();
    let counts = [(Action::Add, "added"), (Action::Modify, "changed"), (Action::Remove, "removed")];
    let parts = counts.into_iter().map(|(action, word)| (count(action), word)).filter(|(n, _)| *n > 0);
    parts.map(|(n, word)| format!("{n} {word}")).collect::<Vec<_>>().join(", ")
}

fn resource(change: &Difference, shell: &Shell) -> String {
    let (sign, style) = sign(change);
    let style = if shell.color_out() { style } else { Style::new() };
    let mut text = format!("  {style}{sign}{style:#} {}  {}\n", change.logical_id, change.resource_type);
    if change.action == Action::Modify {
        change.properties.iter().for_each(|one| text += &format!("      {}\n", property(one)));
    }
    text
}
