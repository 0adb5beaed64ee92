//! How a queue feeds a function. "Lambda Developer Guide, Lambda parameters for Amazon SQS event source mappings" and
//! "Lambda API, CreateEventSourceMapping, MaximumBatchingWindowInSeconds".

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;

/// Messages a batch can have without a batching window, and at most from a FIFO queue.
const PLAIN_BATCH: i64 = 10;
/// "SQS API, CreateQueue, VisibilityTimeout": the default, in seconds.
const DEFAULT_VISIBILITY: i64 = 30;
/// "Lambda API, CreateFunction, Timeout": the default, in seconds.
const DEFAULT_TIMEOUT: i64 = 3;

pub fn check(mapping: &Subject<'_>, faults: &mut Vec<Fault>) {
    let Some(queue) = mapping.target("EventSourceArn").filter(|source| source.is("AWS::SQS::Queue")) else { return };
    for name in ["StartingPosition", "StartingPositionTimestamp", "BisectBatchOnFunctionError", "ParallelizationFactor"]
    {
        if mapping.has(name) {
            faults.push(combination(format!("`{name}` is for streams, the source is a queue")));
        }
    }
    let batch = mapping.integer("BatchSize").filter(|batch| *batch > PLAIN_BATCH);
    if queue.is_true("FifoQueue") {
        if let Some(batch) = batch {
            faults.push(combination(format!("`BatchSize` is {batch}, at most {PLAIN_BATCH} from a FIFO queue")));
        }
        if mapping.has("MaximumBatchingWindowInSeconds") {
            faults.push(combination("`MaximumBatchingWindowInSeconds` does not go with a FIFO queue"));
        }
    } else if batch.is_some()
        && mapping
            .get("MaximumBatchingWindowInSeconds")
            .is_none_or(|_| mapping.integer("MaximumBatchingWindowInSeconds") == Some(0))
    {
        let message = format!("a `BatchSize` over {PLAIN_BATCH} needs `MaximumBatchingWindowInSeconds` of at least 1");
        faults.push(combination(message));
    }
    visibility(mapping, &queue, faults);
}

/// Lambda refuses a mapping from a queue whose messages come back before the function has timed out.
fn visibility(mapping: &Subject<'_>, queue: &Subject<'_>, faults: &mut Vec<Fault>) {
    let Some(function) = mapping.target("FunctionName").filter(|target| target.is("AWS::Lambda::Function")) else {
        return;
    };
    let known = |subject: &Subject<'_>, name: &str, default: i64| match subject.has(name) {
        true => subject.integer(name),
        false => Some(default),
    };
    let visibility = known(queue, "VisibilityTimeout", DEFAULT_VISIBILITY);
    let timeout = known(&function, "Timeout", DEFAULT_TIMEOUT);
    if let (Some(visibility), Some(timeout)) = (visibility, timeout)
        && visibility < timeout
    {
        let (queue, function) = (queue.id, function.id);
        let message = format!(
            "the {visibility} s `VisibilityTimeout` of `{queue}` is below the {timeout} s `Timeout` of `{function}`"
        );
        faults.push(combination(message));
    }
}
