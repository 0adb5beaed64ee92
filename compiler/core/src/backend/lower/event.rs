//! `AWS::Events::Rule`: an event that starts something here.

use super::{Lowering, dead_letter, event_bus, iam, mutation, permission, queue, queue_policy};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::Resource;
use crate::graph::{EntityId, EntityKind};
use crate::ir::name::RULE_LIMIT;
use crate::ir::{ConsumedEvent, Target};
use crate::object;

/// A rule has one target here. Its id does not change with what it leads to, so another one takes its place in one step.
const TARGET_ID: &str = "Target";
const PRINCIPAL: &str = "events.amazonaws.com";

/// Puts a rule with its target and a dead-letter queue for what could not be delivered to it.
pub(super) fn lower(cx: &mut Lowering<'_>, event: &ConsumedEvent) {
    let entity = EntityId::new(EntityKind::Event, &event.name);
    let id = logical_id::of(&entity);
    let name = cx.named(&entity, cx.topology.rule_name(&event.name), RULE_LIMIT);
    let target = target(cx, event, &entity, &name);

    let mut properties = object! { "Name": name };
    properties.put_opt("EventBusName", event.bus.as_ref().map(|bus| &bus.value));
    properties.put("EventPattern", &event.rule_pattern());
    properties.put("State", "ENABLED");
    properties.put("Targets", vec![target]);
    cx.put(&id, Resource::new("AWS::Events::Rule", &entity, properties));

    if let Target::Function(function) = &event.target {
        permission::put(cx, &format!("{id}Permission"), &entity, function, PRINCIPAL, Expr::arn(&id));
    }
}

fn target(cx: &mut Lowering<'_>, event: &ConsumedEvent, entity: &EntityId, rule: &str) -> Object {
    let id = logical_id::of(entity);
    let mut target = object! { "Id": TARGET_ID };
    match &event.target {
        Target::Function(name) => target.put("Arn", cx.invocation_target(name)),
        Target::Flow(_) => target.put("Arn", Expr::reference(logical_id::FLOW)),
        Target::Topology(name) => target.put("Arn", Expr::reference(logical_id::topology(name))),
        Target::Queue(name) => {
            target.put("Arn", Expr::arn(logical_id::queue(name)));
            target.put_opt("SqsParameters", queue::sqs_parameters(cx, name));
        }
        Target::Mutation(name) => extend(&mut target, &mutation::target(cx, name)),
        // An event cannot lead to an event: the schema has no such key.
        Target::Event(_) => {}
    }
    let statements: Vec<_> = iam::grants(cx, entity).iter().map(iam::Grant::statement).collect();
    if !statements.is_empty() {
        let role = format!("{id}Role");
        let source = event_bus::rule_arn(event.bus.as_ref().map(|bus| bus.value.as_str()), rule);
        iam::put_role_for(cx, &role, entity, PRINCIPAL, Some(source), statements);
        target.put("RoleArn", Expr::arn(role));
    }
    let queue_id = format!("{id}DeadLetter");
    let name = [&event.name, "event"].join(cx.topology.separator());
    let name = cx.topology.dead_letter_name(&name, false).text;
    extend(&mut target, &dead_letter::of_target(cx, &queue_id, entity, name));
    let rules = [(id, Expr::arn(logical_id::of(entity)))];
    queue_policy::put(cx, &format!("{queue_id}Policy"), entity, &queue_id, rules);
    target
}

fn extend(target: &mut Object, keys: &Object) {
    for (key, value) in keys.iter() {
        target.put(key.clone(), value.clone());
    }
}

#[cfg(test)]
mod tests {
    use crate::backend::lower::testing::{resource, resources, template};

    #[test]
    fn an_event_starts_a_function() {
        let text = "name: etl\nevents:\n  consumes:\n    StartETL:\n      producer: default\n      function: \
                    '{{namespace}}_enhancer_{{sandbox}}'\n";
        let expected = r"EventStartETLDeadLetter:
  Type: AWS::SQS::Queue
  Properties:
    QueueName: etl_StartETL_event_dead_letter_bob
    MessageRetentionPeriod: 1209600
    SqsManagedSseEnabled: true
EventStartETLDeadLetterPolicy:
  Type: AWS::SQS::QueuePolicy
  Properties:
    Queues:
      - !Ref EventStartETLDeadLetter
    PolicyDocument:
      Version: '2012-10-17'
      Statement:
        - Sid: DenyInsecureTransport
          Effect: Deny
          Principal: '*'
          Action: 'sqs:*'
          Resource: !GetAtt EventStartETLDeadLetter.Arn
          Condition:
            Bool:
              aws:SecureTransport: 'false'
        - Sid: SendEventStartETL
          Effect: Allow
          Principal:
            Service: events.amazonaws.com
          Action: sqs:SendMessage
          Resource: !GetAtt EventStartETLDeadLetter.Arn
          Condition:
            ArnEquals:
              aws:SourceArn: !GetAtt EventStartETL.Arn
EventStartETL:
  Type: AWS::Events::Rule
  Properties:
    Name: etl_StartETL_bob
    EventPattern:
      detail-type:
        - StartETL
    State: ENABLED
    Targets:
      - Id: Target
        Arn: !GetAtt FunctionEnhancer.Arn
        DeadLetterConfig:
          Arn: !GetAtt EventStartETLDeadLetter.Arn
        RetryPolicy:
          MaximumEventAgeInSeconds: 86400
          MaximumRetryAttempts: 185
EventStartETLPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionEnhancer.Arn
    Action: lambda:InvokeFunction
    Principal: events.amazonaws.com
    SourceArn: !GetAtt EventStartETL.Arn
";
        assert_eq!(resources(&template(text, &["enhancer"]), "Event"), expected);
    }

