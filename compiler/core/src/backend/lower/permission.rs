//! `AWS::Lambda::Permission`: lets a service call a function for one resource.

use super::Lowering;
use crate::backend::expr::Expr;
use crate::backend::template::Resource;
use crate::graph::EntityId;
use crate::object;

/// Puts the right of a service to call a function on behalf of `source_arn`, and of nothing else.
pub(super) fn put(
    cx: &mut Lowering<'_>,
    id: &str,
    entity: &EntityId,
    function_name: Expr,
    principal: &str,
    source_arn: Expr,
) {
    let properties = object! {
        "FunctionName": function_name,
        "Action": "lambda:InvokeFunction",
        "Principal": principal,
        "SourceArn": source_arn,
    };
    cx.put(id, Resource::new("AWS::Lambda::Permission", entity, properties));
}
