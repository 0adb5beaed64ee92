//! Findings that the renderers' tests share.

use crate::diagnostic::codes::reading;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{SourceMap, Span};
use crate::world::SourcePath;

/// A finding with other places, one of them in another file, and help; and one with no place and a hostile message.
pub(super) fn findings() -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let text = "name: etl\nstates:\n  load: {}\n  # ñ\n  load: {}\n";
    let topology = sources.add("topology.yml".into(), text.to_owned());
    let vars = sources.add("../infrastructure/vars/a,b.json".into(), "{}\n".to_owned());
    let at = |nth| {
        let start = text.match_indices("load").nth(nth).unwrap().0;
        Span::new(topology, start, start + 4)
    };
    let placed = Diagnostic::new(&reading::DUPLICATE_KEY, at(1), "key `load` stands twice")
        .label("the second")
        .also(at(0), "the first")
        .also(Span::new(vars, 0, 3), "")
        .help("remove one of them")
        .help("or rename it: `loader`");
    let mut placeless = Diagnostic::without_place(&reading::NO_TOPOLOGY, "100% of `\u{1b}[31m`\nis: missing");
    placeless.severity = Severity::Warning;
    (sources, vec![placed, placeless])
}

/// Paths as seen from the directory above the topology `etl`.
pub(super) fn shown(path: &SourcePath) -> String {
    SourcePath::new("etl").join(path.as_str()).to_string()
}
