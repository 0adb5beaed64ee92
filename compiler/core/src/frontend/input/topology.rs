//! `topology.yml`.

use super::{BuildInput, Entries, Given, OneOrMany, RuntimeInput, Scalar, TasksInput};
use crate::ir::{GatewayKind, Method, StateMachineType};
use crate::source::{Node, Spanned};
use schemars::JsonSchema;
use serde::Deserialize;

/// A topology: routes, events, queues, schedules and a flow around functions that are directories.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopologyInput {
    /// The namespace. Physical names begin with it.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9_-]*$"), length(max = 64))]
    pub name: Spanned<String>,
    /// The topology's version; else that of the newest git tag `NAME-X.Y.Z`, else `0.0.1`.
    #[schemars(regex(pattern = r"^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$"))]
    pub version: Given<String>,
    /// The kind of an older topology (`step-function`, `evented`, ...). Accepted and without effect: what a topology is
    /// follows from what it holds.
    pub kind: Given<String>,
    /// The directory that holds `vars/` and `roles/`, relative to the topology. By default `infrastructure/tc/NAME`
    /// in this directory or the nearest one above it, up to the git root.
    pub infra: Given<String>,
    /// Which directories are functions.
    pub nodes: Option<NodesInput>,
    /// Functions that live outside of this directory, or more about those that live in it.
    #[serde(default)]
    pub functions: Entries<Option<FunctionEntryInput>>,
    /// Routes by key. A key that begins with `/` is the path itself.
    #[serde(default)]
    pub routes: Entries<RouteInput>,
    /// Events consumed and produced.
    pub events: Option<EventsInput>,
    /// SQS queues by name, each with a dead-letter queue.
    #[serde(default)]
    pub queues: Entries<Option<QueueInput>>,
    /// Schedules by name.
    #[serde(default)]
    pub schedules: Entries<ScheduleInput>,
    /// The state machine in the Amazon States Language, or the path of a YAML or JSON file that holds it. Its tasks name
    /// functions in `FunctionName` or `Resource`, queues in `QueueUrl` and other topologies in `StateMachineArn`.
    #[serde(default)]
    #[schemars(schema_with = "flow_schema")]
    pub flow: Option<Node>,
    /// The type of the state machine. `Standard` by default.
    pub mode: Given<StateMachineType>,
    /// Joins physical names by `-` in place of `_`. False by default.
    pub hyphenated_names: Given<bool>,
    /// Tags of every resource.
    #[serde(default)]
    pub tags: Entries<Spanned<Scalar>>,
    /// Logs.
    pub logs: Option<LogsInput>,
}

fn flow_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": ["object", "string"] })
}

/// Which directories are functions.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodesInput {
    /// Globs of directories, relative to the topology, that are not functions.
    #[serde(default)]
    pub ignore: Vec<Spanned<String>>,
}

/// Logs.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogsInput {
    /// Days that log groups keep their events, one of the values CloudWatch Logs allows. 30 by default.
    #[schemars(extend("enum" = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]))]
    pub retention: Given<u32>,
    /// Whether the gateways of the stack write access logs. By default HTTP APIs do and REST APIs do not: the stage of a
    /// REST API with access logs can only be created where the account has a CloudWatch role for API Gateway, a setting
    /// of the whole account that a stack must not own.
    pub access: Given<bool>,
}

/// A function of the topology: where it lives, and any key of function.json to set in its place.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionEntryInput {
    /// The directory, relative to the topology, or a git URL with a pinned ref:
    /// `git+https://HOST/REPO.git#REF:path/in/it`. By default the directory of that name.
    pub uri: Given<String>,
    /// Whether the directory serves several topologies. False by default.
    pub shared: Given<bool>,
    /// What it does.
    pub description: Given<String>,
    /// What it runs with, over function.json.
    pub runtime: Option<RuntimeInput>,
    /// Its tasks, over function.json.
    pub tasks: Option<TasksInput>,
    /// How its dependencies are built, over function.json.
    pub build: Option<BuildInput>,
    /// Paths on the file system, over function.json.
    #[serde(default)]
    pub assets: Entries<Spanned<String>>,
}

