//! REST APIs.

use super::{only, resources, shown, template};

/// What `name: etl`, this and routes on the REST API `web` come to.
fn of(rest: &str, routes: &[&str]) -> crate::backend::template::Template {
    let routes: String = routes.iter().map(|route| route.replacen('{', "{gateway: web, kind: rest, ", 1)).collect();
    template(&format!("name: etl\n{rest}routes:\n{routes}"), "")
}

const FLOW: &str = "flow: {StartAt: a, States: {a: {Type: Pass, End: true}}}\n";

#[test]
fn a_route_calls_a_function() {
    let template = of("", &["  etl: {function: enhancer, method: POST, path: /api/etl, timeout: 10}\n"]);
    assert_eq!(
        resources(&template),
        r#"GatewayWeb:
  Type: AWS::ApiGateway::RestApi
  Properties:
    Name: etl_web_bob
    EndpointConfiguration:
      Types:
        - REGIONAL
GatewayWebPathApi:
  Type: AWS::ApiGateway::Resource
  Properties:
    RestApiId: !Ref GatewayWeb
    ParentId: !GetAtt GatewayWeb.RootResourceId
    PathPart: api
GatewayWebPathApiEtl:
  Type: AWS::ApiGateway::Resource
  Properties:
    RestApiId: !Ref GatewayWeb
    ParentId: !Ref GatewayWebPathApi
    PathPart: etl
RouteEtl:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref GatewayWeb
    ResourceId: !Ref GatewayWebPathApiEtl
    HttpMethod: POST
    AuthorizationType: 'NONE'
    Integration:
      Type: AWS_PROXY
      IntegrationHttpMethod: POST
      Uri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FunctionEnhancer.Arn}/invocations'
      TimeoutInMillis: 10000
RouteEtlPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionEnhancer.Arn
    Action: lambda:InvokeFunction
    Principal: apigateway.amazonaws.com
    SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${GatewayWeb}/*/POST/api/etl'
GatewayWebDeploymentd2c2bfb8:
  Type: AWS::ApiGateway::Deployment
  DependsOn: RouteEtl
  Properties:
    RestApiId: !Ref GatewayWeb
GatewayWebStage:
  Type: AWS::ApiGateway::Stage
  Properties:
    RestApiId: !Ref GatewayWeb
    StageName: api
    DeploymentId: !Ref GatewayWebDeploymentd2c2bfb8
"#
    );
    assert_eq!(
        shown(&template, "Outputs", |id| id.starts_with("Gateway")),
        r#"GatewayWebUrl:
  Description: URL of the gateway web
  Value: !Sub 'https://${GatewayWeb}.execute-api.${AWS::Region}.${AWS::URLSuffix}/api'
"#
    );
}

#[test]
fn an_asynchronous_route_hands_its_body_to_the_function() {
    let template = of("", &["  later: {function: enhancer, method: POST, path: /later, async: true}\n"]);
    assert_eq!(
        only(&template, &["RouteLater", "RouteLaterPermission", "RouteLaterRole"]),
        r#"RouteLater:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref GatewayWeb
    ResourceId: !Ref GatewayWebPathLater
    HttpMethod: POST
    AuthorizationType: 'NONE'
    Integration:
      Type: AWS
      IntegrationHttpMethod: POST
      Uri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FunctionEnhancer.Arn}/invocations'
      RequestParameters:
        integration.request.header.X-Amz-Invocation-Type: '''Event'''
      PassthroughBehavior: NEVER
      RequestTemplates:
        application/json: '$input.json(''$'')'
      IntegrationResponses:
        - StatusCode: '202'
    MethodResponses:
      - StatusCode: '202'
RouteLaterPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionEnhancer.Arn
    Action: lambda:InvokeFunction
    Principal: apigateway.amazonaws.com
    SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${GatewayWeb}/*/POST/later'
"#
    );
}

#[test]
fn a_route_starts_a_standard_flow() {
    let template = of(FLOW, &["  run: {proxy: none, method: POST, path: /run}\n"]);
    assert_eq!(
        only(&template, &["RouteRunRole", "RouteRun"]),
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
RouteRun:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref GatewayWeb
    ResourceId: !Ref GatewayWebPathRun
    HttpMethod: POST
    AuthorizationType: 'NONE'
    Integration:
      Type: AWS
      IntegrationHttpMethod: POST
      Uri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution'
      Credentials: !GetAtt RouteRunRole.Arn
      PassthroughBehavior: NEVER
      RequestTemplates:
        application/json: !Sub '{"stateMachineArn":"${Flow}","input":"$util.escapeJavaScript($input.json(''$'')).replaceAll("\\''","''")"}'
      IntegrationResponses:
        - StatusCode: '202'
        - StatusCode: '400'
          SelectionPattern: '4\d{2}'
        - StatusCode: '500'
          SelectionPattern: '5\d{2}'
    MethodResponses:
      - StatusCode: '202'
      - StatusCode: '400'
      - StatusCode: '500'
"#
    );
}

