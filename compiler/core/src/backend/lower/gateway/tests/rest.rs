//! REST APIs.

use super::{TARGETS, lowered, only, property, resources, shown, web};
use crate::backend::expr::{Expr, Object};
use crate::backend::template::Template;
use crate::backend::yaml;

/// The topology's routes of the gateway `web`.
fn of(rest: &str, routes: &[(&str, &str)]) -> Template {
    web("rest", rest, routes)
}

#[test]
fn a_route_calls_a_function() {
    let template = of("", &[("etl", "function: enhancer, method: POST, path: /api/etl, timeout: 10")]);
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
}

/// The call that a route's method makes, but for the responses, and those: `STATUS pattern template`. A method declares
/// the same statuses as its integration.
fn call(rest: &str, route: &str) -> (String, Vec<String>) {
    let template = of(rest, &[("/x", route)]);
    let method = &template.resources["RouteX"].properties;
    let integration = method.get("Integration").and_then(Expr::as_object).unwrap();
    let responses = |owner: &Object, name: &str| {
        let list = owner.get(name).and_then(Expr::as_list).unwrap_or_default().to_vec();
        list.iter().map(|response| response.as_object().unwrap().clone()).collect::<Vec<Object>>()
    };
    let text = |response: &Object, name: &str| response.get(name).and_then(Expr::as_str).unwrap_or_default().to_owned();
    let answers = responses(integration, "IntegrationResponses");
    let statuses = |list: &[Object]| list.iter().map(|one| text(one, "StatusCode")).collect::<Vec<_>>();
    assert_eq!(statuses(&responses(method, "MethodResponses")), statuses(&answers));
    let answer = |one: &Object| {
        let templates = one.get("ResponseTemplates").and_then(Expr::as_object).cloned().unwrap_or_default();
        let shown = [text(one, "StatusCode"), text(one, "SelectionPattern"), text(&templates, "application/json")];
        shown.join(" ").trim().to_owned()
    };
    let rest = integration.iter().filter(|(name, _)| name != "IntegrationResponses").cloned().collect::<Object>();
    (yaml::write(&rest.into()), answers.iter().map(answer).collect())
}

/// What [`call`] gives of the call of a service's action.
fn service(action: &str, credentials: bool, headers: &str, template: &str) -> String {
    let credentials = if credentials { "Credentials: !GetAtt RouteXRole.Arn\n" } else { "" };
    let headers: String = headers.lines().map(|line| format!("  integration.request.header.{line}\n")).collect();
    let headers = if headers.is_empty() { headers } else { format!("RequestParameters:\n{headers}") };
    format!(
        "Type: AWS\nIntegrationHttpMethod: POST\nUri: !Sub 'arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:{action}'\n\
         {credentials}{headers}PassthroughBehavior: NEVER\nRequestTemplates:\n  application/json: {template}\n"
    )
}

/// The answer of a call that went well, before those of a service's own errors.
fn answers(first: &str) -> Vec<String> {
    [first, r"400 4\d{2}", r"500 5\d{2}"].map(str::to_owned).into()
}

#[test]
fn an_asynchronous_route_hands_its_body_to_the_function() {
    let lambda = "lambda:path/2015-03-31/functions/${FunctionEnhancer.Arn}/invocations";
    let expected = service(lambda, false, "X-Amz-Invocation-Type: '''Event'''", "'$input.json(''$'')'");
    assert_eq!(call("", "function: enhancer, method: POST, async: true"), (expected, vec!["202".to_owned()]));
}

#[test]
fn a_route_starts_a_standard_flow() {
    let template = r#"!Sub '{"stateMachineArn":"${Flow}","input":"$util.escapeJavaScript($input.json(''$'')).replaceAll("\\''","''")"}'"#;
    let expected = (service("states:action/StartExecution", true, "", template), answers("202"));
    assert_eq!(call(TARGETS, "proxy: none, method: POST"), expected);
    assert_eq!(call(&format!("{TARGETS}mode: Express\n"), "state: flow, method: POST, async: true"), expected);
}

