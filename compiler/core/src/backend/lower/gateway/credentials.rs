//! The rights of a route: a role that API Gateway takes on for it, with the one action that its target needs.

use super::action::{Action, Event};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::lower::iam::{self, Grant};
use crate::backend::lower::{Lowering, event_bus};
use crate::graph::{EdgeKind, EntityId, EntityKind, Link};
use crate::ir::Route;
use crate::object;

/// Puts the role of a route and gives its ARN. `None` where the route needs none: a function that it calls permits the
/// API itself. `also` is an event that the route puts to reach its target.
pub(super) fn put(cx: &mut Lowering<'_>, route: &Route, also: Option<Event<'_>>) -> Option<Expr> {
    let entity = EntityId::new(EntityKind::Route, &route.key);
    let mut grants: Vec<Grant> = cx.graph.outgoing(&entity).iter().filter_map(|link| iam::grant(cx, link)).collect();
    grants.extend(also.map(|event| put_event("PutRequest", event)));
    if grants.is_empty() {
        return None;
    }
    let id = format!("{}Role", logical_id::of(&entity));
    let statements = grants.iter().map(Grant::statement).collect();
    iam::put_role(cx, &id, &entity, "apigateway.amazonaws.com", statements);
    Some(Expr::arn(id))
}

/// The right that an edge from a route gives to that route, or `None` where the other end permits it.
pub(in crate::backend::lower) fn grant(cx: &Lowering<'_>, link: &Link<'_>) -> Option<Grant> {
    let route = cx.topology.routes.get(&link.from.id.name)?;
    let to = logical_id::of(&link.to.id);
    let grant = |verb: &str, action: &'static str, resource: Expr| {
        Some(Grant::new(format!("{verb}{to}"), &[action], vec![resource]))
    };
    match (link.edge.kind, Action::of(cx.topology, route)?) {
        (EdgeKind::Starts, Action::Run(_)) => grant("Run", "states:StartSyncExecution", Expr::reference(&to)),
        (EdgeKind::Starts, _) => grant("Start", "states:StartExecution", Expr::reference(&to)),
        (EdgeKind::Sends, _) => grant("Send", "sqs:SendMessage", Expr::arn(&to)),
        (EdgeKind::Puts, Action::Put(event)) => Some(put_event(&format!("Put{to}"), event)),
        _ => None,
    }
}

/// The right to put one kind of event, by bus, source and detail-type.
fn put_event(sid: &str, event: Event<'_>) -> Grant {
    let equal: Object = object! { "events:source": event.source, "events:detail-type": event.name };
    Grant::new(sid, &["events:PutEvents"], vec![event_bus::arn(event.bus)]).when(object! { "StringEquals": equal })
}
