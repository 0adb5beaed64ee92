//! Templates for tests, from CloudFormation's JSON.

use crate::backend::expr::{Expr, Object};
use crate::backend::template::{Import, ImportKind, Output, Resource, Template};
use crate::graph::EntityId;
use serde_json::Value;

/// Reads a template; each resource comes from the function of its own name. Panics on what the tests do not use.
pub fn template(json: &Value) -> Template {
    let section = |name: &str| json[name].as_object().cloned().unwrap_or_default();
    let parameter = |parameter: Value| Import {
        kind: ImportKind::ArtifactBucket,
        name: String::new(),
        parameter_type: leak(&parameter["Type"]),
        description: String::new(),
        default: None,
    };
    let resource = |id: &str, resource: Value| Resource {
        resource_type: leak(&resource["Type"]),
        entity: EntityId::function(id),
        depends_on: match &resource["DependsOn"] {
            Value::String(id) => vec![id.clone()],
            Value::Array(ids) => ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect(),
            _ => Vec::new(),
        },
        properties: match expr(&resource["Properties"]) {
            Expr::Object(object) => object,
            _ => Object::default(),
        },
        deletion_policy: None,
    };
    let output = |output: Value| Output { description: String::new(), value: expr(&output["Value"]) };
    Template {
        description: String::new(),
        parameters: section("Parameters").into_iter().map(|(id, value)| (id, parameter(value))).collect(),
        resources: section("Resources")
            .into_iter()
            .map(|(id, value)| {
                let resource = resource(&id, value);
                (id, resource)
            })
            .collect(),
        outputs: section("Outputs").into_iter().map(|(id, value)| (id, output(value))).collect(),
    }
}

/// Types, attributes and delimiters are static in the back end; a test may leak a few.
fn leak(value: &Value) -> &'static str {
    value.as_str().unwrap().to_owned().leak()
}

fn expr(value: &Value) -> Expr {
    match value {
        Value::Null => Expr::Null,
        Value::Bool(value) => Expr::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Expr::Int(integer),
            None => Expr::Float(number.as_f64().unwrap()),
        },
        Value::String(text) => Expr::String(text.clone()),
        Value::Array(items) => Expr::List(items.iter().map(expr).collect()),
        Value::Object(map) => intrinsic(map)
            .unwrap_or_else(|| Expr::Object(map.iter().map(|(key, value)| (key.clone(), expr(value))).collect())),
    }
}

fn intrinsic(map: &serde_json::Map<String, Value>) -> Option<Expr> {
    let (key, value) = map.iter().next().filter(|_| map.len() == 1)?;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Some(match key.as_str() {
        "Ref" => Expr::Ref(text(value)),
        "Fn::GetAtt" => match value {
            Value::String(both) => {
                let (id, attribute) = both.split_once('.').unwrap();
                Expr::GetAtt(id.to_owned(), attribute.to_owned().into())
            }
            list => Expr::GetAtt(text(&list[0]), text(&list[1]).into()),
        },
        "Fn::Sub" => Expr::Sub(text(value)),
        "Fn::Join" => Expr::Join(leak(&value[0]), value[1].as_array().unwrap().iter().map(expr).collect()),
        "Fn::Split" => Expr::Split(leak(&value[0]), Box::new(expr(&value[1]))),
        "Fn::GetAZs" => Expr::Zones,
        "Fn::Select" => Expr::Select(0, Box::new(expr(&value[1]))),
        _ => return None,
    })
}
