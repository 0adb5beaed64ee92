//! Buses of EventBridge. They exist outside of the stack and are named, not imported: a bus's name is the same in every
//! account, and its ARN follows from it.

use super::iam::{self, Grant};
use crate::backend::expr::Expr;
use crate::backend::logical_id;
use crate::graph::{EntityId, EntityKind};
use crate::ir::{PutEvent, Topology};
use crate::object;
use std::collections::BTreeSet;

/// The name of the bus that every account has.
pub(super) const DEFAULT: &str = "default";

/// The bus that an event is put on: what `produces` says, else `consumes`, else the account's default bus.
pub(super) fn of<'t>(topology: &'t Topology, event: &str) -> &'t str {
    let produced = topology.produces.get(event).and_then(|event| event.bus.as_ref());
    let consumed = || topology.consumes.get(event).and_then(|event| event.bus.as_ref());
    produced.or_else(consumed).map_or(DEFAULT, |bus| bus.value.as_str())
}

/// The ARN of a bus of this account, or the one that stands in place of a name.
pub(super) fn arn(name: &str) -> Expr {
    if name.starts_with("arn:") {
        return name.into();
    }
    let name = iam::literal(name);
    Expr::Sub(format!("arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:event-bus/{name}"))
}

/// The ARN of a rule, from names alone: a role that only this rule may use cannot refer to the rule, which refers to it. Nor
/// does a queue's policy, so that a queue needs nothing of what leads to it.
pub(super) fn rule_arn(bus: Option<&str>, rule: &str) -> Expr {
    // A bus may be named by its ARN, which ends in its name.
    let bus = bus.map(|bus| bus.rsplit_once(":event-bus/").map_or(bus, |(_, name)| name));
    let path = match bus.filter(|bus| *bus != DEFAULT) {
        Some(bus) => format!("{bus}/{rule}"),
        None => rule.to_owned(),
    };
    Expr::Sub(format!("arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:rule/{path}"))
}

/// The right of a function, a route or the flow to put an event: on its bus, with its detail-type, and with its sources
/// where they are known. Both keys of the condition hold one value for each entry put, so `StringEquals` is the operator
/// ("EventBridge User Guide, Using IAM policy conditions").
pub(super) fn put_grant(topology: &Topology, by: &EntityId, event: &EntityId) -> Grant {
    let name = &event.name;
    let (buses, sources) = match by.kind {
        EntityKind::Flow => put_by_flow(topology, name),
        _ => {
            let produced = topology.produces.get(name);
            let sources = produced.map(|event| event.sources.iter().map(|source| source.as_str()).collect());
            (vec![arn(of(topology, name))], sources.unwrap_or_default())
        }
    };
    let mut keys = object! { "events:detail-type": name };
    match sources.as_slice() {
        [] => {}
        [one] => keys.put("events:source", *one),
        many => keys.put("events:source", many.to_vec()),
    }
    let grant = Grant::new(format!("Put{}", logical_id::of(event)), &["events:PutEvents"], buses);
    grant.when(object! { "StringEquals": keys })
}

/// The buses and the sources that the states of the flow put an event on and with; no sources where not all are known.
fn put_by_flow<'t>(topology: &'t Topology, name: &str) -> (Vec<Expr>, Vec<&'t str>) {
    let puts = topology.flow.iter().flat_map(|flow| &flow.puts);
    let puts: Vec<&PutEvent> = puts.filter(|event| event.name.value == name).collect();
    let mut buses = Vec::new();
    for event in &puts {
        let bus = match &event.bus {
            None => arn(DEFAULT),
            Some(bus) => match bus.as_literal() {
                Some(name) => arn(name),
                None => bus.into(),
            },
        };
        if !buses.contains(&bus) {
            buses.push(bus);
        }
    }
    let sources: Option<BTreeSet<&str>> =
        puts.iter().map(|event| event.source.as_ref().map(|source| source.as_str())).collect();
    (buses, sources.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use crate::backend::lower::testing::{resource, template};

    #[test]
    fn the_flow_may_put_what_its_states_put() {
        let entry = |rest: &str| format!("{{Detail: {{}}, {rest}}}");
        let entries = [
            entry("DetailType: Billed, Source: etl"),
            entry("DetailType: Billed, Source: etl.billing, EventBusName: orders"),
            entry(
                "DetailType: Noted, Source.$: $.source, EventBusName: 'arn:aws:events:{{region}}:{{account}}:event-bus/notes'",
            ),
            entry("DetailType.$: $.type, Source: etl"),
        ];
        let text = format!(
            "name: etl\nflow: {{StartAt: a, States: {{a: {{Type: Task, Resource: 'arn:aws:states:::events:putEvents', \
             Parameters: {{Entries: [{}]}}, End: true}}}}}}\n",
            entries.join(", ")
        );
        let role = resource(&template(&text, &[]), "FlowRole");
        let of = |bus: &str| {
            format!("!Sub 'arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:event-bus/{bus}'")
        };
        let expected = format!(
            r"            - Sid: PutEventBilled
              Effect: Allow
              Action: events:PutEvents
              Resource:
                - {}
                - {}
              Condition:
                StringEquals:
                  events:detail-type: Billed
                  events:source:
                    - etl
                    - etl.billing
            - Sid: PutEventNoted
              Effect: Allow
              Action: events:PutEvents
              Resource: !Sub 'arn:aws:events:${{AWS::Region}}:${{AWS::AccountId}}:event-bus/notes'
              Condition:
                StringEquals:
                  events:detail-type: Noted
            - Sid: EventsPutEvents
              Effect: Allow
              Action: events:PutEvents
              Resource: {}
",
            of("default"),
            of("orders"),
            of("default")
        );
        assert!(role.ends_with(&expected), "{role}");
    }

    #[test]
    fn events_that_differ_in_punctuation_alone_have_statements_of_their_own() {
        let text = "name: etl\nevents: {produces: {order-made: {producer: a}, order_made: {producer: a}}}\n";
        let role = resource(&template(text, &["a"]), "FunctionARole");
        assert!(role.contains("Sid: PutEventOrderMade\n") && role.contains("Sid: PutEventOrderMade2\n"), "{role}");
    }

    #[test]
    fn a_producer_may_put_its_event_and_no_other() {
        let text = "name: etl\nevents:\n  produces:\n    Billed: {producer: a, source: [etl.billing, etl], bus: orders}\n    \
                    Noted: {producer: [a, b]}\n";
        let template = template(text, &["a", "b"]);
        let role = resource(&template, "FunctionARole");
        let billed = r"            - Sid: PutEventBilled
              Effect: Allow
              Action: events:PutEvents
              Resource: !Sub 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/orders'
              Condition:
                StringEquals:
                  events:detail-type: Billed
                  events:source:
                    - etl.billing
                    - etl
";
        let noted = r"            - Sid: PutEventNoted
              Effect: Allow
              Action: events:PutEvents
              Resource: !Sub 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default'
              Condition:
                StringEquals:
                  events:detail-type: Noted
";
        assert!(role.contains(billed) && role.contains(noted), "{role}");
        let other = resource(&template, "FunctionBRole");
        assert!(other.contains(noted) && !other.contains("Billed"), "{other}");
        assert!(resource(&template, "FunctionB").contains("EVENT_BUS_NAME: default\n"));
        let several = "EVENT_BUS_NAME_BILLED: orders\n        EVENT_BUS_NAME_NOTED: default\n";
        assert!(resource(&template, "FunctionA").contains(several));
    }
}
