//! HTTP APIs.

use super::{TARGETS, lowered, only, property, resources, shown, web};
use crate::backend::template::Template;

/// The topology's routes of the gateway `web`.
fn of(rest: &str, routes: &[(&str, &str)]) -> Template {
    web("http", rest, routes)
}

#[test]
fn a_route_calls_a_function() {
    let template =
        of("", &[("etl", "proxy: '{{namespace}}_enhancer_{{sandbox}}', method: POST, path: /api/etl, timeout: 10")]);
    assert_eq!(
        resources(&template),
        r#"GatewayWeb:
  Type: AWS::ApiGatewayV2::Api
  Properties:
    Name: etl_web_bob
    ProtocolType: HTTP
GatewayWebLogGroup:
  Type: AWS::Logs::LogGroup
  Properties:
    LogGroupName: /aws/vendedlogs/apis/etl_web_bob
    RetentionInDays: 30
GatewayWebStage:
  Type: AWS::ApiGatewayV2::Stage
  Properties:
    ApiId: !Ref GatewayWeb
    StageName: '$default'
    AutoDeploy: true
    AccessLogSettings:
      DestinationArn: !GetAtt GatewayWebLogGroup.Arn
      Format: '{"requestId":"$context.requestId","requestTime":"$context.requestTime","ip":"$context.identity.sourceIp","method":"$context.httpMethod","path":"$context.path","status":"$context.status","responseLength":"$context.responseLength","responseLatency":"$context.responseLatency","error":"$context.error.message","integrationError":"$context.integrationErrorMessage","route":"$context.routeKey"}'
RouteEtlIntegration:
  Type: AWS::ApiGatewayV2::Integration
  Properties:
    ApiId: !Ref GatewayWeb
    IntegrationType: AWS_PROXY
    IntegrationUri: !GetAtt FunctionEnhancer.Arn
    PayloadFormatVersion: '2.0'
    TimeoutInMillis: 10000
RouteEtl:
  Type: AWS::ApiGatewayV2::Route
  Properties:
    ApiId: !Ref GatewayWeb
    RouteKey: POST /api/etl
    Target: !Sub 'integrations/${RouteEtlIntegration}'
RouteEtlPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionEnhancer.Arn
    Action: lambda:InvokeFunction
    Principal: apigateway.amazonaws.com
    SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${GatewayWeb}/*/POST/api/etl'
"#
    );
}

#[test]
fn an_asynchronous_route_reaches_its_function_by_an_event() {
    let template = of("", &[("/later", "function: enhancer, method: POST, async: true")]);
    assert_eq!(
        shown(&template, "Resources", |id| id.starts_with("Route")),
        r#"RouteLaterRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: '2012-10-17'
      Statement:
        - Effect: Allow
          Principal:
            Service: apigateway.amazonaws.com
          Action: sts:AssumeRole
    Policies:
      - PolicyName: Later
        PolicyDocument:
          Version: '2012-10-17'
          Statement:
            - Sid: PutRequest
              Effect: Allow
              Action: events:PutEvents
              Resource: !Sub 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default'
              Condition:
                StringEquals:
                  events:source: etl/bob
                  events:detail-type: RouteLater
RouteLaterIntegration:
  Type: AWS::ApiGatewayV2::Integration
  Properties:
    ApiId: !Ref GatewayWeb
    IntegrationType: AWS_PROXY
    IntegrationSubtype: EventBridge-PutEvents
    PayloadFormatVersion: '1.0'
    RequestParameters:
      Source: etl/bob
      DetailType: RouteLater
      Detail: '$request.body'
    CredentialsArn: !GetAtt RouteLaterRole.Arn
RouteLater:
  Type: AWS::ApiGatewayV2::Route
  Properties:
    ApiId: !Ref GatewayWeb
    RouteKey: POST /later
    Target: !Sub 'integrations/${RouteLaterIntegration}'
RouteLaterDeadLetter:
  Type: AWS::SQS::Queue
  Properties:
    QueueName: etl_RouteLater_request_dead_letter_bob
    MessageRetentionPeriod: 1209600
    SqsManagedSseEnabled: true
RouteLaterDeadLetterPolicy:
  Type: AWS::SQS::QueuePolicy
  Properties:
    Queues:
      - !Ref RouteLaterDeadLetter
    PolicyDocument:
      Version: '2012-10-17'
      Statement:
        - Sid: DenyInsecureTransport
          Effect: Deny
          Principal: '*'
          Action: 'sqs:*'
          Resource: !GetAtt RouteLaterDeadLetter.Arn
          Condition:
            Bool:
              aws:SecureTransport: 'false'
        - Sid: SendRouteLaterRule
          Effect: Allow
          Principal:
            Service: events.amazonaws.com
          Action: sqs:SendMessage
          Resource: !GetAtt RouteLaterDeadLetter.Arn
          Condition:
            ArnEquals:
              aws:SourceArn: !GetAtt RouteLaterRule.Arn
RouteLaterRule:
  Type: AWS::Events::Rule
  Properties:
    Name: etl_RouteLater_request_bob
    Description: Hands requests to the route /later to the function enhancer
    EventPattern:
      source:
        - etl/bob
      detail-type:
        - RouteLater
    State: ENABLED
    Targets:
      - Id: Target
        Arn: !GetAtt FunctionEnhancer.Arn
        InputPath: '$.detail'
        DeadLetterConfig:
          Arn: !GetAtt RouteLaterDeadLetter.Arn
        RetryPolicy:
          MaximumEventAgeInSeconds: 86400
          MaximumRetryAttempts: 185
RouteLaterPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionEnhancer.Arn
    Action: lambda:InvokeFunction
    Principal: events.amazonaws.com
    SourceArn: !GetAtt RouteLaterRule.Arn
"#
    );
}

/// The subtype of a route's service integration and the parameters of the call.
fn call(rest: &str, route: &str) -> (String, String) {
    let template = of(rest, &[("/x", route)]);
    let get = |name: &str| property(&template, "RouteXIntegration", name);
    assert_eq!(
        [get("IntegrationType"), get("PayloadFormatVersion"), get("CredentialsArn")],
        ["AWS_PROXY\n", "'1.0'\n", "!GetAtt RouteXRole.Arn\n"]
    );
    (get("IntegrationSubtype").trim().to_owned(), get("RequestParameters"))
}

#[test]
fn other_targets_are_called_by_their_services() {
    let express = format!("{TARGETS}mode: Express\n");
    let produced = "events: {produces: {Done: {producer: enhancer, source: shop, bus: main}}}\n";
    let consumed = "events: {consumes: {Done: {producer: shop, function: enhancer}}}\n";
    let run = "StateMachineArn: !Ref Flow\nInput: '$request.body'\n";
    let in_order = "QueueUrl: !Ref QueueJobs\nMessageBody: '$request.body'\nMessageGroupId: RouteX\n\
                    MessageDeduplicationId: '$context.requestId'\n";
    let put = |source: &str, detail: &str, bus: &str| {
        format!("Source: {source}\nDetailType: Done\nDetail: '{detail}'\n{bus}")
    };
    let method_and_path = r#"{"method":"${context.httpMethod}","path":"${context.path}"}"#;
    let put_on_main = put("shop", method_and_path, "EventBusName: main\n");
    let (put_as_consumed, put_of_own) = (put("shop", "$request.body", ""), put("etl", "$request.body", ""));
    for (rest, route, subtype, parameters) in [
        (TARGETS, "proxy: none, method: POST", "StepFunctions-StartExecution", run),
        (&express, "state: flow, method: POST", "StepFunctions-StartSyncExecution", run),
        (&express, "state: flow, method: POST, async: true", "StepFunctions-StartExecution", run),
        (TARGETS, "queue: jobs, method: PUT", "SQS-SendMessage", in_order),
        (produced, "event: Done, method: GET", "EventBridge-PutEvents", &put_on_main),
        (consumed, "event: Done, method: POST", "EventBridge-PutEvents", &put_as_consumed),
        ("", "event: Done, method: POST", "EventBridge-PutEvents", &put_of_own),
    ] {
        assert_eq!(call(rest, route), (subtype.to_owned(), parameters.to_owned()), "{route}");
    }
}

#[test]
fn an_authorizer_answers_yes_or_no() {
    let template = of("", &[("/a", "function: enhancer, method: GET, authorizer: guard")]);
    assert_eq!(
        only(&template, &["GatewayWebAuthorizerGuard"]),
        r#"GatewayWebAuthorizerGuard:
  Type: AWS::ApiGatewayV2::Authorizer
  Properties:
    ApiId: !Ref GatewayWeb
    Name: etl_guard_bob
    AuthorizerType: REQUEST
    AuthorizerPayloadFormatVersion: '2.0'
    EnableSimpleResponses: true
    AuthorizerResultTtlInSeconds: 0
    IdentitySource:
      - '$request.header.Authorization'
    AuthorizerUri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FunctionGuard.Arn}/invocations'
"#
    );
}

#[test]
fn the_rules_of_all_routes_are_those_of_the_api() {
    let template = of(
        "",
        &[
            ("/a", "function: enhancer, method: GET, cors: {origins: ['https://b.example']}"),
            ("/b", "function: enhancer, method: POST, cors: {origins: ['https://a.example'], allowed_headers: [X-A]}"),
            ("/c", "function: enhancer, method: DELETE"),
        ],
    );
    assert_eq!(
        property(&template, "GatewayWeb", "CorsConfiguration"),
        "AllowMethods:\n  - GET\n  - POST\nAllowOrigins:\n  - https://a.example\n  - https://b.example\nAllowHeaders:\n  \
         - authorization\n  - content-type\n  - x-a\n"
    );
}

#[test]
fn route_keys_and_source_arns() {
    let template = of(
        "",
        &[
            ("$default", "function: enhancer"),
            ("/", "function: enhancer, method: GET"),
            ("/files/{path+}", "function: enhancer"),
            ("user", "function: enhancer, method: GET, path: '/users/{id}/x'"),
        ],
    );
    let text = resources(&template);
    let keys = text.lines().filter(|line| line.contains("RouteKey") || line.contains("SourceArn"));
    let short = |line: &str| line.replace("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:", "");
    assert_eq!(
        keys.map(|line| short(line.trim())).collect::<Vec<_>>(),
        [
            "RouteKey: '$default'",
            "SourceArn: !Sub '${GatewayWeb}/*/$default'",
            "RouteKey: GET /",
            "SourceArn: !Sub '${GatewayWeb}/*/GET/'",
            "RouteKey: 'ANY /files/{path+}'",
            "SourceArn: !Sub '${GatewayWeb}/*/*/files/*'",
            "RouteKey: 'GET /users/{id}/x'",
            "SourceArn: !Sub '${GatewayWeb}/*/GET/users/*/x'",
        ]
    );
}

#[test]
fn keys_that_lose_their_difference_are_reported() {
    let (lowered, _) = lowered(
        "name: etl\nroutes:\n  /a-b: {function: enhancer, method: GET}\n  /a/b: {function: enhancer, method: GET}\n",
        "",
    );
    let messages: Vec<_> = lowered.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert!(messages.contains(&"`routes//a-b` and `routes//a/b` have the same logical id `RouteAB`"), "{messages:?}");
}