/// A method and path of a gateway.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteInput {
    /// The gateway's name. One that `tc.yml` names is shared and only linked; any other belongs to the stack.
    /// By default a gateway of the topology's name.
    #[schemars(length(min = 1, max = 128))]
    pub gateway: Given<String>,
    /// HTTP API or REST API. `http` by default.
    pub kind: Given<GatewayKind>,
    /// The HTTP method. `ANY` by default.
    pub method: Given<Method>,
    /// The path; by default the route's key when that begins with `/`. A part in braces takes any value, `{proxy+}` at the
    /// end any number of parts; `$default` on an HTTP API takes every request that no other route does.
    pub path: Given<String>,
    /// The function it leads to; `none` starts the flow when there is one. The older spelling of `function`.
    pub proxy: Given<String>,
    /// The function it leads to.
    pub function: Given<String>,
    /// The state machine it starts: this topology's flow, by the topology's name or `flow`, or that of another topology in
    /// the directories below this one or beside it, by that topology's name.
    pub state: Given<String>,
    /// The event it puts on the bus, by detail-type.
    pub event: Given<String>,
    /// The queue it sends to.
    pub queue: Given<String>,
    /// Seconds the gateway waits for the target. By default the gateway's limit: 30 for `http`, 29 for `rest`.
    #[schemars(range(min = 1, max = 900))]
    pub timeout: Given<u32>,
    /// Answer at once and run the target in the background. False by default. A function is then given the request's JSON
    /// body as its event, as the flow is given it as its input; of a request without a body (`GET`, `HEAD`, `DELETE`,
    /// `OPTIONS`) it is given `{"method": ..., "path": ...}`.
    pub r#async: Given<bool>,
    /// The function that decides who may call. It is asked for every request that has an `Authorization` header; others
    /// are refused. On an HTTP API it answers `{"isAuthorized": true}` (payload 2.0), on a REST API an IAM policy.
    pub authorizer: Given<String>,
    /// Cross-origin rules. On an HTTP API they are those of the gateway: the union of its routes'. On a REST API they hold
    /// for the path, and a function that answers itself has to add `Access-Control-Allow-Origin`.
    pub cors: Given<CorsInput>,
    /// The gateway's stage. `$default` for `http`, `api` for `rest`.
    #[schemars(regex(pattern = r"^([A-Za-z0-9_-]+|\$default)$"), length(max = 128))]
    pub stage: Given<String>,
}

/// Cross-origin rules.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorsInput {
    /// Methods allowed. By default the route's own.
    #[serde(default)]
    pub methods: Vec<MethodInput>,
    /// Origins allowed, such as `https://example.com`; `*` for any, and on an HTTP API `https://*` for any of a scheme. Any
    /// by default.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^(\*|https?://(\*|[A-Za-z0-9.:\[\]-]+))$")))]
    pub origins: Vec<String>,
    /// Request headers allowed. `authorization` and `content-type` by default.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^(\*|[A-Za-z0-9_-]+)$")))]
    pub allowed_headers: Vec<String>,
}

/// An HTTP method; `*` is any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names say it")]
pub enum MethodInput {
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Head,
    Options,
    #[serde(rename = "*")]
    Any,
}

/// Events consumed and produced.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventsInput {
    /// Events that start something here, by detail-type.
    #[serde(default)]
    pub consumes: Entries<Option<ConsumedEventInput>>,
    /// Events that functions put on a bus, by detail-type.
    #[serde(default)]
    pub produces: Entries<Option<ProducedEventInput>>,
}

