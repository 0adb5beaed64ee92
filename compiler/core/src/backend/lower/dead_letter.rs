//! `AWS::SQS::Queue` for what could not be delivered.
//!
//! A queue holds messages for two weeks at most, so it is deleted with its entity, as CloudFormation does by default: one
//! that was retained would keep its name from the sandbox that is created anew. Whoever removes an entity sees in the
//! change set that its dead-letter queue goes too.

use super::Lowering;
use crate::backend::expr::{Expr, Object};
use crate::backend::template::Resource;
use crate::graph::EntityId;
use crate::object;

/// Seconds in 14 days, the longest that a queue keeps a message ("SQS API, SetQueueAttributes, MessageRetentionPeriod"):
/// someone has to look at it.
const RETENTION: i64 = 1_209_600;
/// Attempts at delivery, and seconds they may take: AWS's own defaults ("EventBridge API, RetryPolicy" and "EventBridge
/// Scheduler API, RetryPolicy"), written out so that a review sees them.
const MAXIMUM_ATTEMPTS: i64 = 185;
const MAXIMUM_AGE: i64 = 86_400;

/// The properties of a dead-letter queue.
pub(super) fn properties(name: String) -> Object {
    object! { "QueueName": name, "MessageRetentionPeriod": RETENTION, "SqsManagedSseEnabled": true }
}

/// Puts the dead-letter queue of an event or a schedule and gives the keys of the target that use it. Both services want
/// a standard queue, whatever the target is.
pub(super) fn of_target(cx: &mut Lowering<'_>, id: &str, entity: &EntityId, name: String) -> Object {
    cx.put(id, Resource::new("AWS::SQS::Queue", entity, properties(name)));
    object! {
        "DeadLetterConfig": object! { "Arn": Expr::arn(id) },
        "RetryPolicy": object! {
            "MaximumEventAgeInSeconds": MAXIMUM_AGE,
            "MaximumRetryAttempts": MAXIMUM_ATTEMPTS,
        },
    }
}
