//! Rights: read off the graph, an edge a [`Grant`].
//!
//! There is no other source of rights but what an entity's own configuration needs (its log, its network, its secrets)
//! and the statements a person wrote in `roles/`. Actions and resources are named; `*` stands only where AWS has no
//! resource level, with a comment.

use super::{Lowering, event_bus, gateway, mount, mutation, topology};
use crate::backend::expr::{Expr, Object, escape_sub, sub_references};
use crate::backend::json;
use crate::backend::logical_id;
use crate::graph::{EdgeKind, EntityId, EntityKind, Link};
use crate::object;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;

pub(super) use super::role::{put as put_role, put_for as put_role_for};

/// The `Sid` of the right to invoke functions of the topology.
pub(super) const INVOKE_FUNCTIONS: &str = "InvokeFunctions";

/// A right that one entity has on others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grant {
    /// What the statement is for, as its `Sid`: letters and digits.
    pub sid: String,
    /// Actions, sorted.
    pub actions: Vec<String>,
    /// ARNs.
    pub resources: Vec<Expr>,
    /// A condition, where the action can be narrowed further.
    pub condition: Option<Object>,
}

impl Grant {
    /// A right to do `actions` on `resources`.
    pub fn new(sid: impl Into<String>, actions: &[&str], resources: Vec<Expr>) -> Self {
        let mut actions: Vec<String> = actions.iter().map(|action| (*action).to_owned()).collect();
        actions.sort();
        Self { sid: sid.into(), actions, resources, condition: None }
    }

    /// This right, under a condition.
    #[must_use]
    pub fn when(mut self, condition: Object) -> Self {
        self.condition = Some(condition);
        self
    }

    /// As a statement of a policy.
    pub fn statement(&self) -> Expr {
        let mut statement = object! {
            "Sid": &self.sid,
            "Effect": "Allow",
            "Action": one_or_many(self.actions.iter().map(Into::into).collect()),
            "Resource": one_or_many(self.resources.clone()),
        };
        statement.put_opt("Condition", self.condition.clone());
        statement.into()
    }
}

fn one_or_many(mut list: Vec<Expr>) -> Expr {
    match list.len() {
        1 => list.remove(0),
        _ => Expr::List(list),
    }
}

/// Every right of an entity: those of the edges that leave it, and a consumer's right to receive, whose edge reaches it.
/// Grants that differ in their resources alone are one, so a flow of many functions stays within IAM's limits, and one
/// more function is one more line.
pub(super) fn grants(cx: &Lowering<'_>, entity: &EntityId) -> Vec<Grant> {
    let leaving = cx.graph.outgoing(entity);
    let reaching = cx.graph.incoming(entity);
    let grants = leaving.iter().flat_map(|link| grant(cx, link).into_iter().chain(topology::wait_grants(cx, link)));
    merge(grants.chain(reaching.iter().filter_map(receive)))
}

/// Joins grants that differ in their resources alone, in the order of the first of each. Others of one `Sid` are numbered:
/// IAM wants a `Sid` once in a policy ("IAM User Guide, IAM JSON policy elements: Sid").
pub(super) fn merge(grants: impl Iterator<Item = Grant>) -> Vec<Grant> {
    let mut merged: Vec<Grant> = Vec::new();
    // What each holds already: a flow has as many resources as functions.
    let mut known: Vec<BTreeSet<String>> = Vec::new();
    for mut grant in grants {
        let resources = mem::take(&mut grant.resources);
        let alike = |other: &Grant| {
            other.sid == grant.sid && other.actions == grant.actions && other.condition == grant.condition
        };
        let place = merged.iter().position(alike).unwrap_or_else(|| {
            merged.push(grant);
            known.push(BTreeSet::new());
            merged.len() - 1
        });
        if let (Some(grant), Some(known)) = (merged.get_mut(place), known.get_mut(place)) {
            grant.resources.extend(resources.into_iter().filter(|resource| known.insert(json::compact(resource))));
        }
    }
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for grant in &mut merged {
        let times = taken.entry(grant.sid.clone()).or_default();
        *times += 1;
        if *times > 1 {
            grant.sid = format!("{}{times}", grant.sid);
        }
    }
    merged
}

