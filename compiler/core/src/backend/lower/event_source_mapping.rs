//! `AWS::Lambda::EventSourceMapping`: Lambda polls a queue and calls its consumer.

use super::Lowering;
use crate::backend::expr::Expr;
use crate::backend::logical_id;
use crate::backend::template::Resource;
use crate::graph::EntityId;
use crate::ir::Queue;
use crate::object;

/// Puts the mapping of a queue to its consumer. The consumer's role, with its right to receive, comes before it: the
/// mapping refers to the function, the function to its role.
pub(super) fn put(cx: &mut Lowering<'_>, entity: &EntityId, queue: &Queue, consumer: &str) {
    let queue_id = logical_id::of(entity);
    let mut properties = object! {
        "EventSourceArn": Expr::arn(&queue_id),
        "FunctionName": cx.invocation_target(consumer),
        "BatchSize": *queue.batch_size,
    };
    properties.put_opt("MaximumBatchingWindowInSeconds", queue.batch_window.as_ref().map(|seconds| seconds.value));
    // A consumer that names the messages it failed on gets only those again; one that returns nothing did them all
    // ("Lambda Developer Guide, Handling errors for an SQS event source").
    properties.put("FunctionResponseTypes", vec!["ReportBatchItemFailures"]);
    cx.put(format!("{queue_id}Consumer"), Resource::new("AWS::Lambda::EventSourceMapping", entity, properties));
}
