//! A function that puts events on one bus has its name in `EVENT_BUS_NAME`; on several, in a variable for each event.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};
use crate::ir::ProducedEvent;
use crate::ir::name::variable;
use std::collections::{BTreeMap, BTreeSet};

const VARIABLE: &str = "EVENT_BUS_NAME";
/// Variables that a help text names.
const SHOWN: usize = 4;

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
                findings.push(finding(subject, &producer.value, first, event));
            }
        }
    }
}

fn bus(event: &ProducedEvent) -> &str {
    event.bus.as_ref().map_or("default", |bus| bus.value.as_str())
}

fn finding(subject: &Subject<'_>, function: &str, first: &ProducedEvent, other: &ProducedEvent) -> Diagnostic {
    let message = format!("`{function}` puts events on two buses, so it has no `{VARIABLE}`");
    let place = |event: &ProducedEvent| event.bus.as_ref().map_or(event.span, |bus| bus.span);
    let puts = |event: &&ProducedEvent| event.producers.iter().any(|producer| producer.value == function);
    let events = subject.topology.produces.values().filter(puts);
    let mut variables: Vec<String> = events.map(|event| format!("`{VARIABLE}_{}`", variable(&event.name))).collect();
    if variables.len() > SHOWN {
        variables.truncate(SHOWN);
        variables.push("...".to_owned());
    }
    Diagnostic::new(&codes::TWO_BUSES, place(other), message)
        .also(place(first), "another bus")
        .help(format!("the names of the buses are in {}", variables.join(", ")))
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
        assert_eq!(check_topology(check, &text(", bus: default", "")), [""; 0]);
        assert_eq!(
            check_topology(check, &text(", bus: x", ", bus: y")),
            [
                "TC0414 note `a` puts events on two buses, so it has no `EVENT_BUS_NAME` @y; the names of the buses are in \
              `EVENT_BUS_NAME_E`, `EVENT_BUS_NAME_F`"
            ]
        );
        assert_eq!(
            check_topology(check, &text(", bus: x", "")),
            [
                "TC0414 note `a` puts events on two buses, so it has no `EVENT_BUS_NAME` @F; the names of the buses are in \
              `EVENT_BUS_NAME_E`, `EVENT_BUS_NAME_F`"
            ]
        );
    }
}