    #[test]
    fn an_event_on_a_bus_starts_the_flow() {
        let text = "name: etl\nevents:\n  consumes:\n    ETL Done:\n      producer: [a.b, c]\n      bus: orders\n      filter: \
                    {n: [{numeric: ['>', 1]}], account: ['{{account}}']}\nflow: {StartAt: a, States: {a: {Type: Succeed}}}\n";
        let template = template(text, &[]);
        let rule = r"EventETLDone:
  Type: AWS::Events::Rule
  Properties:
    Name: etl_ETL-Done_bob
    EventBusName: orders
    EventPattern:
      source:
        - a.b
        - c
      detail-type:
        - ETL Done
      detail:
        'n':
          - numeric:
              - '>'
              - 1
        account:
          - !Ref AWS::AccountId
    State: ENABLED
    Targets:
      - Id: Target
        Arn: !Ref Flow
        RoleArn: !GetAtt EventETLDoneRole.Arn
        DeadLetterConfig:
          Arn: !GetAtt EventETLDoneDeadLetter.Arn
        RetryPolicy:
          MaximumEventAgeInSeconds: 86400
          MaximumRetryAttempts: 185
";
        assert_eq!(resource(&template, "EventETLDone"), rule);
        let role = r"EventETLDoneRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: '2012-10-17'
      Statement:
        - Effect: Allow
          Principal:
            Service: events.amazonaws.com
          Action: sts:AssumeRole
          Condition:
            StringEquals:
              aws:SourceAccount: !Ref AWS::AccountId
              aws:SourceArn: !Sub 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/orders/etl_ETL-Done_bob'
    Policies:
      - PolicyName: ETLDone
        PolicyDocument:
          Version: '2012-10-17'
          Statement:
            - Sid: StartFlow
              Effect: Allow
              Action: states:StartExecution
              Resource: !Ref Flow
";
        assert_eq!(resource(&template, "EventETLDoneRole"), role);
    }

    #[test]
    fn an_event_calls_a_mutation_of_an_imported_api() {
        let text = "name: etl\nevents: {consumes: {Done: {mutation: completeTask}}}\n";
        let template = template(text, &[]);
        let target = r#"      - Id: Target
        Arn: !Ref GraphqlEndpointArn
        AppSyncParameters:
          GraphQLOperation: 'mutation completeTask($detail: CompleteTaskInput!) { completeTask(detail: $detail) { __typename } }'
        InputTransformer:
          InputPathsMap:
            detail: '$.detail'
          InputTemplate: '{"detail": <detail>}'
        RoleArn: !GetAtt EventDoneRole.Arn
"#;
        let rule = resource(&template, "EventDone");
        assert!(rule.contains(target), "{rule}");
        let right = "              Action: appsync:GraphQL\n              Resource: !Sub \
                     '${GraphqlApiArn}/types/Mutation/fields/completeTask'\n";
        let role = resource(&template, "EventDoneRole");
        assert!(role.contains(right), "{role}");
        let imports: Vec<_> = template.parameters.keys().collect();
        assert_eq!(imports, ["GraphqlApiArn", "GraphqlEndpointArn"]);
    }

    #[test]
    fn an_event_is_sent_to_a_queue_by_the_queues_policy() {
        let text =
            "name: etl\nevents: {consumes: {A: {queue: jobs}, B: {queue: jobs}}}\nqueues: {jobs: {fifo: true}}\n";
        let template = template(text, &[]);
        let rule = resource(&template, "EventA");
        assert!(
            rule.contains("Arn: !GetAtt QueueJobs.Arn\n        SqsParameters:\n          MessageGroupId: etl\n"),
            "{rule}"
        );
        let policy = resource(&template, "QueueJobsPolicy");
        for event in ["A", "B"] {
            let arn =
                format!("arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:rule/etl_{event}_bob");
            let allowed = format!(
                "        - Sid: SendEvent{event}\n          Effect: Allow\n          Principal:\n            Service: \
                 events.amazonaws.com\n          Action: sqs:SendMessage\n          Resource: !GetAtt QueueJobs.Arn\n          \
                 Condition:\n            ArnEquals:\n              aws:SourceArn: !Sub '{arn}'\n"
            );
            assert!(policy.contains(&allowed), "{policy}");
        }
    }
}
