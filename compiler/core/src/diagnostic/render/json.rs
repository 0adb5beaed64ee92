//! Findings as JSON, one object a line, for scripts and editors.

use super::ShowPath;
use super::place::Place;
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::{Position, SourceMap};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

/// A finding as `--message-format json` prints it, one a line.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding<'a> {
    /// The rule that was broken, such as `TC0203`; `tc explain` tells its story.
    pub code: &'a str,
    /// The weight, after `-D` and `-A`.
    pub severity: Severity,
    /// One line that says what is wrong, with names in backticks.
    pub message: &'a str,
    /// Where it is; absent for a finding about something that is in no file.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub place: Option<FindingPlace<'a>>,
    /// Other places that explain it, such as the first of two definitions.
    pub related: Vec<FindingPlace<'a>>,
    /// What to do, one line each.
    pub help: &'a [String],
}

/// A range of text in a source file, and what there is to say about it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingPlace<'a> {
    /// The file, with `/` between its parts.
    pub path: String,
    /// The first character.
    pub start: FindingPosition,
    /// One past the last character; equal to `start` where only a point is meant.
    pub end: FindingPosition,
    /// A few words about this text; may be empty.
    pub label: &'a str,
}

/// A place in a file as people count it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingPosition {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters (Unicode code points), from 1.
    pub column: usize,
}

/// The JSON Schema of [`Finding`], as committed in `schema/finding.schema.json`: pretty, with a newline at its end.
pub fn schema() -> &'static str {
    include_str!("../../../../../schema/finding.schema.json")
}

/// The schema as the types say it.
pub fn generate_schema() -> String {
    let generator = SchemaSettings::draft2020_12().into_generator();
    format!("{:#}\n", generator.into_root_schema_for::<Finding<'static>>().to_value())
}

/// One finding as a line of JSON, without the line break.
///
/// # Errors
/// None that is known: every value has string keys and is finite. The type is that of the serialiser.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, path: ShowPath<'_>) -> serde_json::Result<String> {
    let place = |label| finding_place(label, sources, path);
    serde_json::to_string(&Finding {
        code: diagnostic.code.id,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        place: diagnostic.primary.as_ref().and_then(place),
        related: diagnostic.secondary.iter().filter_map(place).collect(),
        help: &diagnostic.help,
    })
}

fn finding_place<'a>(label: &'a Label, sources: &SourceMap, path: ShowPath<'_>) -> Option<FindingPlace<'a>> {
    let place = Place::of(label.span, sources, path)?;
    Some(FindingPlace { path: place.path, start: place.start.into(), end: place.end.into(), label: &label.text })
}

impl From<Position> for FindingPosition {
    fn from(position: Position) -> Self {
        Self { line: position.line, column: position.column }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_schema_is_what_the_types_say() {
        assert_eq!(schema(), generate_schema(), "run `cargo run -p tc-core --example schemas`");
    }

    #[test]
    fn findings_follow_the_schema() {
        let (sources, findings) = fixture::findings();
        let validator = jsonschema::validator_for(&serde_json::from_str(schema()).unwrap()).unwrap();
        for finding in &findings {
            let mut line: serde_json::Value =
                serde_json::from_str(&render(finding, &sources, &fixture::shown).unwrap()).unwrap();
            assert!(validator.is_valid(&line), "{line}");
            line["severity"] = "fatal".into();
            assert!(!validator.is_valid(&line));
        }
    }

    #[test]
    fn a_finding_is_one_line() {
        let (sources, findings) = fixture::findings();
        let lines: Vec<_> =
            findings.iter().map(|finding| render(finding, &sources, &fixture::shown).unwrap()).collect();
        assert_eq!(
            lines[0],
            concat!(
                r#"{"code":"TC0005","severity":"error","message":"key `load` stands twice","path":"etl/topology.yml","#,
                r#""start":{"line":5,"column":3},"end":{"line":5,"column":7},"label":"the second","#,
                r#""related":[{"path":"etl/topology.yml","start":{"line":3,"column":3},"end":{"line":3,"column":7},"label":"the first"},"#,
                r#"{"path":"infrastructure/vars/a,b.json","start":{"line":1,"column":1},"end":{"line":1,"column":3},"label":""}],"#,
                r#""help":["remove one of them","or rename it: `loader`"]}"#
            )
        );
        assert_eq!(
            lines[1],
            r#"{"code":"TC0001","severity":"warning","message":"100% of `\u001b[31m`\nis: missing","related":[],"help":[]}"#
        );
    }
}
