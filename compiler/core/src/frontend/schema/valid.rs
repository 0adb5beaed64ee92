//! Whether a tree keeps its schema, by code that is made of the schemas when tc is built. A valid file, which is what
//! almost every compile sees, then never costs the making of a validator: a third of a small topology's compile. What is
//! wrong with another is left to that validator, which can say it.

use super::InputFile;
use serde_json::Value as Json;

impl InputFile {
    /// Whether `instance` keeps the schema of this file.
    pub(super) fn is_valid(self, instance: &Json) -> bool {
        match self {
            Self::Topology => Topology::is_valid(instance),
            Self::Function => Function::is_valid(instance),
            Self::Vars => Vars::is_valid(instance),
            Self::Roles => Roles::is_valid(instance),
            Self::Project => Project::is_valid(instance),
        }
    }
}

#[jsonschema::validator(
    path = "../../schema/topology.schema.json",
    methods = { is_valid = true, validate = false, iter_errors = false }
)]
struct Topology;

#[jsonschema::validator(
    path = "../../schema/function.schema.json",
    methods = { is_valid = true, validate = false, iter_errors = false }
)]
struct Function;

#[jsonschema::validator(
    path = "../../schema/vars.schema.json",
    methods = { is_valid = true, validate = false, iter_errors = false }
)]
struct Vars;

#[jsonschema::validator(
    path = "../../schema/roles.schema.json",
    methods = { is_valid = true, validate = false, iter_errors = false }
)]
struct Roles;

#[jsonschema::validator(
    path = "../../schema/project.schema.json",
    methods = { is_valid = true, validate = false, iter_errors = false }
)]
struct Project;
