//! The stacks that are nested in a stack, as they stand in an account.

use crate::connection::Connection;
use crate::standing::template;
use aws_sdk_cloudformation::types::{ResourceStatus, StackResourceSummary};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use std::collections::BTreeMap;
use tc_core::backend::stacks::{self, Joined};
use tc_core::diagnostic::Diagnostic;

/// The type of the resources that nested stacks are.
pub(crate) const TYPE: &str = "AWS::CloudFormation::Stack";

/// How many stacks are asked for at once.
const AT_ONCE: usize = 4;

/// A stack that is nested in another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nested {
    /// The logical ids of the resources that it is, from the root on: `StackGroup1/StackFunctions3`.
    pub path: String,
    /// Its ARN.
    pub id: String,
}

impl Nested {
    /// Its name, which its ARN has: `arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/ID`.
    pub fn name(&self) -> &str {
        self.id.split('/').nth(1).unwrap_or(&self.id)
    }
}

/// What a stack has, with all that is nested in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contents {
    /// The resources of each stack, by the path of that; of the root, which has none, by an empty one. Nested stacks are
    /// not among them.
    pub resources: Vec<(String, StackResourceSummary)>,
    /// The nested stacks, each behind the one it is nested in.
    pub stacks: Vec<Nested>,
}

impl Contents {
    /// Lists what a stack has.
    pub async fn list(connection: &Connection, id: &str) -> Result<Self, Box<Diagnostic>> {
        let mut contents = Self::default();
        let mut level = vec![Nested { path: String::new(), id: id.to_owned() }];
        while !level.is_empty() {
            let listings = level.iter().map(|stack| list(connection, &stack.id));
            let listings: Vec<_> = stream::iter(listings).buffered(AT_ONCE).try_collect().await?;
            let mut next = Vec::new();
            for (Nested { path, .. }, listed) in level.iter().zip(listings) {
                for resource in listed {
                    match nested(path, &resource) {
                        Some(stack) => next.push(stack),
                        None => contents.resources.push((path.clone(), resource)),
                    }
                }
            }
            contents.stacks.extend_from_slice(&next);
            level = next;
        }
        Ok(contents)
    }

    /// The path of the stack that a resource is in; `None` where there is no such resource.
    pub fn place(&self, logical_id: &str) -> Option<&str> {
        let mut resources = self.resources.iter();
        let found = resources.find(|(_, resource)| resource.logical_resource_id() == Some(logical_id))?;
        Some(&found.0)
    }

    /// The nested stack of a path.
    pub fn stack(&self, path: &str) -> Option<&Nested> {
        self.stacks.iter().find(|stack| stack.path == path)
    }
}

async fn list(connection: &Connection, id: &str) -> Result<Vec<StackResourceSummary>, Box<Diagnostic>> {
    let pages = connection.cloudformation.list_stack_resources().stack_name(id).into_paginator();
    let listed = pages.items().send().collect::<Result<Vec<_>, _>>().await;
    let mut listed = listed.map_err(|error| connection.finding("cloudformation:ListStackResources", &error))?;
    listed.retain(|resource| resource.resource_status() != Some(&ResourceStatus::DeleteComplete));
    Ok(listed)
}

fn nested(path: &str, resource: &StackResourceSummary) -> Option<Nested> {
    let id = resource.physical_resource_id().filter(|id| id.starts_with("arn:"))?;
    let logical_id = resource.logical_resource_id()?;
    (resource.resource_type() == Some(TYPE)).then(|| Nested { path: below(path, logical_id), id: id.to_owned() })
}

/// Brings together what is of one entity, in the order of the entities' first: its resources may be in several stacks.
pub(crate) fn by_entity<T>(all: &mut [T], entity: impl Fn(&T) -> &str) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for one in all.iter() {
        let next = first.len();
        first.entry(entity(one).to_owned()).or_insert(next);
    }
    all.sort_by_key(|one| first.get(entity(one)).copied());
}

/// The path of a stack that is nested in the one of a path.
pub(crate) fn below(path: &str, logical_id: &str) -> String {
    if path.is_empty() { logical_id.to_owned() } else { format!("{path}/{logical_id}") }
}

/// The templates of a stack and of all that are nested in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Templates {
    /// That of the stack itself; `null` where it is not JSON, as tc gives it.
    pub root: Value,
    /// Those of nested stacks by their paths.
    pub nested: BTreeMap<String, Value>,
}

impl Templates {
    /// Those that are deployed.
    pub async fn deployed(connection: &Connection, id: &str) -> Result<Self, Box<Diagnostic>> {
        let root = template(connection, id).await?;
        let contents = match stacks_in(&root).next() {
            Some(_) => Contents::list(connection, id).await?,
            None => Contents::default(),
        };
        Self::of(connection, root, &contents).await
    }

