//! `AWS::IAM::Role`: one a function, one for the flow, one for each service that acts for an entity.
//!
//! Statements are read off the graph: every edge that needs a right gives one [`Grant`], and there is no other source of
//! rights but the statements a person wrote in `roles/`. Actions and resources are named; `*` stands only where AWS has
//! no resource level, with a comment.

use super::{Lowering, event_bus, gateway, mutation};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::Resource;
use crate::graph::{EdgeKind, EntityId, EntityKind, Link};
use crate::object;

/// A right that one entity has on another.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grant {
    /// What the statement is for, as its `Sid`: letters and digits.
    pub sid: String,
    /// Actions, sorted.
    pub actions: Vec<&'static str>,
    /// ARNs.
    pub resources: Vec<Expr>,
    /// A condition, where the action can be narrowed further.
    pub condition: Option<Object>,
}

impl Grant {
    /// A right to do `actions` on `resources`.
    pub fn new(sid: impl Into<String>, actions: &[&'static str], resources: Vec<Expr>) -> Self {
        Self { sid: sid.into(), actions: actions.to_vec(), resources, condition: None }
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
            "Action": one_or_many(self.actions.iter().map(|action| (*action).into()).collect()),
            "Resource": one_or_many(self.resources.clone()),
        };
        statement.put_opt("Condition", self.condition.clone());
        statement.into()
    }
}

/// Every right of an entity: those of the edges that leave it, and a consumer's right to receive, whose edge reaches it.
pub(super) fn grants(cx: &Lowering<'_>, entity: &EntityId) -> Vec<Grant> {
    let leaving = cx.graph.outgoing(entity);
    let reaching = cx.graph.incoming(entity);
    let mut grants: Vec<_> = leaving.iter().filter_map(|link| grant(cx, link)).collect();
    grants.extend(reaching.iter().filter_map(receive));
    grants
}

/// What Lambda does with a queue on behalf of its consumer ("Lambda Developer Guide, Using Lambda with Amazon SQS,
/// execution role permissions").
fn receive(link: &Link<'_>) -> Option<Grant> {
    let queue = (link.edge.kind == EdgeKind::Delivers).then(|| logical_id::of(&link.from.id))?;
    Some(Grant {
        sid: format!("Receive{queue}"),
        actions: vec!["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        resources: vec![Expr::arn(queue)],
        condition: None,
    })
}

fn one_or_many(mut list: Vec<Expr>) -> Expr {
    match list.len() {
        1 => list.remove(0),
        _ => Expr::List(list),
    }
}

/// The right that an edge gives to the entity it leaves, or `None` for an edge that works by other means (a layer is
/// read by Lambda itself, an HTTP API calls a function by the function's permission).
pub(super) fn grant(cx: &Lowering<'_>, link: &Link<'_>) -> Option<Grant> {
    if link.from.id.kind == EntityKind::Route {
        return gateway::grant(cx, link);
    }
    let sid = |verb: &str| format!("{verb}{}", logical_id::of(&link.to.id));
    let grant = |verb: &str, actions: &[&'static str], resources: Vec<Expr>| {
        Some(Grant { sid: sid(verb), actions: actions.to_vec(), resources, condition: None })
    };
    let to = logical_id::of(&link.to.id);
    match link.edge.kind {
        // EventBridge itself calls functions and sends to queues, by the function's permission and the queue's policy.
        EdgeKind::Invokes | EdgeKind::Sends if link.from.id.kind == EntityKind::Event => None,
        EdgeKind::Invokes => {
            // A version or alias of the function is another resource to IAM.
            let arn = Expr::arn(&to);
            let qualified = Expr::Sub(format!("${{{to}.Arn}}:*"));
            grant("Invoke", &["lambda:InvokeFunction"], vec![arn, qualified])
        }
        EdgeKind::Starts => grant("Start", &["states:StartExecution"], vec![Expr::reference(&to)]),
        EdgeKind::Sends => grant("Send", &["sqs:SendMessage"], vec![Expr::arn(&to)]),
        EdgeKind::Puts => {
            let condition = Some(event_bus::put_condition(cx.topology, &link.to.id.name));
            let resources = vec![event_bus::arn(event_bus::of(cx.topology, &link.to.id.name))];
            Some(Grant { sid: sid("Put"), actions: vec!["events:PutEvents"], resources, condition })
        }
        EdgeKind::Calls => grant("Call", &["appsync:GraphQL"], vec![mutation::field_arn(&link.to.id.name)]),
        EdgeKind::Delivers | EdgeKind::Mounts | EdgeKind::Authorizes | EdgeKind::Exposes | EdgeKind::Uses => None,
    }
}

/// Puts a role that a service may take on. `statements` may be empty.
pub(super) fn put_role(cx: &mut Lowering<'_>, id: &str, entity: &EntityId, service: &str, statements: Vec<Expr>) {
    put_role_for(cx, id, entity, service, None, statements);
}

/// As [`put_role`], for a service that names what it acts for: only for the resource of this ARN, in this account, may
/// it take the role on. Without that another's resource could make the service use it (the confused deputy: "IAM User
/// Guide, The confused deputy problem, cross-service").
pub(super) fn put_role_for(
    cx: &mut Lowering<'_>,
    id: &str,
    entity: &EntityId,
    service: &str,
    source_arn: Option<Expr>,
    statements: Vec<Expr>,
) {
    let mut trust = object! {
        "Effect": "Allow",
        "Principal": object! { "Service": service },
        "Action": "sts:AssumeRole",
    };
    if let Some(source_arn) = source_arn {
        let account = Expr::reference("AWS::AccountId");
        let equal = object! { "aws:SourceAccount": account, "aws:SourceArn": source_arn };
        trust.put("Condition", object! { "StringEquals": equal });
    }
    let document = object! { "Version": "2012-10-17", "Statement": vec![trust] };
    let mut properties = object! { "AssumeRolePolicyDocument": document };
    if !statements.is_empty() {
        let document = object! { "Version": "2012-10-17", "Statement": Expr::List(statements) };
        let policy = object! { "PolicyName": policy_name(entity), "PolicyDocument": document };
        properties.put("Policies", vec![policy]);
    }
    cx.put(id, Resource::new("AWS::IAM::Role", entity, properties));
}

/// The name of an entity's inline policy: what it does, as people see it in the console.
fn policy_name(entity: &EntityId) -> String {
    match entity.kind {
        EntityKind::Flow => "flow".to_owned(),
        _ => logical_id::camel(&entity.name),
    }
}
