//! Faults in single properties: every keyword of the schemas.

use super::assert_found;
use serde_json::{Value, json};

const FUNCTION: &str = "/Resources/FunctionEnhancer/Properties/";

/// Alters a property of the function and expects one finding about it.
#[track_caller]
fn function(property: &str, value: Value, expected: &str) {
    let expected: Vec<String> =
        expected.split_terminator('\n').map(|line| line.replacen(' ', " functions/FunctionEnhancer: ", 1)).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    assert_found(&[(&format!("{FUNCTION}{property}"), value)], &expected);
}

#[track_caller]
fn resource(id: &str, property: &str, value: Value, expected: &str) {
    let pointer = format!("/Resources/{id}/Properties/{property}");
    let expected = expected.replacen(' ', &format!(" functions/{id}: "), 1);
    assert_found(&[(&pointer, value)], &[&expected]);
}

#[test]
fn unknown_properties() {
    function("FileName", json!("x"), "TC0621 `FileName` is not a property of AWS::Lambda::Function");
    function("Code/S3Bukcet", json!("x"), "TC0621 `Code.S3Bukcet` is not a property of AWS::Lambda::Function");
    function(
        "Environment/Variables/X",
        json!("x"),
        "TC0621 `Environment.Variables.X` is not a property of AWS::Lambda::Function",
    );
    function("Arn", json!("x"), "TC0621 `Arn` of AWS::Lambda::Function is set by AWS alone");
}

#[test]
fn missing_properties() {
    function("Role", Value::Null, "TC0622 `Role` is missing");
    function("Role", json!({"Ref": "AWS::NoValue"}), "TC0622 `Role` is missing");
    resource("Rule", "Targets/0/Id", Value::Null, "TC0622 `Targets[0].Id` is missing");
    resource("Schedule", "FlexibleTimeWindow/Mode", Value::Null, "TC0622 `FlexibleTimeWindow.Mode` is missing");
}

#[test]
fn wrong_types() {
    function("MemorySize", json!("128"), "TC0623 `MemorySize` is a text, a whole number is needed");
    function("MemorySize", json!(128.5), "TC0623 `MemorySize` is a number, a whole number is needed");
    function("Description", json!(3), "TC0623 `Description` is a number, a text is needed");
    function("Description", json!(true), "TC0623 `Description` is a boolean, a text is needed");
    function("Layers", json!("x"), "TC0623 `Layers` is a text, a list is needed");
    function("Layers", json!({"Ref": "ArtifactBucket"}), "TC0623 `Layers` is a text, a list is needed");
    function("Layers", json!({"Fn::Sub": "${ArtifactBucket}x"}), "TC0623 `Layers` is a text, a list is needed");
    function("Handler", json!({"Ref": "SubnetIds"}), "TC0623 `Handler` is a list, a text is needed");
    function("Handler", json!({"Fn::Split": [",", "a"]}), "TC0623 `Handler` is a list, a text is needed");
    function("TracingConfig", json!([]), "TC0623 `TracingConfig` is a list, a map is needed");
    function("Tags/0/Value", json!(1), "TC0623 `Tags[0].Value` is a number, a text is needed");
    function("VpcConfig", json!({"SubnetIds": [null]}), "TC0623 `VpcConfig.SubnetIds[0]` is null, a text is needed");
}

#[test]
fn values_out_of_bounds() {
    function("Timeout", json!(0), "TC0624 `Timeout` is 0, at least 1 is allowed");
    resource(
        "RuleDlq",
        "MessageRetentionPeriod",
        json!(1_209_601),
        "TC0624 `MessageRetentionPeriod` is 1209601, at most 1209600 is allowed",
    );
    function("Description", json!("x".repeat(257)), "TC0624 `Description` has 257 characters, at most 256 are allowed");
    function("Tags/0/Key", json!(""), "TC0624 `Tags[0].Key` has 0 characters, at least 1 are needed");
    function(
        "Description",
        json!({"Fn::Sub": format!("{}${{AWS::Region}}", "x".repeat(300))}),
        "TC0624 `Description` has 300 characters, at most 256 are allowed",
    );
    function(
        "Runtime",
        json!("python3.99"),
        "TC0624 `Runtime` is `python3.99`, which is not one of the values allowed",
    );
    function("Architectures", json!([]), "TC0624 `Architectures` has 0 items, at least 1 are needed");
    let groups: Vec<_> = (0..6).map(|at| format!("sg-{at}")).collect();
    function(
        "VpcConfig",
        json!({"SecurityGroupIds": groups}),
        "TC0624 `VpcConfig.SecurityGroupIds` has 6 items, at most 5 are allowed",
    );
    let arn = json!("arn:aws:lambda:us-east-1:123456789012:layer:x:1");
    function("Layers", json!([arn, arn]), "TC0624 `Layers[1]` repeats an item before it");
}

