//! What the tests of the rules share: a flow in YAML in, findings as lines of text out.

use crate::diagnostic::{Diagnostic, Severity};
use crate::frontend::yaml;
use crate::ir::StateMachineType;
use crate::source::{Node, SourceMap, Span};

/// Reads a flow; the text is part of the test, so it must be readable.
pub(super) fn read(text: &str) -> Node {
    let file = SourceMap::default().add("flow.yml".into(), text.to_owned());
    yaml::read(file, text).unwrap_or_else(|faults| panic!("{text}\n{faults:?}"))
}

/// The findings about a Standard flow.
pub(super) fn diagnostics(text: &str) -> Vec<Diagnostic> {
    super::check(&read(text), StateMachineType::Standard)
}

/// The text at a span.
pub(super) fn slice(text: &str, span: Span) -> &str {
    &text[span.range()]
}

/// A finding as `CODE message @text; help; help`, where `text` is what is underlined.
pub(super) fn line(text: &str, finding: &Diagnostic) -> String {
    let place = finding.primary.as_ref().map_or("", |label| slice(text, label.span));
    let help: String = finding.help.iter().map(|help| format!("; {help}")).collect();
    format!("{} {} @{place}{help}", finding.code.id, finding.message)
}

/// The findings about a Standard flow, as lines.
pub(super) fn check(text: &str) -> Vec<String> {
    diagnostics(text).iter().map(|finding| line(text, finding)).collect()
}

/// The findings about an Express flow, as lines.
pub(super) fn express(text: &str) -> Vec<String> {
    super::check(&read(text), StateMachineType::Express).iter().map(|finding| line(text, finding)).collect()
}

/// The errors about a Standard flow, as lines, without the warnings.
pub(super) fn errors_of(text: &str) -> Vec<String> {
    let found = diagnostics(text);
    found.iter().filter(|finding| finding.severity == Severity::Error).map(|finding| line(text, finding)).collect()
}

/// Asserts that nothing is found.
#[track_caller]
pub(super) fn passes(text: &str) {
    let found = check(text);
    assert!(found.is_empty(), "{text}\n{found:#?}");
}
