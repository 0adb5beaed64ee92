//! Access logs: one JSON object a request, in a log group of the gateway's own.

use super::api::Api;
use crate::backend::expr::{Expr, Object};
use crate::backend::lower::{Lowering, log_group};
use crate::ir::GatewayKind;
use crate::object;

/// What is logged of each request: a key and API Gateway's variable. Both kinds of API know them, but for the route
/// ("API Gateway Developer Guide, Customize HTTP API access logs", "Variables for access logging for API Gateway").
const FIELDS: [(&str, &str); 10] = [
    ("requestId", "$context.requestId"),
    ("requestTime", "$context.requestTime"),
    ("ip", "$context.identity.sourceIp"),
    ("method", "$context.httpMethod"),
    ("path", "$context.path"),
    ("status", "$context.status"),
    ("responseLength", "$context.responseLength"),
    ("responseLatency", "$context.responseLatency"),
    ("error", "$context.error.message"),
    ("integrationError", "$context.integrationErrorMessage"),
];

/// The setting of a stage, with its log group. `None` where the gateway writes no access logs.
///
/// A REST API writes them only where the topology asks for it: creating its stage fails in an account without the
/// CloudWatch role of API Gateway ("CloudWatch Logs role ARN must be set in account settings to enable logging"), and
/// `AWS::ApiGateway::Account`, which sets it, is one for the whole account and region: the first stack that is deleted
/// would take it from all others. HTTP APIs deliver by a resource policy of CloudWatch Logs and need no role.
pub(super) fn settings(cx: &mut Lowering<'_>, api: &Api<'_>) -> Option<Object> {
    let by_default = api.gateway.kind == GatewayKind::Http;
    if !cx.topology.access_logs.unwrap_or(by_default) {
        return None;
    }
    let name = cx.topology.gateway_name(&api.gateway.name).text;
    let id = format!("{}LogGroup", api.id);
    // Under this prefix all groups share one statement of the account's resource policy, whose size is limited to 5,120
    // characters ("CloudWatch Logs User Guide, Enable logging from AWS services").
    log_group::put(cx, &id, &api.entity, &format!("/aws/vendedlogs/apis/{name}"));
    let route = match api.gateway.kind {
        GatewayKind::Http => "$context.routeKey",
        GatewayKind::Rest => "$context.resourcePath",
    };
    let fields = FIELDS.iter().copied().chain([("route", route)]);
    let fields: Vec<String> = fields.map(|(key, variable)| format!("\"{key}\":\"{variable}\"")).collect();
    let format = format!("{{{}}}", fields.join(","));
    Some(object! { "DestinationArn": Expr::arn(id), "Format": format })
}
