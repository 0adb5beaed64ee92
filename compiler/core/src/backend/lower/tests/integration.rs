//! The rights that a flow's tasks need beside those of its edges.

use super::{findings, lowered, property, statements};
use crate::backend::lower::testing::{HANDLER, lower_files};

/// The statements after those of logging and tracing, and the findings, of a flow of one state.
fn of(state: &str) -> (String, Vec<String>) {
    let text = format!("name: etl\nflow:\n  StartAt: a\n  States:\n    a: {state}\n");
    let lowered = lowered(&text, &[("f", "")]);
    let statements = statements(&lowered.template, "FlowRole");
    let own = statements.split_once("    - xray:PutTraceSegments\n  Resource: '*'\n").unwrap().1;
    (own.to_owned(), findings(&lowered))
}

fn task(resource: &str, parameters: &str) -> (String, Vec<String>) {
    of(&format!("{{Type: Task, Resource: '{resource}', Parameters: {parameters}, End: true}}"))
}

fn granted(sid: &str, action: &str, resource: &str) -> (String, Vec<String>) {
    (format!("- Sid: {sid}\n  Effect: Allow\n  Action: {action}\n  Resource: {resource}\n"), Vec::new())
}

const OWN: &str = "${AWS::Region}:${AWS::AccountId}";

#[test]
fn a_named_resource_is_granted() {
    let url = "https://sqs.{{region}}.amazonaws.com/{{account}}/jobs";
    assert_eq!(
        task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", &format!("{{QueueUrl: '{url}', MessageBody: x}}")),
        granted("SqsSendMessage", "sqs:SendMessage", &format!("!Sub 'arn:${{AWS::Partition}}:sqs:{OWN}:jobs'"))
    );
    assert_eq!(
        task("arn:aws:states:::sns:publish", "{TopicArn: 'arn:aws:sns:eu-west-1:123456789012:news', Message: x}"),
        granted("SnsPublish", "sns:Publish", "arn:aws:sns:eu-west-1:123456789012:news")
    );
    let table = format!("'arn:${{AWS::Partition}}:dynamodb:{OWN}:table/orders");
    assert_eq!(
        task("arn:aws:states:::dynamodb:getItem", "{TableName: orders, Key: {}}"),
        granted("DynamodbGetItem", "dynamodb:GetItem", &format!("!Sub {table}'"))
    );
    assert_eq!(
        task("arn:aws:states:::aws-sdk:dynamodb:query", "{TableName: orders, IndexName: by-day}"),
        granted("DynamodbQuery", "dynamodb:Query", &format!("!Sub {table}/index/by-day'"))
    );
    assert_eq!(
        task("arn:aws:states:::aws-sdk:s3:getObject", "{Bucket: b, Key: k/1.json}"),
        granted("S3GetObject", "s3:GetObject", "!Sub 'arn:${AWS::Partition}:s3:::b/k/1.json'")
    );
    assert_eq!(
        task("arn:aws:states:::aws-sdk:s3:listObjectsV2", "{Bucket: b}"),
        granted("S3ListBucket", "s3:ListBucket", "!Sub 'arn:${AWS::Partition}:s3:::b'")
    );
    assert_eq!(
        task("arn:aws:states:::aws-sdk:secretsmanager:getSecretValue", "{SecretId: db}"),
        granted(
            "SecretsmanagerGetSecretValue",
            "secretsmanager:GetSecretValue",
            &format!("!Sub 'arn:${{AWS::Partition}}:secretsmanager:{OWN}:secret:db-??????'")
        )
    );
    let other = "arn:aws:lambda:us-east-1:123456789012:function:billing_charge_prod";
    assert_eq!(
        of(&format!("{{Type: Task, Resource: '{other}', End: true}}")),
        granted("InvokeFunctions", "lambda:InvokeFunction", other)
    );
}

#[test]
fn events_without_a_name_are_granted_by_bus() {
    let entries =
        "{Entries: [{DetailType.$: $.t}, {DetailType: '{% $t %}', EventBusName: orders}, {DetailType.$: $.u}]}";
    let bus = |name: &str| format!("!Sub 'arn:${{AWS::Partition}}:events:{OWN}:event-bus/{name}'");
    let list = format!("\n    - {}\n    - {}", bus("default"), bus("orders"));
    let (text, told) = task("arn:aws:states:::events:putEvents", entries);
    let expected = granted("EventsPutEvents", "events:PutEvents", &list).0.replace("Resource: \n", "Resource:\n");
    assert_eq!((text, told), (expected, Vec::new()));
}

