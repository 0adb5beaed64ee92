//! Queues: FIFO names and properties, and a dead-letter queue of the same kind.
//! "SQS API, CreateQueue"; "SQS Developer Guide, Using dead-letter queues".

use super::subject::{Subject, combination, within};
use crate::backend::check::fault::Fault;
use crate::backend::expr::Expr;

const ONLY_FIFO: [&str; 3] = ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];

pub fn check(queue: &Subject<'_>, faults: &mut Vec<Fault>) {
    let fifo = queue.is_true("FifoQueue");
    match queue.text("QueueName") {
        Some(name) if fifo && !name.ends_with(".fifo") => {
            faults.push(combination(format!("`QueueName` is `{name}`: the name of a FIFO queue ends in `.fifo`")));
        }
        Some(name) if !fifo && name.ends_with(".fifo") => {
            faults.push(combination(format!("`QueueName` is `{name}`: it needs `FifoQueue: true`")));
        }
        _ => {}
    }
    if !fifo {
        let given = ONLY_FIFO.into_iter().filter(|name| queue.has(name));
        faults.extend(given.map(|name| combination(format!("`{name}` is for FIFO queues"))));
    }
    if queue.is_true("SqsManagedSseEnabled") && queue.has("KmsMasterKeyId") {
        faults.push(combination("`SqsManagedSseEnabled` and `KmsMasterKeyId` exclude each other"));
    }
    dead_letters(queue, fifo, faults);
}

fn dead_letters(queue: &Subject<'_>, fifo: bool, faults: &mut Vec<Fault>) {
    let Some(policy) = queue.get("RedrivePolicy") else { return };
    let Expr::Object(_) = policy else {
        faults.push(combination("`RedrivePolicy` must be a map"));
        return;
    };
    let arn = within(policy, "deadLetterTargetArn");
    if arn.is_none() || within(policy, "maxReceiveCount").is_none() {
        faults.push(combination("`RedrivePolicy` needs `deadLetterTargetArn` and `maxReceiveCount`"));
    }
    let target = arn.and_then(|arn| queue.index.target(arn)).map(|target| queue.other(target));
    if let Some(target) = target.filter(|target| target.is_true("FifoQueue") != fifo) {
        let (id, wanted) = (target.id, if fifo { "a FIFO" } else { "a standard" });
        faults.push(combination(format!("the dead-letter queue `{id}` must be {wanted} queue as well")));
    }
}
