//! `AWS::Lambda::Function`.

use super::{Lowering, environment, iam, log_group};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::Resource;
use crate::graph::EntityId;
use crate::ir::Function;

/// Puts a function with what belongs to it.
pub(super) fn lower(cx: &mut Lowering<'_>, function: &Function) {
    let entity = EntityId::function(&function.name);
    let id = logical_id::function(&function.name);
    let name = cx.topology.function_name(&function.name).text;
    log_group::put(cx, &format!("{id}LogGroup"), &entity, &format!("/aws/lambda/{name}"));
    let mut properties = Object::new().with("FunctionName", name);
    properties.put_opt("Description", function.description.as_ref().map(|text| &text.value));
    properties.put_opt("Runtime", function.runtime.as_ref().map(|runtime| runtime.id()));
    properties.put("Handler", &function.handler.value);
    properties.put("MemorySize", *function.memory);
    properties.put("Timeout", *function.timeout);
    if let Some(artifact) = cx.artifacts.get(&function.name) {
        let key = format!("{}.zip", artifact.sha256);
        let bucket = cx.artifact_bucket();
        properties.put("Code", Object::new().with("S3Bucket", bucket).with("S3Key", key));
    }
    let variables = environment::of_edges(cx, &entity);
    if !variables.is_empty() {
        properties.put("Environment", Object::new().with("Variables", variables.into_iter().collect::<Object>()));
    }
    let description = format!("Name of the function {}", function.name);
    cx.output(format!("{id}Name"), description, Expr::reference(&id));
    let role = format!("{id}Role");
    let statements = iam::grants(cx, &entity).iter().map(iam::Grant::statement).collect();
    iam::put_role(cx, &role, &entity, "lambda.amazonaws.com", statements);
    properties.put("Role", Expr::arn(role));
    cx.put(id, Resource::new("AWS::Lambda::Function", &entity, properties));
}