    /// Those of stacks that are known.
    pub async fn of(connection: &Connection, root: Value, contents: &Contents) -> Result<Self, Box<Diagnostic>> {
        let read = |stack: Nested| async move {
            let template = template(connection, &stack.id).await?;
            Ok::<_, Box<Diagnostic>>((stack.path, template))
        };
        let templates = stream::iter(contents.stacks.clone().into_iter().map(read)).buffered(AT_ONCE);
        Ok(Self { root, nested: templates.try_collect().await? })
    }

    /// Those that are to be deployed: the root's, and the texts of the others by the digest that its `TemplateURL` names.
    pub fn wanted(root: &str, texts: &BTreeMap<String, &str>) -> Self {
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let mut templates = Self { root: read(root), nested: BTreeMap::new() };
        let mut level = vec![(String::new(), templates.root.clone())];
        while let Some((path, template)) = level.pop() {
            for (logical_id, digest) in stacks_in(&template) {
                let Some(text) = texts.get(digest) else { continue };
                let path = below(&path, logical_id);
                let nested = read(text);
                level.push((path.clone(), nested.clone()));
                templates.nested.insert(path, nested);
            }
        }
        templates
    }

    /// The one template that they were split from.
    pub fn join(&self) -> Joined {
        stacks::join(&self.root, &self.nested)
    }

    /// The logical ids of what is in a nested stack, and in those nested in that.
    pub fn within<'t>(&'t self, path: &str) -> impl Iterator<Item = &'t str> {
        let below = format!("{path}/");
        let path = path.to_owned();
        let of = self.nested.iter().filter(move |(other, _)| **other == path || other.starts_with(&below));
        of.filter_map(|(_, template)| template.get("Resources")?.as_object())
            .flat_map(|all| all.keys().map(String::as_str))
    }
}

/// The nested stacks that a template has: their logical ids, and the digests that their templates are named by.
fn stacks_in(template: &Value) -> impl Iterator<Item = (&str, &str)> {
    let resources = template.get("Resources").and_then(Value::as_object).into_iter().flatten();
    resources.filter(|(_, resource)| resource.get("Type").and_then(Value::as_str) == Some(TYPE)).map(
        |(id, resource)| {
            let url = resource.pointer("/Properties/TemplateURL");
            let url = url.and_then(|url| url.as_str().or_else(|| url.get("Fn::Sub")?.as_str())).unwrap_or_default();
            let file = url.rsplit('/').next().unwrap_or_default();
            (id.as_str(), file.split('.').next().unwrap_or_default())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stack(digest: &str) -> Value {
        let url = format!("https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/${{ArtifactBucket}}/{digest}.json");
        json!({"Type": TYPE, "Properties": {"TemplateURL": {"Fn::Sub": url}}})
    }

    #[test]
    fn what_is_wanted_is_found_by_its_digest() {
        let root = json!({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "StackGroup1": stack("0a")}}).to_string();
        let group = json!({"Resources": {"StackFunctions1": stack("0b"), "StackFunctions2": stack("0c")}}).to_string();
        let functions = json!({"Resources": {"A": {"Type": "AWS::SQS::Queue"}}}).to_string();
        let texts = BTreeMap::from([("0a".to_owned(), group.as_str()), ("0b".to_owned(), functions.as_str())]);
        let templates = Templates::wanted(&root, &texts);
        let paths: Vec<&str> = templates.nested.keys().map(String::as_str).collect();
        assert_eq!(paths, ["StackGroup1", "StackGroup1/StackFunctions1"]);
        let within: Vec<&str> = templates.within("StackGroup1").collect();
        assert_eq!(within, ["StackFunctions1", "StackFunctions2", "A"]);
        assert_eq!(templates.within("StackGroup").count(), 0);
    }

    #[test]
    fn what_is_of_one_entity_is_brought_together() {
        let mut all = [("routes/b", 1), ("events/a", 2), ("routes/b", 3), ("", 4), ("events/a", 5)];
        by_entity(&mut all, |one| one.0);
        assert_eq!(all.map(|one| one.1), [1, 3, 2, 5, 4]);
    }

    #[test]
    fn a_resource_that_is_a_stack_is_named_by_its_way() {
        let resource = |kind: &str, id: &str| {
            StackResourceSummary::builder()
                .logical_resource_id("StackFunctions1")
                .resource_type(kind)
                .physical_resource_id(id)
        };
        let stack =
            nested("StackGroup1", &resource(TYPE, "arn:aws:cloudformation:r:1:stack/etl-F-1X/0a").build()).unwrap();
        assert_eq!((stack.path.as_str(), stack.name()), ("StackGroup1/StackFunctions1", "etl-F-1X"));
        assert_eq!(nested("", &resource("AWS::SQS::Queue", "arn:aws:sqs:x").build()), None);
        // It has no id before it is made.
        assert_eq!(nested("", &resource(TYPE, "").build()), None);
    }
}
