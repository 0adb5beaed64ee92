//! No two entities come to the same logical id, and none to one that is too long.
//!
//! Lowering refuses a second resource of one id; said here, it is found together with all else that is wrong, and for
//! what becomes a parameter too, such as layers.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::template as codes};
use crate::graph::{Entity, EntityKind, logical_id};
use std::collections::BTreeMap;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let mut entities: Vec<&Entity> = subject.graph.entities().filter(|entity| is_emitted(subject, entity)).collect();
    entities.sort_by_key(|entity| entity.span);
    let mut taken = BTreeMap::new();
    for entity in entities {
        let id = logical_id::of(&entity.id);
        if id.len() > logical_id::LIMIT - BESIDE {
            findings.push(too_long(entity, id.len()));
        }
        let Some(first) = taken.insert(id.clone(), entity) else { continue };
        let message = format!("`{}` and `{}` have the same logical id `{id}`", first.id, entity.id);
        findings.push(
            Diagnostic::new(&codes::DUPLICATE_LOGICAL_ID, entity.span, message)
                .also(first.span, "the other")
                .help("logical ids keep only letters and digits: rename one of them by more than punctuation or case"),
        );
    }
}

/// Characters kept for what lowering adds for the resources that belong to an entity, such as `DeadLetter`.
const BESIDE: usize = 40;

fn too_long(entity: &Entity, length: usize) -> Diagnostic {
    let message = format!("one of the {} comes to a logical id of {length} characters", entity.id.kind.plural());
    let limit = logical_id::LIMIT;
    Diagnostic::new(&codes::PHYSICAL_NAME, entity.span, message).help(format!(
        "CloudFormation allows {limit}, of which {BESIDE} are kept for what belongs to it: shorten the name"
    ))
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
    fn a_name_leaves_room_for_what_belongs_to_it() {
        let queue = |length: usize| format!("queues:\n  {}: {{consumer: a}}\n", "q".repeat(length));
        assert_eq!(check_topology(check, &queue(210)), [""; 0]);
        let found = check_topology(check, &queue(211));
        assert!(
            found[0].starts_with("TC0610 error one of the queues comes to a logical id of 216 characters @qqq"),
            "{found:?}"
        );
    }

    #[test]
    fn events_that_are_only_produced_have_no_resource() {
        let text = "events: {produces: {order-made: {producer: a}, order_made: {producer: a}}}\n";
        assert_eq!(check_topology(check, text), [""; 0]);
    }
}
