//! Sandboxes as they stand in an account: nothing here waits or changes anything.
//!
//! A sandbox of several stacks is its root stack, and is shown as if that had everything: the one template that the others
//! were split from, and the resources of all of them.

use crate::connection::Connection;
use crate::link::Linked;
use crate::nested::{Contents, Templates, by_entity};
use crate::stack::look;
use aws_sdk_cloudformation::types::{Stack, StackStatus};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tc_core::backend::difference::{self, Difference};
use tc_core::backend::stacks::Joined;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tc_core::digest::hexadecimal;

/// The stack of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name: `etl-bob`.
    pub name: String,
    /// Its ARN.
    pub id: String,
    /// CloudFormation's word for its state: `CREATE_COMPLETE`.
    pub status: String,
    /// What it is described as, by which it is known whose it is.
    pub description: String,
    /// When it was last changed, in seconds since the beginning of 1970; when it was made where it never was.
    pub changed: i64,
    /// CloudFormation's word for what it found when it last looked for drift: `IN_SYNC`, `DRIFTED`, `NOT_CHECKED`.
    pub drift: String,
    /// Its outputs by their names.
    pub outputs: BTreeMap<String, String>,
    /// The values of its template's parameters.
    pub parameters: BTreeMap<String, String>,
}

impl Standing {
    /// Whether it has resources, rather than to wait for its first change set to be executed.
    pub fn is_made(&self) -> bool {
        self.status != StackStatus::ReviewInProgress.as_str()
    }
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its logical id: `FunctionEnhancer`.
    pub logical_id: String,
    /// Its type: `AWS::Lambda::Function`.
    pub resource_type: String,
    /// The entity it comes from, as the deployed template says; empty where it does not.
    pub entity: String,
    /// What AWS calls it; empty where it has no name yet.
    pub physical_id: String,
    /// CloudFormation's word for its state.
    pub status: String,
    /// CloudFormation's word for its drift: `IN_SYNC`, `MODIFIED`, `DELETED`, `NOT_CHECKED`.
    pub drift: String,
}

/// The stack of a sandbox as it is now; `None` where there is none.
///
/// # Errors
/// When the stack is not this sandbox's, or cannot be looked at.
pub fn find(connection: &Connection, name: &str, description: &str) -> Result<Option<Standing>, Box<Diagnostic>> {
    let stack = connection.block_on(look(connection, name))?.filter(is_there);
    let Some(stack) = stack else { return Ok(None) };
    let is_empty = stack.stack_status() == Some(&StackStatus::ReviewInProgress);
    match is_empty || stack.description() == Some(description) {
        true => Ok(Some(standing(stack))),
        false => Err(Box::new(foreign(name))),
    }
}

/// The stacks that are described by a text that begins so, in the order of their names.
///
/// # Errors
/// When the stacks cannot be listed.
pub fn all(connection: &Connection, description: &str) -> Result<Vec<Standing>, Box<Diagnostic>> {
    let pages = connection.cloudformation.describe_stacks().into_paginator();
    let stacks = connection.block_on(pages.items().send().collect::<Result<Vec<_>, _>>());
    let stacks = stacks.map_err(|error| connection.finding("cloudformation:DescribeStacks", &error))?;
    let (nested, roots): (Vec<Stack>, Vec<Stack>) =
        stacks.into_iter().filter(is_there).partition(|stack| stack.root_id().is_some());
    let below = |root: &Standing| -> Vec<String> {
        let nested = nested.iter().filter(|stack| stack.root_id() == Some(&root.id));
        nested.map(|stack| drift_of(stack).to_owned()).collect()
    };
    let roots = roots.into_iter().map(standing).filter(|stack| stack.description.starts_with(description));
    let mut found: Vec<Standing> =
        roots.map(|root| Standing { drift: together(&root.drift, &below(&root)), ..root }).collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// What drift is told of stacks together: that one has drifted, or was not looked at.
fn together(root: &str, nested: &[String]) -> String {
    let all = || nested.iter().map(String::as_str).chain([root]);
    let worst = ["DRIFTED", "UNKNOWN", "NOT_CHECKED"].into_iter().find(|word| all().any(|one| one == *word));
    worst.unwrap_or(root).to_owned()
}

/// The resources of a sandbox, in the order of its template where that is tc's, the others behind.
///
/// # Errors
/// When they cannot be listed.
pub fn resources(connection: &Connection, standing: &Standing) -> Result<Vec<Resource>, Box<Diagnostic>> {
    connection.block_on(async {
        let contents = Contents::list(connection, &standing.id).await?;
        let root = template(connection, &standing.id).await?;
        let template = Templates::of(connection, root, &contents).await?.join().template;
        let declared = template.get("Resources").and_then(Value::as_object);
        let places = declared.into_iter().flat_map(|all| all.keys().map(String::as_str)).zip(0..);
        let places: BTreeMap<&str, usize> = places.collect();
        let place = |id: &str| places.get(id).copied().unwrap_or(usize::MAX);
        let resources = contents.resources.into_iter().map(|(_, resource)| {
            let logical_id = resource.logical_resource_id.unwrap_or_default();
            Resource {
                entity: entity_of(&template, &logical_id).unwrap_or_default().to_owned(),
                logical_id,
                resource_type: resource.resource_type.unwrap_or_default(),
                physical_id: resource.physical_resource_id.unwrap_or_default(),
                status: word(resource.resource_status),
                drift: word(resource.drift_information.and_then(|drift| drift.stack_resource_drift_status)),
            }
        });
        let mut resources: Vec<Resource> = resources.collect();
        resources.sort_by_key(|resource| (place(&resource.logical_id), resource.logical_id.clone()));
        if !contents.stacks.is_empty() {
            by_entity(&mut resources, |resource| &resource.entity);
        }
        Ok(resources)
    })
}

/// The template of a stack as it was given, as data; `null` where it is not JSON, as tc gives it.
pub(crate) async fn template(connection: &Connection, id: &str) -> Result<Value, Box<Diagnostic>> {
    let answer = connection.cloudformation.get_template().stack_name(id).send().await;
    let answer = answer.map_err(|error| connection.finding("cloudformation:GetTemplate", &error))?;
    Ok(answer.template_body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default())
}

/// The entity that a resource of a template comes from.
pub(crate) fn entity_of<'t>(template: &'t Value, logical_id: &str) -> Option<&'t str> {
    template.get("Resources")?.get(logical_id)?.pointer("/Metadata/Entity")?.as_str()
}

