//! What an update changes, told from two templates.

use super::{Action, Difference, Replacement, differences, link};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn template(resources: Value) -> Value {
    json!({ "Resources": resources })
}

fn queue(name: &str) -> Value {
    json!({
        "Type": "AWS::SQS::Queue",
        "Metadata": { "Entity": "queues/jobs" },
        "Properties": { "QueueName": name, "VisibilityTimeout": 30 },
    })
}

fn function(key: &str) -> Value {
    json!({
        "Type": "AWS::Lambda::Function",
        "Metadata": { "Entity": "functions/a" },
        "Properties": { "FunctionName": "a", "Code": { "S3Bucket": "b", "S3Key": key } },
    })
}

fn shown(found: &[Difference]) -> Vec<String> {
    let property = |difference: &Difference| {
        let text = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
        let of = |property: &super::PropertyDifference| {
            format!("{} {} {} {:?}", property.path, text(&property.old), text(&property.new), property.replacement)
        };
        difference.properties.iter().map(of).collect::<Vec<_>>().join("; ")
    };
    let line = |difference: &Difference| {
        let Difference { action, logical_id, replacement, .. } = difference;
        format!("{action:?} {logical_id} {replacement:?}: {}", property(difference))
    };
    found.iter().map(line).collect()
}

#[test]
fn equal_templates_differ_in_nothing() {
    let one = template(json!({ "A": function("x"), "Q": queue("q") }));
    assert_eq!(differences(&one, &one), []);
    assert_eq!(differences(&Value::Null, &Value::Null), []);
}

#[test]
fn a_property_has_its_old_and_new_value() {
    let old = template(json!({ "A": function("x"), "Gone": queue("q") }));
    let new = template(json!({ "Q": queue("r"), "A": function("y") }));
    let found = differences(&old, &new);
    assert_eq!(
        shown(&found),
        ["Add Q Never: ", "Modify A Never: Code.S3Key \"x\" \"y\" Never", "Remove Gone Never: ",]
    );
    assert_eq!(found[1].entity, "functions/a");
    assert_eq!(found[1].loss(), None);
    assert_eq!(found[2].loss().map(|loss| (loss.what, loss.is_data)), Some(("its messages", true)));
}

#[test]
fn what_is_replaced_replaces_what_is_made_with_it() {
    let permission = |queue: &str| {
        json!({
            "Type": "AWS::Lambda::Permission",
            "Properties": { "FunctionName": "a", "SourceArn": { "Fn::GetAtt": [queue, "Arn"] } },
        })
    };
    let policy = json!({
        "Type": "AWS::IAM::Role",
        "Properties": { "Description": { "Fn::Sub": "for ${Q} and ${AWS::Region}" } },
    });
    let make = |name: &str| template(json!({ "Q": queue(name), "P": permission("Q"), "R": policy }));
    let found = differences(&make("q"), &make("r"));
    assert_eq!(
        shown(&found),
        [
            "Modify Q Always: QueueName \"q\" \"r\" Always",
            "Modify P Always: SourceArn {\"Fn::GetAtt\":[\"Q\",\"Arn\"]} {\"Fn::GetAtt\":[\"Q\",\"Arn\"]} Always",
            "Modify R Never: Description {\"Fn::Sub\":\"for ${Q} and ${AWS::Region}\"} \
         {\"Fn::Sub\":\"for ${Q} and ${AWS::Region}\"} Never",
        ]
    );
    // A queue that stays changes nothing of what refers to it.
    let longer = |seconds: u32| {
        let mut one = make("q");
        one["Resources"]["Q"]["Properties"]["VisibilityTimeout"] = seconds.into();
        one
    };
    assert_eq!(shown(&differences(&longer(30), &longer(40))), ["Modify Q Never: VisibilityTimeout 30 40 Never"]);
}

