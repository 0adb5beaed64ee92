//! HTTP APIs.

use super::{lowered, only, resources, shown, template};

/// What `name: etl` and these routes come to.
fn of(rest: &str) -> crate::backend::template::Template {
    template(&format!("name: etl\n{rest}"), "")
}

const FLOW: &str = "flow: {StartAt: a, States: {a: {Type: Pass, End: true}}}\n";

#[test]
fn a_route_calls_a_function() {
    let text = "routes:\n  etl:\n    gateway: api-test\n    proxy: '{{namespace}}_enhancer_{{sandbox}}'\n    kind: http\n    \
                timeout: 10\n    async: false\n    method: POST\n    path: \"/api/etl\"\n";
    assert_eq!(
        resources(&of(text)),
        r#"GatewayApiTest:
  Type: AWS::ApiGatewayV2::Api
  Properties:
    Name: etl_api-test_bob
    ProtocolType: HTTP
GatewayApiTestLogGroup:
  Type: AWS::Logs::LogGroup
  Properties:
    LogGroupName: /aws/vendedlogs/apis/etl_api-test_bob
    RetentionInDays: 30
GatewayApiTestStage:
  Type: AWS::ApiGatewayV2::Stage
  Properties:
    ApiId: !Ref GatewayApiTest
    StageName: '$default'
    AutoDeploy: true
    AccessLogSettings:
      DestinationArn: !GetAtt GatewayApiTestLogGroup.Arn
      Format: '{"requestId":"$context.requestId","requestTime":"$context.requestTime","ip":"$context.identity.sourceIp","method":"$context.httpMethod","path":"$context.path","status":"$context.status","responseLength":"$context.responseLength","responseLatency":"$context.responseLatency","error":"$context.error.message","integrationError":"$context.integrationErrorMessage","route":"$context.routeKey"}'
RouteEtlIntegration:
  Type: AWS::ApiGatewayV2::Integration
  Properties:
    ApiId: !Ref GatewayApiTest
    IntegrationType: AWS_PROXY
    IntegrationUri: !GetAtt FunctionEnhancer.Arn
    PayloadFormatVersion: '2.0'
    TimeoutInMillis: 10000
RouteEtl:
  Type: AWS::ApiGatewayV2::Route
  Properties:
    ApiId: !Ref GatewayApiTest
    RouteKey: POST /api/etl
    Target: !Sub 'integrations/${RouteEtlIntegration}'
RouteEtlPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionEnhancer.Arn
    Action: lambda:InvokeFunction
    Principal: apigateway.amazonaws.com
    SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${GatewayApiTest}/*/POST/api/etl'
"#
    );
    assert_eq!(
        shown(&of(text), "Outputs", |id| id.starts_with("Gateway")),
        r#"GatewayApiTestUrl:
  Description: URL of the gateway api-test
  Value: !Sub 'https://${GatewayApiTest}.execute-api.${AWS::Region}.${AWS::URLSuffix}'
"#
    );
}

#[test]
fn an_asynchronous_route_reaches_its_function_by_an_event() {
    let template = of("routes: {/later: {function: enhancer, method: POST, async: true}}\n");
    assert_eq!(
        super::shown(&template, "Resources", |id| id.starts_with("Route")),
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
                  events:detail-type: routes//later
RouteLaterIntegration:
  Type: AWS::ApiGatewayV2::Integration
  Properties:
    ApiId: !Ref GatewayEtl
    IntegrationType: AWS_PROXY
    IntegrationSubtype: EventBridge-PutEvents
    PayloadFormatVersion: '1.0'
    RequestParameters:
      Source: etl/bob
      DetailType: routes//later
      Detail: '$request.body'
    CredentialsArn: !GetAtt RouteLaterRole.Arn
RouteLater:
  Type: AWS::ApiGatewayV2::Route
  Properties:
    ApiId: !Ref GatewayEtl
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
        - routes//later
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

#[test]
fn a_route_starts_a_standard_flow() {
    let template = of(&format!("{FLOW}routes: {{/run: {{proxy: none, method: POST}}}}\n"));
    assert_eq!(
        only(&template, &["RouteRunRole", "RouteRunIntegration"]),
        r#"RouteRunRole:
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
      - PolicyName: Run
        PolicyDocument:
          Version: '2012-10-17'
          Statement:
            - Sid: StartFlow
              Effect: Allow
              Action: states:StartExecution
              Resource: !Ref Flow
RouteRunIntegration:
  Type: AWS::ApiGatewayV2::Integration
  Properties:
    ApiId: !Ref GatewayEtl
    IntegrationType: AWS_PROXY
    IntegrationSubtype: StepFunctions-StartExecution
    PayloadFormatVersion: '1.0'
    RequestParameters:
      StateMachineArn: !Ref Flow
      Input: '$request.body'
    CredentialsArn: !GetAtt RouteRunRole.Arn
"#
    );
}

#[test]
fn a_route_waits_for_an_express_flow_unless_it_is_asynchronous() {
    let of_mode = |more: &str| {
        let template = of(&format!("{FLOW}mode: Express\nroutes: {{/run: {{state: flow, method: POST{more}}}}}\n"));
        let text = only(&template, &["RouteRunRole", "RouteRunIntegration"]);
        let is_wanted = |line: &&str| line.contains("Subtype") || line.contains("states:");
        text.lines().filter(is_wanted).map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        of_mode(""),
        ["Action: states:StartSyncExecution", "IntegrationSubtype: StepFunctions-StartSyncExecution"]
    );
    assert_eq!(
        of_mode(", async: true"),
        ["Action: states:StartExecution", "IntegrationSubtype: StepFunctions-StartExecution"]
    );
}

#[test]
fn a_route_sends_to_a_queue() {
    let template = of("queues: {jobs: {consumer: guard, fifo: true}}\nroutes: {/jobs: {queue: jobs, method: PUT}}\n");
    assert_eq!(
        only(&template, &["RouteJobsRole", "RouteJobsIntegration"]),
        r#"RouteJobsRole:
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
      - PolicyName: Jobs
        PolicyDocument:
          Version: '2012-10-17'
          Statement:
            - Sid: SendQueueJobs
              Effect: Allow
              Action: sqs:SendMessage
              Resource: !GetAtt QueueJobs.Arn
RouteJobsIntegration:
  Type: AWS::ApiGatewayV2::Integration
  Properties:
    ApiId: !Ref GatewayEtl
    IntegrationType: AWS_PROXY
    IntegrationSubtype: SQS-SendMessage
    PayloadFormatVersion: '1.0'
    RequestParameters:
      QueueUrl: !Ref QueueJobs
      MessageBody: '$request.body'
      MessageGroupId: RouteJobs
      MessageDeduplicationId: '$context.requestId'
    CredentialsArn: !GetAtt RouteJobsRole.Arn
"#
    );
}

#[test]
fn a_route_puts_an_event() {
    let template = of("events: {produces: {Done: {producer: enhancer, source: shop, bus: main}}}\n\
                       routes: {/done: {event: Done, method: GET}}\n");
    assert_eq!(
        only(&template, &["RouteDoneRole", "RouteDoneIntegration"]),
        r#"RouteDoneRole:
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
      - PolicyName: Done
        PolicyDocument:
          Version: '2012-10-17'
          Statement:
            - Sid: PutEventDone
              Effect: Allow
              Action: events:PutEvents
              Resource: !Sub 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/main'
              Condition:
                StringEquals:
                  events:source: shop
                  events:detail-type: Done
RouteDoneIntegration:
  Type: AWS::ApiGatewayV2::Integration
  Properties:
    ApiId: !Ref GatewayEtl
    IntegrationType: AWS_PROXY
    IntegrationSubtype: EventBridge-PutEvents
    PayloadFormatVersion: '1.0'
    RequestParameters:
      Source: shop
      DetailType: Done
      Detail: '{"method":"${context.httpMethod}","path":"${context.path}"}'
      EventBusName: main
    CredentialsArn: !GetAtt RouteDoneRole.Arn
"#
    );
}

#[test]
fn an_event_that_nobody_describes_comes_from_the_namespace() {
    let parameters = |events: &str| {
        let template = of(&format!("{events}routes: {{/done: {{event: Done, method: POST}}}}\n"));
        let text = only(&template, &["RouteDoneIntegration"]);
        let is_wanted = |line: &&str| line.contains("Source:") || line.contains("EventBusName:");
        text.lines().filter(is_wanted).map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(parameters(""), ["Source: etl"]);
    let consumed = "events: {consumes: {Done: {producer: shop, bus: main, function: enhancer}}}\n";
    assert_eq!(parameters(consumed), ["Source: shop", "EventBusName: main"]);
}

#[test]
fn an_authorizer_is_one_for_all_routes() {
    let template = of("routes:\n  /a: {function: enhancer, method: GET, authorizer: guard, gateway: web}\n  \
                       /b: {function: enhancer, method: GET, authorizer: guard, gateway: web}\n");
    let ids = ["GatewayWebAuthorizerGuard", "GatewayWebAuthorizerGuardPermission", "RouteA", "RouteB"];
    assert_eq!(
        only(&template, &ids),
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
GatewayWebAuthorizerGuardPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionGuard.Arn
    Action: lambda:InvokeFunction
    Principal: apigateway.amazonaws.com
    SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${GatewayWeb}/authorizers/${GatewayWebAuthorizerGuard.AuthorizerId}'
RouteA:
  Type: AWS::ApiGatewayV2::Route
  Properties:
    ApiId: !Ref GatewayWeb
    RouteKey: GET /a
    Target: !Sub 'integrations/${RouteAIntegration}'
    AuthorizationType: CUSTOM
    AuthorizerId: !GetAtt GatewayWebAuthorizerGuard.AuthorizerId
RouteB:
  Type: AWS::ApiGatewayV2::Route
  Properties:
    ApiId: !Ref GatewayWeb
    RouteKey: GET /b
    Target: !Sub 'integrations/${RouteBIntegration}'
    AuthorizationType: CUSTOM
    AuthorizerId: !GetAtt GatewayWebAuthorizerGuard.AuthorizerId
"#
    );
}

#[test]
fn the_rules_of_all_routes_are_those_of_the_api() {
    let template = of("routes:\n  /a: {function: enhancer, method: GET, cors: {origins: ['https://b.example']}}\n  \
                       /b: {function: enhancer, method: POST, cors: {origins: ['https://a.example'], allowed_headers: [X-A]}}\n  \
                       /c: {function: enhancer, method: DELETE}\n");
    assert_eq!(
        only(&template, &["GatewayEtl"]),
        r#"GatewayEtl:
  Type: AWS::ApiGatewayV2::Api
  Properties:
    Name: etl_etl_bob
    ProtocolType: HTTP
    CorsConfiguration:
      AllowMethods:
        - GET
        - POST
      AllowOrigins:
        - https://a.example
        - https://b.example
      AllowHeaders:
        - authorization
        - content-type
        - x-a
"#
    );
}

#[test]
fn route_keys_and_source_arns() {
    let template = of("routes:\n  $default: {function: enhancer}\n  /: {function: enhancer, method: GET}\n  \
                       /files/{path+}: {function: enhancer}\n  user: {function: enhancer, method: GET, path: '/users/{id}/x'}\n");
    let lines = |template: &crate::backend::template::Template| {
        let text = resources(template);
        let keys = text.lines().filter(|line| line.contains("RouteKey") || line.contains("SourceArn"));
        let short =
            |line: &str| line.replace("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:", "");
        keys.map(|line| short(line.trim())).collect::<Vec<_>>()
    };
    assert_eq!(
        lines(&template),
        [
            "RouteKey: '$default'",
            "SourceArn: !Sub '${GatewayEtl}/*/$default'",
            "RouteKey: GET /",
            "SourceArn: !Sub '${GatewayEtl}/*/GET/'",
            "RouteKey: 'ANY /files/{path+}'",
            "SourceArn: !Sub '${GatewayEtl}/*/*/files/*'",
            "RouteKey: 'GET /users/{id}/x'",
            "SourceArn: !Sub '${GatewayEtl}/*/GET/users/*/x'",
        ]
    );
}

#[test]
fn a_named_stage_is_part_of_the_url() {
    let template = of("routes: {/a: {function: enhancer, stage: v1}}\nlogs: {access: false}\n");
    assert_eq!(
        only(&template, &["GatewayEtlStage", "GatewayEtlLogGroup"]),
        r#"GatewayEtlStage:
  Type: AWS::ApiGatewayV2::Stage
  Properties:
    ApiId: !Ref GatewayEtl
    StageName: v1
    AutoDeploy: true
"#
    );
    assert!(shown(&template, "Outputs", |id| id == "GatewayEtlUrl").contains("${AWS::URLSuffix}/v1'"));
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
