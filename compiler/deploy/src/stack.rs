//! Stacks of tc's own: what an environment needs once, whatever is deployed to it.

use crate::connection::Connection;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::{Capability, OnFailure, ResourceStatus, Stack, StackEvent, StackStatus};
use std::collections::BTreeMap;
use std::time::Duration;
use tc_core::backend::json;
use tc_core::backend::template::Template;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;
use tokio::time::{Instant, sleep};

/// How long a stack may take. Those made here take seconds; a sandbox with a network of its own takes half an hour.
const PATIENCE: Duration = Duration::from_secs(3600);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Makes a stack, or waits for the one that somebody else makes. One whose creation failed earlier is made anew.
///
/// # Errors
/// When the stack cannot be made, or is in a state that it cannot leave by itself; the reason is CloudFormation's.
pub(crate) async fn create(connection: &Connection, name: &str, template: &Template) -> Result<(), Box<Diagnostic>> {
    if let Some(id) = begin(connection, name, template).await? {
        return end(connection, name, &id).await;
    }
    let Some(there) = settle(connection, name).await? else {
        return stuck(name, "it was deleted meanwhile");
    };
    match there.stack_status() {
        Some(StackStatus::RollbackComplete | StackStatus::CreateFailed | StackStatus::RollbackFailed) => {
            let deleted = connection.cloudformation.delete_stack().stack_name(name).send().await;
            deleted.map_err(|error| connection.finding("cloudformation:DeleteStack", &error))?;
            settle(connection, there.stack_id().unwrap_or(name)).await?;
            match begin(connection, name, template).await? {
                Some(id) => end(connection, name, &id).await,
                None => stuck(name, "it is made by somebody else again and again"),
            }
        }
        Some(status) if is_good(status) => Ok(()),
        status => stuck(name, &format!("it is in the state {}", status.map_or("unknown", StackStatus::as_str))),
    }
}

/// Makes a stack, or changes it to what its template says now. Nothing is asked for where it is that already.
///
/// # Errors
/// As [`create`]; when the change cannot be made, after which the stack is as it was.
pub(crate) async fn ensure(connection: &Connection, name: &str, template: &Template) -> Result<(), Box<Diagnostic>> {
    let wanted = json::write(&template.to_expr());
    let Some(there) = settle(connection, name).await?.filter(|stack| stack.stack_status().is_some_and(is_good)) else {
        return create(connection, name, template).await;
    };
    if is_same(&body(connection, name).await?, &wanted) {
        return Ok(());
    }
    let id = there.stack_id().unwrap_or(name);
    let request = connection.cloudformation.update_stack().stack_name(id).template_body(wanted);
    match request.capabilities(Capability::CapabilityIam).send().await {
        Ok(_) => {}
        // Somebody else was first, with the same.
        Err(error) if error.message().is_some_and(|words| words.contains("No updates are to be performed")) => {
            return Ok(());
        }
        Err(error) => return Err(connection.finding("cloudformation:UpdateStack", &error)),
    }
    let status = settle(connection, id).await?.and_then(|stack| stack.stack_status);
    match status {
        Some(StackStatus::UpdateComplete) => Ok(()),
        _ => stuck(name, &last_failure(connection, id).await?),
    }
}

/// The outputs of a stack by their names; `None` where there is no stack.
///
/// # Errors
/// When it cannot be looked at.
pub(crate) async fn outputs(
    connection: &Connection,
    name: &str,
) -> Result<Option<BTreeMap<String, String>>, Box<Diagnostic>> {
    let stack = settle(connection, name).await?.filter(|stack| stack.stack_status().is_some_and(is_good));
    Ok(stack.map(|stack| {
        let outputs = stack.outputs.unwrap_or_default().into_iter();
        outputs.filter_map(|output| output.output_key.zip(output.output_value)).collect()
    }))
}

/// The template of a stack, as it was given.
async fn body(connection: &Connection, name: &str) -> Result<String, Box<Diagnostic>> {
    let answer = connection.cloudformation.get_template().stack_name(name).send().await;
    let answer = answer.map_err(|error| connection.finding("cloudformation:GetTemplate", &error))?;
    Ok(answer.template_body.unwrap_or_default())
}

/// Whether two templates say the same.
fn is_same(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    read(one).is_some_and(|one| Some(one) == read(other))
}