#[test]
fn what_is_kept_is_not_lost() {
    let mut one = queue("q");
    one["DeletionPolicy"] = "RetainExceptOnCreate".into();
    one["UpdateReplacePolicy"] = "Retain".into();
    let mut other = one.clone();
    other["Properties"]["QueueName"] = "r".into();
    let found = differences(&template(json!({ "Q": one, "R": one })), &template(json!({ "Q": other })));
    assert!(found.iter().all(|difference| difference.is_kept && difference.loss().is_none()), "{found:?}");
    assert_eq!(found.iter().map(|difference| difference.action).collect::<Vec<_>>(), [Action::Modify, Action::Remove]);
    assert_eq!(found[0].replacement, Replacement::Always);
}

#[test]
fn items_that_have_names_are_compared_by_them() {
    let rule = |statements: Value| {
        template(json!({ "R": { "Type": "AWS::SQS::QueuePolicy", "Properties": { "Statement": statements } } }))
    };
    let old = rule(json!([{ "Sid": "A", "Action": "x" }, { "Sid": "B", "Action": "y" }]));
    let new = rule(json!([{ "Sid": "C", "Action": "w" }, { "Sid": "B", "Action": "z" }]));
    assert_eq!(
        shown(&differences(&old, &new)),
        ["Modify R Never: Statement[C] - {\"Sid\":\"C\",\"Action\":\"w\"} Never; \
         Statement[B].Action \"y\" \"z\" Never; Statement[A] {\"Sid\":\"A\",\"Action\":\"x\"} - Never",]
    );
    let lists = |items: Value| rule(items);
    assert_eq!(
        shown(&differences(&lists(json!(["a"])), &lists(json!(["b", "c"])))),
        ["Modify R Never: Statement[0] \"a\" \"b\" Never; Statement[1] - \"c\" Never"]
    );
}

#[test]
fn the_values_of_parameters_count() {
    let template = json!({
        "Parameters": { "Layer": { "Type": "String" }, "Stage": { "Type": "String", "Default": "v1" } },
        "Resources": { "A": { "Type": "AWS::Lambda::Function", "Properties": {
            "Layers": { "Fn::Split": [",", { "Ref": "Layer" }] },
            "Description": { "Fn::Sub": "${Stage} in ${AWS::Region}" },
            "Role": { "Ref": "Other" },
            "Handler": { "Fn::Sub": "${Stage}!" },
        } } },
    });
    let with = |layer: &str| link(&template, &BTreeMap::from([("Layer".to_owned(), layer.to_owned())]));
    let properties = &with("l:1,m:1")["Resources"]["A"]["Properties"];
    assert_eq!(
        *properties,
        json!({
            "Layers": ["l:1", "m:1"],
            "Description": { "Fn::Sub": "v1 in ${AWS::Region}" },
            "Role": { "Ref": "Other" },
            "Handler": "v1!",
        })
    );
    let found = differences(&with("l:1,m:1"), &with("l:1,m:2"));
    assert_eq!(shown(&found), ["Modify A Never: Layers[1] \"m:1\" \"m:2\" Never"]);
}

#[test]
fn a_secret_is_not_shown() {
    let token = |digits: &str| format!("ghp_{}", digits.repeat(9));
    let with = |variables: Value| {
        template(json!({ "A": { "Type": "AWS::Lambda::Function", "Properties": {
            "Environment": { "Variables": variables },
        } } }))
    };
    let bare = template(json!({ "A": { "Type": "AWS::Lambda::Function", "Properties": { "Timeout": 3 } } }));
    let (old, new) = (json!({ "T": token("a1B2"), "L": "info" }), json!({ "T": token("c3D4"), "L": "debug" }));
    let found = differences(&with(old.clone()), &with(new));
    assert_eq!(
        shown(&found),
        ["Modify A Never: Environment.Variables.T \"***\" \"***\" Never; \
         Environment.Variables.L \"info\" \"debug\" Never"]
    );
    let found = format!("{:?}", differences(&bare, &with(old)));
    assert!(found.contains("***") && found.contains("info") && !found.contains("a1B2"), "{found}");
}
