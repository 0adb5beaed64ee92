//! Service integrations: which IAM action a task takes, and on what, as far as the definition names it.
//!
//! "Step Functions Developer Guide, Integrating services": `arn:aws:states:::SERVICE:ACTION[.PATTERN]` for the optimised
//! integrations and `arn:aws:states:::aws-sdk:SERVICE:ACTION[.PATTERN]` for any other call.

use super::task::{Needs, Unknown};
use crate::backend::expr::{Expr, escape_sub};
use crate::backend::logical_id;
use crate::backend::lower::iam::Grant;
use crate::backend::lower::{event_bus, iam};
use crate::source::{Node, Text, Value};

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
    let Some(call) = Call::parse(&written) else {
        // A function by its ARN. One of this topology is an edge; a qualifier makes it another resource to IAM.
        if is_function(&written) && !is_own_function(&written) {
            needs.grants.push(Grant::new(
                iam::INVOKE_FUNCTIONS,
                &["lambda:InvokeFunction"],
                vec![iam::from_sub(written)],
            ));
        }
        return;
    };
    let arguments = Arguments(state);
    let action = call.action();
    match resources(&call, &action, &arguments) {
        Resources::Known(resources) => {
            if !resources.is_empty() {
                if call.waits && action == "states:StartExecution" {
                    needs.grants.extend(waiting(&resources));
                }
                let sid =
                    if action == "lambda:InvokeFunction" { iam::INVOKE_FUNCTIONS.to_owned() } else { sid(&action) };
                let resources = resources.into_iter().map(iam::from_sub).collect();
                needs.grants.push(Grant::new(sid, &[&action], resources));
            }
        }
        Resources::Unknown => needs.unknown.push(Unknown { action, state: name.to_owned(), span: resource.span }),
    }
}

/// What a statement for an action is called: `SqsSendMessage`.
fn sid(action: &str) -> String {
    logical_id::camel(action)
}

/// A call of a service.
struct Call {
    /// The prefix of its IAM actions.
    service: String,
    /// The API action as the integration spells it: `sendMessage`.
    action: String,
    /// Whether the task waits until the job is done: `.sync`.
    waits: bool,
}

impl Call {
    fn parse(resource: &str) -> Option<Self> {
        let parts: Vec<&str> = resource.split(':').collect();
        let (service, action) = match parts.as_slice() {
            ["arn", _, "states", "", "", "aws-sdk", service, action, ..] => (prefix(service), action),
            ["arn", _, "states", "", "", service, action, ..] => (prefix(service), action),
            _ => return None,
        };
        let (action, pattern) = action.split_once('.').unwrap_or((action, ""));
        Some(Self { service, action: action.to_owned(), waits: pattern.starts_with("sync") })
    }

    /// The IAM action. Most are called as the API's ("Service Authorization Reference").
    fn action(&self) -> String {
        let known = match (self.service.as_str(), self.action.as_str()) {
            ("lambda", "invoke") => Some("lambda:InvokeFunction"),
            ("s3", "listObjects" | "listObjectsV2") => Some("s3:ListBucket"),
            ("s3", "headObject") => Some("s3:GetObject"),
            ("apigateway", "invoke") => Some("execute-api:Invoke"),
            ("http", "invoke") => Some("states:InvokeHTTPEndpoint"),
            ("bedrock", "converse") => Some("bedrock:InvokeModel"),
            _ => None,
        };
        known.map_or_else(|| format!("{}:{}", self.service, pascal(&self.action)), str::to_owned)
    }
}

/// The prefix of a service's IAM actions, by the name that Step Functions has for it, which is the SDK for Java's.
fn prefix(service: &str) -> String {
    match service {
        "sfn" => "states",
        "eventbridge" => "events",
        "cloudwatchlogs" => "logs",
        "sesv2" => "ses",
        "bedrockruntime" => "bedrock",
        "bedrockagentruntime" => "bedrock",
        "cognitoidentityprovider" => "cognito-idp",
        "rdsdata" => "rds-data",
        "redshiftdata" => "redshift-data",
        "emrserverless" => "emr-serverless",
        "elasticloadbalancingv2" => "elasticloadbalancing",
        "applicationautoscaling" => "application-autoscaling",
        "elasticmapreduce" | "emr" => "elasticmapreduce",
        other => other,
    }
    .to_owned()
}

