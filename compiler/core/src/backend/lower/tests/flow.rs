//! `AWS::StepFunctions::StateMachine` and its definition.

use super::{lowered, only, property, statements};

const FUNCTIONS: [(&str, &str); 2] = [("enhancer", ""), ("loader", "")];

#[test]
fn a_flow_is_a_state_machine_with_substitutions() {
    let text = "name: etl\nflow:\n  Comment: ETL\n  StartAt: enhance\n  States:\n    enhance:\n      Type: Task\n      \
                Resource: arn:aws:states:::lambda:invoke\n      OutputPath: $.Payload\n      Parameters:\n        \
                FunctionName: '{{namespace}}_enhancer_{{sandbox}}'\n        Payload: {data.$: $}\n      End: true\n";
    let template = lowered(text, &FUNCTIONS).template;
    let expected = r"FlowRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: '2012-10-17'
      Statement:
        - Effect: Allow
          Principal:
            Service: states.amazonaws.com
          Action: sts:AssumeRole
          Condition:
            StringEquals:
              aws:SourceAccount: !Ref AWS::AccountId
            ArnLike:
              aws:SourceArn: !Sub 'arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:*'
    Policies:
      - PolicyName: flow
        PolicyDocument:
          Version: '2012-10-17'
          Statement:
            - Sid: DeliverLogs
              Effect: Allow
              Action:
                - logs:CreateLogDelivery
                - logs:DeleteLogDelivery
                - logs:DescribeLogGroups
                - logs:DescribeResourcePolicies
                - logs:GetLogDelivery
                - logs:ListLogDeliveries
                - logs:PutResourcePolicy
                - logs:UpdateLogDelivery
              Resource: '*'
            - Sid: Trace
              Effect: Allow
              Action:
                - xray:GetSamplingRules
                - xray:GetSamplingTargets
                - xray:PutTelemetryRecords
                - xray:PutTraceSegments
              Resource: '*'
            - Sid: InvokeFunctions
              Effect: Allow
              Action: lambda:InvokeFunction
              Resource: !GetAtt FunctionEnhancer.Arn
FlowLogGroup:
  Type: AWS::Logs::LogGroup
  Properties:
    LogGroupName: /aws/vendedlogs/states/etl_bob
    RetentionInDays: 30
Flow:
  Type: AWS::StepFunctions::StateMachine
  Properties:
    StateMachineName: etl_bob
    StateMachineType: STANDARD
    RoleArn: !GetAtt FlowRole.Arn
    Definition:
      Comment: ETL
      StartAt: enhance
      States:
        enhance:
          Type: Task
          Resource: arn:aws:states:::lambda:invoke
          OutputPath: '$.Payload'
          Parameters:
            FunctionName: '${FunctionEnhancerArn}'
            Payload:
              data.$: '$'
          End: true
    DefinitionSubstitutions:
      FunctionEnhancerArn: !GetAtt FunctionEnhancer.Arn
    LoggingConfiguration:
      Level: ERROR
      IncludeExecutionData: false
      Destinations:
        - CloudWatchLogsLogGroup:
            LogGroupArn: !GetAtt FlowLogGroup.Arn
    TracingConfiguration:
      Enabled: true
";
    assert_eq!(only(&template, &["FlowRole", "FlowLogGroup", "Flow"]), expected);
    assert!(template.outputs.contains_key("FlowArn"));
}

#[test]
fn an_express_flow_has_all_of_its_history_in_the_log() {
    let text = "name: etl\nmode: Express\nflow: {StartAt: a, States: {a: {Type: Succeed}}}\n";
    let template = lowered(text, &FUNCTIONS).template;
    assert_eq!(property(&template, "Flow", "StateMachineType"), "EXPRESS\n");
    assert!(
        property(&template, "Flow", "LoggingConfiguration").starts_with("Level: ALL\nIncludeExecutionData: false\n")
    );
    assert!(template.resources["Flow"].properties.get("DefinitionSubstitutions").is_none());
}

fn flow(state: &str) -> crate::backend::template::Template {
    let text = format!("name: etl\nflow: {{StartAt: a, States: {{a: {state}}}}}\n");
    lowered(&text, &FUNCTIONS).template
}

#[test]
fn a_dollar_brace_of_the_author_stays_one() {
    let state = "{Type: Pass, Result: {text: 'costs ${price}', at: '{{region}}'}, End: true}";
    let template = flow(state);
    let definition = property(&template, "Flow", "Definition");
    assert!(
        definition.contains("text: 'costs ${Dollar}{price}'\n") && definition.contains("at: '${Region}'\n"),
        "{definition}"
    );
    let expected = "Dollar: '$'\nRegion: !Ref AWS::Region\n";
    assert_eq!(property(&template, "Flow", "DefinitionSubstitutions"), expected);
}

#[test]
fn a_resource_is_one_substitution() {
    let state = "{Type: Task, Resource: 'arn:aws:states:{{region}}:{{account}}:activity:sign', End: true}";
    let template = flow(state);
    assert!(property(&template, "Flow", "Definition").contains("Resource: '${ArnAwsStatesActivitySign}'\n"));
    let expected = "ArnAwsStatesActivitySign: !Sub 'arn:aws:states:${AWS::Region}:${AWS::AccountId}:activity:sign'\n";
    assert_eq!(property(&template, "Flow", "DefinitionSubstitutions"), expected);
    // Workers poll an activity; the state machine needs no right.
    assert!(!statements(&template, "FlowRole").contains("activity"));
}

#[test]
fn a_qualified_function_is_another_resource() {
    let arn = "arn:aws:lambda:{{region}}:{{account}}:function:{{namespace}}_loader_{{sandbox}}:prod";
    let template = flow(&format!("{{Type: Task, Resource: '{arn}', End: true}}"));
    let expected = "FunctionLoaderArnProd: !Sub '${FunctionLoader.Arn}:prod'\n";
    assert_eq!(property(&template, "Flow", "DefinitionSubstitutions"), expected);
    assert!(statements(&template, "FlowRole").contains("- !Sub '${FunctionLoader.Arn}:prod'\n"));
}

#[test]
fn a_definition_with_a_null_is_written_as_json() {
    let template = flow("{Type: Pass, ResultPath: null, End: true}");
    assert!(template.resources["Flow"].properties.get("Definition").is_none());
    let text = template.resources["Flow"].properties.get("DefinitionString").unwrap().as_str().unwrap();
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(json["States"]["a"], serde_json::json!({"Type": "Pass", "ResultPath": null, "End": true}));
}
