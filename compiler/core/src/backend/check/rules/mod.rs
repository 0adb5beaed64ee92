//! What AWS asks across properties and resources and its schemas do not say: one rule a file.

mod event_rule;
mod event_source;
mod function_concurrency;
mod function_environment;
mod function_file_system;
mod function_limits;
mod function_logging;
mod function_package;
mod function_permission;
mod function_snap_start;
mod http_authorizer;
mod http_integration;
mod http_route;
mod policy_document;
mod policy_size;
mod queue;
mod rest_deployment;
mod rest_method;
mod schedule;
mod state_machine;
mod subject;
mod tags;

use super::fault::Fault;
use super::index::{Index, Named};
use subject::Subject;

/// A rule: looks at one resource and pushes what is wrong.
type Rule = fn(&Subject<'_>, &mut Vec<Fault>);

/// The rules for a resource type.
fn rules(kind: &str) -> &'static [Rule] {
    match kind {
        "AWS::ApiGateway::Deployment" => &[rest_deployment::check],
        "AWS::ApiGateway::Method" => &[rest_method::check],
        "AWS::ApiGatewayV2::Authorizer" => &[http_authorizer::check],
        "AWS::ApiGatewayV2::Integration" => &[http_integration::check],
        "AWS::ApiGatewayV2::Route" => &[http_route::check],
        "AWS::Events::Rule" => &[event_rule::check],
        "AWS::IAM::ManagedPolicy" => &[policy_document::identity, policy_size::managed],
        "AWS::IAM::Policy" => &[policy_document::identity],
        "AWS::IAM::Role" => &[policy_document::role, policy_size::inline],
        "AWS::Lambda::Alias" => &[function_concurrency::alias, function_snap_start::provisioned],
        "AWS::Lambda::EventSourceMapping" => &[event_source::check],
        "AWS::Lambda::Function" => &[
            function_package::check,
            function_limits::check,
            function_environment::check,
            function_file_system::check,
            function_logging::check,
            function_snap_start::check,
        ],
        "AWS::Lambda::Permission" => &[function_permission::check],
        "AWS::Lambda::Version" => &[function_concurrency::version, function_snap_start::provisioned],
        "AWS::S3::BucketPolicy" | "AWS::SQS::QueuePolicy" => &[policy_document::resource],
        "AWS::SQS::Queue" => &[queue::check],
        "AWS::Scheduler::Schedule" => &[schedule::check],
        "AWS::StepFunctions::StateMachine" => &[state_machine::check],
        _ => &[],
    }
}

/// Checks a resource by the rules for its type, and those for all.
pub fn check<'a>(named: Named<'a>, index: &'a Index<'a>, faults: &mut Vec<Fault>) {
    let subject = Subject::new(named, index);
    for rule in rules(named.resource.resource_type) {
        rule(&subject, faults);
    }
    tags::check(&subject, faults);
}