/// The template of a sandbox as it is deployed, as data, with the stack that each resource is in; `null` where it is not
/// JSON, as tc gives it.
///
/// # Errors
/// When it cannot be read.
pub fn deployed_template(connection: &Connection, standing: &Standing) -> Result<Joined, Box<Diagnostic>> {
    Ok(connection.block_on(Templates::deployed(connection, &standing.id))?.join())
}

/// What a template makes different of a sandbox, without asking CloudFormation for a change set.
///
/// # Errors
/// When the deployed template cannot be read.
pub fn differences(
    connection: &Connection,
    standing: &Standing,
    wanted: &Value,
    imports: &[Linked],
) -> Result<Vec<Difference>, Box<Diagnostic>> {
    let old = connection.block_on(linked(connection, standing))?;
    Ok(against(&old, wanted, imports))
}

/// What a template makes different of one that is linked.
pub(crate) fn against(old: &Value, wanted: &Value, imports: &[Linked]) -> Vec<Difference> {
    let values = imports.iter().map(|linked| (linked.parameter.clone(), linked.value.clone())).collect();
    difference::differences(old, &difference::link(wanted, &values))
}

/// What tells whether a sandbox is still what it was: the SHA-256 of its templates and of the values of its parameters, 64
/// lower-case hexadecimal digits.
///
/// # Errors
/// When the deployed template cannot be read.
pub fn digest(connection: &Connection, standing: &Standing) -> Result<String, Box<Diagnostic>> {
    let Templates { root, nested } = connection.block_on(Templates::deployed(connection, &standing.id))?;
    let state = serde_json::json!([standing.id, root, nested, standing.parameters]);
    Ok(hexadecimal(Sha256::digest(state.to_string())))
}

/// The template of a sandbox with the values of its parameters in their places, to be compared with another.
async fn linked(connection: &Connection, standing: &Standing) -> Result<Value, Box<Diagnostic>> {
    let deployed = Templates::deployed(connection, &standing.id).await?.join();
    Ok(difference::link(&deployed.template, &standing.parameters))
}

pub(crate) fn standing(stack: Stack) -> Standing {
    let drift = drift_of(&stack).to_owned();
    let changed = stack.last_updated_time.or(stack.creation_time);
    let outputs = stack.outputs.unwrap_or_default().into_iter();
    let parameters = stack.parameters.unwrap_or_default().into_iter();
    Standing {
        name: stack.stack_name.unwrap_or_default(),
        id: stack.stack_id.unwrap_or_default(),
        status: word(stack.stack_status),
        description: stack.description.unwrap_or_default(),
        changed: changed.map(|time| time.secs()).unwrap_or_default(),
        drift,
        outputs: outputs.filter_map(|output| output.output_key.zip(output.output_value)).collect(),
        parameters: parameters.filter_map(|one| one.parameter_key.zip(one.parameter_value)).collect(),
    }
}

fn drift_of(stack: &Stack) -> &str {
    let drift = stack.drift_information().and_then(|drift| drift.stack_drift_status());
    drift.map(AsRef::as_ref).unwrap_or_default()
}

/// A word of CloudFormation's; empty where it says nothing.
fn word<T: AsRef<str>>(word: Option<T>) -> String {
    word.map(|word| word.as_ref().to_owned()).unwrap_or_default()
}

fn is_there(stack: &Stack) -> bool {
    stack.stack_status() != Some(&StackStatus::DeleteComplete)
}

/// That a stack of this name is that of something else.
pub(crate) fn foreign(name: &str) -> Diagnostic {
    let message = format!("the stack `{name}` was not made from this topology and sandbox");
    Diagnostic::without_place(&codes::FOREIGN_STACK, message).help("choose another sandbox; nothing was done")
}
