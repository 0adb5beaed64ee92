//! What a Task runs: the forms of its `Resource`.
//!
//! Developer guide, "Task workflow state" and "Integrating services with Step Functions". AWS: `Value is not a valid
//! resource ARN`, `The resource provided … is not recognized`.

use super::integration::{self, Pattern};
use super::text::inside;
use super::walk::{At, Walk};
use crate::diagnostic::{Diagnostic, codes::flow};
use crate::source::Node;

/// A resource as its ARN says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource<'t> {
    /// `arn:…:lambda:…:function:NAME`.
    Function,
    /// `arn:…:states:…:activity:NAME`.
    Activity,
    /// `arn:…:states:::SERVICE:ACTION` with a pattern.
    Integration { service: &'t str, action: &'t str, pattern: Pattern<'t> },
    /// An ARN of another service.
    Other { service: &'t str },
}

/// What is wrong with a resource: the bytes, what, and what to do.
type Wrong = ((usize, usize), String, String);

/// Reads an ARN.
pub(super) fn parse(text: &str) -> Result<Resource<'_>, Wrong> {
    let whole = (0, text.len());
    if !text.starts_with("arn:") {
        return Err((whole, format!("`{text}` is no ARN"), not_an_arn(text)));
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [_, partition, service, region, account, resource] = parts.as_slice() else {
        let help = "an ARN is `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`".to_owned();
        return Err((whole, "this ARN is incomplete".to_owned(), help));
    };
    let is_partition = |name: &str| name == "aws" || name.starts_with("aws-");
    if !is_partition(partition) {
        return Err((
            (4, 4 + partition.len()),
            format!("there is no partition `{partition}`"),
            "write `aws`".to_owned(),
        ));
    }
    let from = text.len() - resource.len();
    let tail = (from, text.len());
    match *service {
        "lambda" => function(resource).map(|()| Resource::Function).map_err(|(message, help)| (tail, message, help)),
        "states" if resource.starts_with("activity:") => Ok(Resource::Activity),
        "states" if region.is_empty() && account.is_empty() => integration(resource, tail),
        "states" if resource.starts_with("stateMachine:") || resource.starts_with("express:") => {
            let help =
                "start it with `arn:aws:states:::states:startExecution` and the ARN as `StateMachineArn`".to_owned();
            Err((whole, "a Task does not run a state machine by its own ARN".to_owned(), help))
        }
        "" => Err((
            whole,
            "this ARN names no service".to_owned(),
            "write `arn:aws:lambda:…` or `arn:aws:states:::…`".to_owned(),
        )),
        service if resource.is_empty() => {
            Err((whole, format!("this ARN of `{service}` names nothing"), "name the resource at its end".to_owned()))
        }
        service => Ok(Resource::Other { service }),
    }
}

fn not_an_arn(text: &str) -> String {
    match text.split_once(':') {
        Some((service, action)) if integration::is_service(service) => {
            format!("did you mean `arn:aws:states:::{service}:{action}`?")
        }
        _ => "write `arn:aws:states:::lambda:invoke` with `FunctionName` for a function".to_owned(),
    }
}

/// `function:NAME` or `function:NAME:QUALIFIER`.
fn function(resource: &str) -> Result<(), (String, String)> {
    let form = || "a function is `function:NAME` or `function:NAME:ALIAS`".to_owned();
    let Some(rest) = resource.strip_prefix("function:") else {
        return Err((format!("`{resource}` is no function"), form()));
    };
    let (name, qualifier) = rest.split_once(':').map_or((rest, None), |(name, qualifier)| (name, Some(qualifier)));
    let named =
        |text: &str| !text.is_empty() && text.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_.".contains(sign));
    if !named(name) {
        return Err((format!("`{name}` is no name of a function"), form()));
    }
    match qualifier {
        None => Ok(()),
        Some("") => Err(("the alias is missing after the colon".to_owned(), "name it, or remove the colon".to_owned())),
        Some("$LATEST" | "$LATEST.PUBLISHED") => Ok(()),
        Some(qualifier) if named(qualifier) && !qualifier.contains('.') => Ok(()),
        Some(qualifier) => {
            let help = "an alias or version has letters, digits, `-` and `_`, or is `$LATEST`".to_owned();
            Err((format!("`{qualifier}` is no alias or version of a function"), help))
        }
    }
}

fn integration(resource: &str, tail: (usize, usize)) -> Result<Resource<'_>, Wrong> {
    let form = || "an integration is `arn:aws:states:::SERVICE:ACTION`".to_owned();
    let Some((service, rest)) = resource.split_once(':') else {
        return Err((tail, "the action of this integration is missing".to_owned(), form()));
    };
    let (action, suffix) = rest.split_once('.').map_or((rest, None), |(action, suffix)| (action, Some(suffix)));
    if service.is_empty() || action.is_empty() {
        return Err((tail, "the action of this integration is missing".to_owned(), form()));
    }
    let pattern = Pattern::of(suffix);
    integration::check(service, action, pattern).map_err(|(message, help)| (tail, message, help))?;
    Ok(Resource::Integration { service, action, pattern })
}

