//! No two entities come to the same logical id.
//!
//! Lowering refuses a second resource of one id; said here, it is found together with all else that is wrong, and for
//! what becomes a parameter too, such as layers.

use super::Subject;
use crate::backend::logical_id;
use crate::diagnostic::{Diagnostic, codes::template as codes};
use crate::graph::{Entity, EntityKind};
use std::collections::BTreeMap;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let mut entities: Vec<&Entity> = subject.graph.entities().filter(|entity| is_emitted(subject, entity)).collect();
    entities.sort_by_key(|entity| entity.span);
    let mut taken = BTreeMap::new();
    for entity in entities {
        let id = logical_id::of(&entity.id);
        let Some(first) = taken.insert(id.clone(), entity) else { continue };
        let message = format!("`{}` and `{}` have the same logical id `{id}`", first.id, entity.id);
        findings.push(
            Diagnostic::new(&codes::DUPLICATE_LOGICAL_ID, entity.span, message)
                .also(first.span, "the other")
                .help("logical ids keep only letters and digits: rename one of them by more than punctuation or case"),
        );
    }
}

/// An event that is only produced has no resource.
fn is_emitted(subject: &Subject<'_>, entity: &Entity) -> bool {
    entity.id.kind != EntityKind::Event || subject.topology.consumes.contains_key(&entity.id.name)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn names_that_differ_in_punctuation_alone_collide() {
        assert_eq!(check_topology(check, "queues:\n  order: {consumer: a}\n  order2: {consumer: b}\n"), [""; 0]);
        assert_eq!(
            check_topology(check, "queues:\n  order-made: {consumer: a}\n  order_made: {consumer: b}\n"),
            ["TC0601 error `queues/order-made` and `queues/order_made` have the same logical id `QueueOrderMade` \
              @order_made; logical ids keep only letters and digits: rename one of them by more than punctuation or case"]
        );
    }

    #[test]
    fn events_that_are_only_produced_have_no_resource() {
        let text = "events: {produces: {order-made: {producer: a}, order_made: {producer: a}}}\n";
        assert_eq!(check_topology(check, text), [""; 0]);
    }
}
