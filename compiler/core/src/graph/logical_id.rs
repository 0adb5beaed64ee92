//! Logical ids: from the entity's kind and name alone, so that no other entity can change them.

use super::{EntityId, EntityKind};

/// Characters of a logical id ("CloudFormation User Guide, Resources": alphanumeric; 255 characters).
pub const LIMIT: usize = 255;

/// A name as part of a logical id: its letters and digits, each word with a capital first. `user-created`,
/// `user_created` and `UserCreated` come to the same, which is found as a duplicate when both are in one topology.
pub fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut start = true;
    for character in name.chars() {
        if !character.is_ascii_alphanumeric() {
            start = true;
        } else if start {
            out.push(character.to_ascii_uppercase());
            start = false;
        } else {
            out.push(character);
        }
    }
    out
}

/// The logical id of an entity's own resource; resources that belong to it add a word: `FunctionEnhancerRole`.
pub fn of(id: &EntityId) -> String {
    let prefix = match id.kind {
        EntityKind::Gateway => "Gateway",
        EntityKind::Route => "Route",
        EntityKind::Event => "Event",
        EntityKind::Schedule => "Schedule",
        EntityKind::Queue => "Queue",
        EntityKind::Flow => return "Flow".to_owned(),
        EntityKind::Function => "Function",
        EntityKind::Layer => "Layer",
        EntityKind::FileSystem => "FileSystem",
        EntityKind::Mutation => "Mutation",
        EntityKind::Bucket => "Bucket",
        EntityKind::Topology => return topology(&id.name),
    };
    format!("{prefix}{}", camel(&id.name))
}

/// The logical id of a function's resource.
pub fn function(name: &str) -> String {
    format!("Function{}", camel(name))
}

/// The logical id of a queue's resource.
pub fn queue(name: &str) -> String {
    format!("Queue{}", camel(name))
}

/// The logical id of the parameter that is the ARN of another topology's flow.
pub fn topology(name: &str) -> String {
    format!("Topology{}Flow", camel(name))
}

/// The logical id of the state machine.
pub const FLOW: &str = "Flow";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_depend_on_kind_and_name() {
        assert_eq!(of(&EntityId::function("order-created_v2")), "FunctionOrderCreatedV2");
        assert_eq!(of(&EntityId::new(EntityKind::Route, "/users/{id}")), "RouteUsersId");
        assert_eq!(of(&EntityId::new(EntityKind::Flow, "etl")), "Flow");
    }
}
