//! What a person likes to read after a compile: what was found, what was emitted, where, how long it took.

use crate::pipeline::Product;
use crate::report::plural;
use crate::size;
use clap::builder::styling::{AnsiColor, Effects, Style};
use std::collections::BTreeSet;
use std::time::Duration;
use tc_core::ir::{Function, RuntimeBasis, Topology};
use tc_core::source::Value;

const HEADING: Style = Style::new().effects(Effects::BOLD);
const KEY: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);

/// The facts of a summary.
#[derive(Debug)]
pub struct Summary<'a> {
    /// What was compiled.
    pub topology: &'a Topology,
    /// "2 warnings", or nothing.
    pub findings: String,
    /// What it compiled to.
    pub product: &'a Product,
    /// The output directory as it is shown, and what was done with it.
    pub place: (String, &'static str),
    /// How long all of it took.
    pub time: Duration,
}

impl Summary<'_> {
    /// The summary, a few lines, each with its break.
    pub fn text(&self, color: bool) -> String {
        let Self { topology, findings, product, .. } = self;
        let mut found = entities(topology);
        if !findings.is_empty() {
            found = format!("{found}; {findings}");
        }
        let expected = product.expected();
        let zips = expected.artifacts.len();
        let zip_bytes = expected.artifacts.values().map(|artifact| artifact.size).sum();
        let template = size::human(product.template.len() as u64);
        let mut emitted =
            format!("{} {template}, {}", product.name, plural(product.lowered.resources.len(), "resource"));
        if !product.stacks.is_empty() {
            emitted += &format!(" in {} and the root", plural(product.stacks.len(), "nested stack"));
        }
        if zips > 0 {
            emitted += &format!("; {}, {}", plural(zips, "code zip"), size::human(zip_bytes));
        }
        let (place, done) = &self.place;
        let (heading, key) = if color { (HEADING, KEY) } else { (Style::new(), Style::new()) };
        let line = |name: &str, text: &str| format!("{key}{name:>9}{key:#}  {text}\n");
        let runtimes = inferred_runtimes(topology);
        format!("{heading}{}{heading:#}\n", topology.functor())
            + &line("found", &found)
            + &if runtimes.is_empty() { String::new() } else { line("inferred", &runtimes) }
            + &line("emitted", &emitted)
            + &line(done, &format!("{place} in {} ms", self.time.as_millis()))
    }
}

/// The runtimes that nobody wrote, and what they were taken for: "python3.12 for .python-version, nodejs22.x by default".
fn inferred_runtimes(topology: &Topology) -> String {
    let taken = |function: &Function| {
        let runtime = function.runtime.as_ref().filter(|runtime| !runtime.is_os_only())?;
        let reason = match function.runtime_basis.as_ref()? {
            RuntimeBasis::Written => return None,
            RuntimeBasis::Default => "by default".to_owned(),
            RuntimeBasis::Constrained(constraints) => {
                let files: Vec<_> = constraints.iter().map(|constraint| constraint.file.file_name()).collect();
                format!("for {}", files.join(" and "))
            }
        };
        Some(format!("{} {reason}", runtime.id()))
    };
    let all: BTreeSet<String> = topology.functions.values().filter_map(taken).collect();
    Vec::from_iter(all).join(", ")
}

/// "3 functions, 1 route, 1 event, a flow of 3 states".
fn entities(topology: &Topology) -> String {
    let counts = [
        (topology.functions.len(), "function"),
        (topology.routes.len(), "route"),
        (topology.consumes.len() + topology.produces.len(), "event"),
        (topology.queues.len(), "queue"),
        (topology.schedules.len(), "schedule"),
    ];
    let mut parts: Vec<_> = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| plural(n, what)).collect();
    if let Some(flow) = &topology.flow {
        let states = flow.definition.get("States").map_or(0, |states| match &states.value {
            Value::Map(states) => states.len(),
            _ => 0,
        });
        parts.push(format!("a flow of {}", plural(states, "state")));
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}
