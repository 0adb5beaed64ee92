//! What was found in the topologies of a tree: each thing once, whoever found it.

use crate::report::{self, MessageFormat, Report};
use crate::shell::Shell;
use std::collections::BTreeSet;
use tc_core::diagnostic::{Diagnostics, Severity};

/// Leaves out what another report says of the same places: a circle is found by all that are in it.
pub fn once(reports: &mut [Report]) {
    let mut known = BTreeSet::new();
    for Report { findings, sources, paths } in reports {
        let all = std::mem::take(findings);
        findings.extend(all.into_iter().filter(|finding| {
            let labels = finding.primary.iter().chain(&finding.secondary);
            let places = labels.filter_map(|label| {
                let path = &sources.get(label.span.file)?.path;
                let path = paths.as_ref().map_or_else(|| path.to_string(), |paths| paths.project_relative(path));
                Some((path, label.span.start))
            });
            let places: BTreeSet<(String, u32)> = places.collect();
            // What has no place is told by each topology for itself.
            places.is_empty() || known.insert((finding.code.id, finding.message.clone(), places))
        }));
    }
}

/// Prints them, and how many there are, where one is an error.
pub fn print(reports: &[Report], format: MessageFormat, emits: bool, what: &str, shell: &mut Shell) {
    report::print_all(reports, format, emits, shell);
    let all = || reports.iter().flat_map(|report| report.findings.iter());
    let first = all().find(|finding| finding.severity == Severity::Error);
    if let (Some(first), true) = (first, format.is_read_by_people()) {
        let counts = report::count(&whole(reports));
        shell.err(&format!("{counts}: {what}; `tc explain {}` says more\n", first.code.id));
    }
}

/// All findings, to be counted.
pub fn whole(reports: &[Report]) -> Diagnostics {
    let mut whole = Diagnostics::default();
    reports.iter().for_each(|report| whole.extend(report.findings.iter().cloned()));
    whole
}
