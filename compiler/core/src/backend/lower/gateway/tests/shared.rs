//! Gateways that `tc.yml` names.

use super::{resources, shown, template, urls};

const HTTP: &str = "gateways: {api-test: {kind: http, api_id: a1b2c3}}\n";
const REST: &str = "gateways: {api-test: {kind: rest, api_id: a1b2c3, root_resource_id: r00t, stage: live}}\n";
const ROUTE: &str =
    "name: etl\nroutes:\n  etl: {gateway: api-test, function: enhancer, method: POST, path: /api/etl}\n";

#[test]
fn routes_of_a_sandbox_stand_under_its_name() {
    let template = template(ROUTE, HTTP);
    assert_eq!(
        shown(&template, "Parameters", |id| id.starts_with("Gateway")),
        r#"GatewayApiTestId:
  Type: String
  Description: The id of the shared HTTP API api-test
"#
    );
    assert_eq!(
        resources(&template),
        r#"RouteEtlIntegration:
  Type: AWS::ApiGatewayV2::Integration
  Properties:
    ApiId: !Ref GatewayApiTestId
    IntegrationType: AWS_PROXY
    IntegrationUri: !GetAtt FunctionEnhancer.Arn
    PayloadFormatVersion: '2.0'
RouteEtl:
  Type: AWS::ApiGatewayV2::Route
  Properties:
    ApiId: !Ref GatewayApiTestId
    RouteKey: POST /bob/api/etl
    Target: !Sub 'integrations/${RouteEtlIntegration}'
RouteEtlPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionEnhancer.Arn
    Action: lambda:InvokeFunction
    Principal: apigateway.amazonaws.com
    SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${GatewayApiTestId}/*/POST/bob/api/etl'
"#
    );
    assert_eq!(
        urls(&template),
        r#"GatewayApiTestUrl:
  Description: URL of the shared gateway api-test
  Value: !Sub 'https://${GatewayApiTestId}.execute-api.${AWS::Region}.${AWS::URLSuffix}/bob'
"#
    );
}

#[test]
fn routes_of_the_release_sandbox_stand_as_they_are_written() {
    let template = template(ROUTE, &format!("{HTTP}release: {{sandbox: bob}}\n"));
    let text = resources(&template);
    assert!(text.contains("RouteKey: POST /api/etl\n"), "{text}");
    assert!(text.contains("${GatewayApiTestId}/*/POST/api/etl'\n"), "{text}");
}

#[test]
fn the_default_route_of_a_sandbox_takes_only_its_own_requests() {
    let text = "name: etl\nroutes:\n  $default: {gateway: api-test, function: enhancer}\n";
    let sandbox = resources(&template(text, HTTP));
    assert!(sandbox.contains("RouteKey: 'ANY /bob/{proxy+}'\n"), "{sandbox}");
    assert!(sandbox.contains("${GatewayApiTestId}/*/*/bob/*'\n"), "{sandbox}");
    let release = resources(&template(text, &format!("{HTTP}release: {{sandbox: bob}}\n")));
    assert!(release.contains("RouteKey: '$default'\n"), "{release}");
}

#[test]
fn a_rest_api_is_deployed_onto_the_shared_stage() {
    let template = template(ROUTE, REST);
    assert_eq!(
        shown(&template, "Parameters", |id| id.starts_with("Gateway")),
        r#"GatewayApiTestId:
  Type: String
  Description: The id of the shared REST API api-test
GatewayApiTestRootResourceId:
  Type: String
  Description: The id of the root resource of the shared REST API api-test
  Default: r00t
"#
    );
    assert_eq!(
        resources(&template),
        r#"GatewayApiTestPathBob:
  Type: AWS::ApiGateway::Resource
  Properties:
    RestApiId: !Ref GatewayApiTestId
    ParentId: !Ref GatewayApiTestRootResourceId
    PathPart: bob
GatewayApiTestPathBobApi:
  Type: AWS::ApiGateway::Resource
  Properties:
    RestApiId: !Ref GatewayApiTestId
    ParentId: !Ref GatewayApiTestPathBob
    PathPart: api
GatewayApiTestPathBobApiEtl:
  Type: AWS::ApiGateway::Resource
  Properties:
    RestApiId: !Ref GatewayApiTestId
    ParentId: !Ref GatewayApiTestPathBobApi
    PathPart: etl
RouteEtl:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref GatewayApiTestId
    ResourceId: !Ref GatewayApiTestPathBobApiEtl
    HttpMethod: POST
    AuthorizationType: 'NONE'
    Integration:
      Type: AWS_PROXY
      IntegrationHttpMethod: POST
      Uri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FunctionEnhancer.Arn}/invocations'
RouteEtlPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionEnhancer.Arn
    Action: lambda:InvokeFunction
    Principal: apigateway.amazonaws.com
    SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${GatewayApiTestId}/*/POST/bob/api/etl'
GatewayApiTestDeployment4706c39e:
  Type: AWS::ApiGateway::Deployment
  DependsOn: RouteEtl
  DeletionPolicy: Retain
  UpdateReplacePolicy: Retain
  Properties:
    RestApiId: !Ref GatewayApiTestId
    StageName: live
"#
    );
    assert_eq!(
        urls(&template),
        r#"GatewayApiTestUrl:
  Description: URL of the shared gateway api-test
  Value: !Sub 'https://${GatewayApiTestId}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live/bob'
"#
    );
}
