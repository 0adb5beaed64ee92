//! The topology as AWS SAM reads it: <https://docs.aws.amazon.com/serverless-application-model/>.

use super::{Step, definition, handlers};
use crate::tree::Tree;
use std::fmt::Write;

/// `template.yaml` with its definition beside it.
pub(super) fn project(steps: &[Step]) -> Tree {
    let mut files = handlers(steps);
    files.insert("template.yaml".to_owned(), template(steps).into_bytes());
    let definition = definition(steps, |step| format!("${{{}}}", step.id()));
    files.insert("flow.asl.json".to_owned(), format!("{definition:#}\n").into_bytes());
    files
}

fn template(steps: &[Step]) -> String {
    let mut out = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nGlobals:\n  \
                   Function:\n    Runtime: python3.11\n    Handler: handler.handler\n    Timeout: 10\nResources:\n  \
                   Api:\n    Type: AWS::Serverless::HttpApi\n"
        .to_owned();
    // Writing to a String cannot fail.
    for step in steps {
        let (id, name, path) = (step.id(), step.name(), step.path());
        let _ = writeln!(
            out,
            "  {id}:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: {name}/\n      Events:\n        \
             Route:\n          Type: HttpApi\n          Properties:\n            ApiId: !Ref Api\n            \
             Method: POST\n            Path: {path}\n        Event:\n          Type: EventBridgeRule\n          \
             Properties:\n            Pattern:\n              detail-type: [{id}]"
        );
    }
    out.push_str(
        "  Flow:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      DefinitionUri: flow.asl.json\n",
    );
    out.push_str("      DefinitionSubstitutions:\n");
    for step in steps {
        let _ = writeln!(out, "        {0}: !GetAtt {0}.Arn", step.id());
    }
    out.push_str("      Policies:\n");
    for step in steps {
        let _ = writeln!(out, "        - LambdaInvokePolicy:\n            FunctionName: !Ref {}", step.id());
    }
    out
}
