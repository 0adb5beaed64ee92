//! The topology as osls and the Serverless Framework 3 read it. The flow stands under `resources`, since the framework
//! itself has none.

use super::{NAME, Step, flow_resources, handlers};
use crate::tree::Tree;
use std::fmt::Write;

/// `serverless.yml`, with the flow's resources beside it.
pub(super) fn project(steps: &[Step]) -> Tree {
    let mut files = handlers(steps);
    files.insert("serverless.yml".to_owned(), service(steps).into_bytes());
    // The framework's logical id of a function is its name with a capital, and this.
    let flow = flow_resources(steps, |step| format!("{}LambdaFunction", step.id()));
    files.insert("flow.json".to_owned(), format!("{:#}\n", flow).into_bytes());
    files
}

fn service(steps: &[Step]) -> String {
    let mut out = format!(
        "service: {NAME}\nprovider:\n  name: aws\n  runtime: python3.11\n  region: us-east-1\npackage:\n  \
         individually: true\n  patterns: ['!**']\nfunctions:\n"
    );
    // Writing to a String cannot fail.
    for step in steps {
        let (id, name, path) = (step.id(), step.name(), step.path());
        let _ = writeln!(
            out,
            "  {name}:\n    handler: {name}/handler.handler\n    timeout: 10\n    package:\n      \
             patterns: ['{name}/**']\n    events:\n      - httpApi: POST {path}\n      - eventBridge:\n          \
             pattern:\n            detail-type: [{id}]"
        );
    }
    out.push_str("resources: ${file(flow.json)}\n");
    out
}
