//! No two events have the same pattern and the same target: each would run the target for one and the same event.
//!
//! Two events of one name are a duplicate key. What is left are whole patterns, which do not depend on the name.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};
use crate::ir::{ConsumedEvent, Target};
use std::collections::BTreeMap;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let mut events: Vec<&ConsumedEvent> = subject.topology.consumes.values().collect();
    events.sort_by_key(|event| event.span);
    let mut taken = BTreeMap::new();
    for event in events {
        let Some(pattern) = event.pattern.as_ref().and_then(|pattern| serde_json::to_value(pattern).ok()) else {
            continue;
        };
        let bus = event.bus.as_ref().map(|bus| &bus.value);
        let Some(first) = taken.insert((sorted(pattern).to_string(), bus, target(&event.target)), event) else {
            continue;
        };
        let message = format!("the events `{}` and `{}` have the same pattern and target", first.name, event.name);
        findings.push(
            Diagnostic::new(&codes::DUPLICATE_EVENT, event.span, message)
                .also(first.span, "first")
                .help("the target runs twice for each of them: remove one"),
        );
    }
}

fn target(target: &Target) -> (u8, &str) {
    match target {
        Target::Function(name) => (0, name),
        Target::Flow(_) => (1, ""),
        Target::Queue(name) => (2, name),
        Target::Event(name) => (3, name),
        Target::Mutation(name) => (4, name),
        Target::Topology(name) => (5, name),
    }
}

/// The same value with the keys of its mappings in order.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(map) => {
            let entries: BTreeMap<_, _> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            serde_json::Value::Object(entries.into_iter().collect())
        }
        serde_json::Value::Array(list) => serde_json::Value::Array(list.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    fn run(second: &str) -> Vec<String> {
        let text = format!(
            "events:\n  consumes:\n    B: {{pattern: {{source: [x], detail-type: [T]}}, function: a}}\n    A: {second}\n"
        );
        check_topology(check, &text)
    }

    #[test]
    fn one_pattern_runs_one_target_once() {
        assert_eq!(run("{pattern: {source: [x], detail-type: [T]}, function: b}"), [""; 0]);
        assert_eq!(run("{pattern: {source: [x], detail-type: [U]}, function: a}"), [""; 0]);
        assert_eq!(run("{pattern: {source: [x], detail-type: [T]}, function: a, bus: other}"), [""; 0]);
        assert_eq!(
            run("{pattern: '{\"detail-type\": [\"T\"], \"source\": [\"x\"]}', function: a}"),
            [
                "TC0403 warning the events `B` and `A` have the same pattern and target @A; the target runs twice for each of \
              them: remove one"
            ]
        );
    }
}
