//! `AWS::SQS::Queue`: a queue with its dead-letter queue, policy and consumer.
//!
//! Queues are deleted with their entity, for the reason that [`super::dead_letter`] gives.

use super::{Lowering, dead_letter, event_bus, event_source_mapping, queue_policy};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::Resource;
use crate::graph::{EdgeKind, EntityId, EntityKind};
use crate::ir::Queue;
use crate::ir::name::QUEUE_LIMIT;
use crate::object;

/// Puts a queue with what belongs to it.
pub(super) fn lower(cx: &mut Lowering<'_>, queue: &Queue) {
    let entity = EntityId::new(EntityKind::Queue, &queue.name);
    let id = logical_id::of(&entity);
    let dead_letter_id = format!("{id}DeadLetter");
    let name = cx.named(&entity, cx.topology.queue_name(&queue.name, queue.fifo), QUEUE_LIMIT);

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
    let topology = cx.topology;
    let rules: Vec<_> = events
        .filter(|from| from.kind == EntityKind::Event)
        .filter_map(|event| {
            let bus = topology.consumes.get(&event.name)?.bus.as_ref().map(|bus| bus.value.as_str());
            Some((logical_id::of(event), event_bus::rule_arn(bus, &topology.rule_name(&event.name).text)))
        })
        .collect();
    queue_policy::put(cx, &format!("{id}Policy"), &entity, &id, rules);
    if let Some(consumer) = &queue.consumer {
        event_source_mapping::put(cx, &entity, queue, consumer);
    }
    if cx.has_queue_outputs() {
        cx.output(format!("{id}Url"), format!("URL of the queue {}", queue.name), Expr::reference(id));
    }
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

#[cfg(test)]
mod tests {
    use crate::backend::lower::testing::{resource, resources, template};

    #[test]
    fn a_queue_has_a_dead_letter_queue_a_policy_and_a_consumer() {
        let template = template("name: etl\nqueues: {order-jobs: {producer: a, consumer: b}}\n", &["a", "b"]);
        let expected = r"QueueOrderJobs:
  Type: AWS::SQS::Queue
  Properties:
    QueueName: etl_order-jobs_bob
    VisibilityTimeout: 180
    RedrivePolicy:
      deadLetterTargetArn: !GetAtt QueueOrderJobsDeadLetter.Arn
      maxReceiveCount: 5
    SqsManagedSseEnabled: true
QueueOrderJobsDeadLetter:
  Type: AWS::SQS::Queue
  Properties:
    QueueName: etl_order-jobs_dead_letter_bob
    MessageRetentionPeriod: 1209600
    SqsManagedSseEnabled: true
    RedriveAllowPolicy:
      redrivePermission: byQueue
      sourceQueueArns:
        - !Sub 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:etl_order-jobs_bob'
QueueOrderJobsPolicy:
  Type: AWS::SQS::QueuePolicy
  Properties:
    Queues:
      - !Ref QueueOrderJobs
    PolicyDocument:
      Version: '2012-10-17'
      Statement:
        - Sid: DenyInsecureTransport
          Effect: Deny
          Principal: '*'
          Action: 'sqs:*'
          Resource: !GetAtt QueueOrderJobs.Arn
          Condition:
            Bool:
              aws:SecureTransport: 'false'
QueueOrderJobsConsumer:
  Type: AWS::Lambda::EventSourceMapping
  Properties:
    EventSourceArn: !GetAtt QueueOrderJobs.Arn
    FunctionName: !GetAtt FunctionB.Arn
    BatchSize: 10
    FunctionResponseTypes:
      - ReportBatchItemFailures
";
        assert_eq!(resources(&template, "Queue"), expected);
        let send = "            - Sid: SendMessages\n              Effect: Allow\n              Action: \
                    sqs:SendMessage\n              Resource: !GetAtt QueueOrderJobs.Arn\n";
        let producer = resource(&template, "FunctionARole");
        assert!(producer.contains(send), "{producer}");
        let receive = "            - Sid: ReceiveMessages\n              Effect: Allow\n              Action:\n                \
                       - sqs:DeleteMessage\n                - sqs:GetQueueAttributes\n                - \
                       sqs:ReceiveMessage\n              Resource: !GetAtt QueueOrderJobs.Arn\n";
        let consumer = resource(&template, "FunctionBRole");
        assert!(consumer.contains(receive) && !consumer.contains("SendMessage"), "{consumer}");
        let function = resource(&template, "FunctionA");
        assert!(function.contains("QUEUE_ORDER_JOBS_URL: !Ref QueueOrderJobs\n"), "{function}");
        assert!(template.outputs.contains_key("QueueOrderJobsUrl"));
    }

    #[test]
    fn a_fifo_queue_has_a_fifo_dead_letter_queue() {
        let text = "name: etl\nqueues: {jobs: {consumer: a, fifo: true, batch_size: 5, max_receives: 2}}\n";
        let template = template(text, &["a"]);
        let queue = r"QueueJobs:
  Type: AWS::SQS::Queue
  Properties:
    QueueName: etl_jobs_bob.fifo
    FifoQueue: true
    ContentBasedDeduplication: true
    VisibilityTimeout: 180
    RedrivePolicy:
      deadLetterTargetArn: !GetAtt QueueJobsDeadLetter.Arn
      maxReceiveCount: 2
    SqsManagedSseEnabled: true
";
        assert_eq!(resource(&template, "QueueJobs"), queue);
        let dead_letter = r"QueueJobsDeadLetter:
  Type: AWS::SQS::Queue
  Properties:
    QueueName: etl_jobs_dead_letter_bob.fifo
    MessageRetentionPeriod: 1209600
    SqsManagedSseEnabled: true
    FifoQueue: true
    ContentBasedDeduplication: true
    RedriveAllowPolicy:
      redrivePermission: byQueue
      sourceQueueArns:
        - !Sub 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:etl_jobs_bob.fifo'
";
        assert_eq!(resource(&template, "QueueJobsDeadLetter"), dead_letter);
    }

    #[test]
    fn names_over_the_limit_keep_their_suffix() {
        let long = "j".repeat(100);
        let template = template(&format!("name: etl\nqueues: {{{long}: {{fifo: true}}}}\n"), &[]);
        let names = template.resources.values().filter_map(|resource| resource.properties.get("QueueName"));
        let names: Vec<_> = names.filter_map(|name| name.as_str()).collect();
        assert!(names.iter().all(|name| name.len() == 80 && name.ends_with(".fifo")), "{names:?}");
        assert_ne!(names.first(), names.last());
    }
}
