//! Faults across properties and resources: every rule.

use super::assert_found;
use serde_json::{Value, json};

/// Alters places of the sound template, as `RESOURCE/PROPERTY/...`, and expects findings `RESOURCE: message`.
#[track_caller]
fn combination(changes: &[(&str, Value)], expected: &[&str]) {
    let pointers: Vec<(String, Value)> = changes
        .iter()
        .map(|(place, value)| match place.split_once('/') {
            Some((id, "DependsOn")) => (format!("/Resources/{id}/DependsOn"), value.clone()),
            Some((id, property)) => (format!("/Resources/{id}/Properties/{property}"), value.clone()),
            None => (format!("/Resources/{place}"), value.clone()),
        })
        .collect();
    let changes: Vec<(&str, Value)> =
        pointers.iter().map(|(pointer, value)| (pointer.as_str(), value.clone())).collect();
    let expected: Vec<String> = expected.iter().map(|line| format!("TC0625 functions/{line}")).collect();
    assert_found(&changes, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn packages() {
    combination(
        &[("FunctionEnhancer/Handler", Value::Null)],
        &["FunctionEnhancer: `Handler` is missing from a zip file's function"],
    );
    combination(
        &[("FunctionEnhancer/Code/S3Key", Value::Null)],
        &["FunctionEnhancer: `Code` needs `S3Bucket` and `S3Key`"],
    );
    combination(&[("Image/Runtime", json!("python3.13"))], &["Image: `Runtime` does not go with a container image"]);
    combination(
        &[("Image/Layers", json!([{"Ref": "LayerEtlEnhancer"}]))],
        &["Image: `Layers` does not go with a container image"],
    );
    combination(
        &[("FunctionEnhancer/PackageType", json!("Zip")), ("FunctionEnhancer/Code/ImageUri", json!("x"))],
        &["FunctionEnhancer: `Code.ImageUri` needs `PackageType: Image`"],
    );
}

#[test]
fn file_systems() {
    combination(
        &[("FunctionTransformer/VpcConfig", Value::Null)],
        &[
            "FunctionTransformer: `FileSystemConfigs` needs `VpcConfig.SubnetIds`",
            "FunctionTransformer: `FileSystemConfigs` needs `VpcConfig.SecurityGroupIds`",
        ],
    );
    combination(
        &[("FnEfs/VpcConfig/SubnetIds", json!([]))],
        &["FnEfs: `FileSystemConfigs` needs `VpcConfig.SubnetIds`"],
    );
    combination(
        &[("FnEfs/DependsOn", json!(["Logs"]))],
        &["FnEfs: `DependsOn` names no mount target of `Fs`, which must exist first"],
    );
}

#[test]
fn snap_start() {
    combination(
        &[("Fn/Runtime", json!("nodejs22.x"))],
        &["Fn: `SnapStart` does not work with the runtime `nodejs22.x`"],
    );
    combination(
        &[("Fn/EphemeralStorage/Size", json!(513))],
        &["Fn: `SnapStart` needs an `EphemeralStorage.Size` of at most 512"],
    );
    combination(
        &[
            ("FunctionTransformer/SnapStart/ApplyOn", json!("PublishedVersions")),
            (
                "Transformer",
                json!({"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "FunctionTransformer"}}}),
            ),
        ],
        &["FunctionTransformer: `SnapStart` and `FileSystemConfigs` exclude each other"],
    );
    combination(
        &[("Alias/ProvisionedConcurrencyConfig", json!({"ProvisionedConcurrentExecutions": 2}))],
        &["Alias: `ProvisionedConcurrencyConfig` does not go with the `SnapStart` of `Fn`"],
    );
}

#[test]
fn snap_start_needs_a_version() {
    combination(
        &[("Ver/FunctionName", json!("other")), ("Alias/FunctionVersion", json!("1"))],
        &["Fn: `SnapStart` has no effect without a version of the function"],
    );
}

#[test]
fn limits() {
    combination(
        &[("FunctionEnhancer/Timeout", json!(901)), ("QueueJobs/VisibilityTimeout", json!(5406))],
        &["FunctionEnhancer: `Timeout` is 901 s, at most 900 are allowed"],
    );
    combination(
        &[("FunctionEnhancer/MemorySize", json!(10241))],
        &["FunctionEnhancer: `MemorySize` is 10241 MB, at most 10240 are allowed"],
    );
    combination(
        &[("FunctionEnhancer/EphemeralStorage", json!({"Size": 10241}))],
        &["FunctionEnhancer: `EphemeralStorage.Size` is 10241 MB, at most 10240 are allowed"],
    );
}

#[test]
fn environments() {
    let variable = |name: &str| format!("FunctionEnhancer/Environment/Variables/{name}");
    combination(
        &[(&variable("AWS_REGION"), json!("x"))],
        &["FunctionEnhancer: `Environment.Variables.AWS_REGION` is a name that Lambda keeps for itself"],
    );
    combination(
        &[(&variable("LIST"), json!(["x"]))],
        &["FunctionEnhancer: `Environment.Variables.LIST` must be a text"],
    );
    combination(
        &[(&variable("TOKEN"), json!("{{resolve:ssm-secure:/token}}"))],
        &["FunctionEnhancer: `Environment.Variables.TOKEN` refers to a secure string, which is not resolved there"],
    );
    combination(&[("Fn/Environment", json!({"Variables": {"TEXT": "x".repeat(4092)}}))], &[]);
    combination(
        &[("Fn/Environment", json!({"Variables": {"TEXT": "x".repeat(4093)}}))],
        &["Fn: `Environment.Variables` have at least 4097 bytes, at most 4096 are allowed"],
    );
}

#[test]
fn tags() {
    let tag = |key: &str| json!({"Key": key, "Value": "x"});
    combination(
        &[("Logs/Tags", json!([tag("a"), {"Key": "a", "Value": "y"}]))],
        &["Logs: `Tags` has the key `a` twice"],
    );
    combination(
        &[("Logs/Tags", json!([tag("AWS:x")]))],
        &["Logs: `Tags` has the key `AWS:x`: keys that begin with `aws:` are AWS's own"],
    );
    combination(
        &[("Api/Tags", json!({"aws:x": "y"}))],
        &["Api: `Tags` has the key `aws:x`: keys that begin with `aws:` are AWS's own"],
    );
    let many: Vec<_> = (0..51).map(|at| tag(&format!("key{at}"))).collect();
    combination(&[("Fs/FileSystemTags", json!(many))], &["Fs: `FileSystemTags` has 51 tags, at most 50 are allowed"]);
}

#[test]
fn policy_documents() {
    let path = "Policies[0].PolicyDocument.Statement[0]";
    let place = |name: &str| format!("RoleEnhancer/Policies/0/PolicyDocument/Statement/0/{name}");
    let fault = |place: &str, value: Value, message: &str| {
        combination(&[(place, value)], &[&format!("RoleEnhancer: {message}")]);
    };
    fault(&place("Effect"), json!("allow"), &format!("`{path}.Effect` must be `Allow` or `Deny`"));
    fault(&place("Action"), json!([]), &format!("`{path}.Action` is missing or empty"));
    fault(
        &place("Action"),
        json!("PutObject"),
        &format!("`{path}.Action` has `PutObject`, an action is `service:Name`"),
    );
    fault(&place("Resource"), Value::Null, &format!("`{path}.Resource` is missing or empty"));
    fault(
        &place("Resource"),
        json!("bucket/*"),
        &format!("`{path}.Resource` has `bucket/*`, which is neither an ARN nor `*`"),
    );
    fault(
        &place("Resource"),
        json!({"Ref": "QueueJobs"}),
        &format!("`{path}.Resource` is given the `QueueUrl` of `QueueJobs`, its ARN is needed"),
    );
    fault(&place("Principal"), json!("*"), &format!("`{path}.Principal` does not belong in this kind of policy"));
    fault(&place("Resources"), json!("*"), &format!("`{path}.Resources` is no element of a statement"));
    fault(&place("Sid"), json!("a b"), &format!("`{path}.Sid` is `a b`: letters and digits are allowed"));
    let twice =
        [(place("Sid"), json!("A")), ("RoleEnhancer/Policies/0/PolicyDocument/Statement/1/Sid".to_owned(), json!("A"))];
    let twice: Vec<_> = twice.iter().map(|(place, value)| (place.as_str(), value.clone())).collect();
    combination(&twice, &["RoleEnhancer: `Policies[0].PolicyDocument.Statement[1].Sid` is `A` again"]);
    let trust = "RoleEnhancer/AssumeRolePolicyDocument";
    fault(&format!("{trust}/Version"), json!("2008-10-17"), "`AssumeRolePolicyDocument.Version` must be `2012-10-17`");
    fault(&format!("{trust}/Statement"), json!([]), "`AssumeRolePolicyDocument.Statement` is empty");
    fault(
        &format!("{trust}/Statement/0/Resource"),
        json!("*"),
        "`AssumeRolePolicyDocument.Statement[0].Resource` does not belong in this kind of policy",
    );
    combination(
        &[("RuleDlqPolicy/PolicyDocument/Statement/0/Principal", Value::Null)],
        &["RuleDlqPolicy: `PolicyDocument.Statement[0].Principal` is missing or empty"],
    );
}

#[test]
fn concurrency() {
    let provisioned = json!({"ProvisionedConcurrentExecutions": 6});
    let plain = ("Fn/SnapStart", Value::Null);
    combination(
        &[plain.clone(), ("Alias/ProvisionedConcurrencyConfig", provisioned.clone())],
        &["Alias: 6 provisioned executions exceed the function's 5 reserved"],
    );
    combination(
        &[plain.clone(), ("Ver/ProvisionedConcurrencyConfig", provisioned)],
        &["Ver: 6 provisioned executions exceed the function's 5 reserved"],
    );
    combination(
        &[
            plain,
            ("Alias/ProvisionedConcurrencyConfig", json!({"ProvisionedConcurrentExecutions": 2})),
            ("Alias/FunctionVersion", json!("$LATEST")),
        ],
        &["Alias: provisioned concurrency needs a published version, not `FunctionVersion: $LATEST`"],
    );
}

#[test]
fn logging() {
    combination(&[("FunctionEnhancer/LoggingConfig/ApplicationLogLevel", json!("INFO"))], &[]);
    combination(
        &[("Fn/LoggingConfig", json!({"SystemLogLevel": "INFO"}))],
        &["Fn: `LoggingConfig.SystemLogLevel` needs `LoggingConfig.LogFormat: JSON`"],
    );
}

#[test]
fn permissions() {
    combination(
        &[("PermissionApi/SourceArn", Value::Null)],
        &["PermissionApi: `apigateway.amazonaws.com` may invoke from any account: `SourceArn` is missing"],
    );
    combination(
        &[("PermissionRule/Principal", json!("sns.amazonaws.com"))],
        &["PermissionRule: `Rule` invokes as `events.amazonaws.com`, not as the `Principal` `sns.amazonaws.com`"],
    );
    combination(
        &[
            ("PermissionApi/Principal", json!("s3.amazonaws.com")),
            ("PermissionApi/SourceArn", json!("arn:aws:s3:::bucket")),
        ],
        &["PermissionApi: a bucket's ARN has no account: `SourceAccount` is missing"],
    );
    combination(
        &[("PermissionApi/FunctionUrlAuthType", json!("NONE"))],
        &["PermissionApi: `FunctionUrlAuthType` needs `Action: lambda:InvokeFunctionUrl`"],
    );
}

#[test]
fn event_sources() {
    combination(
        &[("Mapping/BatchSize", json!(100))],
        &["Mapping: a `BatchSize` over 10 needs `MaximumBatchingWindowInSeconds` of at least 1"],
    );
    combination(
        &[("Mapping/BatchSize", json!(100)), ("Mapping/MaximumBatchingWindowInSeconds", json!(0))],
        &["Mapping: a `BatchSize` over 10 needs `MaximumBatchingWindowInSeconds` of at least 1"],
    );
    combination(&[("Mapping/BatchSize", json!(100)), ("Mapping/MaximumBatchingWindowInSeconds", json!(5))], &[]);
    combination(
        &[("Mapping/StartingPosition", json!("LATEST"))],
        &["Mapping: `StartingPosition` is for streams, the source is a queue"],
    );
    combination(
        &[
            ("Mapping/EventSourceArn", json!({"Fn::GetAtt": ["Dlq", "Arn"]})),
            ("Mapping/BatchSize", json!(11)),
            ("Mapping/MaximumBatchingWindowInSeconds", json!(1)),
        ],
        &[
            "Mapping: `BatchSize` is 11, at most 10 from a FIFO queue",
            "Mapping: `MaximumBatchingWindowInSeconds` does not go with a FIFO queue",
        ],
    );
    combination(
        &[("QueueJobs/VisibilityTimeout", json!(29))],
        &["Mapping: the 29 s `VisibilityTimeout` of `QueueJobs` is below the 30 s `Timeout` of `FunctionEnhancer`"],
    );
    combination(
        &[("QueueJobs/VisibilityTimeout", Value::Null), ("FunctionEnhancer/Timeout", json!(31))],
        &["Mapping: the 30 s `VisibilityTimeout` of `QueueJobs` is below the 31 s `Timeout` of `FunctionEnhancer`"],
    );
}

#[test]
fn queues() {
    combination(
        &[("Dlq/QueueName", json!("a"))],
        &["Dlq: `QueueName` is `a`: the name of a FIFO queue ends in `.fifo`"],
    );
    combination(&[("Dlq/FifoQueue", Value::Null)], &["Dlq: `QueueName` is `a.fifo`: it needs `FifoQueue: true`"]);
    combination(
        &[("QueueJobs/ContentBasedDeduplication", json!(true))],
        &["QueueJobs: `ContentBasedDeduplication` is for FIFO queues"],
    );
    combination(
        &[("RuleDlq/KmsMasterKeyId", json!("alias/aws/sqs"))],
        &["RuleDlq: `SqsManagedSseEnabled` and `KmsMasterKeyId` exclude each other"],
    );
    combination(
        &[("QueueJobs/RedrivePolicy/deadLetterTargetArn", json!({"Fn::GetAtt": ["Dlq", "Arn"]}))],
        &["QueueJobs: the dead-letter queue `Dlq` must be a standard queue as well"],
    );
    combination(
        &[("QueueJobs/RedrivePolicy/maxReceiveCount", Value::Null)],
        &["QueueJobs: `RedrivePolicy` needs `deadLetterTargetArn` and `maxReceiveCount`"],
    );
    combination(&[("QueueJobs/RedrivePolicy", json!("{}"))], &["QueueJobs: `RedrivePolicy` must be a map"]);
}

#[test]
fn http_apis() {
    combination(
        &[("Integration/TimeoutInMillis", json!(30001))],
        &["Integration: `TimeoutInMillis` is 30001, an HTTP API takes 50 to 30000"],
    );
    combination(
        &[("Integration/PayloadFormatVersion", Value::Null)],
        &["Integration: `PayloadFormatVersion` is missing"],
    );
    combination(
        &[("Integration/IntegrationUri", Value::Null)],
        &["Integration: one of `IntegrationUri`, `IntegrationSubtype` is needed"],
    );
    combination(
        &[("Integration/IntegrationType", json!("MOCK"))],
        &["Integration: `IntegrationType` of an HTTP API is `AWS_PROXY` or `HTTP_PROXY`"],
    );
    combination(
        &[
            ("V2Int/CredentialsArn", Value::Null),
            ("V2Int/PayloadFormatVersion", json!("2.0")),
            ("V2Int/RequestParameters/StateMachineArn", Value::Null),
        ],
        &[
            "V2Int: `RequestParameters.StateMachineArn` is missing, `StepFunctions-StartExecution` needs it",
            "V2Int: `CredentialsArn` is missing, `StepFunctions-StartExecution` needs a role",
            "V2Int: `PayloadFormatVersion` of `StepFunctions-StartExecution` is `1.0`",
        ],
    );
    combination(&[("Route/RouteKey", json!("FETCH /x"))], &["Route: `RouteKey` is `FETCH /x`, `FETCH` is no method"]);
    combination(
        &[("Route/AuthorizationType", json!("CUSTOM"))],
        &["Route: `AuthorizationType: CUSTOM` needs `AuthorizerId`"],
    );
    combination(
        &[("Route/AuthorizerId", json!({"Ref": "V2Auth"}))],
        &["Route: `AuthorizerId` has no effect without an `AuthorizationType`"],
    );
    combination(
        &[("V2Auth/AuthorizerPayloadFormatVersion", Value::Null)],
        &["V2Auth: `AuthorizerPayloadFormatVersion` is missing"],
    );
    combination(
        &[("V2Auth/IdentitySource", Value::Null), ("V2Auth/AuthorizerResultTtlInSeconds", json!(300))],
        &["V2Auth: `AuthorizerResultTtlInSeconds` over 0 needs `IdentitySource`"],
    );
}

#[test]
fn rest_apis() {
    combination(&[("Method/HttpMethod", json!("FETCH"))], &["Method: `HttpMethod` is `FETCH`, which is no method"]);
    combination(&[("Method/AuthorizerId", Value::Null)], &["Method: `AuthorizationType: CUSTOM` needs `AuthorizerId`"]);
    combination(&[("Method/Integration/Uri", Value::Null)], &["Method: `Integration.Uri` is missing"]);
    combination(
        &[("Method/Integration/IntegrationHttpMethod", json!("GET"))],
        &["Method: `Integration.IntegrationHttpMethod` is `GET`, a function takes `POST`"],
    );
    combination(
        &[("Auth/RestApiId", json!("a1b2c3"))],
        &["Method: the authorizer `Auth` belongs to another `RestApiId`"],
    );
    combination(
        &[("Deploy0123/DependsOn", json!(["Method"]))],
        &["Deploy0123: `DependsOn` does not name the method `Cors`, which would not be deployed"],
    );
    let other = json!({"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "x"}});
    let deployment = json!({"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Empty"}}});
    combination(
        &[("Empty", other), ("EmptyDeployment", deployment)],
        &["EmptyDeployment: `Empty` has no method, so it cannot be deployed"],
    );
}

#[test]
fn rules() {
    combination(
        &[("Rule/Targets/0/InputPath", json!("$.detail")), ("Rule/Targets/0/Input", json!("{}"))],
        &["Rule: `Targets[0]` has both `Input` and `InputPath`"],
    );
    combination(
        &[("FlowRule/Targets/0/RoleArn", Value::Null)],
        &["FlowRule: `Targets[0].RoleArn` is missing, the state machine `FastFlow` needs it"],
    );
    combination(
        &[("Rule/Targets/0/Arn", json!({"Fn::GetAtt": ["Dlq", "Arn"]}))],
        &["Rule: `Targets[0].SqsParameters.MessageGroupId` is missing, the FIFO queue `Dlq` needs it"],
    );
    let target = |arn: &str| json!({"Id": "x", "Arn": arn});
    combination(
        &[("Rule/Targets", json!([target("arn:aws:a"), target("arn:aws:b")]))],
        &["Rule: `Targets[1].Id` is `x` again"],
    );
    combination(
        &[("Rule/EventPattern", json!({"source": "a"}))],
        &["Rule: `EventPattern.source` must be a list or a map"],
    );
    combination(
        &[("Rule/EventPattern", json!({"detail": {"a": []}}))],
        &["Rule: `EventPattern.detail.a` is an empty list, which matches nothing"],
    );
    combination(&[("Rule/EventPattern", json!({}))], &["Rule: `EventPattern` is empty"]);
    combination(&[("Rule/EventPattern", json!({"detail": {"$or": [{"a": ["x"]}, {"b": [{"exists": false}]}]}}))], &[]);
    combination(
        &[("Rule/EventPattern", json!({"detail": {"$or": [{"a": "x"}]}}))],
        &["Rule: `EventPattern.detail.$or.a` must be a list or a map"],
    );
    combination(
        &[("Rule/EventBusName", json!("orders")), ("Rule/ScheduleExpression", json!("rate(5 minutes)"))],
        &["Rule: `ScheduleExpression` works on the default bus alone"],
    );
    combination(
        &[("Rule/ScheduleExpression", json!("cron(0 2 * * *)"))],
        &["Rule: `ScheduleExpression` is `cron(0 2 * * *)`, a cron has 6 fields, not 5"],
    );
}

#[test]
fn schedules() {
    combination(
        &[("Schedule/FlexibleTimeWindow/Mode", json!("FLEXIBLE"))],
        &["Schedule: `FlexibleTimeWindow.Mode: FLEXIBLE` needs `MaximumWindowInMinutes`"],
    );
    combination(
        &[("Schedule/FlexibleTimeWindow/MaximumWindowInMinutes", json!(5))],
        &["Schedule: `FlexibleTimeWindow.MaximumWindowInMinutes` needs `Mode: FLEXIBLE`"],
    );
    combination(
        &[("Schedule/ScheduleExpression", json!("cron(0 2 * * *)"))],
        &["Schedule: `ScheduleExpression` is `cron(0 2 * * *)`, a cron has 6 fields, not 5"],
    );
}

#[test]
fn policy_sizes() {
    let document = |count: usize| {
        let resources: Vec<_> = (0..count).map(|at| format!("arn:aws:s3:::bucket-{at:04}/*")).collect();
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources}]})
    };
    let inline = |count| json!([{"PolicyName": "p", "PolicyDocument": document(count)}]);
    // The sizes of the documents as compact JSON, taken with another program.
    combination(&[("RoleEnhancer/Policies", inline(349))], &[]);
    combination(
        &[("RoleEnhancer/Policies", inline(350))],
        &["RoleEnhancer: `Policies` have at least 10244 characters together, at most 10240 are allowed"],
    );
    combination(
        &[("Managed/PolicyDocument", document(209))],
        &["Managed: `PolicyDocument` has at least 6155 characters, at most 6144 are allowed"],
    );
}

#[test]
fn state_machines() {
    combination(
        &[("Flow/DefinitionString", json!("{}"))],
        &["Flow: exactly one of `Definition`, `DefinitionString`, `DefinitionS3Location` is needed, there are 2"],
    );
    combination(
        &[("Flow/DefinitionSubstitutions/Unused", json!("x"))],
        &["Flow: `DefinitionSubstitutions.Unused` is not used in `Definition`"],
    );
    combination(
        &[("Flow/Definition/States/enhance/Parameters/FunctionName", json!("${Missing}"))],
        &[
            "Flow: `Definition` holds `${Missing}`, which `DefinitionSubstitutions` does not give",
            "Flow: `DefinitionSubstitutions.FunctionEnhancer` is not used in `Definition`",
        ],
    );
    combination(
        &[("Flow/Definition/Comment", json!({"Ref": "AWS::Region"}))],
        &["Flow: `Definition` holds an intrinsic function, which is not resolved there"],
    );
    combination(
        &[("Flow/LoggingConfiguration/Destinations", Value::Null)],
        &["Flow: `LoggingConfiguration.Destinations` needs exactly one log group"],
    );
}
