//! The `Integration` of a method: how the request becomes a call, and the answer a response.
//!
//! The templates are in API Gateway's dialect of Velocity ("API Gateway Developer Guide, Mapping template and access
//! logging variable reference").

use super::cors;
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::lower::gateway::action::{Action, Event, Machine, message_group};
use crate::backend::lower::gateway::authorizer::invocation_uri;
use crate::backend::lower::gateway::credentials;
use crate::backend::lower::{Lowering, event_bus};
use crate::ir::Route;
use crate::object;

/// The property and the `MethodResponses` that it needs.
pub(super) struct Integration {
    /// The property.
    pub integration: Object,
    /// What the method declares of its responses.
    pub responses: Vec<Object>,
}

/// The statuses that an answer at once can have: accepted, or what the called service made of it.
const ACCEPTED: Answer = Answer { status: "202", template: None };

/// The output of an execution that succeeded; what failed is an error of the gateway's. `output` is JSON as text.
const OUTPUT: &str = "#if($input.path('$.status') == 'SUCCEEDED')$input.path('$.output')\
    #else#set($context.responseOverride.status = 502){\"message\":\"the execution did not succeed\"}#end";

/// PutEvents answers 200 for an event that it did not take.
const TAKEN: &str = "#if($input.path('$.FailedEntryCount') == 0){}\
    #else#set($context.responseOverride.status = 502){\"message\":\"the event was not taken\"}#end";

/// How a call that went well is answered.
struct Answer {
    status: &'static str,
    /// The body, in place of the service's own.
    template: Option<&'static str>,
}

/// The call of a service's action.
struct Call {
    uri: Expr,
    headers: Vec<(&'static str, &'static str)>,
    template: Expr,
    answer: Answer,
    /// Whether the service tells of errors by its status; Lambda's asynchronous invocation has none to tell.
    has_errors: bool,
}

/// The integration of a route, with the role it needs.
pub(super) fn of(cx: &mut Lowering<'_>, route: &Route, action: Action<'_>) -> Integration {
    let timeout = route.timeout.as_ref().map(|seconds| i64::from(seconds.value) * 1000);
    let call = match action {
        Action::Call(function) => {
            let mut integration = object! {
                "Type": "AWS_PROXY",
                "IntegrationHttpMethod": "POST",
                "Uri": invocation_uri(cx, function),
            };
            integration.put_opt("TimeoutInMillis", timeout);
            return Integration { integration, responses: Vec::new() };
        }
        Action::Background(function) => Call {
            uri: invocation_uri(cx, function),
            headers: vec![("X-Amz-Invocation-Type", "'Event'")],
            template: content(route).into(),
            answer: ACCEPTED,
            has_errors: false,
        },
        Action::Start(machine) => Call {
            uri: service_uri("states:action/StartExecution"),
            headers: Vec::new(),
            template: execution_template(route, machine),
            answer: ACCEPTED,
            has_errors: true,
        },
        Action::Run(machine) => Call {
            uri: service_uri("states:action/StartSyncExecution"),
            headers: Vec::new(),
            template: execution_template(route, machine),
            answer: Answer { status: "200", template: Some(OUTPUT) },
            has_errors: true,
        },
        Action::Put(event) => Call {
            uri: service_uri("events:action/PutEvents"),
            headers: vec![("X-Amz-Target", "'AWSEvents.PutEvents'"), ("Content-Type", "'application/x-amz-json-1.1'")],
            template: event_template(route, event).into(),
            answer: Answer { status: "202", template: Some(TAKEN) },
            has_errors: true,
        },
        Action::Send { queue, fifo } => Call {
            uri: service_uri(&format!("sqs:path/${{AWS::AccountId}}/${{{}.QueueName}}", logical_id::queue(queue))),
            headers: vec![("Content-Type", "'application/x-www-form-urlencoded'")],
            template: message_template(route, fifo).into(),
            answer: ACCEPTED,
            has_errors: true,
        },
    };
    let credentials = credentials::put(cx, route, None);
    service(route, call, credentials, timeout)
}

fn service(route: &Route, call: Call, credentials: Option<Expr>, timeout: Option<i64>) -> Integration {
    let mut integration = object! { "Type": "AWS", "IntegrationHttpMethod": "POST", "Uri": call.uri };
    integration.put_opt("Credentials", credentials);
    integration.put_opt("TimeoutInMillis", timeout);
    if !call.headers.is_empty() {
        let header = |(name, value): &(&str, &'static str)| (format!("integration.request.header.{name}"), *value);
        integration.put("RequestParameters", call.headers.iter().map(header).collect::<Object>());
    }
    // A body of another type would pass by the template.
    integration.put("PassthroughBehavior", "NEVER");
    integration.put("RequestTemplates", object! { "application/json": call.template });
    let mut statuses = vec![(call.answer.status, None, call.answer.template)];
    if call.has_errors {
        statuses.push(("400", Some("4\\d{2}"), None));
        statuses.push(("500", Some("5\\d{2}"), None));
    }
    let answers = statuses.iter().map(|(status, pattern, template)| {
        let mut answer = object! { "StatusCode": *status };
        answer.put_opt("SelectionPattern", *pattern);
        cors::allow(route, &mut answer, *template);
        answer
    });
    integration.put("IntegrationResponses", answers.collect::<Vec<_>>());
    let responses = statuses.iter().map(|(status, ..)| cors::declare(route, object! { "StatusCode": *status }));
    Integration { integration, responses: responses.collect() }
}

fn service_uri(action: &str) -> Expr {
    Expr::Sub(format!("arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:{action}"))
}

/// What is handed over: the JSON body, or the method and path.
fn content(route: &Route) -> &'static str {
    if route.method.has_body() {
        "$input.json('$')"
    } else {
        r#"{"method":"$context.httpMethod","path":"$context.path"}"#
    }
}

/// The same as a JSON string, with its quotes. `escapeJavaScript` escapes single quotes too, which JSON does not know.
fn quoted_content(route: &Route) -> &'static str {
    if route.method.has_body() {
        r#""$util.escapeJavaScript($input.json('$')).replaceAll("\\'","'")""#
    } else {
        r#""{\"method\":\"$context.httpMethod\",\"path\":\"$context.path\"}""#
    }
}

fn execution_template(route: &Route, machine: Machine<'_>) -> Expr {
    let flow = machine.logical_id();
    Expr::Sub(format!(r#"{{"stateMachineArn":"${{{flow}}}","input":{}}}"#, quoted_content(route)))
}

fn event_template(route: &Route, event: Event<'_>) -> String {
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let bus = match event.bus {
        event_bus::DEFAULT => String::new(),
        bus => format!(r#","EventBusName":{}"#, json(bus)),
    };
    let (source, name, detail) = (json(event.source), json(event.name), quoted_content(route));
    format!(r#"{{"Entries":[{{"Source":{source},"DetailType":{name},"Detail":{detail}{bus}}}]}}"#)
}

fn message_template(route: &Route, fifo: bool) -> String {
    let body = if route.method.has_body() {
        "$util.urlEncode($input.body)"
    } else {
        // The same as elsewhere, written as a form wants it.
        "%7B%22method%22%3A%22$context.httpMethod%22%2C%22path%22%3A%22$util.urlEncode($context.path)%22%7D"
    };
    let order = match fifo {
        true => format!("&MessageGroupId={}&MessageDeduplicationId=$context.requestId", message_group(route)),
        false => String::new(),
    };
    format!("Action=SendMessage&MessageBody={body}{order}")
}
