//! An event's name is a detail-type that EventBridge takes, and its sources are not AWS's own.
//!
//! Source: EventBridge API, PutEventsRequestEntry: DetailType is a "free-form string, with a maximum of 128 characters";
//! EventBridge User Guide, "Event structure": sources of other applications must not begin with `aws.`; API Gateway
//! Developer Guide, "Transform API requests and responses for HTTP APIs" and "Mapping template transformations for REST
//! APIs": `$` begins a variable, and in a template `#` a directive.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};
use crate::ir::Target;
use crate::source::Span;

const LIMIT: usize = 128;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let topology = subject.topology;
    // The name of an event with a whole pattern is no detail-type.
    let consumed = topology.consumes.values().filter(|event| event.pattern.is_none());
    let names = consumed.map(|event| (&event.name, event.span));
    let names = names.chain(topology.produces.values().map(|event| (&event.name, event.span)));
    let by_flow = || topology.flow.iter().flat_map(|flow| &flow.puts);
    for (name, span) in names.chain(by_flow().map(|event| (&event.name.value, event.name.span))) {
        findings.extend(name_fault(name, span));
    }
    for route in topology.routes.values() {
        let Target::Event(name) = &route.target else { continue };
        let is_described = topology.produces.contains_key(&name.value) || topology.consumes.contains_key(&name.value);
        findings.extend(if is_described { None } else { name_fault(name, name.span) });
        if let Some(refused) = name.chars().find(|c| matches!(c, '$' | '#')) {
            let message = format!("the route `{}` cannot put an event whose name holds `{refused}`", route.key);
            let finding = Diagnostic::new(&codes::EVENT_NAME, name.span, message);
            findings.push(finding.help("API Gateway gives it a meaning of its own: leave it out of the name"));
        }
    }
    let sources = topology.produces.values().flat_map(|event| &event.sources);
    for source in sources.chain(by_flow().filter_map(|event| event.source.as_ref())) {
        if source.starts_with("aws.") {
            let message = format!("the source `{}` is one of AWS's own", source.value);
            let finding = Diagnostic::new(&codes::EVENT_NAME, source.span, message);
            findings.push(finding.help("sources that begin with `aws.` are reserved: name the application"));
        }
    }
}

fn name_fault(name: &str, span: Span) -> Option<Diagnostic> {
    let length = name.chars().count();
    let message = match length {
        0 => "an event without a name".to_owned(),
        1..=LIMIT => return None,
        _ => format!("an event's name of {length} characters"),
    };
    let help = format!("it is the event's detail-type and has 1 to {LIMIT} characters");
    Some(Diagnostic::new(&codes::EVENT_NAME, span, message).help(help))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn a_detail_type_has_at_most_128_characters() {
        let text = |length: usize| format!("events: {{consumes: {{{}: {{function: a}}}}}}\n", "x".repeat(length));
        assert_eq!(check_topology(check, &text(128)), [""; 0]);
        let found = check_topology(check, &text(129));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("TC0413 error an event's name of 129 characters @xxx"), "{found:?}");
        assert!(found[0].ends_with("xx; it is the event's detail-type and has 1 to 128 characters"), "{found:?}");
    }

    #[test]
    fn a_route_puts_an_event_by_its_name() {
        let text = |name: &str| format!("routes: {{/x: {{event: '{name}', method: POST}}}}\n");
        assert_eq!(check_topology(check, &text("Order placed: {1}")), [""; 0]);
        assert_eq!(check_topology(check, &text(&"x".repeat(129))).len(), 1);
        for (name, refused) in [("a$b", '$'), ("Order#1", '#')] {
            let expected = format!(
                "TC0413 error the route `/x` cannot put an event whose name holds `{refused}` @'{name}'; API Gateway gives it \
                 a meaning of its own: leave it out of the name"
            );
            assert_eq!(check_topology(check, &text(name)), [expected]);
        }
    }

    #[test]
    fn a_whole_pattern_needs_no_detail_type() {
        let name = "x".repeat(129);
        let text = format!("events: {{consumes: {{{name}: {{function: a, pattern: {{source: [x]}}}}}}}}\n");
        assert_eq!(check_topology(check, &text), [""; 0]);
    }

    #[test]
    fn sources_of_aws_are_only_consumed() {
        assert_eq!(check_topology(check, "events: {consumes: {E: {producer: aws.s3, function: a}}}\n"), [""; 0]);
        let expected = "TC0413 error the source `aws.s3` is one of AWS's own @aws.s3; sources that begin with `aws.` are \
                        reserved: name the application";
        assert_eq!(check_topology(check, "events: {produces: {E: {producer: a, source: aws.s3}}}\n"), [expected]);
        let flow = "flow:\n  StartAt: s\n  States:\n    s: {Type: Task, Resource: 'arn:aws:states:::events:putEvents', Parameters: \
                    {Entries: [{DetailType: E, Source: aws.s3}]}, End: true}\n";
        assert_eq!(check_topology(check, flow), [expected]);
    }
}
