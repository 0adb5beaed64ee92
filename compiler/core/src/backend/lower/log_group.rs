//! `AWS::Logs::LogGroup`: made here, so that it has a retention and goes with the stack, and not by the first call.

use super::Lowering;
use crate::backend::template::Resource;
use crate::graph::EntityId;
use crate::object;

/// Puts a log group of an entity. Its `Arn` attribute ends in `:*` and so covers the streams.
pub(super) fn put(cx: &mut Lowering<'_>, id: &str, entity: &EntityId, name: &str) {
    let properties = object! { "LogGroupName": name, "RetentionInDays": cx.topology.log_retention };
    cx.put(id, Resource::new("AWS::Logs::LogGroup", entity, properties));
}