/// An event that starts something. Without a target it starts the flow.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsumedEventInput {
    /// The event's source, or a list of them; `default` for any source on the bus, which is also the default.
    #[serde(default)]
    pub producer: OneOrMany<Spanned<String>>,
    /// A whole EventBridge pattern, as JSON text or as a mapping. Excludes `filter`.
    #[serde(default)]
    #[schemars(schema_with = "document_schema")]
    pub pattern: Option<Node>,
    /// A pattern on the event's `detail`, as JSON text or as a mapping.
    #[serde(default)]
    #[schemars(schema_with = "document_schema")]
    pub filter: Option<Node>,
    /// The function it invokes.
    pub function: Given<String>,
    /// The function it invokes; the older spelling of `function`.
    pub proxy: Given<String>,
    /// The state machine it starts: this topology's flow, by the topology's name or `flow`, or that of another topology in
    /// the directories below this one or beside it, by that topology's name.
    pub state: Given<String>,
    /// The queue it is sent to.
    pub queue: Given<String>,
    /// The AppSync mutation it calls, with the event's detail as the argument `detail`: for `completeTask` the schema has
    /// `completeTask(detail: CompleteTaskInput!)` of an object type. The API, whose authorization type is AWS_IAM, is an
    /// import.
    #[schemars(regex(pattern = r"^[_A-Za-z][_0-9A-Za-z]*$"))]
    pub mutation: Given<String>,
    /// Sandboxes it is emitted in; all by default.
    pub sandboxes: Option<Vec<Spanned<String>>>,
    /// The bus's name. The account's default bus by default.
    #[schemars(regex(pattern = r"^[/.\-_A-Za-z0-9]{1,256}$"))]
    pub bus: Given<String>,
}

fn document_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": ["object", "string"] })
}

/// An event that functions put. They get the right to put it, and the bus's name in `EVENT_BUS_NAME`; a function that puts
/// events on several buses has each name in `EVENT_BUS_NAME_EVENT`, with the event's name in capitals.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProducedEventInput {
    /// The function, or a list of them.
    #[serde(default)]
    pub producer: OneOrMany<Spanned<String>>,
    /// The `source` it is put with, or a list of them. Any by default.
    #[serde(default)]
    pub source: OneOrMany<Spanned<String>>,
    /// Who is meant to take it. A function of this topology is checked; another's name is kept as documentation.
    pub consumer: Given<String>,
    /// A pattern on the event's `detail`.
    #[serde(default)]
    #[schemars(schema_with = "document_schema")]
    pub filter: Option<Node>,
    /// The function of this topology that takes it: as if it stood under `consumes`.
    pub target: Given<String>,
    /// The bus's name. The account's default bus by default.
    #[schemars(regex(pattern = r"^[/.\-_A-Za-z0-9]{1,256}$"))]
    pub bus: Given<String>,
}

/// An SQS queue with its dead-letter queue. Producers get the right to send and its URL in `QUEUE_NAME_URL`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueInput {
    /// The function that sends to it, or a list of them.
    #[serde(default)]
    pub producer: OneOrMany<Spanned<String>>,
    /// The function that receives from it.
    pub consumer: Given<String>,
    /// Whether order is kept. False by default. Messages with the same content within five minutes count as one.
    pub fifo: Given<bool>,
    /// Seconds a received message stays hidden. By default six times the consumer's time-out, as AWS advises; 30 without a
    /// consumer.
    #[schemars(range(min = 0, max = 43200))]
    pub visibility_timeout: Given<u32>,
    /// Messages handed to one call. 10 by default.
    #[schemars(range(min = 1, max = 10000))]
    pub batch_size: Given<u32>,
    /// Seconds to gather a batch; needed for batches over 10.
    #[schemars(range(min = 0, max = 300))]
    pub batch_window: Given<u32>,
    /// Receives before a message goes to the dead-letter queue. 5 by default.
    #[schemars(range(min = 1, max = 1000))]
    pub max_receives: Given<u32>,
}

/// A schedule: one of `cron`, `rate`, `at`, and a target. Without a target it starts the flow.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleInput {
    /// Six fields: `0 12 * * ? *`, with or without `cron( )` around it.
    pub cron: Given<String>,
    /// A value and a unit: `5 minutes`, with or without `rate( )` around it.
    pub rate: Given<String>,
    /// Once, at `yyyy-mm-ddThh:mm:ss`, with or without `at( )` around it.
    pub at: Given<String>,
    /// An IANA time zone. UTC by default.
    pub timezone: Given<String>,
    /// The function, or `flow`.
    pub target: Given<String>,
    /// The function it invokes.
    pub function: Given<String>,
    /// The state machine it starts: this topology's flow, by the topology's name or `flow`, or that of another topology in
    /// the directories below this one or beside it, by that topology's name.
    pub state: Given<String>,
    /// The queue it sends to.
    pub queue: Given<String>,
    /// What the target is given: JSON text or any value. A queue gets other text as it is, a function or flow as a JSON
    /// string.
    pub payload: Option<Node>,
}
