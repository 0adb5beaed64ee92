//! A REST API without a method cannot be deployed, and CloudFormation makes resources side by side: a deployment must
//! wait for the methods. "AWS::ApiGateway::Deployment": a DependsOn on the methods is needed.

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;
use std::collections::BTreeSet;

pub fn check(deployment: &Subject<'_>, faults: &mut Vec<Fault>) {
    // An API outside of this template has its methods already, or gets them from its own.
    let Some(api) = deployment.target("RestApiId") else { return };
    if api.has("Body") || api.has("BodyS3Location") {
        return;
    }
    let methods = api.members("AWS::ApiGateway::Method");
    let waits: BTreeSet<&str> = deployment.resource.depends_on.iter().map(String::as_str).collect();
    for method in methods.iter().filter(|method| !waits.contains(method.id)) {
        let id = method.id;
        faults.push(combination(format!("`DependsOn` does not name the method `{id}`, which would not be deployed")));
    }
    if methods.is_empty() {
        faults.push(combination(format!("`{}` has no method, so it cannot be deployed", api.id)));
    }
}
