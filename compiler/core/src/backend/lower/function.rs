//! `AWS::Lambda::Function`.

use super::role::{self, Trust};
use super::{Lowering, environment, iam, layer, log_group, mount, version};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::{Import, ImportKind, Resource};
use crate::graph::EntityId;
use crate::ir::name::FUNCTION_LIMIT;
use crate::ir::{Function, PackageType};
use crate::object;

/// Puts a function with what belongs to it.
pub(super) fn lower(cx: &mut Lowering<'_>, function: &Function) {
    let entity = EntityId::function(&function.name);
    let id = logical_id::function(&function.name);
    let name = cx.named(&entity, cx.topology.function_name(&function.name), FUNCTION_LIMIT);
    let (role_id, log_group_id) = (format!("{id}Role"), format!("{id}LogGroup"));

    let statements = statements(cx, function, &name, &log_group_id);
    // Lambda documents no key by which the trust in it could be narrowed.
    let trust = Trust { service: "lambda.amazonaws.com", condition: None };
    role::put_with(cx, &role_id, &entity, trust, statements, &function.statements);
    log_group::put(cx, &log_group_id, &entity, &format!("/aws/lambda/{name}"));
    let properties = properties(cx, function, name, &role_id, &log_group_id);
    let versioned = version::has_alias(function).then(|| properties.clone());
    cx.put(&id, Resource::new("AWS::Lambda::Function", &entity, properties));
    if let Some(properties) = versioned {
        version::put(cx, function, &properties);
    }
    if cx.has_function_outputs() {
        cx.output(format!("{id}Name"), format!("The name of the function {}", function.name), Expr::reference(&id));
    }
}

fn properties(cx: &mut Lowering<'_>, function: &Function, name: String, role: &str, log_group: &str) -> Object {
    let mut properties = object! { "FunctionName": name };
    properties.put_opt("Description", function.description.as_ref().map(|text| &text.value));
    properties.put("Architectures", vec![function.architecture.as_str()]);
    match function.package_type {
        PackageType::Zip => {
            properties.put_opt("Runtime", function.runtime.as_ref().map(|runtime| runtime.id()));
            properties.put_opt("Handler", function.handler.as_ref().map(|handler| &handler.value));
            properties.put_opt("Code", zip(cx, function));
            properties.put_opt("Layers", layer::imports(cx, function));
        }
        // An image brings its runtime, its handler and its dependencies; Lambda refuses the properties for them.
        PackageType::Image => {
            properties.put("PackageType", "Image");
            properties.put("Code", image(cx, function));
            // AWS's base images are given the handler as their command ("Lambda Developer Guide, Create a Lambda function
            // using a container image": container image settings).
            let command = function.handler.as_ref().map(|handler| object! { "Command": vec![handler.value.as_str()] });
            properties.put_opt("ImageConfig", command);
        }
    }
    properties.put("MemorySize", *function.memory);
    properties.put("Timeout", *function.timeout);
    let variables = environment::variables(cx, function);
    properties.put_opt("Environment", (!variables.is_empty()).then(|| object! { "Variables": variables }));
    properties.put_opt("VpcConfig", mount::vpc(cx, function));
    properties.put_opt("FileSystemConfigs", mount::file_systems(cx, function));
    let snap_start = version::snap_start(function).then(|| object! { "ApplyOn": "PublishedVersions" });
    properties.put_opt("SnapStart", snap_start);
    let reserved = function.reserved_concurrency.as_ref().map(|count| count.value);
    properties.put_opt("ReservedConcurrentExecutions", reserved);
    // Naming the group makes the function wait for it, or the first call could make one without a retention.
    properties.put("LoggingConfig", object! { "LogGroup": Expr::reference(log_group) });
    properties.put("Role", Expr::arn(role));
    properties
}

/// The zip in the artifact bucket, named by its content. `None` where packaging failed and reported it.
fn zip(cx: &mut Lowering<'_>, function: &Function) -> Option<Object> {
    let key = format!("{}.zip", cx.artifacts.get(&function.name)?.sha256);
    Some(object! { "S3Bucket": cx.artifact_bucket(), "S3Key": key })
}

fn image(cx: &mut Lowering<'_>, function: &Function) -> Object {
    let import = Import {
        kind: ImportKind::Image,
        name: function.name.clone(),
        parameter_type: "String",
        description: format!("The URI of the container image of the function {}", function.name),
        default: None,
    };
    object! { "ImageUri": cx.import(&format!("Image{}", logical_id::camel(&function.name)), import) }
}

/// What the function may do: write its own log, what its configuration needs, and what its
/// edges say.
fn statements(cx: &Lowering<'_>, function: &Function, name: &str, log_group: &str) -> Vec<Expr> {
    let log = ["logs:CreateLogStream", "logs:PutLogEvents"];
    let mut statements = vec![iam::Grant::new("WriteLog", &log, vec![Expr::arn(log_group)]).statement()];
    if function.in_vpc() {
        let prefix = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function";
        statements.extend(mount::interface_statements(&Expr::Sub(format!("{prefix}:{name}"))));
    }
    statements.extend(environment::grants(function).iter().map(iam::Grant::statement));
    statements.extend(iam::grants(cx, &EntityId::function(&function.name)).iter().map(iam::Grant::statement));
    statements
}
