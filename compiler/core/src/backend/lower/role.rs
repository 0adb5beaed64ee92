//! `AWS::IAM::Role`: one a function, one for the flow, one for each service that acts for an entity. And
//! `AWS::IAM::ManagedPolicy`, into which a role's statements flow over that are too many for its inline policies.

use super::Lowering;
use super::policy::{self, Policies};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::Resource;
use crate::diagnostic::{Diagnostic, codes::template as codes};
use crate::graph::{EntityId, EntityKind};
use crate::ir::Statement;
use crate::object;

/// The name of the inline policy that holds what a person wrote in `roles/`.
const WRITTEN: &str = "roles";

/// Who may take a role on.
pub(super) struct Trust<'a> {
    /// The service.
    pub service: &'a str,
    /// What the service must act for. Without it, another's resource could make the service use the role (the confused
    /// deputy: "IAM User Guide, The confused deputy problem, cross-service").
    pub condition: Option<Object>,
}

/// Puts a role that a service may take on for an entity, with these statements, which may be none.
pub(super) fn put(cx: &mut Lowering<'_>, id: &str, entity: &EntityId, service: &str, statements: Vec<Expr>) {
    put_for(cx, id, entity, service, None, statements);
}

/// [`put`], for a service that names what it acts for: only for the resource of this ARN, in this account, may it take
/// the role on.
pub(super) fn put_for(
    cx: &mut Lowering<'_>,
    id: &str,
    entity: &EntityId,
    service: &str,
    source_arn: Option<Expr>,
    statements: Vec<Expr>,
) {
    let condition = source_arn.map(|source_arn| {
        let account = Expr::reference("AWS::AccountId");
        object! { "StringEquals": object! { "aws:SourceAccount": account, "aws:SourceArn": source_arn } }
    });
    put_with(cx, id, entity, Trust { service, condition }, statements, &[]);
}

/// [`put`], with the statements that `roles/` holds for the entity, as they are written: they have a policy of their own,
/// so that their `Sid`s are theirs.
pub(super) fn put_with(
    cx: &mut Lowering<'_>,
    id: &str,
    entity: &EntityId,
    trust: Trust<'_>,
    statements: Vec<Expr>,
    written: &[Statement],
) {
    let written = written.iter().map(|statement| Expr::from(&statement.0)).collect();
    let policies = policy::pack(statements, written, &cx.arn_sizes);
    if let Some(characters) = policies.excess {
        report_excess(cx, entity, characters);
    }
    let Policies { derived, written, managed, .. } = policies;
    let mut managed_arns = Vec::new();
    for (suffix, statements) in managed {
        let policy_id = format!("{id}{suffix}");
        managed_arns.push(Expr::reference(&policy_id));
        let properties = object! { "PolicyDocument": policy::document(statements) };
        cx.put(policy_id, Resource::new("AWS::IAM::ManagedPolicy", entity, properties));
    }
    let inline = [(policy_name(entity), derived), (WRITTEN.to_owned(), written)];
    let inline = inline.into_iter().filter(|(_, statements)| !statements.is_empty());
    let inline: Vec<Object> = inline
        .map(|(name, statements)| object! { "PolicyName": name, "PolicyDocument": policy::document(statements) })
        .collect();
    let mut properties = object! { "AssumeRolePolicyDocument": trust_document(trust) };
    properties.put_opt("ManagedPolicyArns", (!managed_arns.is_empty()).then_some(managed_arns));
    properties.put_opt("Policies", (!inline.is_empty()).then_some(inline));
    cx.put(id, Resource::new("AWS::IAM::Role", entity, properties));
}

fn trust_document(trust: Trust<'_>) -> Object {
    let mut statement = object! {
        "Effect": "Allow",
        "Principal": object! { "Service": trust.service },
        "Action": "sts:AssumeRole",
    };
    statement.put_opt("Condition", trust.condition);
    policy::document(vec![statement.into()])
}

/// The name of an entity's inline policy, as people see it in the console.
fn policy_name(entity: &EntityId) -> String {
    match entity.kind {
        EntityKind::Flow => "flow".to_owned(),
        _ => logical_id::camel(&entity.name),
    }
}

fn report_excess(cx: &mut Lowering<'_>, entity: &EntityId, characters: usize) {
    let message = format!("the role of `{entity}` needs {characters} characters of policies");
    let help = format!(
        "IAM takes {} characters inline, or {} managed policies of {}: split the topology, or name fewer resources",
        policy::INLINE_LIMIT,
        policy::MANAGED_COUNT,
        policy::MANAGED_LIMIT
    );
    let finding = match cx.graph.entity(entity) {
        Some(known) => Diagnostic::new(&codes::POLICY_TOO_LARGE, known.span, message),
        None => Diagnostic::without_place(&codes::POLICY_TOO_LARGE, message),
    };
    cx.findings.push(finding.help(help));
}
