//! `AWS::StepFunctions::StateMachine`.

mod action;
mod definition;
mod distributed;
mod integration;
mod task;

use super::role::{self, Trust};
use super::{Lowering, iam, log_group};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::Resource;
use crate::diagnostic::{Diagnostic, codes::template as codes};
use crate::graph::EntityId;
use crate::ir::name::STATE_MACHINE_LIMIT;
use crate::ir::{Flow, StateMachineType};
use crate::object;

/// Puts the state machine with its role and log group.
pub(super) fn lower(cx: &mut Lowering<'_>, entity: &EntityId, flow: &Flow) {
    let id = logical_id::FLOW;
    let name = cx.named(entity, cx.topology.state_machine_name(), STATE_MACHINE_LIMIT);
    let (role_id, log_group_id) = (format!("{id}Role"), format!("{id}LogGroup"));
    let statements = statements(cx, entity, flow, &name);
    role::put_with(cx, &role_id, entity, trust(), statements, &flow.statements);
    // Groups of this prefix are no burden on the one resource policy of a region that log delivery keeps, whose size is
    // limited ("Step Functions Developer Guide, Using CloudWatch Logs: CloudWatch Logs resource policy size").
    log_group::put(cx, &log_group_id, entity, &format!("/aws/vendedlogs/states/{name}"));

    let definition = definition::lower(cx, &flow.definition);
    let mut properties = object! {
        "StateMachineName": name,
        "StateMachineType": flow.state_machine_type.as_cloudformation(),
        "RoleArn": Expr::arn(role_id),
    };
    properties.put(definition.property, definition.body);
    let substitutions: Object = definition.substitutions.into_iter().collect();
    properties.put_opt("DefinitionSubstitutions", (!substitutions.is_empty()).then_some(substitutions));
    properties.put("LoggingConfiguration", logging(flow.state_machine_type, &log_group_id));
    properties.put("TracingConfiguration", object! { "Enabled": true });
    cx.put(id, Resource::new("AWS::StepFunctions::StateMachine", entity, properties));
    cx.output(format!("{id}Arn"), "The ARN of the state machine", Expr::reference(id));
}

/// Step Functions, for the state machines of this account ("Step Functions Developer Guide, Preventing cross-service
/// confused deputy issue").
fn trust() -> Trust<'static> {
    let machines = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:*";
    let condition = object! {
        "StringEquals": object! { "aws:SourceAccount": Expr::reference("AWS::AccountId") },
        "ArnLike": object! { "aws:SourceArn": Expr::Sub(machines.to_owned()) },
    };
    Trust { service: "states.amazonaws.com", condition: Some(condition) }
}

/// What is logged. Step Functions keeps the history of a standard execution itself, so failures are enough; it keeps
/// none of an express execution, so everything is logged. Inputs and outputs are left out: they may hold secrets.
fn logging(state_machine_type: StateMachineType, log_group: &str) -> Object {
    let level = match state_machine_type {
        StateMachineType::Standard => "ERROR",
        StateMachineType::Express => "ALL",
    };
    let destination = object! { "CloudWatchLogsLogGroup": object! { "LogGroupArn": Expr::arn(log_group) } };
    object! { "Level": level, "IncludeExecutionData": false, "Destinations": vec![destination] }
}

fn statements(cx: &mut Lowering<'_>, entity: &EntityId, flow: &Flow, name: &str) -> Vec<Expr> {
    let anything = || vec![Expr::from("*")];
    let mut grants = vec![
        // `*`: the actions of log delivery take no resource ("Step Functions Developer Guide, Using CloudWatch Logs: IAM
        // policies for logging").
        iam::Grant::new(
            "DeliverLogs",
            &[
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ],
            anything(),
        ),
        // `*`: X-Ray has no resource level for these ("Step Functions Developer Guide, AWS X-Ray and Step Functions").
        iam::Grant::new(
            "Trace",
            &["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            anything(),
        ),
    ];
    grants.extend(iam::grants(cx, entity));
    let needs = task::needs(&flow.definition, name);
    grants.extend(needs.grants);
    for unknown in needs.unknown {
        if flow.statements.iter().any(|statement| task::allows(statement, &unknown.action)) {
            continue;
        }
        let task::Unknown { action, state, span } = unknown;
        let message = format!("what the state `{state}` does with `{action}` is only known when it runs");
        let finding = Diagnostic::new(&codes::UNGRANTED_TASK, span, message);
        cx.findings.push(finding.help(format!("allow `{action}` on what it may touch in `roles/flow.json`")));
    }
    iam::merge(grants.into_iter()).iter().map(iam::Grant::statement).collect()
}