/// The right that an edge gives to the entity it leaves, or `None` for an edge that works by other means.
pub(super) fn grant(cx: &Lowering<'_>, link: &Link<'_>) -> Option<Grant> {
    if link.from.id.kind == EntityKind::Route {
        return gateway::grant(cx, link);
    }
    let named = |sid: &str, action: &str, resource: Expr| Some(Grant::new(sid, &[action], vec![resource]));
    let to = logical_id::of(&link.to.id);
    match link.edge.kind {
        // EventBridge calls functions and sends to queues by the function's permission and the queue's policy.
        EdgeKind::Invokes | EdgeKind::Sends if link.from.id.kind == EntityKind::Event => None,
        EdgeKind::Invokes => named(INVOKE_FUNCTIONS, "lambda:InvokeFunction", cx.invocation_target(&link.to.id.name)),
        EdgeKind::Starts => named("StartFlow", "states:StartExecution", Expr::reference(&to)),
        EdgeKind::Sends => named("SendMessages", "sqs:SendMessage", Expr::arn(&to)),
        EdgeKind::Puts => Some(event_bus::put_grant(cx.topology, &link.from.id, &link.to.id)),
        EdgeKind::Answers => Some(answer(cx)),
        EdgeKind::Mounts => {
            let function = cx.topology.functions.get(&link.from.id.name)?;
            function.mount.as_ref().map(mount::client_grant)
        }
        EdgeKind::Runs => Some(topology::run_grant(cx, link)),
        // A right of the head: see `receive`.
        EdgeKind::Delivers => None,
        EdgeKind::Calls => named("CallMutation", "appsync:GraphQL", mutation::field_arn(&link.to.id.name)),
        // Of routes alone, which are answered above.
        EdgeKind::Authorizes => None,
        // A gateway has a route as its part.
        EdgeKind::Exposes => None,
        // Lambda reads a layer when the function is made, by the right of who deploys and the layer's own permission.
        EdgeKind::Uses => None,
    }
}

/// The right to send the token of a task back. The state machine is named, since it refers to the function, whose role
/// this is for.
fn answer(cx: &Lowering<'_>) -> Grant {
    let machine = literal(&cx.topology.state_machine_name().text);
    let arn = format!("arn:${{AWS::Partition}}:states:${{AWS::Region}}:${{AWS::AccountId}}:stateMachine:{machine}");
    let actions = ["states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"];
    Grant::new("AnswerTasks", &actions, vec![Expr::Sub(arn)])
}

/// What it takes to wait for executions of another state machine ("Step Functions Developer Guide, IAM policies for calling
/// Step Functions: synchronous"): the rule of that name is Step Functions' own.
pub(super) fn wait_grants(executions: Vec<Expr>) -> [Grant; 2] {
    let rule = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule";
    let rule = format!("arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:{rule}");
    [
        Grant::new("WaitForExecutions", &["states:DescribeExecution", "states:StopExecution"], executions),
        Grant::new(
            "WatchExecutions",
            &["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            vec![from_sub(rule)],
        ),
    ]
}

/// The right that an edge gives to the entity it reaches: Lambda receives a queue's messages by the role of the function
/// they are for ("Lambda Developer Guide, Configuring an Amazon SQS queue: execution role permissions").
fn receive(link: &Link<'_>) -> Option<Grant> {
    let actions = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
    let queue = || Expr::arn(logical_id::of(&link.from.id));
    (link.edge.kind == EdgeKind::Delivers).then(|| Grant::new("ReceiveMessages", &actions, vec![queue()]))
}

/// A name that stands for itself within an ARN of a policy, as the text of a `Fn::Sub`: IAM takes `*` and `?` for
/// wildcards and `${` for a variable unless they are written `${*}`, `${?}` and `${$}` ("IAM User Guide, IAM policy
/// elements: variables and tags").
pub(super) fn literal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '*' | '?' | '$' => {
                out.push_str("${");
                out.push(character);
                out.push('}');
            }
            other => out.push(other),
        }
    }
    escape_sub(&out)
}

/// The text of a `Fn::Sub` as a value: plain where nothing in it is a reference, since linters refuse a `Fn::Sub` without
/// one.
pub(super) fn from_sub(text: String) -> Expr {
    if sub_references(&text).next().is_some() {
        return Expr::Sub(text);
    }
    Expr::String(text.replace("${!", "${"))
}
