//! `AWS::ApiGatewayV2::Integration`: one a route, so that no route's change shows in another.

use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::lower::gateway::action::{Action, Event, Machine, message_group};
use crate::backend::lower::gateway::api::Api;
use crate::backend::lower::gateway::{background, credentials};
use crate::backend::lower::{Lowering, event_bus};
use crate::backend::template::Resource;
use crate::graph::{EntityId, EntityKind};
use crate::ir::Route;
use crate::object;

/// What is handed over of a request without a body.
const METHOD_AND_PATH: &str = r#"{"method":"${context.httpMethod}","path":"${context.path}"}"#;

/// Puts the integration of a route and gives its logical id.
pub(super) fn put(cx: &mut Lowering<'_>, api: &Api<'_>, route: &Route, action: Action<'_>) -> String {
    let entity = EntityId::new(EntityKind::Route, &route.key);
    let id = format!("{}Integration", logical_id::of(&entity));
    let mut properties = object! { "ApiId": api.reference(), "IntegrationType": "AWS_PROXY" };
    let background = background::event(cx.topology, route);
    let mut also = None;
    match action {
        Action::Call(function) => {
            properties.put("IntegrationUri", cx.invocation_target(function));
            properties.put("PayloadFormatVersion", "2.0");
        }
        Action::Background(_) => {
            also = Some(background.as_event());
            service(&mut properties, "EventBridge-PutEvents", event_parameters(route, background.as_event()));
        }
        Action::Put(event) => service(&mut properties, "EventBridge-PutEvents", event_parameters(route, event)),
        Action::Start(machine) => {
            service(&mut properties, "StepFunctions-StartExecution", execution_parameters(route, machine));
        }
        Action::Run(machine) => {
            service(&mut properties, "StepFunctions-StartSyncExecution", execution_parameters(route, machine));
        }
        Action::Send { queue, fifo } => {
            let queue = Expr::reference(logical_id::queue(queue));
            let mut parameters = object! { "QueueUrl": queue, "MessageBody": content(route) };
            if fifo {
                parameters.put("MessageGroupId", message_group(route));
                parameters.put("MessageDeduplicationId", "$context.requestId");
            }
            service(&mut properties, "SQS-SendMessage", parameters);
        }
    }
    properties.put_opt("CredentialsArn", credentials::put(cx, route, also));
    properties.put_opt("TimeoutInMillis", route.timeout.as_ref().map(|seconds| i64::from(seconds.value) * 1000));
    cx.put(&id, Resource::new("AWS::ApiGatewayV2::Integration", &entity, properties));
    id
}

fn service(properties: &mut Object, subtype: &str, parameters: Object) {
    properties.put("IntegrationSubtype", subtype);
    properties.put("PayloadFormatVersion", "1.0");
    properties.put("RequestParameters", parameters);
}

/// What is handed over: the body as it came, or the method and path.
fn content(route: &Route) -> &'static str {
    if route.method.has_body() { "$request.body" } else { METHOD_AND_PATH }
}

fn execution_parameters(route: &Route, machine: Machine<'_>) -> Object {
    object! { "StateMachineArn": Expr::reference(machine.logical_id()), "Input": content(route) }
}

fn event_parameters(route: &Route, event: Event<'_>) -> Object {
    let mut parameters = object! { "Source": event.source, "DetailType": event.name, "Detail": content(route) };
    parameters.put_opt("EventBusName", (event.bus != event_bus::DEFAULT).then_some(event.bus));
    parameters
}
