//! `AWS::Lambda::Permission`: lets a service call a function on behalf of one of its resources.

use super::Lowering;
use crate::backend::expr::Expr;
use crate::backend::template::Resource;
use crate::graph::EntityId;
use crate::object;

/// Lets the service `principal` (`events.amazonaws.com`) invoke the function called `function` in the source, as long as
/// the call comes from `source_arn`, which keeps other accounts' resources of that service out. Belongs to `entity`, the
/// one that calls. A function that is called through its alias gets the permission on the alias.
pub(super) fn put(
    cx: &mut Lowering<'_>,
    id: &str,
    entity: &EntityId,
    function: &str,
    principal: &str,
    source_arn: Expr,
) {
    let properties = object! {
        "FunctionName": cx.invocation_target(function),
        "Action": "lambda:InvokeFunction",
        "Principal": principal,
        "SourceArn": source_arn,
    };
    cx.put(id, Resource::new("AWS::Lambda::Permission", entity, properties));
}
