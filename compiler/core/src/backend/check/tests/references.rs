//! Faults in references: names, attributes, what they give, cycles.

use super::{altered, assert_found, found};
use serde_json::{Value, json};

const ROLE: &str = "/Resources/FunctionEnhancer/Properties/Role";
const DESCRIPTION: &str = "/Resources/FunctionEnhancer/Properties/Description";

#[test]
fn names_that_do_not_exist() {
    for value in [
        json!({"Ref": "Nowhere"}),
        json!({"Fn::Sub": "x${Nowhere}"}),
        json!({"Fn::Join": ["", [{"Ref": "Nowhere"}, "x"]]}),
    ] {
        let expected = "TC0626 functions/FunctionEnhancer: `Description` refers to `Nowhere`, which is neither a resource nor a parameter";
        assert_found(&[(DESCRIPTION, value)], &[expected]);
    }
    for value in [json!({"Fn::GetAtt": ["Nowhere", "Arn"]}), json!({"Fn::Sub": "${Nowhere.Arn}"})] {
        let expected =
            "TC0626 functions/FunctionEnhancer: `Description` reads `Arn` of `Nowhere`, which is no resource";
        assert_found(&[(DESCRIPTION, value)], &[expected]);
    }
    assert_found(
        &[("/Resources/Stage/DependsOn", json!(["Nowhere"]))],
        &["TC0626 functions/Stage: `DependsOn` names `Nowhere`, which is no resource"],
    );
    assert_found(
        &[("/Outputs/Endpoint/Value", json!({"Ref": "Nowhere"}))],
        &["TC0626 `Outputs.Endpoint` refers to `Nowhere`, which is neither a resource nor a parameter"],
    );
}

#[test]
fn a_parameter_has_no_attributes() {
    assert_found(
        &[(DESCRIPTION, json!({"Fn::GetAtt": ["ArtifactBucket", "Arn"]}))],
        &["TC0626 functions/FunctionEnhancer: `Description` reads `Arn` of `ArtifactBucket`, which is no resource"],
    );
}

#[test]
fn attributes_that_are_not_given() {
    assert_found(
        &[(DESCRIPTION, json!({"Fn::GetAtt": ["RuleDlq", "Url"]}))],
        &[
            "TC0627 functions/FunctionEnhancer: `Description` reads `Url` of `RuleDlq`, which AWS::SQS::Queue does not give",
        ],
    );
    assert_found(
        &[(
            "/Resources/PermissionApi/Properties/FunctionName",
            json!({"Fn::GetAtt": ["FunctionEnhancer", "FunctionName"]}),
        )],
        &[
            "TC0627 functions/PermissionApi: `FunctionName` reads `FunctionName` of `FunctionEnhancer`, which AWS::Lambda::Function does not give",
        ],
    );
    // The queue's name and address can be read though they can be written too.
    assert_found(&[(DESCRIPTION, json!({"Fn::GetAtt": ["RuleDlq", "QueueName"]}))], &[]);
}

#[test]
fn the_wrong_attribute() {
    let role = "TC0628 functions/FunctionEnhancer: `Role` is given the";
    assert_found(
        &[(ROLE, json!({"Ref": "RoleEnhancer"}))],
        &[&format!("{role} `RoleName` of `RoleEnhancer`, its `ARN` is needed")],
    );
    assert_found(
        &[(ROLE, json!({"Fn::GetAtt": ["RoleEnhancer", "RoleId"]}))],
        &[&format!("{role} `RoleId` of `RoleEnhancer`, its `ARN` is needed")],
    );
    // By the property's name: the schema of a rule's target has no pattern.
    assert_found(
        &[("/Resources/Rule/Properties/Targets/0/Arn", json!({"Ref": "FunctionEnhancer"}))],
        &[
            "TC0628 functions/Rule: `Targets[0].Arn` is given the `FunctionName` of `FunctionEnhancer`, its `ARN` is needed",
        ],
    );
    // `Ref` of a rule is its name, of a state machine its ARN.
    assert_found(
        &[("/Resources/PermissionRule/Properties/SourceArn", json!({"Ref": "Rule"}))],
        &["TC0628 functions/PermissionRule: `SourceArn` is given the `Name` of `Rule`, its `ARN` is needed"],
    );
    assert_found(&[("/Resources/FlowRule/Properties/Targets/0/Arn", json!({"Fn::GetAtt": ["FastFlow", "Arn"]}))], &[]);
    // By the format, of a resource of the very type that belongs here.
    assert_found(
        &[
            ("/Resources/Mt/Properties/SecurityGroups/0", json!({"Fn::GetAtt": ["Group", "VpcId"]})),
            ("/Resources/Group", group()),
        ],
        &["TC0628 functions/Mt: `SecurityGroups[0]` is given the `VpcId` of `Group`, its `Id` is needed"],
    );
    for right in ["Id", "GroupId"] {
        let value = json!({"Fn::GetAtt": ["Group", right]});
        assert_found(&[("/Resources/Mt/Properties/SecurityGroups/0", value), ("/Resources/Group", group())], &[]);
    }
}