#[test]
fn a_route_answers_with_the_output_of_an_express_flow() {
    let template = of(&format!("{FLOW}mode: Express\n"), &["  run: {state: flow, method: GET, path: /run}\n"]);
    assert_eq!(
        only(&template, &["RouteRunRole", "RouteRun"]),
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
            - Sid: RunFlow
              Effect: Allow
              Action: states:StartSyncExecution
              Resource: !Ref Flow
RouteRun:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref GatewayWeb
    ResourceId: !Ref GatewayWebPathRun
    HttpMethod: GET
    AuthorizationType: 'NONE'
    Integration:
      Type: AWS
      IntegrationHttpMethod: POST
      Uri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartSyncExecution'
      Credentials: !GetAtt RouteRunRole.Arn
      PassthroughBehavior: NEVER
      RequestTemplates:
        application/json: !Sub '{"stateMachineArn":"${Flow}","input":"{\"method\":\"$context.httpMethod\",\"path\":\"$context.path\"}"}'
      IntegrationResponses:
        - StatusCode: '200'
          ResponseTemplates:
            application/json: '#if($input.path(''$.status'') == ''SUCCEEDED'')$input.path(''$.output'')#else#set($context.responseOverride.status = 502){"message":"the execution did not succeed"}#end'
        - StatusCode: '400'
          SelectionPattern: '4\d{2}'
        - StatusCode: '500'
          SelectionPattern: '5\d{2}'
    MethodResponses:
      - StatusCode: '200'
      - StatusCode: '400'
      - StatusCode: '500'
"#
    );
}

#[test]
fn a_route_sends_to_a_queue() {
    let queues = "queues: {jobs: {consumer: guard, fifo: true}}\n";
    let template = of(queues, &["  jobs: {queue: jobs, method: PUT, path: /jobs}\n"]);
    assert_eq!(
        only(&template, &["RouteJobs"]),
        r#"RouteJobs:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref GatewayWeb
    ResourceId: !Ref GatewayWebPathJobs
    HttpMethod: PUT
    AuthorizationType: 'NONE'
    Integration:
      Type: AWS
      IntegrationHttpMethod: POST
      Uri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:sqs:path/${AWS::AccountId}/${QueueJobs.QueueName}'
      Credentials: !GetAtt RouteJobsRole.Arn
      RequestParameters:
        integration.request.header.Content-Type: '''application/x-www-form-urlencoded'''
      PassthroughBehavior: NEVER
      RequestTemplates:
        application/json: 'Action=SendMessage&MessageBody=$util.urlEncode($input.body)&MessageGroupId=RouteJobs&MessageDeduplicationId=$context.requestId'
      IntegrationResponses:
        - StatusCode: '202'
        - StatusCode: '400'
          SelectionPattern: '4\d{2}'
        - StatusCode: '500'
          SelectionPattern: '5\d{2}'
    MethodResponses:
      - StatusCode: '202'
      - StatusCode: '400'
      - StatusCode: '500'
"#
    );
}

#[test]
fn a_route_puts_an_event() {
    let events = "events: {produces: {Done: {producer: enhancer, source: shop, bus: main}}}\n";
    let template = of(events, &["  done: {event: Done, method: POST, path: /done}\n"]);
    assert_eq!(
        only(&template, &["RouteDone"]),
        r#"RouteDone:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref GatewayWeb
    ResourceId: !Ref GatewayWebPathDone
    HttpMethod: POST
    AuthorizationType: 'NONE'
    Integration:
      Type: AWS
      IntegrationHttpMethod: POST
      Uri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:events:action/PutEvents'
      Credentials: !GetAtt RouteDoneRole.Arn
      RequestParameters:
        integration.request.header.X-Amz-Target: '''AWSEvents.PutEvents'''
        integration.request.header.Content-Type: '''application/x-amz-json-1.1'''
      PassthroughBehavior: NEVER
      RequestTemplates:
        application/json: '{"Entries":[{"Source":"shop","DetailType":"Done","Detail":"$util.escapeJavaScript($input.json(''$'')).replaceAll("\\''","''")","EventBusName":"main"}]}'
      IntegrationResponses:
        - StatusCode: '202'
          ResponseTemplates:
            application/json: '#if($input.path(''$.FailedEntryCount'') == 0){}#else#set($context.responseOverride.status = 502){"message":"the event was not taken"}#end'
        - StatusCode: '400'
          SelectionPattern: '4\d{2}'
        - StatusCode: '500'
          SelectionPattern: '5\d{2}'
    MethodResponses:
      - StatusCode: '202'
      - StatusCode: '400'
      - StatusCode: '500'
"#
    );
}

