//! What HTTP and REST APIs have in common.

use super::{TARGETS, lowered, only, property, statements, urls, web};

const KINDS: [&str; 2] = ["http", "rest"];

#[test]
fn a_function_permits_its_routes() {
    for kind in KINDS {
        let template =
            web(kind, "", &[("/users/{id}", "function: enhancer, method: POST"), ("/all", "function: enhancer")]);
        assert_eq!(
            only(&template, &["RouteUsersIdPermission"]),
            r#"RouteUsersIdPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionEnhancer.Arn
    Action: lambda:InvokeFunction
    Principal: apigateway.amazonaws.com
    SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${GatewayWeb}/*/POST/users/*'
"#
        );
        assert!(property(&template, "RouteAllPermission", "SourceArn").ends_with("${GatewayWeb}/*/*/all'\n"));
        assert!(!template.resources.contains_key("RouteAllRole"), "the permission is enough");
    }
}

#[test]
fn a_route_may_do_what_its_target_needs_and_nothing_else() {
    let express = format!("{TARGETS}mode: Express\n");
    let produced = "events: {produces: {Done: {producer: enhancer, source: shop, bus: main}}}\n";
    let bus = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus";
    let put = |bus_name: &str, source: &str| {
        format!(
            "- Sid: PutEventDone\n  Effect: Allow\n  Action: events:PutEvents\n  Resource: !Sub '{bus}/{bus_name}'\n  \
             Condition:\n    StringEquals:\n      events:source: {source}\n      events:detail-type: Done\n"
        )
    };
    let one = |sid: &str, action: &str, resource: &str| {
        format!("- Sid: {sid}\n  Effect: Allow\n  Action: {action}\n  Resource: {resource}\n")
    };
    let start = one("StartFlow", "states:StartExecution", "!Ref Flow");
    let cases = [
        (TARGETS, "proxy: none", start.clone()),
        (&express, "state: flow", one("RunFlow", "states:StartSyncExecution", "!Ref Flow")),
        (&express, "state: flow, async: true", start),
        (TARGETS, "queue: jobs", one("SendQueueJobs", "sqs:SendMessage", "!GetAtt QueueJobs.Arn")),
        (produced, "event: Done", put("main", "shop")),
        // Nobody describes the event.
        ("", "event: Done", put("default", "etl")),
    ];
    for (rest, route, expected) in &cases {
        for kind in KINDS {
            let template = web(kind, rest, &[("/x", &format!("{route}, method: POST"))]);
            assert_eq!(statements(&template, "RouteXRole"), *expected, "{kind} {route}");
        }
    }
}

#[test]
fn the_role_of_a_route_is_for_api_gateway() {
    for kind in KINDS {
        let template = web(kind, TARGETS, &[("/run", "proxy: none, method: POST")]);
        assert_eq!(
            property(&template, "RouteRunRole", "AssumeRolePolicyDocument"),
            "Version: '2012-10-17'\nStatement:\n  - Effect: Allow\n    Principal:\n      Service: \
             apigateway.amazonaws.com\n    Action: sts:AssumeRole\n"
        );
    }
}

#[test]
fn an_authorizer_is_one_for_all_routes() {
    for kind in KINDS {
        let route = "function: enhancer, method: GET, authorizer: guard";
        let template = web(kind, "", &[("/a", route), ("/b", route)]);
        let ids: Vec<_> = template.resources.keys().filter(|id| id.contains("Authorizer")).collect();
        assert_eq!(ids, ["GatewayWebAuthorizerGuard", "GatewayWebAuthorizerGuardPermission"]);
        assert_eq!(
            only(&template, &["GatewayWebAuthorizerGuardPermission"]),
            r#"GatewayWebAuthorizerGuardPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !GetAtt FunctionGuard.Arn
    Action: lambda:InvokeFunction
    Principal: apigateway.amazonaws.com
    SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${GatewayWeb}/authorizers/${GatewayWebAuthorizerGuard.AuthorizerId}'
"#
        );
        for route in ["RouteA", "RouteB"] {
            assert_eq!(property(&template, route, "AuthorizationType"), "CUSTOM\n");
            let id = property(&template, route, "AuthorizerId");
            assert_eq!(id, "!GetAtt GatewayWebAuthorizerGuard.AuthorizerId\n");
        }
    }
}

#[test]
fn the_url_ends_in_the_stage() {
    for (kind, stage, end) in
        [("http", "", ""), ("rest", "", "/api"), ("http", ", stage: v1", "/v1"), ("rest", ", stage: v1", "/v1")]
    {
        let template = web(kind, "", &[("/a", &format!("function: enhancer{stage}"))]);
        let expected = format!(
            "GatewayWebUrl:\n  Description: URL of the gateway web\n  Value: !Sub \
             'https://${{GatewayWeb}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}{end}'\n"
        );
        assert_eq!(urls(&template), expected);
    }
}

#[test]
fn access_logs_are_as_the_topology_says() {
    let setting = |kind: &str, logs: &str| {
        let template = web(kind, logs, &[("/a", "function: enhancer")]);
        let name = if kind == "http" { "AccessLogSettings" } else { "AccessLogSetting" };
        let setting = property(&template, "GatewayWebStage", name);
        let group = only(&template, &["GatewayWebLogGroup"]);
        assert_eq!(setting == "null\n", group == "{}\n", "{setting}{group}");
        (setting, group)
    };
    let is_written = |kind, logs| setting(kind, logs).0 != "null\n";
    assert!(is_written("http", "") && !is_written("rest", ""));
    assert!(!is_written("http", "logs: {access: false}\n"));
    for (kind, route) in [("http", "$context.routeKey"), ("rest", "$context.resourcePath")] {
        let (setting, group) = setting(kind, "logs: {access: true, retention: 7}\n");
        assert!(setting.starts_with("DestinationArn: !GetAtt GatewayWebLogGroup.Arn\n"), "{setting}");
        assert!(setting.ends_with(&format!("\"route\":\"{route}\"}}'\n")), "{setting}");
        assert!(group.contains("LogGroupName: /aws/vendedlogs/apis/etl_web_bob\n    RetentionInDays: 7\n"), "{group}");
    }
}

#[test]
fn a_topologys_own_gateway_says_the_namespace_once() {
    for kind in KINDS {
        let (lowered, _) = lowered(&format!("name: etl\nroutes: {{/a: {{function: enhancer, kind: {kind}}}}}\n"), "");
        assert_eq!(property(&lowered.template, "GatewayEtl", "Name"), "etl_bob\n");
    }
}

#[test]
fn a_gateways_name_that_is_cut_is_told() {
    let name = "g".repeat(125);
    for kind in KINDS {
        let topology = format!("name: etl\nroutes: {{/a: {{function: enhancer, kind: {kind}, gateway: {name}}}}}\n");
        let (lowered, _) = lowered(&topology, "");
        let told: Vec<_> = lowered.findings.iter().map(|finding| finding.message.as_str()).collect();
        let expected = format!("the name of `gateways/{name}` is over 128 characters; it is called `etl_ggg");
        assert!(matches!(told.as_slice(), [one] if one.starts_with(&expected)), "{told:?}");
    }
}
