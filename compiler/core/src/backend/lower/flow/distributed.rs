//! Distributed Map states: they start executions of the state machine itself, and read and write S3.
//!
//! "Step Functions Developer Guide, IAM policies for using Distributed Map states".

use super::integration::{Arguments, Parameter, bucket_arn};
use super::task::{Needs, Unknown};
use crate::backend::lower::iam::{Grant, from_sub};
use crate::object;
use crate::source::Node;

/// Adds what a Map state needs: nothing unless it is distributed. `machine` is the state machine's name; a reference from
/// its role would be a cycle.
pub(super) fn needs(name: &str, state: &Node, machine: &str, needs: &mut Needs) {
    let mode = state.get("ItemProcessor").and_then(|inner| inner.get("ProcessorConfig")?.get("Mode"));
    if mode.and_then(Node::as_str) != Some("DISTRIBUTED") {
        return;
    }
    let own = |kind: &str, rest: &str| {
        from_sub(format!("arn:${{AWS::Partition}}:states:${{AWS::Region}}:${{AWS::AccountId}}:{kind}:{machine}{rest}"))
    };
    needs.grants.push(Grant::new("StartMapRuns", &["states:StartExecution"], vec![own("stateMachine", "")]));
    needs.grants.push(Grant::new(
        "FollowMapRuns",
        &["states:DescribeExecution", "states:RedriveExecution", "states:StopExecution"],
        vec![own("execution", ":*"), own("execution", "/*")],
    ));
    if let Some(reader) = state.get("ItemReader") {
        read(name, reader, needs);
    }
    if let Some(writer) = state.get("ResultWriter") {
        write(name, writer, needs);
    }
}

fn read(name: &str, reader: &Node, needs: &mut Needs) {
    let Some(resource) = reader.get("Resource") else { return };
    let called = resource.as_str().unwrap_or_default();
    let arguments = Arguments(reader);
    let mut unknown = |action: &str| {
        needs.unknown.push(Unknown { action: action.to_owned(), state: name.to_owned(), span: resource.span })
    };
    if called.ends_with(":s3:listObjectsV2") {
        let (bucket, prefix) = (arguments.get("Bucket"), arguments.get("Prefix"));
        let Parameter::Literal(bucket) = bucket else { return unknown("s3:ListBucket") };
        let mut grant = Grant::new("ListItems", &["s3:ListBucket"], vec![from_sub(bucket_arn(&bucket, ""))]);
        match prefix {
            Parameter::Literal(prefix) => {
                let like = object! { "s3:prefix": from_sub(format!("{prefix}*")) };
                grant = grant.when(object! { "StringLike": like });
            }
            Parameter::Absent => {}
            Parameter::Dynamic => return unknown("s3:ListBucket"),
        }
        needs.grants.push(grant);
    } else if called.ends_with(":s3:getObject") {
        let (Parameter::Literal(bucket), Parameter::Literal(key)) = (arguments.get("Bucket"), arguments.get("Key"))
        else {
            return unknown("s3:GetObject");
        };
        // A manifest names other objects, which are read too.
        let input = reader.get("ReaderConfig").and_then(|config| config.get("InputType")).and_then(Node::as_str);
        if input == Some("MANIFEST") {
            unknown("s3:GetObject");
        }
        let object = from_sub(bucket_arn(&bucket, &format!("/{key}")));
        needs.grants.push(Grant::new("ReadItems", &["s3:GetObject"], vec![object]));
    }
}

fn write(name: &str, writer: &Node, needs: &mut Needs) {
    let Some(resource) = writer.get("Resource") else { return };
    let arguments = Arguments(writer);
    let below = match arguments.get("Prefix") {
        Parameter::Literal(prefix) => Some(format!("/{}/*", prefix.trim_end_matches('/'))),
        Parameter::Absent => Some("/*".to_owned()),
        Parameter::Dynamic => None,
    };
    match (arguments.get("Bucket"), below) {
        (Parameter::Literal(bucket), Some(below)) => needs.grants.push(Grant::new(
            "WriteResults",
            &["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
            vec![from_sub(bucket_arn(&bucket, &below))],
        )),
        _ => {
            let action = "s3:PutObject".to_owned();
            needs.unknown.push(Unknown { action, state: name.to_owned(), span: resource.span });
        }
    }
}