#[test]
fn a_queue_of_the_topology_is_referred_to() {
    let of = |url: &str| {
        let text = format!(
            "name: etl\nqueues: {{jobs: {{fifo: true}}}}\nflow:\n  StartAt: a\n  States:\n    a: {{Type: Task, Resource: \
             'arn:aws:states:::sqs:sendMessage', Parameters: {{QueueUrl: '{url}', MessageBody: x}}, End: true}}\n"
        );
        let template = lowered(&text, &[]).template;
        (property(&template, "Flow", "DefinitionSubstitutions"), statements(&template, "FlowRole"))
    };
    for url in [
        "jobs",
        "{{namespace}}_jobs_{{sandbox}}",
        "https://sqs.{{region}}.amazonaws.com/{{account}}/{{namespace}}_jobs_{{sandbox}}.fifo",
    ] {
        let (substitutions, statements) = of(url);
        assert_eq!(substitutions, "QueueJobsUrl: !Ref QueueJobs\n", "{url}");
        let (send, _) = granted("SendMessages", "sqs:SendMessage", "!GetAtt QueueJobs.Arn");
        assert!(statements.ends_with(&send), "{statements}");
    }
}

#[test]
fn who_gets_a_token_may_send_it_back() {
    let text = "name: etl\nqueues: {jobs: {consumer: g}}\nevents: {consumes: {E: {function: h}, F: {queue: jobs}}}\nflow:\n  StartAt: \
                a\n  States:\n    \
                a: {Type: Task, Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', Parameters: {FunctionName: f}, Next: b}\n    \
                b: {Type: Task, Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Parameters: {QueueUrl: jobs}, Next: c}\n    \
                c: {Type: Task, Resource: 'arn:aws:states:::events:putEvents.waitForTaskToken', Parameters: {Entries: [{DetailType: \
                E}, {DetailType: F}]}, Next: d}\n    \
                d: {Type: Task, Resource: 'arn:aws:states:::lambda:invoke', Parameters: {FunctionName: i}, End: true}\n";
    let template = lowered(text, &[("f", ""), ("g", ""), ("h", ""), ("i", "")]).template;
    let answer = "- Sid: AnswerTasks\n  Effect: Allow\n  Action:\n    - states:SendTaskFailure\n    - states:SendTaskHeartbeat\n    \
                  - states:SendTaskSuccess\n  Resource: !Sub \
                  'arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:etl_bob'\n";
    let may = |role: &str| statements(&template, role).contains(answer);
    let answering = ["FunctionFRole", "FunctionGRole", "FunctionHRole", "FunctionIRole"].map(may);
    assert_eq!(answering, [true, true, true, false]);
}

#[test]
fn a_copy_reads_one_object_and_writes_another() {
    let copy = "arn:aws:states:::aws-sdk:s3:copyObject";
    let read = granted("S3GetObject", "s3:GetObject", "!Sub 'arn:${AWS::Partition}:s3:::a/in.csv'").0;
    let write = granted("S3PutObject", "s3:PutObject", "!Sub 'arn:${AWS::Partition}:s3:::b/out.csv'").0;
    assert_eq!(task(copy, "{CopySource: a/in.csv, Bucket: b, Key: out.csv}"), (format!("{read}{write}"), Vec::new()));
    let (text, told) = task(copy, "{CopySource.$: $.source, Bucket: b, Key: out.csv}");
    assert_eq!((text, told.len()), (write, 1));
}

#[test]
fn two_maps_over_two_prefixes_have_statements_of_their_own() {
    let map = |name: &str, next: &str| {
        format!(
            "    {name}:\n      Type: Map\n      ItemReader: {{Resource: 'arn:aws:states:::s3:listObjectsV2', Parameters: {{Bucket: \
             b, Prefix: {name}/}}}}\n      ItemProcessor:\n        ProcessorConfig: {{Mode: DISTRIBUTED, ExecutionType: \
             STANDARD}}\n        StartAt: {name}1\n        States: {{{name}1: {{Type: Succeed}}}}\n      {next}\n"
        )
    };
    let text = format!("name: etl\nflow:\n  StartAt: a\n  States:\n{}{}", map("a", "Next: b"), map("b", "End: true"));
    let statements = statements(&lowered(&text, &[]).template, "FlowRole");
    for (sid, prefix) in [("ListItems", "a/*"), ("ListItems2", "b/*")] {
        let (head, condition) = (format!("- Sid: {sid}\n"), format!("      s3:prefix: '{prefix}'\n"));
        let rest = statements.split_once(&head).unwrap().1;
        assert!(rest.split("- Sid").next().unwrap().contains(&condition), "{statements}");
    }
}

