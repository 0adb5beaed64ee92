//! Findings in the format that was asked for.

use crate::paths::Paths;
use crate::shell::Shell;
use clap::ValueEnum;
use tc_core::diagnostic::render::{github, human, json, sarif};
use tc_core::diagnostic::{Diagnostic, Diagnostics, Severity};
use tc_core::source::SourceMap;
use tc_core::world::SourcePath;

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum MessageFormat {
    /// For people, with the source around each finding.
    #[default]
    Human,
    /// One JSON object a line; `tc schema finding` describes it.
    Json,
    /// One SARIF 2.1.0 document, for code scanning services.
    Sarif,
    /// GitHub Actions workflow commands, which annotate pull requests.
    Github,
}

impl MessageFormat {
    /// Whether people read what the run prints beside the findings, such as the summary.
    pub fn is_read_by_people(self) -> bool {
        matches!(self, Self::Human | Self::Github)
    }
}

/// How many findings people are shown in one run. A reader mends the first of them; a file that is broken throughout has
/// thousands.
const SHOWN: usize = 100;

/// The findings about one topology.
#[derive(Debug)]
pub struct Report {
    /// What was found.
    pub findings: Diagnostics,
    /// The files that they point into.
    pub sources: SourceMap,
    /// How the paths of these are shown.
    pub paths: Option<Paths>,
}

impl Report {
    /// One finding about something that is in no file.
    pub fn without_sources(finding: Diagnostic) -> Self {
        let mut findings = Diagnostics::default();
        findings.push(finding);
        Self { findings, sources: SourceMap::default(), paths: None }
    }

    /// Nothing.
    pub fn empty() -> Box<Self> {
        Box::new(Self { findings: Diagnostics::default(), sources: SourceMap::default(), paths: None })
    }
}

/// Prints the findings about several topologies, as [`print`] does those about one.
pub fn print_all(reports: &[Report], format: MessageFormat, emits: bool, shell: &mut Shell) {
    if format != MessageFormat::Sarif {
        for Report { findings, sources, paths } in reports {
            print(findings, sources, paths.as_ref(), format, emits, shell);
        }
        return;
    }
    // One document holds the results of all.
    let mut whole = sarif_document(&Diagnostics::default(), &SourceMap::default(), None);
    let results = reports.iter().flat_map(|Report { findings, sources, paths }| {
        let mut document = sarif_document(findings, sources, paths.as_ref());
        document.pointer_mut("/runs/0/results").and_then(|results| results.as_array_mut().map(std::mem::take))
    });
    let results: Vec<_> = results.flatten().collect();
    if let Some(place) = whole.pointer_mut("/runs/0/results") {
        *place = results.into();
    }
    let text = format!("{whole:#}\n");
    if emits { shell.err(&text) } else { shell.out(&text) }
}

fn sarif_document(findings: &Diagnostics, sources: &SourceMap, paths: Option<&Paths>) -> serde_json::Value {
    let from_project = |path: &SourcePath| paths.map_or_else(|| path.to_string(), |paths| paths.project_relative(path));
    sarif::document(findings, sources, env!("CARGO_PKG_VERSION"), &from_project)
}

/// Prints the findings: all of them for tools, for people the first [`SHOWN`] with errors before the rest, and how many
/// there are beside.
///
/// Those for people go to standard error. Those for tools go to standard output, unless `emits` says that a result is
/// printed there: a stream holds one thing.
pub fn print(
    findings: &Diagnostics,
    sources: &SourceMap,
    paths: Option<&Paths>,
    format: MessageFormat,
    emits: bool,
    shell: &mut Shell,
) {
    let from_current = |path: &SourcePath| paths.map_or_else(|| path.to_string(), |paths| paths.current_relative(path));
    let from_project = |path: &SourcePath| paths.map_or_else(|| path.to_string(), |paths| paths.project_relative(path));
    let style = shell.style();
    let shown = shown(findings, format);
    let mut text = String::new();
    for finding in &shown {
        match format {
            MessageFormat::Human => text += &(human::render(finding, sources, style, &from_current) + "\n"),
            MessageFormat::Json => text += &json::render(finding, sources, &from_current).unwrap_or_default(),
            MessageFormat::Github => text += &github::render(finding, sources, &from_project),
            MessageFormat::Sarif => break,
        }
        text.push('\n');
    }
    let left = findings.len() - shown.len();
    if left > 0 {
        text += &format!("{} are not shown; `--message-format json` prints all\n\n", plural(left, "more finding"));
    }
    if format == MessageFormat::Sarif {
        text = format!("{:#}\n", sarif_document(findings, sources, paths));
    }
    if format == MessageFormat::Human || emits { shell.err(&text) } else { shell.out(&text) }
}

/// The findings to print, in their order.
fn shown(findings: &Diagnostics, format: MessageFormat) -> Vec<&Diagnostic> {
    let mut order: Vec<_> = findings.iter().enumerate().collect();
    if format == MessageFormat::Human && order.len() > SHOWN {
        order.sort_by_key(|(_, finding)| finding.severity);
        order.truncate(SHOWN);
        order.sort_by_key(|(place, _)| *place);
    }
    order.into_iter().map(|(_, finding)| finding).collect()
}

/// "2 errors, 1 warning"; notes are not counted. Empty where there are none.
pub fn count(findings: &Diagnostics) -> String {
    let counts =
        [(Severity::Error, "error"), (Severity::Warning, "warning")].map(|(s, name)| (findings.count(s), name));
    let parts: Vec<_> = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, name)| plural(n, name)).collect();
    parts.join(", ")
}

/// "1 error", "2 errors".
pub fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
