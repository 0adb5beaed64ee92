//! Service integrations: what a task's call needs, as far as the definition names it.
//!
//! "Step Functions Developer Guide, Integrating services".

use super::action;
use super::task::{Needs, Unknown};
use crate::backend::expr::{Expr, escape_sub};
use crate::backend::logical_id;
use crate::backend::lower::iam::Grant;
use crate::backend::lower::{event_bus, iam};
use crate::ir::flow::{Argument, argument};
use crate::ir::{PutEvent, ServiceCall};
use crate::source::{Node, Text};

/// A parameter of a call.
pub(super) enum Parameter {
    /// Written down: its text as that of a `Fn::Sub`.
    Literal(String),
    /// Worked out when the state runs.
    Dynamic,
    /// Not given.
    Absent,
}

/// Adds what a task needs to do its work.
pub(super) fn needs(name: &str, state: &Node, needs: &mut Needs) {
    let Some(resource) = state.get("Resource") else { return };
    let Some(text) = resource.as_text() else { return };
    let written = sub_text(text);
    let Some(call) = ServiceCall::parse(&written) else {
        // A function by its ARN. One of this topology is an edge; a qualifier makes it another resource to IAM.
        if is_function(&written) && !is_own_function(&written) {
            needs.grants.push(invoke(written));
        }
        return;
    };
    let Some(action) = action::of(&call) else { return };
    let arguments = Arguments(state);
    let mut need = |action: String, resources: Resources| match resources {
        Resources::Known(resources) if resources.is_empty() => {}
        Resources::Known(resources) => {
            if call.pattern.starts_with("sync") && action == "states:StartExecution" {
                needs.grants.extend(waiting(&resources));
            }
            needs.grants.push(grant(&action, resources));
        }
        Resources::Unknown => needs.unknown.push(Unknown { action, state: name.to_owned(), span: resource.span }),
    };
    if (call.service, call.action) == ("s3", "copyObject") {
        need("s3:GetObject".to_owned(), copied(&arguments));
    }
    let resources = resources(&call, &action, &arguments);
    need(action, resources);
}

fn grant(action: &str, resources: Vec<String>) -> Grant {
    // One statement for all functions, whether an edge or the definition names them.
    let sid = if action == INVOKE_FUNCTION { iam::INVOKE_FUNCTIONS.to_owned() } else { logical_id::camel(action) };
    Grant::new(sid, &[action], resources.into_iter().map(iam::from_sub).collect())
}

fn invoke(function: String) -> Grant {
    grant(INVOKE_FUNCTION, vec![function])
}

const INVOKE_FUNCTION: &str = "lambda:InvokeFunction";

/// What a call acts on.
enum Resources {
    /// These ARNs, as texts of `Fn::Sub`; none where an edge of the graph says it already.
    Known(Vec<String>),
    /// Something that the definition does not name.
    Unknown,
}

fn resources(call: &ServiceCall<'_>, action: &str, arguments: &Arguments<'_>) -> Resources {
    let one = |parameter: &str, arn: &dyn Fn(&str) -> Option<String>| match arguments.get(parameter) {
        Parameter::Literal(text) => arn(&text).map_or(Resources::Unknown, |arn| Resources::Known(vec![arn])),
        Parameter::Dynamic | Parameter::Absent => Resources::Unknown,
    };
    let itself = |text: &str| text.starts_with("arn:").then(|| text.to_owned());
    match call.service {
        "lambda" => match arguments.get("FunctionName") {
            // An edge.
            Parameter::Literal(text) if action == INVOKE_FUNCTION && is_own_function(&text) => {
                Resources::Known(Vec::new())
            }
            Parameter::Literal(text) if is_function(&text) => Resources::Known(vec![text]),
            Parameter::Literal(name) => Resources::Known(vec![own("lambda", &format!("function:{name}"))]),
            Parameter::Dynamic | Parameter::Absent => Resources::Unknown,
        },
        "sqs" => match arguments.get("QueueUrl") {
            // An edge.
            Parameter::Literal(text) if is_own_queue(&text) => Resources::Known(Vec::new()),
            _ => one("QueueUrl", &queue_arn),
        },
        "sns" => one("TopicArn", &itself),
        "states" | "sfn" => match arguments.get("StateMachineArn") {
            // An edge.
            Parameter::Literal(text) if is_flow_of_topology(&text) => Resources::Known(Vec::new()),
            _ => one("StateMachineArn", &itself),
        },
        "dynamodb" => one("TableName", &|table| table_arn(table, arguments)),
        "secretsmanager" => one("SecretId", &|name| Some(secret_arn(name))),
        "ssm" => one("Name", &|name| Some(parameter_arn(name))),
        // The objects are in a list.
        "s3" if call.action == "deleteObjects" => Resources::Unknown,
        "s3" => one("Bucket", &|bucket| object_arn(bucket, arguments)),
        _ if call.puts_events() => buses(arguments),
        _ => Resources::Unknown,
    }
}

/// The ARN of something of this account and region, as the text of a `Fn::Sub`.
fn own(service: &str, rest: &str) -> String {
    format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}")
}

fn is_function(text: &str) -> bool {
    let arn = text.starts_with("arn:") && text.contains(":lambda:") && text.contains(":function:");
    arn || (text.starts_with("${Function") && text.contains(".Arn}"))
}

/// Whether the text is the ARN of a function of this topology, without a qualifier: the graph has an edge for it.
fn is_own_function(text: &str) -> bool {
    text.starts_with("${Function") && text.ends_with(".Arn}")
}

