//! Findings as GitHub Actions workflow commands, which show as annotations on a pull request.
//!
//! The commands and their parameters are documented under "Workflow commands for GitHub Actions"; how values are escaped
//! is what the runner and `@actions/core` agree on: `%`, CR and LF in the message, and `:` and `,` too in a parameter.

use super::ShowPath;
use super::neutral::neutral;
use super::place::Place;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::SourceMap;
use std::fmt::Write;

/// One finding as a workflow command, without the line break. `path` should give paths relative to the repository's
/// root, or GitHub cannot tell which file is meant.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, path: ShowPath<'_>) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = diagnostic.primary.as_ref().and_then(|label| Place::of(label.span, sources, path));
    let mut parameters = String::new();
    if let Some(place) = place {
        let file = parameter(&place.path);
        let (start, end) = (place.start, place.end);
        // Writing to a string cannot fail.
        let _ = write!(parameters, "file={file},line={},col={},endLine={},", start.line, start.column, end.line);
        // Columns are understood only where both lie on one line.
        if start.line == end.line {
            let _ = write!(parameters, "endColumn={},", end.column);
        }
    }
    let mut message = neutral(&diagnostic.message).into_owned();
    for help in &diagnostic.help {
        message.push_str("\nhelp: ");
        message.push_str(&neutral(help));
    }
    format!("::{command} {parameters}title={}::{}", parameter(diagnostic.code.id), data(&message))
}

/// The message of a command, escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a parameter, escaped.
fn parameter(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::diagnostic::codes::reading;
    use crate::source::Span;

    #[test]
    fn values_are_escaped() {
        let (sources, findings) = fixture::findings();
        let lines: Vec<_> = findings.iter().map(|finding| render(finding, &sources, &fixture::shown)).collect();
        assert_eq!(
            lines[0],
            "::error file=etl/topology.yml,line=5,col=3,endLine=5,endColumn=7,title=TC0005::\
             key `load` stands twice%0Ahelp: remove one of them%0Ahelp: or rename it: `loader`"
        );
        assert_eq!(lines[1], "::warning title=TC0001::100%25 of `␛[31m`␊is: missing");
    }

    #[test]
    fn a_path_cannot_end_its_parameter() {
        let mut sources = SourceMap::default();
        let file = sources.add("a,b:c\n::error::/x.yml".into(), "a:\n  b\n".to_owned());
        let finding = Diagnostic::new(&reading::SYNTAX, Span::new(file, 0, 7), "m");
        assert_eq!(
            render(&finding, &sources, &|path| path.to_string()),
            "::error file=a%2Cb%3Ac%0A%3A%3Aerror%3A%3A/x.yml,line=1,col=1,endLine=2,title=TC0004::m"
        );
    }
}