fn group() -> Value {
    json!({"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "x", "VpcId": "vpc-1"}})
}

/// A name that is set in the template is checked where it is referred to.
#[test]
fn a_known_name_is_checked_where_it_goes() {
    assert_found(&[("/Resources/Stage/Properties/StageVariables", json!({"a b": {"Ref": "LogsEnhancer"}}))], &[]);
    assert_found(
        &[("/Resources/Alias/Properties/Name", json!({"Ref": "LogsEnhancer"}))],
        &[
            "TC0624 functions/Alias: `Name` is `/aws/lambda/etl_enhancer_bob`, which does not match `^[a-zA-Z0-9-_]*[a-zA-Z-_][a-zA-Z0-9-_]*$`",
        ],
    );
}

#[test]
fn a_parameter_nobody_uses() {
    let parameter = json!({"Type": "String", "Description": "x"});
    let mut json = altered(&[("/Parameters/Extra", parameter)]);
    assert_eq!(found(&json), ["TC0630 nothing refers to the parameter `Extra`"]);
    json["Outputs"]["Extra"] = json!({"Value": {"Fn::Sub": "x-${Extra}"}});
    assert_eq!(found(&json), Vec::<String>::new());
}

#[test]
fn cycles_are_told_with_their_way() {
    assert_found(
        &[(DESCRIPTION, json!({"Fn::GetAtt": ["FunctionEnhancer", "Arn"]}))],
        &["TC0629 functions/FunctionEnhancer: its resource needs itself: `FunctionEnhancer` -> `FunctionEnhancer`"],
    );
    assert_found(
        &[("/Resources/RoleEnhancer/Properties/Description", json!({"Ref": "FunctionEnhancer"}))],
        &[
            "TC0629 functions/FunctionEnhancer: its resource needs itself: `FunctionEnhancer` -> `RoleEnhancer` -> `FunctionEnhancer`",
        ],
    );
    assert_found(
        &[("/Resources/Api/DependsOn", json!("Stage"))],
        &["TC0629 functions/Api: its resource needs itself: `Api` -> `Stage` -> `Api`"],
    );
    assert_found(&[("/Resources/Api/DependsOn", json!("Api"))], &["TC0629 functions/Api: it depends on itself"]);
}

/// The walk keeps its own stack.
#[test]
fn a_long_chain_is_no_cycle_and_does_not_exhaust_the_stack() {
    const LENGTH: usize = 20_000;
    let chain = |closed: bool| {
        let resources = (0..LENGTH).map(|at| {
            let next = if at + 1 < LENGTH { Some(at + 1) } else { closed.then_some(0) };
            let depends: Vec<String> = next.iter().map(|next| format!("Logs{next}")).collect();
            (format!("Logs{at}"), json!({"Type": "AWS::Logs::LogGroup", "DependsOn": depends, "Properties": {}}))
        });
        json!({"Resources": resources.collect::<serde_json::Map<String, Value>>()})
    };
    assert_eq!(found(&chain(false)), Vec::<String>::new());
    let findings = found(&chain(true));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].matches("->").count(), LENGTH);
}
