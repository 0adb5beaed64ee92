//! A payload written as text for a function or a flow is JSON when it looks like it: both take nothing but JSON, so other
//! text is quoted, and a slip in JSON would be quoted too.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};
use crate::ir::Target;
use crate::source::{Piece, Text};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for schedule in subject.topology.schedules.values() {
        // A message may be any text.
        if matches!(schedule.target, Target::Queue(_)) {
            continue;
        }
        let Some(payload) = &schedule.payload else { continue };
        if let Some(error) = payload.as_text().and_then(fault) {
            let message = format!("the payload of `{}` is no JSON: {error}", schedule.name);
            let finding = Diagnostic::new(&codes::PAYLOAD, payload.span, message);
            findings.push(finding.help("write it as YAML, without quotes around the whole"));
        }
    }
}

/// Why text that begins like a list or an object is none.
fn fault(text: &Text) -> Option<serde_json::Error> {
    // A symbol stands for digits or letters without need of an escape; a digit is right in a string and outside.
    let pieces = text.pieces().into_iter().map(|piece| match piece {
        Piece::Literal(literal) => literal,
        Piece::Symbol(_) => "1",
    });
    let plain: String = pieces.collect();
    if !plain.trim_start().starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str::<serde::de::IgnoredAny>(&plain).err()
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn text_that_looks_like_json_is_json() {
        let schedule = |keys: &str| {
            let text = format!("queues: {{jobs: {{}}}}\nschedules:\n  s: {{rate: 1 day, {keys}}}\n");
            check_topology(check, &text)
        };
        for fine in [
            "function: a, payload: plain text",
            "function: a, payload: '{\"x\": {{account}}}'",
            "function: a, payload: {x: 1}",
            "queue: jobs, payload: '{no json'",
        ] {
            assert_eq!(schedule(fine), [""; 0], "{fine}");
        }
        assert_eq!(
            schedule("function: a, payload: '{\"x\": 1,}'"),
            [
                "TC0418 error the payload of `s` is no JSON: key must be a string at line 1 column 9 @'{\"x\": 1,}'; write it as \
              YAML, without quotes around the whole"
            ]
        );
    }
}
