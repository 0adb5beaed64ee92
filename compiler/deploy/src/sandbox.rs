//! Sandboxes as they stand in an account, to be looked at: nothing here waits or changes anything.

use crate::connection::Connection;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::{Stack, StackStatus};
use std::collections::BTreeMap;
use tc_core::diagnostic::Diagnostic;

/// The stack of a sandbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Sandbox {
    /// Its name: `etl-bob`.
    pub stack: String,
    /// CloudFormation's word for its state: `CREATE_COMPLETE`.
    pub status: String,
    /// What the stack is described as.
    pub description: String,
    /// When it was last changed, in seconds since the beginning of 1970; when it was made where it never was.
    pub changed: i64,
    /// CloudFormation's word for what it found when it last looked for drift: `IN_SYNC`, `DRIFTED`, `NOT_CHECKED`.
    pub drift: String,
    /// Its outputs by their names.
    pub outputs: BTreeMap<String, String>,
}

impl Sandbox {
    /// Whether its stack is described as this, or has nothing yet that could be described.
    pub fn is_of(&self, description: &str) -> bool {
        self.description == description || self.status == StackStatus::ReviewInProgress.as_str()
    }
}

/// A resource of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its logical id: `FunctionEnhancer`.
    pub logical_id: String,
    /// Its type: `AWS::Lambda::Function`.
    pub resource_type: String,
    /// What AWS calls it; empty where it has none yet.
    pub physical_id: String,
    /// CloudFormation's word for its state.
    pub status: String,
    /// CloudFormation's word for its drift: `IN_SYNC`, `MODIFIED`, `DELETED`, `NOT_CHECKED`.
    pub drift: String,
}

/// The sandbox of a stack's name; `None` where there is none.
///
/// # Errors
/// When it cannot be looked at.
pub fn find(connection: &Connection, stack: &str) -> Result<Option<Sandbox>, Box<Diagnostic>> {
    let answer = connection.block_on(connection.cloudformation.describe_stacks().stack_name(stack).send());
    match answer {
        Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().find(is_there).map(sandbox)),
        // CloudFormation has no better name for a stack that is not there.
        Err(error) if error.code() == Some("ValidationError") => Ok(None),
        Err(error) => Err(connection.finding("cloudformation:DescribeStacks", &error)),
    }
}

/// The sandboxes whose stacks are described by a text that begins so, in the order of their names.
///
/// # Errors
/// When the stacks cannot be listed.
pub fn all(connection: &Connection, description: &str) -> Result<Vec<Sandbox>, Box<Diagnostic>> {
    let pages = connection.cloudformation.describe_stacks().into_paginator();
    let stacks = connection.block_on(pages.items().send().collect::<Result<Vec<_>, _>>());
    let stacks = stacks.map_err(|error| connection.finding("cloudformation:DescribeStacks", &error))?;
    let stacks = stacks.into_iter().filter(is_there).map(sandbox);
    let mut sandboxes: Vec<Sandbox> = stacks.filter(|sandbox| sandbox.description.starts_with(description)).collect();
    sandboxes.sort_by(|one, other| one.stack.cmp(&other.stack));
    Ok(sandboxes)
}

/// The resources of a sandbox, in the order of their logical ids.
///
/// # Errors
/// When they cannot be listed.
pub fn resources(connection: &Connection, stack: &str) -> Result<Vec<Resource>, Box<Diagnostic>> {
    let pages = connection.cloudformation.list_stack_resources().stack_name(stack).into_paginator();
    let listed = connection.block_on(pages.items().send().collect::<Result<Vec<_>, _>>());
    let listed = listed.map_err(|error| connection.finding("cloudformation:ListStackResources", &error))?;
    let resources = listed.into_iter().map(|resource| Resource {
        logical_id: resource.logical_resource_id.unwrap_or_default(),
        drift: word(resource.drift_information.and_then(|drift| drift.stack_resource_drift_status)),
        resource_type: resource.resource_type.unwrap_or_default(),
        physical_id: resource.physical_resource_id.unwrap_or_default(),
        status: word(resource.resource_status),
    });
    let mut resources: Vec<Resource> = resources.filter(|resource| resource.status != "DELETE_COMPLETE").collect();
    resources.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
    Ok(resources)
}

/// A word of CloudFormation's; empty where it says nothing.
fn word<T: AsRef<str>>(word: Option<T>) -> String {
    word.map(|word| word.as_ref().to_owned()).unwrap_or_default()
}

fn is_there(stack: &Stack) -> bool {
    stack.stack_status() != Some(&StackStatus::DeleteComplete)
}

fn sandbox(stack: Stack) -> Sandbox {
    let changed = stack.last_updated_time.or(stack.creation_time);
    let outputs = stack.outputs.unwrap_or_default().into_iter();
    Sandbox {
        stack: stack.stack_name.unwrap_or_default(),
        status: word(stack.stack_status),
        drift: word(stack.drift_information.and_then(|drift| drift.stack_drift_status)),
        description: stack.description.unwrap_or_default(),
        changed: changed.map(|time| time.secs()).unwrap_or_default(),
        outputs: outputs.filter_map(|output| output.output_key.zip(output.output_value)).collect(),
    }
}
