//! An event pattern fits what EventBridge stores: 2,048 characters, a quota that can be raised ("EventBridge User Guide,
//! Quotas, Event pattern size").

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};

const LIMIT: usize = 2_048;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for event in subject.topology.consumes.values() {
        // A tree always has a JSON form; one without would be found before this.
        let size = serde_json::to_string(&event.rule_pattern()).map_or(0, |json| json.chars().count());
        if size > LIMIT {
            let place = event.pattern.as_ref().or(event.filter.as_ref()).map_or(event.span, |node| node.span);
            let message = format!("the pattern of `{}` has {size} characters, over the quota of {LIMIT}", event.name);
            let finding = Diagnostic::new(&codes::EVENT_PATTERN_SIZE, place, message);
            findings
                .push(finding.help("match by `prefix` or `wildcard` in place of long lists, or have the quota raised"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn the_quota_is_met_to_the_character() {
        // {"detail-type":["E"],"detail":{"a":["..."]}} without the dots.
        let frame = 41;
        let text = |dots: usize| {
            let value = "x".repeat(dots);
            format!("events:\n  consumes:\n    E: {{function: a, filter: {{a: [{value}]}}}}\n")
        };
        assert_eq!(check_topology(check, &text(2_048 - frame)), [""; 0]);
        let found = check_topology(check, &text(2_049 - frame));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("TC0412 warning the pattern of `E` has 2049 characters, over the quota of 2048 @")
        );
    }
}
