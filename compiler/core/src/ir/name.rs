//! Physical names: what AWS calls the resources of a sandbox.

use crate::digest::hexadecimal;
use sha2::{Digest, Sha256};

/// Characters of a Lambda function's name ("Lambda API, CreateFunction, FunctionName").
pub const FUNCTION_LIMIT: usize = 64;
/// Characters of a state machine's name ("Step Functions API, CreateStateMachine, name").
pub const STATE_MACHINE_LIMIT: usize = 80;
/// Characters of an IAM role's name ("IAM API, CreateRole, RoleName").
pub const ROLE_LIMIT: usize = 64;
/// Characters of an SQS queue's name ("SQS API, CreateQueue, QueueName").
pub const QUEUE_LIMIT: usize = 80;
/// Characters of an EventBridge rule's name ("EventBridge API, PutRule, Name").
pub const RULE_LIMIT: usize = 64;
/// Characters of a schedule's name ("EventBridge Scheduler API, CreateSchedule, Name").
pub const SCHEDULE_LIMIT: usize = 64;
/// Characters of an API's name ("API Gateway V2 API Reference, Apis, Name").
pub const GATEWAY_LIMIT: usize = 128;
/// Characters of a layer's name ("Lambda API, PublishLayerVersion, LayerName").
pub const LAYER_LIMIT: usize = 140;
/// Characters of a stack's name ("CloudFormation API, CreateStack, StackName").
pub const STACK_LIMIT: usize = 128;

const HASH_CHARACTERS: usize = 8;

/// Between the topology and the sandbox in the description of a stack.
const DESCRIBED: &str = " in sandbox ";

/// A physical name, and whether it had to be cut to fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhysicalName {
    /// The name as AWS sees it.
    pub text: String,
    /// Whether the full name was over the limit and ends in a hash of itself.
    pub cut: bool,
}

/// Joins the parts and keeps the result within `limit` characters. A name over it keeps its beginning and ends in eight
/// hexadecimal digits of the SHA-256 of the whole, so that it is stable and differs from other names so cut.
pub fn join(parts: &[&str], separator: &str, limit: usize) -> PhysicalName {
    let full = parts.join(separator);
    if full.chars().count() <= limit {
        return PhysicalName { text: full, cut: false };
    }
    let digest = Sha256::digest(full.as_bytes());
    let hash = hexadecimal(digest);
    let hash: String = hash.chars().take(HASH_CHARACTERS).collect();
    let kept: String = full.chars().take(limit.saturating_sub(HASH_CHARACTERS + separator.len())).collect();
    PhysicalName { text: format!("{kept}{separator}{hash}"), cut: true }
}

/// The name with every character that is neither a letter, a digit nor one of `also` replaced by `-`.
fn legal(name: &str, also: &[char]) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || also.contains(&c) { c } else { '-' }).collect()
}

/// A name in the spelling of environment variables: `order-jobs` is `ORDER_JOBS`.
pub fn variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// The topology and the sandbox that a stack is described as, by [`describe`]; `None` of another
/// stack.
pub fn described(description: &str) -> Option<(&str, &str)> {
    let (topology, sandbox) = description.split_once(DESCRIBED)?;
    let is_name = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
    (is_name(topology) && is_name(sandbox)).then_some((topology, sandbox))
}

/// `NAMESPACE-SANDBOX`: the name of a topology's stack. Stack names hold no underscore, so it becomes a hyphen.
pub fn stack(topology: &str, sandbox: &str) -> PhysicalName {
    join(&[&topology.replace('_', "-"), &sandbox.replace('_', "-")], "-", STACK_LIMIT)
}

/// What a topology's stack is described as, by which it is known to be of this topology and sandbox.
pub fn describe(topology: &str, sandbox: &str) -> String {
    format!("{topology}{DESCRIBED}{sandbox}")
}

/// The name of the layer of a function's dependencies: `NAMESPACE-FUNCTION`.
pub fn layer(namespace: &str, function: &str) -> String {
    format!("{namespace}-{function}")
}