#[test]
fn waiting_for_another_machine_takes_its_rule() {
    let arn = "arn:aws:states:us-east-1:123456789012:stateMachine:other";
    let (text, told) = task("arn:aws:states:::states:startExecution.sync:2", &format!("{{StateMachineArn: '{arn}'}}"));
    assert_eq!(told, [""; 0]);
    let start = granted("StatesStartExecution", "states:StartExecution", arn).0;
    assert!(text.ends_with(&start), "{text}");
    assert!(text.contains("  Resource: 'arn:aws:states:us-east-1:123456789012:execution:other:*'\n"), "{text}");
    assert!(text.contains("rule/StepFunctionsGetEventsForStepFunctionsExecutionRule'\n"), "{text}");
    let (text, _) = task("arn:aws:states:::states:startExecution", &format!("{{StateMachineArn: '{arn}'}}"));
    assert_eq!(text, start);
}

#[test]
fn what_is_not_named_is_told_and_not_granted() {
    let unknown = |action: &str| {
        (String::new(), vec![format!("TC0633 what the state `a` does with `{action}` is only known when it runs")])
    };
    // An empty list of statements is no statement at all.
    let sqs = "arn:aws:states:::sqs:sendMessage";
    assert_eq!(task(sqs, "{QueueUrl.$: $.url, MessageBody: x}"), unknown("sqs:SendMessage"));
    assert_eq!(task(sqs, "{QueueUrl: '{% $url %}', MessageBody: x}"), unknown("sqs:SendMessage"));
    assert_eq!(task(sqs, "{MessageBody: x}"), unknown("sqs:SendMessage"));
    assert_eq!(task("arn:aws:states:::aws-sdk:s3:getObject", "{Bucket: b, Key: '*'}"), unknown("s3:GetObject"));
    assert_eq!(task("arn:aws:states:::sns:publish", "{TopicArn: '*'}"), unknown("sns:Publish"));
    assert_eq!(task("arn:aws:states:::ecs:runTask.sync", "{Cluster: x}"), unknown("ecs:RunTask"));
    assert_eq!(task("arn:aws:states:::http:invoke", "{}"), unknown("states:InvokeHTTPEndpoint"));
    assert_eq!(task("arn:aws:states:::aws-sdk:sfn:describeExecution", "{}"), unknown("states:DescribeExecution"));
    assert_eq!(task("arn:aws:states:::aws-sdk:eventbridge:putEvents", "{Entries.$: $}"), unknown("events:PutEvents"));
}

#[test]
fn statements_of_roles_settle_it() {
    let text = "name: etl\nflow:\n  StartAt: a\n  States:\n    a: {Type: Task, Resource: 'arn:aws:states:::ecs:runTask', End: true}\n";
    let of = |action: &str| {
        let roles =
            format!(r#"{{"Statement": [{{"Effect": "Allow", "Action": ["s3:x", "{action}"], "Resource": "*"}}]}}"#);
        let files =
            [("topology.yml", text), ("f/handler.py", HANDLER), ("../infrastructure/tc/etl/roles/flow.json", &roles)];
        findings(&lower_files(&files)).len()
    };
    assert_eq!((of("ecs:RunTask"), of("ECS:run*"), of("ecs:StopTask")), (0, 0, 1));
}

#[test]
fn a_distributed_map_runs_the_machine_itself() {
    let (text, told) = of(
        "\n      Type: Map\n      ItemReader: {Resource: 'arn:aws:states:::s3:listObjectsV2', Parameters: {Bucket: b, Prefix: in/}}\n      \
        ResultWriter: {Resource: 'arn:aws:states:::s3:putObject', Parameters: {Bucket: b, Prefix: out}}\n      \
        ItemProcessor:\n        ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}\n        StartAt: p\n        \
        States: {p: {Type: Task, Resource: 'arn:aws:states:::sns:publish', Parameters: {TopicArn: 'arn:aws:sns:r:1:t'}, End: true}}\n      End: true",
    );
    let expected = r"- Sid: StartMapRuns
  Effect: Allow
  Action: states:StartExecution
  Resource: !Sub 'arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:etl_bob'
- Sid: FollowMapRuns
  Effect: Allow
  Action:
    - states:DescribeExecution
    - states:RedriveExecution
    - states:StopExecution
  Resource:
    - !Sub 'arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:etl_bob:*'
    - !Sub 'arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:etl_bob/*'
- Sid: ListItems
  Effect: Allow
  Action: s3:ListBucket
  Resource: !Sub 'arn:${AWS::Partition}:s3:::b'
  Condition:
    StringLike:
      s3:prefix: 'in/*'
- Sid: WriteResults
  Effect: Allow
  Action:
    - s3:AbortMultipartUpload
    - s3:GetObject
    - s3:ListMultipartUploadParts
    - s3:PutObject
  Resource: !Sub 'arn:${AWS::Partition}:s3:::b/out/*'
- Sid: SnsPublish
  Effect: Allow
  Action: sns:Publish
  Resource: arn:aws:sns:r:1:t
";
    assert_eq!((text.as_str(), told), (expected, Vec::new()));
}
