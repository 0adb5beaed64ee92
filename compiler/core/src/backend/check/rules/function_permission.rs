//! Who may invoke a function, and for which source.
//! "Lambda Developer Guide, Granting Lambda function access to AWS services": a service's permission should name its
//! source, and for a source whose ARN has no account (S3) the account too, or other accounts' resources could invoke.

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;

/// The service that each type of source invokes as.
const PRINCIPALS: [(&str, &str); 5] = [
    ("AWS::ApiGateway::RestApi", "apigateway.amazonaws.com"),
    ("AWS::ApiGatewayV2::Api", "apigateway.amazonaws.com"),
    ("AWS::Events::Rule", "events.amazonaws.com"),
    ("AWS::S3::Bucket", "s3.amazonaws.com"),
    ("AWS::SNS::Topic", "sns.amazonaws.com"),
];

pub fn check(permission: &Subject<'_>, faults: &mut Vec<Fault>) {
    let Some(principal) = permission.text("Principal") else { return };
    let is_service = principal.ends_with(".amazonaws.com");
    let scoped = ["SourceArn", "SourceAccount", "PrincipalOrgID"].into_iter().any(|name| permission.has(name));
    if is_service && !scoped {
        faults.push(combination(format!("`{principal}` may invoke from any account: `SourceArn` is missing")));
    }
    if principal == "s3.amazonaws.com" && !permission.has("SourceAccount") {
        faults.push(combination("a bucket's ARN has no account: `SourceAccount` is missing"));
    }
    if let Some(source) = permission.target("SourceArn") {
        let expected = PRINCIPALS.into_iter().find(|(kind, _)| source.is(kind)).map(|(_, expected)| expected);
        if let Some(expected) = expected.filter(|expected| is_service && *expected != principal) {
            let id = source.id;
            faults.push(combination(format!("`{id}` invokes as `{expected}`, not as the `Principal` `{principal}`")));
        }
    }
    if permission.has("FunctionUrlAuthType") && permission.text("Action") == Some("lambda:InvokeFunction") {
        faults.push(combination("`FunctionUrlAuthType` needs `Action: lambda:InvokeFunctionUrl`"));
    }
}
