//! `AWS::SQS::QueuePolicy`: who may send to a queue beside those whose role says so.

use super::Lowering;
use crate::backend::expr::{Expr, Object};
use crate::backend::template::Resource;
use crate::graph::EntityId;
use crate::object;

/// Puts the policy of a queue: nothing without TLS, and messages of these rules, each with its logical id and ARN. A queue has
/// one policy, and a second resource would overwrite the first, so this one lists all rules that lead to the queue.
pub(super) fn put(
    cx: &mut Lowering<'_>,
    id: &str,
    entity: &EntityId,
    queue: &str,
    rules: impl IntoIterator<Item = (String, Expr)>,
) {
    let mut statements = vec![object! {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": Expr::arn(queue),
        "Condition": object! { "Bool": object! { "aws:SecureTransport": "false" } },
    }];
    statements.extend(rules.into_iter().map(|(rule, arn)| send(queue, &rule, arn)));
    let document = object! { "Version": "2012-10-17", "Statement": statements };
    let properties = object! { "Queues": vec![Expr::reference(queue)], "PolicyDocument": document };
    cx.put(id, Resource::new("AWS::SQS::QueuePolicy", entity, properties));
}

fn send(queue: &str, rule: &str, arn: Expr) -> Object {
    object! {
        "Sid": format!("Send{rule}"),
        "Effect": "Allow",
        "Principal": object! { "Service": "events.amazonaws.com" },
        "Action": "sqs:SendMessage",
        "Resource": Expr::arn(queue),
        "Condition": object! { "ArnEquals": object! { "aws:SourceArn": arn } },
    }
}
