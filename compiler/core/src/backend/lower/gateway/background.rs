//! The way from an asynchronous route of an HTTP API to its function: an event on the default bus, and a rule that hands
//! its detail to the function.
//!
//! HTTP APIs integrate Lambda by proxy alone, which waits for the function; their service integrations are those of
//! EventBridge, SQS, Step Functions, Kinesis and AppConfig ("API Gateway Developer Guide, Integration subtype
//! reference"). EventBridge invokes a function asynchronously, so it runs under the same rules as one that a REST API
//! invokes with `X-Amz-Invocation-Type: Event`: Lambda queues the call and tries twice more. The event's source and
//! detail-type name the sandbox and the route, so no other rule takes it and this rule takes no other.

use super::action::Event;
use crate::backend::expr::Expr;
use crate::backend::logical_id;
use crate::backend::lower::{Lowering, dead_letter, event_bus, permission, queue_policy};
use crate::backend::template::Resource;
use crate::graph::{EntityId, EntityKind};
use crate::ir::{Route, Topology, name};
use crate::object;

/// Characters of an event's detail-type ("EventBridge API, PutEventsRequestEntry, DetailType").
const DETAIL_TYPE_LIMIT: usize = 128;

/// The event of an asynchronous route.
pub(super) struct BackgroundEvent {
    source: String,
    detail_type: String,
}

/// The event that stands for a request to an asynchronous route. Its detail-type is the route's logical id and not its
/// key, in which API Gateway could take a `$` for a variable.
pub(super) fn event(topology: &Topology, route: &Route) -> BackgroundEvent {
    let id = logical_id::of(&EntityId::new(EntityKind::Route, &route.key));
    BackgroundEvent {
        source: format!("{}/{}", *topology.name, topology.sandbox),
        detail_type: name::join(&[&id], "-", DETAIL_TYPE_LIMIT).text,
    }
}

impl BackgroundEvent {
    /// As an event on the default bus.
    pub fn as_event(&self) -> Event<'_> {
        Event { name: &self.detail_type, source: &self.source, bus: event_bus::DEFAULT }
    }
}

/// Puts the rule that hands the event's detail to the function, its permission, and a dead-letter queue for what could
/// not be delivered.
pub(super) fn put(cx: &mut Lowering<'_>, route: &Route, function: &str) {
    let entity = EntityId::new(EntityKind::Route, &route.key);
    let id = logical_id::of(&entity);
    let rule = format!("{id}Rule");
    let event = event(cx.topology, route);
    let dead_letter = format!("{id}DeadLetter");
    // Not the name of an event's or a queue's own.
    let name = [id.as_str(), "request"].join(cx.topology.separator());
    let queue_name = cx.topology.dead_letter_name(&name, false).text;
    let mut target = object! {
        "Id": "Target",
        "Arn": cx.invocation_target(function),
        "InputPath": "$.detail",
    };
    for (key, value) in dead_letter::of_target(cx, &dead_letter, &entity, queue_name).iter() {
        target.put(key.clone(), value.clone());
    }
    let rules = [(rule.clone(), Expr::arn(&rule))];
    queue_policy::put(cx, &format!("{dead_letter}Policy"), &entity, &dead_letter, rules);
    let properties = object! {
        "Name": cx.named(&entity, cx.topology.rule_name(&name), name::RULE_LIMIT),
        "Description": format!("Hands requests to the route {} to the function {function}", route.key),
        "EventPattern": object! { "source": vec![event.source], "detail-type": vec![event.detail_type] },
        "State": "ENABLED",
        "Targets": vec![target],
    };
    cx.put(&rule, Resource::new("AWS::Events::Rule", &entity, properties));
    permission::put(cx, &format!("{id}Permission"), &entity, function, "events.amazonaws.com", Expr::arn(rule));
}