#[test]
fn patterns() {
    function("Handler", json!("a b"), "TC0624 `Handler` is `a b`, which does not match `^[^\\s]+$`");
    resource(
        "FunctionTransformer",
        "FileSystemConfigs/0/LocalMountPath",
        json!("/mnt/assets/etl"),
        "TC0624 `FileSystemConfigs[0].LocalMountPath` is `/mnt/assets/etl`, which does not match `^/mnt/[a-zA-Z0-9-_.]+$`",
    );
    resource(
        "Ap",
        "RootDirectory/Path",
        json!("/.hidden"),
        "TC0624 `RootDirectory.Path` is `/.hidden`, which does not match `^(\\/|(\\/[^\\.$#<>;`|&?{}^*/\\n][^$#<>;`|&?{}^*/\\n]*){1,4})$`",
    );
}

#[test]
fn choices_among_properties() {
    resource("Rule", "EventPattern", Value::Null, "TC0625 one of `EventPattern`, `ScheduleExpression` is needed");
    let statement = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    let statements = json!({"Version": "2012-10-17", "Statement": [statement]});
    let policy = json!({
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "p", "PolicyDocument": statements},
    });
    assert_found(
        &[("/Resources/Policy", policy)],
        &["TC0625 functions/Policy: one of `Users`, `Groups`, `Roles` is needed"],
    );
    let group = |rule: Value| {
        json!({
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupDescription": "x", "VpcId": "vpc-1", "SecurityGroupIngress": [rule]},
        })
    };
    let fault = "TC0625 functions/Group: `SecurityGroupIngress[0]`: exactly one of `CidrIp`, `CidrIpv6`, `SourcePrefixListId`, \
                 `SourceSecurityGroupId`, `SourceSecurityGroupName` is needed, there are";
    let rule = json!({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1});
    assert_found(&[("/Resources/Group", group(rule))], &[&format!("{fault} 0")]);
    let rule = json!({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIp": "10.0.0.0/8", "CidrIpv6": "::/0"});
    assert_found(&[("/Resources/Group", group(rule))], &[&format!("{fault} 2")]);
    let mut group = group(json!({"IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}));
    group["Properties"].as_object_mut().unwrap().shift_remove("VpcId");
    group["Properties"]["SecurityGroupEgress"] = json!([{"IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}]);
    assert_found(&[("/Resources/Group", group)], &["TC0625 functions/Group: `SecurityGroupEgress` needs `VpcId`"]);
    let weights = json!({"AdditionalVersionWeights": [{"FunctionVersion": "1", "FunctionWeight": 0.5}]});
    let alias = "/Resources/Alias/Properties";
    assert_found(
        &[
            ("/Resources/Fn/Properties/SnapStart", Value::Null),
            (&format!("{alias}/RoutingConfig"), weights),
            (&format!("{alias}/ProvisionedConcurrencyConfig"), json!({"ProvisionedConcurrentExecutions": 1})),
        ],
        &["TC0625 functions/Alias: `ProvisionedConcurrencyConfig` and `RoutingConfig` exclude each other"],
    );
}

/// What stands for a value of unknown text is taken for any text, and what stands for a list for any list.
#[test]
fn intrinsic_functions_are_taken_for_their_kind() {
    let sound = [
        json!({"Ref": "ArtifactBucket"}),
        json!({"Fn::Sub": "x${ArtifactBucket}"}),
        json!({"Fn::Join": ["", ["x", {"Ref": "AWS::Region"}]]}),
        json!({"Fn::Select": [0, {"Ref": "SubnetIds"}]}),
        json!({"Fn::GetAtt": ["RuleDlq", "QueueName"]}),
    ];
    for value in sound {
        assert_found(&[("/Resources/FunctionEnhancer/Properties/Description", value)], &[]);
    }
    for value in
        [json!({"Ref": "SubnetIds"}), json!({"Fn::Split": [",", {"Ref": "ArtifactBucket"}]}), json!(["subnet-1"])]
    {
        assert_found(&[("/Resources/FunctionTransformer/Properties/VpcConfig/SubnetIds", value)], &[]);
    }
}

#[test]
fn a_type_without_facts_is_told() {
    let bucket = json!({"Type": "AWS::Lambda::Funktion", "Properties": {}});
    let expected = "TC0620 functions/X: `AWS::Lambda::Funktion` is a type without facts in schema/cfn";
    assert_found(&[("/Resources/X", bucket)], &[expected]);
}