#[test]
fn a_route_answers_with_the_output_of_an_express_flow() {
    let template = r#"!Sub '{"stateMachineArn":"${Flow}","input":"{\"method\":\"$context.httpMethod\",\"path\":\"$context.path\"}"}'"#;
    let output = r#"200  #if($input.path('$.status') == 'SUCCEEDED')$input.path('$.output')#else#set($context.responseOverride.status = 502){"message":"the execution did not succeed"}#end"#;
    let expected = (service("states:action/StartSyncExecution", true, "", template), answers(output));
    assert_eq!(call(&format!("{TARGETS}mode: Express\n"), "state: flow, method: GET"), expected);
}

#[test]
fn a_route_sends_to_a_queue() {
    let path = "sqs:path/${AWS::AccountId}/${QueueJobs.QueueName}";
    let form = "Content-Type: '''application/x-www-form-urlencoded'''";
    let order = "&MessageGroupId=RouteX&MessageDeduplicationId=$context.requestId";
    let send = |body: &str, order: &str| {
        (service(path, true, form, &format!("'Action=SendMessage&MessageBody={body}{order}'")), answers("202"))
    };
    assert_eq!(call(TARGETS, "queue: jobs, method: PUT"), send("$util.urlEncode($input.body)", order));
    let method_and_path =
        "%7B%22method%22%3A%22$context.httpMethod%22%2C%22path%22%3A%22$util.urlEncode($context.path)%22%7D";
    let standard = "queues: {jobs: {consumer: guard}}\n";
    assert_eq!(call(standard, "queue: jobs, method: DELETE"), send(method_and_path, ""));
}

#[test]
fn a_route_puts_an_event() {
    let events = "events: {produces: {Done: {producer: enhancer, source: shop, bus: main}}}\n";
    let headers = "X-Amz-Target: '''AWSEvents.PutEvents'''\nContent-Type: '''application/x-amz-json-1.1'''";
    let template = r#"'{"Entries":[{"Source":"shop","DetailType":"Done","Detail":"$util.escapeJavaScript($input.json(''$'')).replaceAll("\\''","''")","EventBusName":"main"}]}'"#;
    let taken = r#"202  #if($input.path('$.FailedEntryCount') == 0){}#else#set($context.responseOverride.status = 502){"message":"the event was not taken"}#end"#;
    let expected = (service("events:action/PutEvents", true, headers, template), answers(taken));
    assert_eq!(call(events, "event: Done, method: POST"), expected);
}

#[test]
fn an_authorizer_answers_with_a_policy() {
    let template = of("", &[("/a", "function: enhancer, method: GET, authorizer: guard")]);
    assert_eq!(
        only(&template, &["GatewayWebAuthorizerGuard"]),
        r#"GatewayWebAuthorizerGuard:
  Type: AWS::ApiGateway::Authorizer
  Properties:
    RestApiId: !Ref GatewayWeb
    Name: etl_guard_bob
    Type: REQUEST
    AuthorizerResultTtlInSeconds: 0
    IdentitySource: method.request.header.Authorization
    AuthorizerUri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FunctionGuard.Arn}/invocations'
"#
    );
}

const TWO_ORIGINS: &str = "cors: {origins: ['https://a.example', 'https://b.example']}";
/// Answers with the origin that asks, if it is one of the two.
const CHOICE: &str = "#set($origin = $input.params().header.get('Origin'))#if(!$origin || $origin == '')#set($origin = \
                      $input.params().header.get('origin'))#end#if($origin == 'https://a.example' || $origin == \
                      'https://b.example')#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end";

