//! A batch is one that Lambda takes from a queue.
//!
//! Source: Lambda Developer Guide, "Using Lambda with Amazon SQS", and Lambda API, CreateEventSourceMapping: batches of
//! more than 10 messages need a batching window of at least a second; FIFO queues have neither.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};

const PLAIN_BATCH: u32 = 10;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for queue in subject.topology.queues.values().filter(|queue| queue.consumer.is_some()) {
        let (name, size) = (&queue.name, &queue.batch_size);
        let window = queue.batch_window.as_ref().filter(|window| window.value > 0);
        let is_large = size.value > PLAIN_BATCH;
        if queue.fifo && is_large {
            let message = format!("the FIFO queue `{name}` has batches of {} messages", size.value);
            let finding = Diagnostic::new(&codes::QUEUE_BATCH, size.span, message);
            findings.push(finding.help(format!("Lambda takes at most {PLAIN_BATCH} from a FIFO queue")));
        }
        if let Some(window) = window.filter(|_| queue.fifo) {
            let message = format!("the FIFO queue `{name}` has a batching window");
            findings.push(Diagnostic::new(&codes::QUEUE_BATCH, window.span, message).help("remove `batch_window`"));
        }
        if !queue.fifo && is_large && window.is_none() {
            let message = format!("batches of {} messages need time to gather", size.value);
            let finding = Diagnostic::new(&codes::QUEUE_BATCH, size.span, message);
            findings.push(finding.help(format!("add `batch_window: 1`, in seconds, or lower it to {PLAIN_BATCH}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn large_batches_need_a_window() {
        let queue = |keys: &str| check_topology(check, &format!("queues:\n  jobs: {{consumer: a, {keys}}}\n"));
        for fine in ["batch_size: 10", "batch_size: 11, batch_window: 1", "fifo: true, batch_size: 10"] {
            assert_eq!(queue(fine), [""; 0], "{fine}");
        }
        let gather = "TC0415 error batches of 11 messages need time to gather @11; add `batch_window: 1`, in seconds, or \
                      lower it to 10";
        assert_eq!(queue("batch_size: 11"), [gather]);
        assert_eq!(queue("batch_size: 11, batch_window: 0"), [gather]);
        assert_eq!(
            queue("fifo: true, batch_size: 11, batch_window: 2"),
            [
                "TC0415 error the FIFO queue `jobs` has batches of 11 messages @11; Lambda takes at most 10 from a FIFO queue",
                "TC0415 error the FIFO queue `jobs` has a batching window @2; remove `batch_window`",
            ]
        );
    }
}