impl super::Topology {
    /// The separator of this topology's physical names.
    pub fn separator(&self) -> &'static str {
        if self.hyphenated_names { "-" } else { "_" }
    }

    /// `NAMESPACE_NAME_SANDBOX`, within `limit` characters.
    pub fn physical_name(&self, name: &str, limit: usize) -> PhysicalName {
        join(&[&self.name, name, &self.sandbox], self.separator(), limit)
    }

    /// The name of a Lambda function.
    pub fn function_name(&self, name: &str) -> PhysicalName {
        self.physical_name(name, FUNCTION_LIMIT)
    }

    /// The name of a gateway's API. That of the topology's own gateway is `NAMESPACE_SANDBOX`, which says the namespace
    /// once.
    pub fn gateway_name(&self, gateway: &str) -> PhysicalName {
        if gateway == self.name.value {
            return join(&[&self.name, &self.sandbox], self.separator(), GATEWAY_LIMIT);
        }
        self.physical_name(gateway, GATEWAY_LIMIT)
    }

    /// `NAMESPACE_SANDBOX`: the name of the state machine.
    pub fn state_machine_name(&self) -> PhysicalName {
        join(&[&self.name, &self.sandbox], self.separator(), STATE_MACHINE_LIMIT)
    }

    /// The name of an event's rule. A detail-type may hold any character, a rule's name only letters, digits, `.`, `-` and
    /// `_`; every other one becomes `-`. Two events that come to one name come to one logical id too, which is found.
    pub fn rule_name(&self, event: &str) -> PhysicalName {
        self.physical_name(&legal(event, &['.', '-', '_']), RULE_LIMIT)
    }

    /// The name of a schedule.
    pub fn schedule_name(&self, name: &str) -> PhysicalName {
        self.physical_name(name, SCHEDULE_LIMIT)
    }

    /// The name of a queue. That of a FIFO queue ends in `.fifo`, which counts towards the limit ("SQS API, CreateQueue,
    /// QueueName").
    pub fn queue_name(&self, name: &str, fifo: bool) -> PhysicalName {
        let suffix = if fifo { ".fifo" } else { "" };
        let mut physical = self.physical_name(&legal(name, &['-', '_']), QUEUE_LIMIT - suffix.len());
        physical.text.push_str(suffix);
        physical
    }

    /// The name of the dead-letter queue of an entity whose queue would be called `name`.
    pub fn dead_letter_name(&self, name: &str, fifo: bool) -> PhysicalName {
        self.queue_name(&[name, "dead", "letter"].join(self.separator()), fifo)
    }

    /// The name of the stack.
    pub fn stack_name(&self) -> PhysicalName {
        stack(&self.name, &self.sandbox)
    }

    /// What the stack is described as.
    pub fn stack_description(&self) -> String {
        describe(&self.name, &self.sandbox)
    }

    /// `NAMESPACE@SANDBOX.ENV/VERSION`: how people call what is deployed.
    pub fn functor(&self) -> String {
        format!("{}@{}.{}/{}", *self.name, self.sandbox, self.env, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_as_variables() {
        assert_eq!(variable("order-jobs_v2"), "ORDER_JOBS_V2");
    }

    #[test]
    fn stacks_of_sandboxes_are_known_by_their_description() {
        assert_eq!(described("etl in sandbox pr-12"), Some(("etl", "pr-12")));
        for other in ["", "etl", "All in sandbox use here", "etl in sandbox ", " in sandbox bob"] {
            assert_eq!(described(other), None, "{other}");
        }
    }

    #[test]
    fn long_names_are_cut_and_stay_apart() {
        let long = "x".repeat(80);
        let (one, two) = (join(&["etl", &long, "bob"], "_", 64), join(&["etl", &long, "ann"], "_", 64));
        assert!(one.cut && one.text.len() == 64 && one.text != two.text);
        assert_eq!(join(&["etl", "a", "bob"], "_", 64), PhysicalName { text: "etl_a_bob".into(), cut: false });
    }
}
