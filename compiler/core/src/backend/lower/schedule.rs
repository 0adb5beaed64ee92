//! `AWS::Scheduler::Schedule`: something that starts at a time.

use super::{Lowering, dead_letter, iam, payload, queue};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::Resource;
use crate::graph::{EntityId, EntityKind};
use crate::ir::{Recurrence, Schedule, Target};
use crate::object;

const PRINCIPAL: &str = "scheduler.amazonaws.com";

/// Puts a schedule with its role and a dead-letter queue for what could not be delivered.
pub(super) fn lower(cx: &mut Lowering<'_>, schedule: &Schedule) {
    let entity = EntityId::new(EntityKind::Schedule, &schedule.name);
    let id = logical_id::of(&entity);
    let target = target(cx, schedule, &entity);
    let mut properties = object! {
        "Name": cx.topology.schedule_name(&schedule.name).text,
        "ScheduleExpression": expression(&schedule.recurrence),
    };
    properties.put_opt("ScheduleExpressionTimezone", schedule.timezone.as_ref().map(|zone| &zone.value));
    properties.put("FlexibleTimeWindow", object! { "Mode": "OFF" });
    properties.put("State", "ENABLED");
    properties.put("Target", target);
    cx.put(id, Resource::new("AWS::Scheduler::Schedule", &entity, properties));
}

fn expression(recurrence: &Recurrence) -> String {
    match recurrence {
        Recurrence::Cron(fields) => format!("cron({})", fields.value),
        Recurrence::Rate(rate) => format!("rate({})", rate.value),
        Recurrence::At(time) => format!("at({})", time.value),
    }
}

fn target(cx: &mut Lowering<'_>, schedule: &Schedule, entity: &EntityId) -> Object {
    let id = logical_id::of(entity);
    let arn = match &schedule.target {
        Target::Function(name) => Expr::arn(logical_id::function(name)),
        Target::Queue(name) => Expr::arn(logical_id::queue(name)),
        // A schedule cannot lead to an event or a mutation: the schema has no such key.
        Target::Flow(_) | Target::Event(_) | Target::Mutation(_) => Expr::reference(logical_id::FLOW),
    };
    let role = format!("{id}Role");
    let queue_id = format!("{id}DeadLetter");
    let mut target = object! { "Arn": arn, "RoleArn": Expr::arn(&role) };
    // A message may be any text; functions and flows take JSON.
    let plain = matches!(schedule.target, Target::Queue(_));
    target.put_opt("Input", schedule.payload.as_ref().map(|payload| Expr::from(&payload::json(payload, plain))));
    if let Target::Queue(name) = &schedule.target {
        target.put_opt("SqsParameters", queue::sqs_parameters(cx, name));
    }

    // Scheduler sends to the dead-letter queue by the schedule's role, so that queue needs no policy.
    let undelivered = iam::Grant {
        sid: format!("Send{queue_id}"),
        actions: vec!["sqs:SendMessage"],
        resources: vec![Expr::arn(&queue_id)],
        condition: None,
    };
    let mut statements: Vec<_> = iam::grants(cx, entity).iter().map(iam::Grant::statement).collect();
    statements.push(undelivered.statement());
    iam::put_role_for(cx, &role, entity, PRINCIPAL, Some(default_group()), statements);

    let name = [&schedule.name, "schedule"].join(cx.topology.separator());
    let name = cx.topology.dead_letter_name(&name, false).text;
    for (key, value) in dead_letter::of_target(cx, &queue_id, entity, name).iter() {
        target.put(key, value.clone());
    }
    target
}

/// The group that schedules without another belong to. Scheduler names the group, and not the schedule, as the source
/// when it takes a role on ("EventBridge Scheduler User Guide, Confused deputy prevention").
fn default_group() -> Expr {
    let arn = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default";
    Expr::Sub(arn.to_owned())
}