/// Asks for a stack: its id, or `None` where one of that name is there.
async fn begin(connection: &Connection, name: &str, template: &Template) -> Result<Option<String>, Box<Diagnostic>> {
    let request = connection
        .cloudformation
        .create_stack()
        .stack_name(name)
        .template_body(json::write(&template.to_expr()))
        .capabilities(Capability::CapabilityIam)
        // What is half made is of no use, and would have to be deleted before the next attempt.
        .on_failure(OnFailure::Delete);
    match request.send().await {
        Ok(made) => Ok(Some(made.stack_id().unwrap_or(name).to_owned())),
        Err(SdkError::ServiceError(error)) if error.err().is_already_exists_exception() => Ok(None),
        Err(error) => Err(connection.finding("cloudformation:CreateStack", &error)),
    }
}

/// Waits for a stack that was asked for.
async fn end(connection: &Connection, name: &str, id: &str) -> Result<(), Box<Diagnostic>> {
    let stack = settle(connection, id).await?;
    match stack.as_ref().and_then(Stack::stack_status) {
        Some(status) if is_good(status) => Ok(()),
        _ => stuck(name, &first_failure(connection, id).await?),
    }
}

/// The stack as it is now; `None` where there is none.
pub(crate) async fn look(connection: &Connection, name_or_id: &str) -> Result<Option<Stack>, Box<Diagnostic>> {
    let answer = connection.cloudformation.describe_stacks().stack_name(name_or_id).send().await;
    match answer {
        Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().next()),
        // CloudFormation has no better name for a stack that is not there.
        Err(error) if error.code() == Some("ValidationError") => Ok(None),
        Err(error) => Err(connection.finding("cloudformation:DescribeStacks", &error)),
    }
}

/// Whether something is under way with a stack. A change set that is under review waits for a person, not for
/// CloudFormation.
pub(crate) fn is_under_way(stack: &Stack) -> bool {
    let status = stack.stack_status();
    status.is_some_and(|status| status.as_str().ends_with("_IN_PROGRESS"))
        && status != Some(&StackStatus::ReviewInProgress)
}

/// The stack once nothing is under way any more; `None` where there is none.
pub(crate) async fn settle(connection: &Connection, name_or_id: &str) -> Result<Option<Stack>, Box<Diagnostic>> {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = FIRST_PAUSE;
    loop {
        let Some(stack) = look(connection, name_or_id).await? else { return Ok(None) };
        if !is_under_way(&stack) {
            return Ok(Some(stack));
        }
        if Instant::now() > deadline {
            let name = stack.stack_name().unwrap_or(name_or_id);
            return stuck(name, "something is still under way after an hour").map(|()| None);
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The first thing that went wrong with a stack, in CloudFormation's words. What is cancelled after it says nothing.
async fn first_failure(connection: &Connection, id: &str) -> Result<String, Box<Diagnostic>> {
    Ok(failure_among(&events(connection, id).await?))
}

/// The first thing that went wrong since the stack was last asked to change.
async fn last_failure(connection: &Connection, id: &str) -> Result<String, Box<Diagnostic>> {
    let events = events(connection, id).await?;
    // The newest comes first.
    let is_begin = |event: &StackEvent| {
        event.physical_resource_id() == event.stack_id()
            && event.resource_status() == Some(&ResourceStatus::UpdateInProgress)
    };
    let since = events.iter().position(is_begin).unwrap_or(events.len());
    Ok(failure_among(events.get(..since).unwrap_or_default()))
}

async fn events(connection: &Connection, id: &str) -> Result<Vec<StackEvent>, Box<Diagnostic>> {
    let events = connection.cloudformation.describe_stack_events().stack_name(id).into_paginator().items().send();
    let events = events.collect::<Result<Vec<_>, _>>().await;
    events.map_err(|error| connection.finding("cloudformation:DescribeStackEvents", &error))
}

fn failure_among(events: &[StackEvent]) -> String {
    // The newest comes first.
    let reasons = events.iter().rev().filter(|event| {
        event.resource_status().is_some_and(|status| status.as_str().ends_with("_FAILED"))
            && event.resource_status_reason().is_some_and(|reason| !reason.starts_with("Resource creation cancelled"))
    });
    let reason = reasons.map(|event| {
        let reason = event.resource_status_reason().unwrap_or_default();
        format!("{}: {reason}", event.logical_resource_id().unwrap_or_default())
    });
    reason.into_iter().next().unwrap_or_else(|| "CloudFormation gives no reason".to_owned())
}

/// Whether a stack is as its template says, and can be changed.
pub(crate) fn is_good(status: &StackStatus) -> bool {
    use StackStatus::{CreateComplete, ImportComplete, UpdateComplete, UpdateRollbackComplete};
    matches!(status, CreateComplete | ImportComplete | UpdateComplete | UpdateRollbackComplete)
}

fn stuck(name: &str, reason: &str) -> Result<(), Box<Diagnostic>> {
    let message = format!("the stack `{name}` cannot be made: {reason}");
    Err(Box::new(Diagnostic::without_place(&codes::STACK_FAILED, message)))
}
