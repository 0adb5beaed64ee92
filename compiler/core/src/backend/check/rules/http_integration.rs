//! Integrations of HTTP APIs. "API Gateway V2 API, CreateIntegration" and "API Gateway Developer Guide, Create AWS service
//! integrations for HTTP APIs".

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;
use crate::backend::expr::Expr;

/// Least and greatest time an HTTP API waits, in milliseconds.
const TIMEOUT: std::ops::RangeInclusive<i64> = 50..=30_000;

pub fn check(integration: &Subject<'_>, faults: &mut Vec<Fault>) {
    if integration.target("ApiId").is_some_and(|api| api.text("ProtocolType") == Some("WEBSOCKET")) {
        return;
    }
    if let Some(timeout) = integration.integer("TimeoutInMillis").filter(|timeout| !TIMEOUT.contains(timeout)) {
        let (least, most) = (TIMEOUT.start(), TIMEOUT.end());
        faults.push(combination(format!("`TimeoutInMillis` is {timeout}, an HTTP API takes {least} to {most}")));
    }
    let kind = integration.text("IntegrationType");
    if kind.is_some_and(|kind| kind != "AWS_PROXY" && kind != "HTTP_PROXY") {
        faults.push(combination("`IntegrationType` of an HTTP API is `AWS_PROXY` or `HTTP_PROXY`"));
    }
    let service = integration.text("IntegrationSubtype");
    if !integration.has("IntegrationUri") && !integration.has("IntegrationSubtype") {
        faults.push(combination("one of `IntegrationUri`, `IntegrationSubtype` is needed"));
    }
    if kind == Some("AWS_PROXY") && !integration.has("PayloadFormatVersion") {
        faults.push(combination("`PayloadFormatVersion` is missing"));
    }
    if let Some(service) = service {
        service_integration(integration, service, faults);
    }
}

/// The parameters each service action needs ("API Gateway Developer Guide, Integration subtype reference").
fn service_integration(integration: &Subject<'_>, service: &str, faults: &mut Vec<Fault>) {
    let needed: &[&str] = match service {
        "EventBridge-PutEvents" => &["Detail", "DetailType", "Source"],
        "SQS-SendMessage" => &["QueueUrl", "MessageBody"],
        "StepFunctions-StartExecution" | "StepFunctions-StartSyncExecution" => &["StateMachineArn"],
        _ => &[],
    };
    let given = integration.get("RequestParameters");
    let has = |name: &str| matches!(given, Some(Expr::Object(map)) if map.get(name).is_some());
    for name in needed.iter().filter(|name| !has(name)) {
        faults.push(combination(format!("`RequestParameters.{name}` is missing, `{service}` needs it")));
    }
    if !integration.has("CredentialsArn") {
        faults.push(combination(format!("`CredentialsArn` is missing, `{service}` needs a role")));
    }
    if integration.text("PayloadFormatVersion").is_some_and(|version| version != "1.0") {
        faults.push(combination(format!("`PayloadFormatVersion` of `{service}` is `1.0`")));
    }
}
