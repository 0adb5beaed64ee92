//! `AWS::Scheduler::Schedule`: something that starts at a time.

use super::{Lowering, dead_letter, iam, payload, queue};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::Resource;
use crate::graph::{EntityId, EntityKind};
use crate::ir::name::SCHEDULE_LIMIT;
use crate::ir::{Recurrence, Schedule, Target};
use crate::object;

const PRINCIPAL: &str = "scheduler.amazonaws.com";

/// Puts a schedule with its role and a dead-letter queue for what could not be delivered.
pub(super) fn lower(cx: &mut Lowering<'_>, schedule: &Schedule) {
    let entity = EntityId::new(EntityKind::Schedule, &schedule.name);
    let id = logical_id::of(&entity);
    let target = target(cx, schedule, &entity);
    let mut properties = object! {
        "Name": cx.named(&entity, cx.topology.schedule_name(&schedule.name), SCHEDULE_LIMIT),
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
        Target::Function(name) => cx.invocation_target(name),
        Target::Queue(name) => Expr::arn(logical_id::queue(name)),
        Target::Topology(name) => Expr::reference(logical_id::topology(name)),
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
    let undelivered = iam::Grant::new("SendUndelivered", &["sqs:SendMessage"], vec![Expr::arn(&queue_id)]);
    let mut statements: Vec<_> = iam::grants(cx, entity).iter().map(iam::Grant::statement).collect();
    statements.push(undelivered.statement());
    iam::put_role_for(cx, &role, entity, PRINCIPAL, Some(default_group()), statements);

    let name = [&schedule.name, "schedule"].join(cx.topology.separator());
    let name = cx.topology.dead_letter_name(&name, false).text;
    for (key, value) in dead_letter::of_target(cx, &queue_id, entity, name).iter() {
        target.put(key.clone(), value.clone());
    }
    target
}

/// The group that schedules without another belong to. Scheduler names the group, and not the schedule, as the source
/// when it takes a role on ("EventBridge Scheduler User Guide, Confused deputy prevention").
fn default_group() -> Expr {
    let arn = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default";
    Expr::Sub(arn.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::backend::lower::testing::{resource, resources, template};

    #[test]
    fn a_schedule_starts_a_function() {
        let text = "name: etl\nschedules:\n  nightly: {cron: '0 3 * * ? *', timezone: Europe/Berlin, function: a, payload: \
                    {full: true, account: '{{account}}', text: '${x}'}}\n";
        let expected = r#"ScheduleNightlyRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: '2012-10-17'
      Statement:
        - Effect: Allow
          Principal:
            Service: scheduler.amazonaws.com
          Action: sts:AssumeRole
          Condition:
            StringEquals:
              aws:SourceAccount: !Ref AWS::AccountId
              aws:SourceArn: !Sub 'arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default'
    Policies:
      - PolicyName: Nightly
        PolicyDocument:
          Version: '2012-10-17'
          Statement:
            - Sid: InvokeFunctions
              Effect: Allow
              Action: lambda:InvokeFunction
              Resource: !GetAtt FunctionA.Arn
            - Sid: SendUndelivered
              Effect: Allow
              Action: sqs:SendMessage
              Resource: !GetAtt ScheduleNightlyDeadLetter.Arn
ScheduleNightlyDeadLetter:
  Type: AWS::SQS::Queue
  Properties:
    QueueName: etl_nightly_schedule_dead_letter_bob
    MessageRetentionPeriod: 1209600
    SqsManagedSseEnabled: true
ScheduleNightly:
  Type: AWS::Scheduler::Schedule
  Properties:
    Name: etl_nightly_bob
    ScheduleExpression: 'cron(0 3 * * ? *)'
    ScheduleExpressionTimezone: Europe/Berlin
    FlexibleTimeWindow:
      Mode: 'OFF'
    State: ENABLED
    Target:
      Arn: !GetAtt FunctionA.Arn
      RoleArn: !GetAtt ScheduleNightlyRole.Arn
      Input: !Sub '{"full":true,"account":"${AWS::AccountId}","text":"${!x}"}'
      DeadLetterConfig:
        Arn: !GetAtt ScheduleNightlyDeadLetter.Arn
      RetryPolicy:
        MaximumEventAgeInSeconds: 86400
        MaximumRetryAttempts: 185
"#;
        assert_eq!(resources(&template(text, &["a"]), "Schedule"), expected);
    }

    #[test]
    fn a_schedule_starts_the_flow() {
        let text =
            "name: etl\nschedules: {often: {rate: 5 minutes}}\nflow: {StartAt: a, States: {a: {Type: Succeed}}}\n";
        let template = template(text, &[]);
        let schedule = r"ScheduleOften:
  Type: AWS::Scheduler::Schedule
  Properties:
    Name: etl_often_bob
    ScheduleExpression: rate(5 minutes)
    FlexibleTimeWindow:
      Mode: 'OFF'
    State: ENABLED
    Target:
      Arn: !Ref Flow
      RoleArn: !GetAtt ScheduleOftenRole.Arn
      DeadLetterConfig:
        Arn: !GetAtt ScheduleOftenDeadLetter.Arn
      RetryPolicy:
        MaximumEventAgeInSeconds: 86400
        MaximumRetryAttempts: 185
";
        assert_eq!(resource(&template, "ScheduleOften"), schedule);
        let right = "            - Sid: StartFlow\n              Effect: Allow\n              Action: \
                     states:StartExecution\n              Resource: !Ref Flow\n";
        let role = resource(&template, "ScheduleOftenRole");
        assert!(role.contains(right), "{role}");
    }

    #[test]
    fn a_schedule_sends_text_to_a_queue_as_it_is() {
        let text = "name: etl\nqueues: {jobs: {fifo: true}}\nschedules:\n  once: {at: '2030-01-31T12:00:00', queue: jobs, \
                    payload: hello}\n";
        let template = template(text, &[]);
        let target = "    ScheduleExpression: at(2030-01-31T12:00:00)\n    FlexibleTimeWindow:\n      Mode: 'OFF'\n    State: \
                      ENABLED\n    Target:\n      Arn: !GetAtt QueueJobs.Arn\n      RoleArn: !GetAtt \
                      ScheduleOnceRole.Arn\n      Input: hello\n      SqsParameters:\n        MessageGroupId: etl\n";
        let schedule = resource(&template, "ScheduleOnce");
        assert!(schedule.contains(target), "{schedule}");
    }
}