/// Whether the text is the URL of a queue of this topology.
fn is_own_queue(text: &str) -> bool {
    text.starts_with("${Queue") && text.ends_with('}')
}

/// Whether the text is the ARN of the flow of another topology that the graph has an edge for.
fn is_flow_of_topology(text: &str) -> bool {
    text.starts_with("${Topology") && text.ends_with("Flow}")
}

/// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
fn queue_arn(url: &str) -> Option<String> {
    let mut parts = url.strip_prefix("https://")?.split('/');
    let (host, account, name) = (parts.next()?, parts.next()?, parts.next()?);
    let region = host.strip_prefix("sqs.")?.split_once(".amazonaws.")?.0;
    Some(format!("arn:${{AWS::Partition}}:sqs:{region}:{account}:{name}"))
}

fn table_arn(table: &str, arguments: &Arguments<'_>) -> Option<String> {
    let arn = match table.starts_with("arn:") {
        true => table.to_owned(),
        false => own("dynamodb", &format!("table/{table}")),
    };
    match arguments.get("IndexName") {
        Parameter::Literal(index) => Some(format!("{arn}/index/{index}")),
        Parameter::Absent => Some(arn),
        Parameter::Dynamic => None,
    }
}

fn secret_arn(name: &str) -> String {
    match name.starts_with("arn:") {
        true => name.to_owned(),
        false => own("secretsmanager", &format!("secret:{name}-??????")),
    }
}

fn parameter_arn(name: &str) -> String {
    match name.starts_with("arn:") {
        true => name.to_owned(),
        false => own("ssm", &format!("parameter/{}", name.trim_start_matches('/'))),
    }
}

/// An object where the call names one, else the bucket.
fn object_arn(bucket: &str, arguments: &Arguments<'_>) -> Option<String> {
    match arguments.get("Key") {
        Parameter::Literal(key) => Some(bucket_arn(bucket, &format!("/{key}"))),
        Parameter::Absent => Some(bucket_arn(bucket, "")),
        Parameter::Dynamic => None,
    }
}

/// What `copyObject` reads: `CopySource` is `BUCKET/KEY` ("S3 API, CopyObject").
fn copied(arguments: &Arguments<'_>) -> Resources {
    let Parameter::Literal(source) = arguments.get("CopySource") else { return Resources::Unknown };
    match source.trim_start_matches('/').split_once('/') {
        Some((bucket, key)) if !bucket.starts_with("arn:") => {
            Resources::Known(vec![bucket_arn(bucket, &format!("/{key}"))])
        }
        _ => Resources::Unknown,
    }
}

/// The ARN of a bucket and what follows its name.
pub(super) fn bucket_arn(bucket: &str, below: &str) -> String {
    format!("arn:${{AWS::Partition}}:s3:::{bucket}{below}")
}

/// The buses of entries that are no edges, since what they put is only known when the state runs.
fn buses(arguments: &Arguments<'_>) -> Resources {
    let Some(entries) = arguments.node("Entries").and_then(Node::as_list) else { return Resources::Unknown };
    let mut buses = Vec::new();
    for entry in entries.iter().filter(|entry| PutEvent::of_entry(entry).is_none()) {
        let bus = match parameter(entry, "EventBusName") {
            Parameter::Literal(bus) if bus.starts_with("arn:") => bus,
            Parameter::Literal(bus) => own("events", &format!("event-bus/{bus}")),
            Parameter::Absent => own("events", &format!("event-bus/{}", event_bus::DEFAULT)),
            Parameter::Dynamic => return Resources::Unknown,
        };
        if !buses.contains(&bus) {
            buses.push(bus);
        }
    }
    Resources::Known(buses)
}

/// What it takes to wait for another state machine.
fn waiting(machines: &[String]) -> [Grant; 2] {
    let executions = machines.iter().map(|arn| format!("{}:*", arn.replace(":stateMachine:", ":execution:")));
    iam::wait_grants(executions.map(iam::from_sub).collect())
}

/// The arguments of a task: `Parameters` (JSONPath) or `Arguments` (JSONata).
pub(super) struct Arguments<'n>(pub &'n Node);

impl<'n> Arguments<'n> {
    fn node(&self, name: &str) -> Option<&'n Node> {
        self.given()?.get(name)
    }

    fn given(&self) -> Option<&'n Node> {
        self.0.get("Parameters").or_else(|| self.0.get("Arguments"))
    }

    /// An argument by its name.
    pub fn get(&self, name: &str) -> Parameter {
        match self.given() {
            Some(arguments) => parameter(arguments, name),
            None => Parameter::Absent,
        }
    }
}

/// A key of a mapping. A wildcard would name more than one thing, so it names nothing.
fn parameter(arguments: &Node, name: &str) -> Parameter {
    match argument(arguments, name) {
        Argument::Absent => Parameter::Absent,
        Argument::WorkedOut => Parameter::Dynamic,
        Argument::Written(node) => match node.as_text().map(sub_text) {
            Some(text) if !text.contains(['*', '?']) && !text.contains("${!") => Parameter::Literal(text),
            _ => Parameter::Dynamic,
        },
    }
}

/// A text as that of a `Fn::Sub`.
fn sub_text(text: &Text) -> String {
    match Expr::from(text) {
        Expr::String(literal) => escape_sub(&literal),
        Expr::Sub(text) => text,
        Expr::Ref(id) => format!("${{{id}}}"),
        Expr::GetAtt(id, attribute) => format!("${{{id}.{attribute}}}"),
        _ => String::new(),
    }
}