fn pascal(action: &str) -> String {
    let mut characters = action.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

/// What a call acts on.
enum Resources {
    /// These ARNs, as texts of `Fn::Sub`; none where an edge of the graph says it already.
    Known(Vec<String>),
    /// Something that the definition does not name.
    Unknown,
}

fn resources(call: &Call, action: &str, arguments: &Arguments<'_>) -> Resources {
    let one = |parameter: &str, arn: &dyn Fn(&str) -> Option<String>| match arguments.get(parameter) {
        Parameter::Literal(text) => arn(&text).map_or(Resources::Unknown, |arn| Resources::Known(vec![arn])),
        Parameter::Dynamic | Parameter::Absent => Resources::Unknown,
    };
    let itself = |text: &str| text.starts_with("arn:").then(|| text.to_owned());
    match call.service.as_str() {
        "lambda" => match arguments.get("FunctionName") {
            Parameter::Literal(text) if action == "lambda:InvokeFunction" && is_own_function(&text) => {
                Resources::Known(Vec::new())
            }
            Parameter::Literal(text) if is_function(&text) => Resources::Known(vec![text]),
            Parameter::Literal(name) => Resources::Known(vec![own("lambda", &format!("function:{name}"))]),
            Parameter::Dynamic | Parameter::Absent => Resources::Unknown,
        },
        "sqs" => one("QueueUrl", &queue_arn),
        "sns" => one("TopicArn", &itself),
        "states" => one("StateMachineArn", &itself),
        "dynamodb" => one("TableName", &|table| table_arn(table, arguments)),
        "secretsmanager" => one("SecretId", &|name| Some(secret_arn(name))),
        "ssm" => one("Name", &|name| Some(parameter_arn(name))),
        "s3" => one("Bucket", &|bucket| object_arn(bucket, arguments)),
        "events" if call.action == "putEvents" => buses(arguments),
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

/// The ARN of a bucket and what follows its name.
pub(super) fn bucket_arn(bucket: &str, below: &str) -> String {
    format!("arn:${{AWS::Partition}}:s3:::{bucket}{below}")
}

fn buses(arguments: &Arguments<'_>) -> Resources {
    let Some(entries) = arguments.node("Entries").and_then(Node::as_list) else { return Resources::Unknown };
    let mut buses = Vec::new();
    for entry in entries {
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

/// What it takes to wait for another state machine ("Step Functions Developer Guide, IAM policies for calling Step
/// Functions: synchronous"): the rule of that name is Step Functions' own.
fn waiting(machines: &[String]) -> Vec<Grant> {
    let executions = machines.iter().map(|arn| format!("{}:*", arn.replace(":stateMachine:", ":execution:")));
    let rule = own("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule");
    vec![
        Grant::new(
            "WaitForExecutions",
            &["states:DescribeExecution", "states:StopExecution"],
            executions.map(iam::from_sub).collect(),
        ),
        Grant::new(
            "WatchExecutions",
            &["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            vec![iam::from_sub(rule)],
        ),
    ]
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

/// A key of a mapping. `NAME.$` is a path or an intrinsic, and a text in `{% %}` is JSONata: both are worked out later.
/// A wildcard would name more than one thing, so it names nothing.
fn parameter(arguments: &Node, name: &str) -> Parameter {
    if arguments.as_text().is_some() || arguments.get(&format!("{name}.$")).is_some() {
        return Parameter::Dynamic;
    }
    let Some(node) = arguments.get(name) else { return Parameter::Absent };
    match &node.value {
        Value::String(text) => {
            let text = sub_text(text);
            let worked_out = text.starts_with("{%") || text.contains(['*', '?']) || text.contains("${!");
            if worked_out { Parameter::Dynamic } else { Parameter::Literal(text) }
        }
        _ => Parameter::Dynamic,
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
