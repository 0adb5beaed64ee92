//! A function's environment: what was written, where its dependencies lie, and what the graph knows of the queues and
//! buses it sends to.

use super::{Lowering, event_bus, iam, search_path};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::graph::{EdgeKind, EntityId};
use crate::ir::name::variable;
use crate::ir::{EnvironmentValue, Function};
use std::collections::{BTreeMap, BTreeSet};

/// The `Variables` of a function, by name. What the author wrote wins over what is derived.
pub(super) fn variables(cx: &Lowering<'_>, function: &Function) -> Object {
    let mut variables: BTreeMap<String, Expr> = search_path::variables(function).collect();
    variables.extend(of_edges(cx, &EntityId::function(&function.name)));
    for (name, value) in &function.environment {
        let value = match &value.value {
            EnvironmentValue::Plain(text) => text.into(),
            // The name alone: the value would stand in the console for everybody who may look at functions.
            EnvironmentValue::SsmParameter(name) | EnvironmentValue::Secret(name) => name.into(),
        };
        variables.insert(name.clone(), value);
    }
    variables.into_iter().collect()
}

/// Variables for the entities that the edges of a function lead to: `QUEUE_NAME_URL` for each queue NAME that it sends to,
/// and `EVENT_BUS_NAME` where it puts events on one bus; where on several, `EVENT_BUS_NAME_EVENT` for each event.
fn of_edges(cx: &Lowering<'_>, entity: &EntityId) -> BTreeMap<String, Expr> {
    let links = cx.graph.outgoing(entity);
    let reached = |kind| links.iter().filter(move |link| link.edge.kind == kind).map(|link| &link.to.id);
    let queue =
        |queue: &EntityId| (format!("QUEUE_{}_URL", variable(&queue.name)), Expr::reference(logical_id::of(queue)));
    let mut variables: BTreeMap<String, Expr> = reached(EdgeKind::Sends).map(queue).collect();
    let bus = |event: &'_ EntityId| event_bus::of(cx.topology, &event.name).to_owned();
    let buses: BTreeSet<String> = reached(EdgeKind::Puts).map(bus).collect();
    variables.extend(reached(EdgeKind::Puts).map(|event| {
        let name = match buses.len() {
            1 => "EVENT_BUS_NAME".to_owned(),
            _ => format!("EVENT_BUS_NAME_{}", variable(&event.name)),
        };
        (name, bus(event).into())
    }));
    variables
}

/// The rights to read the parameters and secrets that the environment names, and nothing beside them. Those encrypted
/// with the AWS managed keys need no right on the key ("Systems Manager User Guide, SecureString parameters"; "Secrets
/// Manager User Guide, Secret encryption and decryption").
pub(super) fn grants(function: &Function) -> Vec<iam::Grant> {
    let values = || function.environment.values().map(|value| &value.value);
    let parameters = values().filter_map(|value| match value {
        EnvironmentValue::SsmParameter(name) => Some(parameter_arn(name)),
        _ => None,
    });
    let secrets = values().filter_map(|value| match value {
        EnvironmentValue::Secret(name) => Some(secret_arn(name)),
        _ => None,
    });
    [
        ("ReadParameters", "ssm:GetParameter", parameters.collect::<BTreeSet<String>>()),
        ("ReadSecrets", "secretsmanager:GetSecretValue", secrets.collect()),
    ]
    .into_iter()
    .filter(|(.., resources)| !resources.is_empty())
    .map(|(sid, action, resources)| iam::Grant::new(sid, &[action], resources.into_iter().map(iam::from_sub).collect()))
    .collect()
}

/// A parameter's ARN as the text of a `Fn::Sub`. A parameter's name begins with `/` or holds none ("Systems Manager User
/// Guide, Specifying parameter names in IAM policies").
fn parameter_arn(name: &str) -> String {
    if name.starts_with("arn:") {
        return iam::literal(name);
    }
    let separator = if name.starts_with('/') { "" } else { "/" };
    format!(
        "arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter{separator}{}",
        iam::literal(name)
    )
}

/// A secret's ARN as the text of a `Fn::Sub`. It ends in `-` and six characters that Secrets Manager makes up ("Secrets
/// Manager User Guide, Identity-based policies": six question marks match them and no longer name).
fn secret_arn(name: &str) -> String {
    if name.starts_with("arn:") {
        return iam::literal(name);
    }
    let name = iam::literal(name);
    format!("arn:${{AWS::Partition}}:secretsmanager:${{AWS::Region}}:${{AWS::AccountId}}:secret:{name}-??????")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_exact_arns() {
        let prefix = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/";
        assert_eq!(parameter_arn("/a/b"), format!("{prefix}a/b"));
        assert_eq!(parameter_arn("token"), format!("{prefix}token"));
        assert_eq!(parameter_arn("/a/*"), format!("{prefix}a/${{!*}}"));
        assert!(secret_arn("db/prod").ends_with(":secret:db/prod-??????"));
        assert_eq!(secret_arn("arn:aws:secretsmanager:x:1:secret:a-b"), "arn:aws:secretsmanager:x:1:secret:a-b");
    }
}
