//! What the tests of the rules share: the files of a topology in, findings as lines of text out.

use super::{Rule, Subject};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::frontend::{Loaded, Options, load};
use crate::graph::Graph;
use crate::source::{SourceMap, Span};
use crate::world::MemoryWorld;

/// What one rule finds in a topology of these files, compiled for sandbox `bob`. The front end must have nothing to say.
#[track_caller]
pub(super) fn diagnostics(rule: Rule, files: &[(&str, &str)]) -> (SourceMap, Vec<Diagnostic>) {
    let world = MemoryWorld::new(files.iter().map(|(path, text)| (*path, *text)));
    let options = Options { sandbox: Some("bob".into()), env: Some("dev".into()), version: None };
    let Loaded { sources, findings, topology, .. } = load(&world, &options);
    let messages: Vec<_> = findings.iter().map(|finding| &finding.message).collect();
    assert!(findings.is_empty(), "{messages:?}");
    let topology = topology.unwrap();
    let graph = Graph::build(&topology);
    let mut found = Vec::new();
    rule(&Subject { world: &world, topology: &topology, graph: &graph }, &mut found);
    let mut diagnostics = Diagnostics::default();
    diagnostics.extend(found);
    diagnostics.sort(&sources);
    (sources, diagnostics.into_iter().collect())
}

/// The same as lines: `CODE severity message @text; help; help`, where `text` is what is underlined.
#[track_caller]
pub(super) fn check(rule: Rule, files: &[(&str, &str)]) -> Vec<String> {
    let (sources, findings) = diagnostics(rule, files);
    findings.iter().map(|finding| line(&sources, finding)).collect()
}

/// What one rule finds in a topology of which only `topology.yml` matters; functions `a`, `b` and `c` exist.
#[track_caller]
pub(super) fn check_topology(rule: Rule, text: &str) -> Vec<String> {
    let handler = "def handler(event, context): pass\n";
    let handlers = [("a/handler.py", handler), ("b/handler.py", handler), ("c/handler.py", handler)];
    let text = format!("name: etl\n{text}");
    check(rule, &[&[("topology.yml", text.as_str())], handlers.as_slice()].concat())
}

/// What one rule finds about a single function with this `function.json` and a Python handler.
#[track_caller]
pub(super) fn check_function(rule: Rule, json: &str) -> Vec<String> {
    let handler = "def handler(event, context): pass\n";
    check(rule, &[("topology.yml", "name: etl\n"), ("a/handler.py", handler), ("a/function.json", json)])
}

/// The text at a span.
pub(super) fn text(sources: &SourceMap, span: Span) -> &str {
    sources.get(span.file).and_then(|file| file.text.get(span.range())).unwrap_or("?")
}

fn line(sources: &SourceMap, finding: &Diagnostic) -> String {
    let place = finding.primary.as_ref().map_or("", |label| text(sources, label.span));
    let help: String = finding.help.iter().map(|help| format!("; {help}")).collect();
    format!("{} {} {} @{place}{help}", finding.code.id, finding.severity.as_str(), finding.message)
}
