//! What must hold for any bytes in any input: no panic, no place outside of its file, and nothing emitted that the back
//! end's own check calls a defect of tc.
//!
//! `tests/fuzz` runs these functions under libFuzzer; `tests/fuzz.rs` runs each of them on its seeds, so that they hold
//! on the stable toolchain and cannot rot.

#![allow(clippy::missing_panics_doc, reason = "a target's panic is what the fuzzer looks for")]

mod archive;
mod compile;
mod elf;
mod expression;
mod lock;
mod seeds;

pub use archive::{archive, zip_reader};
pub use compile::{function_json, project, roles, topology, vars};
pub use elf::elf;
pub use expression::{asl, intrinsic, jsonata, jsonpath};
pub use lock::lock;

use tc_core::diagnostic::render::{github, human, json, sarif};
use tc_core::diagnostic::{Diagnostic, Diagnostics};
use tc_core::frontend::yaml as reader;
use tc_core::source::{Node, SourceMap, Span, Value};
use tc_core::world::SourcePath;

/// A property that holds for any bytes, and bytes to begin with.
#[derive(Clone, Copy)]
pub struct Target {
    /// The name of its program in `tests/fuzz`.
    pub name: &'static str,
    /// Panics where the property does not hold.
    pub run: fn(&[u8]),
    /// Inputs of the golden cases that are of its kind.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: [Target; 14] = [
    Target { name: "yaml", run: yaml, seeds: seeds::documents },
    Target { name: "topology", run: topology, seeds: || seeds::files("topology.yml") },
    Target { name: "function_json", run: function_json, seeds: || seeds::files("function.json") },
    Target { name: "vars", run: vars, seeds: || seeds::files_in("vars") },
    Target { name: "roles", run: roles, seeds: || seeds::files_in("roles") },
    Target { name: "lock", run: lock, seeds: || seeds::files("topology.lock") },
    Target { name: "project", run: project, seeds: || seeds::files("tc.yml") },
    Target { name: "asl", run: asl, seeds: seeds::flows },
    Target { name: "jsonata", run: jsonata, seeds: || seeds::strings(|text| text.starts_with("{%")) },
    Target { name: "jsonpath", run: jsonpath, seeds: || seeds::strings(|text| text.starts_with('$')) },
    Target { name: "intrinsic", run: intrinsic, seeds: || seeds::strings(|text| text.starts_with("States.")) },
    Target { name: "zip_reader", run: zip_reader, seeds: seeds::archives },
    Target { name: "archive", run: archive, seeds: seeds::documents },
    Target { name: "elf", run: elf, seeds: seeds::libraries },
];

/// The YAML and JSON reader: every place lies in the text, and a finding can be shown in every format.
pub fn yaml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut sources = SourceMap::default();
    let file = sources.add(SourcePath::new("topology.yml"), text.to_owned());
    match reader::read(file, text) {
        Ok(node) => {
            places(&node, &sources);
            let json = serde_json::to_string(&node).expect("a tree has only what JSON has");
            serde_json::from_str::<serde_json::Value>(&json).expect("what was written can be read");
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a word");
            render(faults, &sources);
        }
    }
}

fn places(node: &Node, sources: &SourceMap) {
    place(node.span, sources);
    match &node.value {
        Value::List(list) => list.iter().for_each(|item| places(item, sources)),
        Value::Map(map) => map.iter().for_each(|entry| {
            place(entry.key_span, sources);
            places(&entry.value, sources);
        }),
        _ => {}
    }
}

fn place(span: Span, sources: &SourceMap) {
    let file = sources.get(span.file).expect("a place in a file that was read");
    assert!(file.text.get(span.range()).is_some(), "{span:?} in {} of {} bytes", file.path, file.text.len());
}

/// Shows findings in every format.
fn render(findings: impl IntoIterator<Item = Diagnostic>, sources: &SourceMap) {
    let mut all = Diagnostics::default();
    all.extend(findings);
    all.sort(sources);
    let path = |path: &SourcePath| path.to_string();
    for finding in all.iter() {
        finding.primary.iter().chain(&finding.secondary).for_each(|label| place(label.span, sources));
        let human = human::render(finding, sources, human::Style::default(), &path);
        assert!(human.contains(finding.code.id), "{human}");
        // A line break in a name must not begin a line of its own, nor a command of the terminal's or the runner's.
        let steers = |c: char| c.is_control() && c != '\t';
        assert!(!human.contains(|c| c != '\n' && steers(c)), "{human:?}");
        let command = github::render(finding, sources, &path);
        assert!(!command.contains(steers), "{command:?}");
        json::render(finding, sources, &path).expect("a finding can be written as JSON");
    }
    let _ = sarif::document(&all, sources, "0.0.0", &path);
}
