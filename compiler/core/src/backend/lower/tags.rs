//! Tags: applied once, when all resources are there, so that no resource type has to think of them.

use super::Lowering;
use crate::backend::expr::{Expr, Object};
use crate::graph::EntityKind;
use crate::object;

/// How a resource type takes its tags, all under the property `Tags`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A list of `Key` and `Value`.
    List,
    /// A mapping.
    Map,
}

impl Shape {
    fn write(self, tags: Vec<(String, Expr)>) -> Expr {
        match self {
            Self::Map => tags.into_iter().collect::<Object>().into(),
            Self::List => {
                tags.into_iter().map(|(key, value)| object! { "Key": key, "Value": value }).collect::<Vec<_>>().into()
            }
        }
    }
}

/// The shape of a type's tags, `None` for a type that takes none. A test holds this against the schemas in `schema/cfn`.
fn shape(resource_type: &str) -> Option<Shape> {
    match resource_type {
        "AWS::ApiGateway::RestApi"
        | "AWS::ApiGateway::Stage"
        | "AWS::Events::EventBus"
        | "AWS::Events::Rule"
        | "AWS::IAM::Role"
        | "AWS::Lambda::EventSourceMapping"
        | "AWS::Lambda::Function"
        | "AWS::Logs::LogGroup"
        | "AWS::SQS::Queue"
        | "AWS::Scheduler::ScheduleGroup"
        | "AWS::StepFunctions::StateMachine" => Some(Shape::List),
        "AWS::ApiGatewayV2::Api" | "AWS::ApiGatewayV2::Stage" => Some(Shape::Map),
        _ => None,
    }
}

/// Puts the tags of the topology on every resource that takes tags, and those of a function on what belongs to it.
///
/// Every resource has `Namespace`, `Sandbox` and `Env`; what the author says under the same key, in any letter case since
/// IAM tells no case apart, stands in their place. The version is no tag: it would change everything with each release.
pub(super) fn apply(cx: &mut Lowering<'_>) {
    let topology = cx.topology;
    let common = tags_of_topology(cx);
    let (common_map, common_list) = (Shape::Map.write(common.clone()), Shape::List.write(common.clone()));
    for resource in cx.template.resources.values_mut() {
        let Some(shape) = shape(resource.resource_type) else { continue };
        let function = (resource.entity.kind == EntityKind::Function)
            .then(|| topology.functions.get(&resource.entity.name))
            .flatten();
        let value = match (function.filter(|function| !function.tags.is_empty()), shape) {
            (Some(function), shape) => {
                let mut tags = common.clone();
                for (key, value) in &function.tags {
                    put(&mut tags, key, (&value.value).into());
                }
                shape.write(tags)
            }
            (None, Shape::Map) => common_map.clone(),
            (None, Shape::List) => common_list.clone(),
        };
        resource.properties.put("Tags", value);
    }
}

fn tags_of_topology(cx: &Lowering<'_>) -> Vec<(String, Expr)> {
    let topology = cx.topology;
    let mut tags: Vec<(String, Expr)> =
        [("Namespace", &topology.name.value), ("Sandbox", &topology.sandbox), ("Env", &topology.env)]
            .map(|(key, value)| (key.to_owned(), value.into()))
            .into();
    for (key, value) in &topology.tags {
        put(&mut tags, key, (&value.value).into());
    }
    tags
}

fn put(tags: &mut Vec<(String, Expr)>, key: &str, value: Expr) {
    match tags.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(key)) {
        Some(known) => *known = (key.to_owned(), value),
        None => tags.push((key.to_owned(), value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::lower::testing::{HANDLER, lower_files};
    use std::path::Path;

    #[test]
    fn shapes_are_those_of_the_schemas() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/cfn");
        let mut seen = 0;
        for file in std::fs::read_dir(directory).unwrap() {
            let path = file.unwrap().path();
            if !path.file_name().unwrap().to_str().unwrap().starts_with("aws-") {
                continue;
            }
            let schema: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let name = schema["typeName"].as_str().unwrap();
            let Some(shape) = shape(name) else { continue };
            assert_eq!(schema["tagProperty"], "Tags", "{name}");
            let kind = &schema["schema"]["properties"]["Tags"]["type"];
            assert_eq!(kind, if shape == Shape::List { "array" } else { "object" }, "{name}");
            seen += 1;
        }
        assert_eq!(seen, 13);
    }

    #[test]
    fn the_authors_tags_win() {
        let lowered = lower_files(&[
            ("topology.yml", "name: etl\ntags: {env: production, team: data}\n"),
            ("f/handler.py", HANDLER),
            ("../infrastructure/tc/etl/vars/f.json", r#"{"tags": {"team": "ml"}}"#),
        ]);
        let tags = lowered.template.resources["FunctionF"].properties.get("Tags").unwrap();
        let pairs: Vec<_> = tags
            .as_list()
            .unwrap()
            .iter()
            .map(|tag| {
                let tag = tag.as_object().unwrap();
                (tag.get("Key").unwrap().as_str().unwrap(), tag.get("Value").unwrap().as_str().unwrap())
            })
            .collect();
        assert_eq!(pairs, [("Namespace", "etl"), ("Sandbox", "bob"), ("env", "production"), ("team", "ml")]);
    }
}
