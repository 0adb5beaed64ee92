//! Queues.

use super::names::Names;
use crate::frontend::Session;
use crate::frontend::input::{Entries, QueueInput};
use crate::ir::function::DEFAULT_TIMEOUT;
use crate::ir::{Queue, Topology};
use crate::source::Spanned;

/// AWS advises a visibility of at least six times the function's time-out ("Using Lambda with Amazon SQS").
const VISIBILITY_FACTOR: u32 = 6;
/// The visibility of a queue that nobody here receives from, in seconds: SQS's own default (as the next).
const VISIBILITY_DEFAULT: u32 = 30;
/// The greatest visibility, in seconds ("SQS API, SetQueueAttributes, VisibilityTimeout").
const VISIBILITY_LIMIT: u32 = 43_200;
const DEFAULT_BATCH: u32 = 10;
const DEFAULT_RECEIVES: u32 = 5;

pub(super) fn resolve(
    session: &mut Session<'_>,
    names: &Names<'_>,
    topology: &mut Topology,
    queues: Entries<Option<QueueInput>>,
) {
    for (key, input) in queues.0 {
        let input = input.unwrap_or_default();
        let producers = names.functions(session, &input.producer.0);
        let consumer = input.consumer.and_then(|name| names.function(session, &name));
        let advised = consumer.as_ref().map_or(VISIBILITY_DEFAULT, |name| {
            let function = topology.functions.get(&name.value);
            let timeout = function.map_or(DEFAULT_TIMEOUT, |function| function.timeout.value);
            timeout.saturating_mul(VISIBILITY_FACTOR).min(VISIBILITY_LIMIT)
        });
        let or = |value: Option<Spanned<u32>>, default: u32| value.unwrap_or_else(|| Spanned::new(default, key.span));
        let queue = Queue {
            span: key.span,
            name: key.value.clone(),
            producers,
            consumer,
            fifo: input.fifo.is_some_and(|fifo| fifo.value),
            visibility_is_explicit: input.visibility_timeout.is_some(),
            visibility_timeout: or(input.visibility_timeout, advised),
            batch_size: or(input.batch_size, DEFAULT_BATCH),
            batch_window: input.batch_window,
            max_receives: or(input.max_receives, DEFAULT_RECEIVES),
        };
        topology.queues.insert(key.value, queue);
    }
}
