//! What a function's environment holds beside what its author wrote: the names of what the graph lets it use.

use super::{Lowering, event_bus};
use crate::backend::expr::Expr;
use crate::backend::logical_id;
use crate::graph::{EdgeKind, EntityId};
use std::collections::BTreeMap;

/// Variables for the entities that the edges of a function lead to: `QUEUE_NAME_URL` for each queue NAME that it sends to,
/// and `EVENT_BUS_NAME` where it puts events on one bus. The author's own variables of these names stand over them.
pub(super) fn of_edges(cx: &Lowering<'_>, entity: &EntityId) -> BTreeMap<String, Expr> {
    let mut variables = BTreeMap::new();
    let links = cx.graph.outgoing(entity);
    let reached = |kind| links.iter().filter(move |link| link.edge.kind == kind).map(|link| &link.to.id);
    for queue in reached(EdgeKind::Sends) {
        let name = format!("QUEUE_{}_URL", variable(&queue.name));
        variables.insert(name, Expr::reference(logical_id::of(queue)));
    }
    let mut buses: Vec<_> = reached(EdgeKind::Puts).map(|event| event_bus::of(cx.topology, &event.name)).collect();
    buses.dedup();
    if let [bus] = buses.as_slice() {
        variables.insert("EVENT_BUS_NAME".to_owned(), Expr::from(*bus));
    }
    variables
}

/// The name in the spelling of environment variables: `order-jobs` is `ORDER_JOBS`.
fn variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_as_variables() {
        assert_eq!(variable("order-jobs_v2"), "ORDER_JOBS_V2");
    }
}
