//! A function that puts events has one bus, whose name it gets in `EVENT_BUS_NAME`.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};
use crate::ir::{Function, ProducedEvent};

const VARIABLE: &str = "EVENT_BUS_NAME";

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let named_by_author = |function: &&Function| function.environment.contains_key(VARIABLE);
    for function in subject.topology.functions.values().filter(|function| !named_by_author(function)) {
        let puts = |event: &&ProducedEvent| event.producers.iter().any(|producer| producer.value == function.name);
        let mut events = subject.topology.produces.values().filter(puts);
        let bus = |event: &ProducedEvent| event.bus.as_ref().map(|bus| bus.value.clone());
        let Some(first) = events.next() else { continue };
        let Some(other) = events.find(|event| bus(event) != bus(first)) else { continue };
        let message = format!("`{}` puts events on two buses, so `{VARIABLE}` cannot name one", function.name);
        let place = |event: &ProducedEvent| event.bus.as_ref().map_or(event.span, |bus| bus.span);
        let finding = Diagnostic::new(&codes::TWO_BUSES, place(other), message).also(place(first), "another bus");
        findings.push(finding.help("name the buses in variables of the function's `environment`"));
    }
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
