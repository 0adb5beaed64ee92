//! A function that puts events has one bus, whose name it gets in `EVENT_BUS_NAME`.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};
use crate::ir::ProducedEvent;
use std::collections::{BTreeMap, BTreeSet};

const VARIABLE: &str = "EVENT_BUS_NAME";

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, &ProducedEvent> = BTreeMap::new();
    let mut reported = BTreeSet::new();
    for event in subject.topology.produces.values() {
        for producer in &event.producers {
            let function = subject.topology.functions.get(&producer.value);
            if function.is_none_or(|function| function.environment.contains_key(VARIABLE)) {
                continue;
            }
            let first = *first.entry(&producer.value).or_insert(event);
            if bus(first) != bus(event) && reported.insert(&producer.value) {
                findings.push(finding(&producer.value, first, event));
            }
        }
    }
}

fn bus(event: &ProducedEvent) -> Option<&String> {
    event.bus.as_ref().map(|bus| &bus.value)
}

fn finding(function: &str, first: &ProducedEvent, other: &ProducedEvent) -> Diagnostic {
    let message = format!("`{function}` puts events on two buses, so `{VARIABLE}` cannot name one");
    let place = |event: &ProducedEvent| event.bus.as_ref().map_or(event.span, |bus| bus.span);
    Diagnostic::new(&codes::TWO_BUSES, place(other), message)
        .also(place(first), "another bus")
        .help("name the buses in variables of the function's `environment`")
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn one_bus_a_function() {
        let text = |first: &str, second: &str| {
            format!("events:\n  produces:\n    E: {{producer: a{first}}}\n    F: {{producer: [a, b]{second}}}\n")
        };
        assert_eq!(check_topology(check, &text("", "")), [""; 0]);
        assert_eq!(check_topology(check, &text(", bus: x", ", bus: x")), [""; 0]);
        assert_eq!(
            check_topology(check, &text(", bus: x", ", bus: y")),
            ["TC0414 warning `a` puts events on two buses, so `EVENT_BUS_NAME` cannot name one @y; name the buses in \
              variables of the function's `environment`"]
        );
        assert_eq!(
            check_topology(check, &text(", bus: x", "")),
            ["TC0414 warning `a` puts events on two buses, so `EVENT_BUS_NAME` cannot name one @F; name the buses in \
              variables of the function's `environment`"]
        );
    }
}