#[test]
fn an_authorizer_decides_who_may_call() {
    let template = of("", &["  a: {function: enhancer, method: GET, path: /a, authorizer: guard}\n"]);
    let ids = ["GatewayWebAuthorizerGuard", "GatewayWebAuthorizerGuardPermission", "RouteA"];
    assert_eq!(
        only(&template, &ids),
        r#"GatewayWebAuthorizerGuard:
  Type: AWS::ApiGateway::Authorizer
  Properties:
    RestApiId: !Ref GatewayWeb
    Name: etl_guard_bob
    Type: REQUEST
    AuthorizerResultTtlInSeconds: 0
    IdentitySource: method.request.header.Authorization
    AuthorizerUri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FunctionGuard.Arn}/invocations'
GatewayWebAuthorizerGuardPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionGuard.Arn
    Action: lambda:InvokeFunction
    Principal: apigateway.amazonaws.com
    SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${GatewayWeb}/authorizers/${GatewayWebAuthorizerGuard.AuthorizerId}'
RouteA:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref GatewayWeb
    ResourceId: !Ref GatewayWebPathA
    HttpMethod: GET
    AuthorizationType: CUSTOM
    AuthorizerId: !GetAtt GatewayWebAuthorizerGuard.AuthorizerId
    Integration:
      Type: AWS_PROXY
      IntegrationHttpMethod: POST
      Uri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FunctionEnhancer.Arn}/invocations'
"#
    );
}

#[test]
fn preflight_requests_are_answered_on_each_path_with_rules() {
    let template = of(
        "",
        &[
            "  a: {function: enhancer, method: GET, path: '/a/{id}', cors: {origins: ['https://a.example', 'https://b.example']}}\n",
            "  b: {function: enhancer, method: POST, path: '/a/{id}', cors: {origins: ['https://a.example']}}\n",
            "  c: {function: enhancer, method: GET, path: /c}\n",
        ],
    );
    let ids = [
        "GatewayWebPathAId98f76dc9Options",
        "GatewayWebPathCOptions",
        "GatewayWebClientErrors",
        "GatewayWebServerErrors",
    ];
    assert_eq!(
        only(&template, &ids),
        r#"GatewayWebClientErrors:
  Type: AWS::ApiGateway::GatewayResponse
  Properties:
    RestApiId: !Ref GatewayWeb
    ResponseType: DEFAULT_4XX
    ResponseParameters:
      gatewayresponse.header.Access-Control-Allow-Origin: '''*'''
GatewayWebServerErrors:
  Type: AWS::ApiGateway::GatewayResponse
  Properties:
    RestApiId: !Ref GatewayWeb
    ResponseType: DEFAULT_5XX
    ResponseParameters:
      gatewayresponse.header.Access-Control-Allow-Origin: '''*'''
"#
    );
}

#[test]
fn answers_of_the_gateway_carry_the_origin() {
    let cors = "cors: {origins: ['https://a.example', 'https://b.example']}";
    let route = format!("  run: {{proxy: none, method: POST, path: /run, {cors}}}\n");
    let text = only(&of(FLOW, &[&route]), &["RouteRun"]);
    assert!(text.contains("method.response.header.Access-Control-Allow-Origin: '''https://a.example'''"), "{text}");
    assert!(text.contains("$origin == ''https://b.example''"), "{text}");
}

#[test]
fn access_logs_are_written_where_they_are_asked_for() {
    let route = "  etl: {function: enhancer, path: /etl, stage: v1}\n";
    let ids = ["GatewayWebLogGroup", "GatewayWebStage"];
    assert!(!only(&of("", &[route]), &ids).contains("AccessLogSetting"));
    let template = of("logs: {access: true, retention: 7}\n", &[route]);
    let text = only(&template, &ids);
    assert!(text.contains("LogGroupName: /aws/vendedlogs/apis/etl_web_bob\n    RetentionInDays: 7\n"), "{text}");
    assert!(text.contains("DestinationArn: !GetAtt GatewayWebLogGroup.Arn\n"), "{text}");
    assert!(text.contains("\"path\":\"$context.path\""), "{text}");
    assert!(text.contains("StageName: v1\n"), "{text}");
}

#[test]
fn the_root_has_the_methods_of_the_path_slash() {
    let template = of("", &["  root: {function: enhancer, method: GET, path: /}\n"]);
    let text = only(&template, &["RouteRoot", "RouteRootPermission"]);
    assert!(text.contains("ResourceId: !GetAtt GatewayWeb.RootResourceId\n"), "{text}");
    assert!(text.contains("${GatewayWeb}/*/GET/'\n"), "{text}");
}

#[test]
fn a_path_does_not_take_another_gateway_for_its_resource() {
    let (lowered, _) = super::lowered(
        "name: etl\nroutes:\n  a: {gateway: web, kind: rest, path: /a, function: enhancer}\n  \
         b: {gateway: web-path-a, kind: rest, path: /b, function: enhancer}\n",
        "",
    );
    let messages: Vec<_> = lowered.findings.iter().map(|finding| finding.message.as_str()).collect();
    let expected = "`gateways/web` and `gateways/web-path-a` have the same logical id `GatewayWebPathA`";
    assert_eq!(messages, [expected]);
}
