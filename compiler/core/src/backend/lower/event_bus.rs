//! Buses of EventBridge. They exist outside of the stack and are named, not imported: a bus's name is the same in every
//! account, and its ARN follows from it.

use super::iam;
use crate::backend::expr::{Expr, Object};
use crate::ir::Topology;
use crate::object;

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

/// The ARN of a rule, from names alone: a role that only this rule may use cannot refer to the rule, which refers to it.
pub(super) fn rule_arn(bus: Option<&str>, rule: &str) -> Expr {
    let path = match bus.filter(|bus| *bus != DEFAULT) {
        Some(bus) => format!("{bus}/{rule}"),
        None => rule.to_owned(),
    };
    Expr::Sub(format!("arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:rule/{path}"))
}

/// The condition that narrows `events:PutEvents` to an event: its detail-type and, where `produces` lists them, its
/// sources. Both keys hold one value for each entry put, so `StringEquals` is the operator ("EventBridge User Guide,
/// Using IAM policy conditions").
pub(super) fn put_condition(topology: &Topology, event: &str) -> Object {
    let mut keys = object! { "events:detail-type": event };
    let sources = topology.produces.get(event).map(|event| event.sources.as_slice()).unwrap_or_default();
    match sources {
        [] => {}
        [one] => keys.put("events:source", &one.value),
        many => keys.put("events:source", many.iter().map(|source| source.as_str()).collect::<Vec<_>>()),
    }
    object! { "StringEquals": keys }
}

#[cfg(test)]
mod tests {
    use crate::backend::lower::testing::{resource, template};

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
