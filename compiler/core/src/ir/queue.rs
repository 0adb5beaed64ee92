//! SQS queues.

use crate::source::{Span, Spanned};
use serde::Serialize;

/// A queue with its dead-letter queue.
#[derive(Debug, Clone, Serialize)]
pub struct Queue {
    /// Where its key stands.
    #[serde(skip)]
    pub span: Span,
    /// Its name in the topology.
    pub name: String,
    /// Functions that send to it.
    pub producers: Vec<Spanned<String>>,
    /// The function that receives from it.
    pub consumer: Option<Spanned<String>>,
    /// Whether order is kept.
    pub fifo: bool,
    /// Seconds a received message stays hidden; by default six times the consumer's time-out, as AWS advises
    /// ("Using Lambda with Amazon SQS"), and SQS's 30 without a consumer.
    pub visibility_timeout: Spanned<u32>,
    /// Whether the visibility was written down.
    #[serde(skip)]
    pub visibility_is_explicit: bool,
    /// Messages handed to one call.
    pub batch_size: Spanned<u32>,
    /// Seconds to gather a batch.
    pub batch_window: Option<Spanned<u32>>,
    /// Receives before a message goes to the dead-letter queue.
    pub max_receives: Spanned<u32>,
}
