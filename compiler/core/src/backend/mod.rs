//! The IR to a CloudFormation template: lower entities to resources, order them, check them, write them, and tell what is
//! different of another, and take a part of it into another.

pub mod check;
pub mod component;
pub mod difference;
pub mod expr;
pub mod json;
mod lower;
mod reference;
pub mod stacks;
pub mod template;
pub mod yaml;

pub use crate::graph::logical_id;
pub use lower::{ARTIFACT_BUCKET, Artifact, Artifacts, Lowered, import_artifact_bucket, interface_statements, lower};