impl<'m, 'a> Walk<'m, 'a> {
    pub(super) fn resource(&mut self, at: At<'m, 'a>, node: &Node) {
        let Some(text) = node.as_str() else {
            // With a symbol in it, the ARN is not known before the deployment.
            if node.as_text().is_none() {
                self.wrong(at, "Resource", node, "an ARN");
            }
            return;
        };
        if text.contains("${") && text.contains('}') {
            let message = format!("nothing is substituted for `{text}`, and it is no ARN as it stands");
            let finding = Diagnostic::new(&flow::RESOURCE, node.span, message);
            self.report(finding.help("name the function: `{{namespace}}_NAME_{{sandbox}}`"));
            return;
        }
        match parse(text) {
            Err((place, message, help)) => {
                let finding = Diagnostic::new(&flow::RESOURCE, inside(node, text, place), message);
                self.report(finding.help(help));
            }
            Ok(Resource::Integration { service, action, .. }) => {
                if let Some((message, help)) = integration::unknown(service, action) {
                    let finding = Diagnostic::new(&flow::UNKNOWN_INTEGRATION, node.span, message);
                    self.report(finding.help_opt(help));
                }
            }
            Ok(Resource::Other { service }) if service != "states" && integration::is_service(service) => {
                let message = format!("a Task does not run a resource of `{service}` by its ARN");
                let finding = Diagnostic::new(&flow::UNKNOWN_INTEGRATION, node.span, message);
                self.report(finding.help(format!("call it: `arn:aws:states:::{}`", integration::example(service))));
            }
            Ok(Resource::Function | Resource::Activity | Resource::Other { .. }) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, passes};

    fn flow(resource: &str) -> String {
        format!("StartAt: t\nStates:\n  t: {{Type: Task, End: true, Resource: '{resource}'}}\n")
    }

    #[test]
    fn forms_of_a_resource() {
        for resource in [
            "arn:aws:lambda:us-east-1:123456789012:function:f",
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:f:$LATEST",
            "arn:aws:lambda:us-east-1:123456789012:function:f_1-x:AZaz12-_",
            "arn:aws:lambda:::function:f",
            "arn:aws:states:us-east-1:123456789012:activity:hello-world",
            "arn:aws:states:us-east-1:123456789012:task:X",
            "arn:aws:swf:us-east-1:123456789012:task:X",
            "arn:aws:states:::glue:startJobRun.sync",
            "arn:aws:states:::aws-sdk:s3:listBuckets",
            "arn:aws:states:::aws-sdk:sqs:receiveMessage.waitForTaskToken",
            "arn:aws:states:::http:invoke",
        ] {
            let text = flow(resource);
            let found = check(&text);
            // What the call hands on is another rule's.
            let others = found.iter().filter(|finding| !finding.contains("TC0205") && !finding.contains("TC0231"));
            assert_eq!(others.count(), 0, "{resource}: {found:?}");
        }
        passes("StartAt: t\nStates:\n  t: {Type: Task, End: true, Resource: {'Fn::GetAtt': [F, Arn]}}\n");
    }

    #[test]
    fn what_a_task_cannot_run() {
        for (resource, wanted) in [
            (
                "enhancer",
                "TC0220 `enhancer` is no ARN @enhancer; write `arn:aws:states:::lambda:invoke` with `FunctionName` for a function",
            ),
            (
                "lambda:invoke",
                "TC0220 `lambda:invoke` is no ARN @lambda:invoke; did you mean `arn:aws:states:::lambda:invoke`?",
            ),
            (
                "arn:aws:lambda",
                "TC0220 this ARN is incomplete @arn:aws:lambda; an ARN is `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`",
            ),
            ("arn:asw:lambda:r:1:function:f", "TC0220 there is no partition `asw` @asw; write `aws`"),
            (
                "arn:aws:lambda:r:1:layer:f",
                "TC0220 `layer:f` is no function @layer:f; a function is `function:NAME` or `function:NAME:ALIAS`",
            ),
            (
                "arn:aws:lambda:r:1:function:f:",
                "TC0220 the alias is missing after the colon @function:f:; name it, or remove the colon",
            ),
            (
                "arn:aws:lambda:r:1:function:f:$*#$7485",
                "TC0220 `$*#$7485` is no alias or version of a function @function:f:$*#$7485; an alias or version has letters, \
                 digits, `-` and `_`, or is `$LATEST`",
            ),
            (
                "arn:aws:states:::lambda",
                "TC0220 the action of this integration is missing @lambda; an integration is `arn:aws:states:::SERVICE:ACTION`",
            ),
            (
                "arn:aws:states:r:1:stateMachine:m",
                "TC0220 a Task does not run a state machine by its own ARN @arn:aws:states:r:1:stateMachine:m; start it with \
                 `arn:aws:states:::states:startExecution` and the ARN as `StateMachineArn`",
            ),
            (
                "arn:aws:::1:x",
                "TC0220 this ARN names no service @arn:aws:::1:x; write `arn:aws:lambda:…` or `arn:aws:states:::…`",
            ),
            (
                "arn:aws:sqs:us-east-1:1:queue",
                "TC0224 a Task does not run a resource of `sqs` by its ARN @'arn:aws:sqs:us-east-1:1:queue'; call it: \
                 `arn:aws:states:::sqs:sendMessage`",
            ),
            (
                "${enhancerArn}",
                "TC0220 nothing is substituted for `${enhancerArn}`, and it is no ARN as it stands @'${enhancerArn}'; name the \
                 function: `{{namespace}}_NAME_{{sandbox}}`",
            ),
            (
                "${open",
                "TC0220 `${open` is no ARN @${open; write `arn:aws:states:::lambda:invoke` with `FunctionName` for a function",
            ),
        ] {
            assert_eq!(check(&flow(resource)), [wanted], "{resource}");
        }
        assert_eq!(
            check("StartAt: t\nStates:\n  t: {Type: Task, End: true, Resource: 1}\n"),
            ["TC0206 `Resource` of state `t` is an ARN, not an integer @1"]
        );
    }
}