#[test]
fn preflight_requests_are_answered_on_each_path_with_rules() {
    let template = of(
        "",
        &[
            ("a", &format!("function: enhancer, method: GET, path: '/a/{{id}}', {TWO_ORIGINS}")),
            ("b", "function: enhancer, method: POST, path: '/a/{id}', cors: {origins: ['https://a.example']}"),
            ("c", "function: enhancer, method: GET, path: /c"),
        ],
    );
    let expected = r#"GatewayWebPathAIda6b134f6Options:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref GatewayWeb
    ResourceId: !Ref GatewayWebPathAIda6b134f6
    HttpMethod: OPTIONS
    AuthorizationType: 'NONE'
    Integration:
      Type: MOCK
      RequestTemplates:
        application/json: '{"statusCode":204}'
      IntegrationResponses:
        - StatusCode: '204'
          ResponseParameters:
            method.response.header.Access-Control-Allow-Headers: '''authorization,content-type'''
            method.response.header.Access-Control-Allow-Methods: '''GET,POST'''
            method.response.header.Access-Control-Allow-Origin: '''https://a.example'''
            method.response.header.Vary: '''Origin'''
          ResponseTemplates:
            application/json: 'CHOICE'
    MethodResponses:
      - StatusCode: '204'
        ResponseParameters:
          method.response.header.Access-Control-Allow-Headers: true
          method.response.header.Access-Control-Allow-Methods: true
          method.response.header.Access-Control-Allow-Origin: true
          method.response.header.Vary: true
"#;
    let expected = expected.replace("CHOICE", &CHOICE.replace('\'', "''"));
    assert_eq!(shown(&template, "Resources", |id| id.ends_with("Options")), expected);
}

#[test]
fn errors_of_the_gateway_itself_carry_the_origin() {
    let origin = |cors: &str| {
        let template = of("", &[("/a", &format!("function: enhancer, method: GET, {cors}"))]);
        ["GatewayWebClientErrors", "GatewayWebServerErrors"].map(|id| property(&template, id, "ResponseParameters"))
    };
    let header = |value: &str| format!("gatewayresponse.header.Access-Control-Allow-Origin: '''{value}'''\n");
    assert_eq!(origin("cors: {origins: ['https://a.example']}"), [(); 2].map(|()| header("https://a.example")));
    // A gateway response cannot choose.
    assert_eq!(origin(TWO_ORIGINS), [(); 2].map(|()| header("*")));
}

#[test]
fn answers_of_a_service_carry_the_origin() {
    let (_, answers) = call(TARGETS, &format!("proxy: none, method: POST, {TWO_ORIGINS}"));
    assert_eq!(answers[0], format!("202  {CHOICE}$input.json('$')"));
    assert_eq!(answers[1], format!(r"400 4\d{{2}} {CHOICE}$input.json('$')"));
    let template = of(TARGETS, &[("/x", &format!("proxy: none, method: POST, {TWO_ORIGINS}"))]);
    let integration = property(&template, "RouteX", "Integration");
    let header = "method.response.header.Access-Control-Allow-Origin: '''https://a.example'''\n";
    assert_eq!(integration.matches(header).count(), 3, "{integration}");
    let declared = property(&template, "RouteX", "MethodResponses");
    assert_eq!(declared.matches("method.response.header.Vary: true\n").count(), 3, "{declared}");
}

#[test]
fn the_root_has_the_methods_of_the_path_slash() {
    let template = of("", &[("root", "function: enhancer, method: GET, path: /, cors: {}")]);
    let root = "!GetAtt GatewayWeb.RootResourceId\n";
    assert_eq!(property(&template, "RouteRoot", "ResourceId"), root);
    assert!(property(&template, "RouteRootPermission", "SourceArn").ends_with("${GatewayWeb}/*/GET/'\n"));
    assert_eq!(property(&template, "GatewayWebRootOptions", "ResourceId"), root);
}

#[test]
fn a_path_does_not_take_another_gateway_for_its_resource() {
    let (lowered, _) = lowered(
        "name: etl\nroutes:\n  a: {gateway: web, kind: rest, path: /a, function: enhancer}\n  \
         b: {gateway: web-path-a, kind: rest, path: /b, function: enhancer}\n",
        "",
    );
    let messages: Vec<_> = lowered.findings.iter().map(|finding| finding.message.as_str()).collect();
    let expected = "`gateways/web` and `gateways/web-path-a` have the same logical id `GatewayWebPathA`";
    assert_eq!(messages, [expected]);
}
