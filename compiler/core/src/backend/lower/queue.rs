//! `AWS::SQS::Queue`: a queue with its dead-letter queue, policy and consumer.
//!
//! Queues are deleted with their entity, for the reason that [`super::dead_letter`] gives.

use super::{Lowering, dead_letter, event_source_mapping, queue_policy};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::Resource;
use crate::graph::{EdgeKind, EntityId, EntityKind};
use crate::ir::Queue;
use crate::object;

/// Puts a queue with what belongs to it.
pub(super) fn lower(cx: &mut Lowering<'_>, queue: &Queue) {
    let entity = EntityId::new(EntityKind::Queue, &queue.name);
    let id = logical_id::of(&entity);
    let dead_letter_id = format!("{id}DeadLetter");
    let name = cx.topology.queue_name(&queue.name, queue.fifo).text;

    let mut properties = object! { "QueueName": &name };
    put_fifo(&mut properties, queue);
    properties.put("VisibilityTimeout", *queue.visibility_timeout);
    properties.put(
        "RedrivePolicy",
        object! { "deadLetterTargetArn": Expr::arn(&dead_letter_id), "maxReceiveCount": *queue.max_receives },
    );
    properties.put("SqsManagedSseEnabled", true);
    cx.put(&id, Resource::new("AWS::SQS::Queue", &entity, properties));

    let mut properties = dead_letter::properties(cx.topology.dead_letter_name(&queue.name, queue.fifo).text);
    put_fifo(&mut properties, queue);
    properties.put(
        "RedriveAllowPolicy",
        object! { "redrivePermission": "byQueue", "sourceQueueArns": vec![arn_of_name(&name)] },
    );
    cx.put(&dead_letter_id, Resource::new("AWS::SQS::Queue", &entity, properties));

    let sending = cx.graph.incoming(&entity);
    let events = sending.iter().filter(|link| link.edge.kind == EdgeKind::Sends).map(|link| &link.from.id);
    let events: Vec<_> = events.filter(|from| from.kind == EntityKind::Event).collect();
    queue_policy::put(cx, &format!("{id}Policy"), &entity, &id, &events);
    if let Some(consumer) = &queue.consumer {
        event_source_mapping::put(cx, &entity, queue, consumer);
    }
    cx.output(format!("{id}Url"), format!("URL of the queue {}", queue.name), Expr::reference(id));
}

/// A FIFO queue and its dead-letter queue are both FIFO. Messages are told apart by their content, since neither
/// EventBridge nor Scheduler gives an id for that.
fn put_fifo(properties: &mut Object, queue: &Queue) {
    if queue.fifo {
        properties.put("FifoQueue", true);
        properties.put("ContentBasedDeduplication", true);
    }
}

/// The ARN of a queue, from its name alone: the dead-letter queue cannot refer to the queue, which refers to it.
fn arn_of_name(name: &str) -> Expr {
    Expr::Sub(format!("arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{name}"))
}

/// What a service must say to send to the queue: the group of a FIFO queue's messages, all in one, so that they keep the
/// order they were sent in.
pub(super) fn sqs_parameters(cx: &Lowering<'_>, queue: &str) -> Option<Object> {
    let fifo = cx.topology.queues.get(queue).is_some_and(|queue| queue.fifo);
    fifo.then(|| object! { "MessageGroupId": &*cx.topology.name.value })
}
