//! `function.json` or `function.yml`.

use super::{Entries, Given, Scalar};
use crate::ir::{Architecture, BuildKind, PackageType};
use crate::source::Spanned;
use schemars::JsonSchema;
use serde::Deserialize;

/// What is to be said of a function beyond its code. Every key is optional, and so is the file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionInput {
    /// The function's name. The directory's name by default.
    #[schemars(regex(pattern = r"^[a-zA-Z][a-zA-Z0-9_-]*$"), length(max = 64))]
    pub name: Given<String>,
    /// What it does.
    #[schemars(length(max = 256))]
    pub description: Given<String>,
    /// What it runs with.
    pub runtime: Option<RuntimeInput>,
    /// Shell commands.
    pub tasks: Option<TasksInput>,
    /// How its dependencies are built.
    pub build: Option<BuildInput>,
    /// Paths under `/mnt/assets`. The function mounts the file system and gets each key as an environment variable;
    /// `MODEL_PATH` and `DEPS_PATH` are what `tc build --kind artifacts` and `--kind deps` publish.
    #[serde(default)]
    pub assets: Entries<Spanned<String>>,
}

/// What a function runs with.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuntimeInput {
    /// `python3.13`, `ruby3.4`, `nodejs22.x` or `node22`, `java21`, `rust`, `go`, ... By default the language follows from
    /// the handler, and its version from what the files of the language ask for: `requires-python`, `engines.node`, `ruby`
    /// in a Gemfile, the nearest `.python-version`, `.nvmrc`, `.node-version` or `.ruby-version`.
    pub lang: Given<String>,
    /// `FILE.SYMBOL`. `handler.handler` by default. Of an image its command, by default the one it was built with.
    #[schemars(length(min = 1, max = 128))]
    pub handler: Given<String>,
    /// `zip` or `image`. `zip` by default.
    pub package_type: Given<PackageType>,
    /// Layers, `NAME` or `NAME:VERSION`. By default the function's own layer, `TOPOLOGY-FUNCTION`, if it has
    /// dependencies.
    pub layers: Option<Vec<Spanned<String>>>,
    /// Layers that are Lambda extensions, `NAME` or `NAME:VERSION`.
    #[serde(default)]
    pub extensions: Vec<Spanned<String>>,
    /// Megabytes, 128 to 10,240. 256 by default.
    #[schemars(range(min = 128, max = 10240))]
    pub memory: Given<u32>,
    /// The other spelling of `memory`.
    #[schemars(range(min = 128, max = 10240))]
    pub memory_size: Given<u32>,
    /// Seconds a call may take, 1 to 900. 30 by default.
    #[schemars(range(min = 1, max = 900))]
    pub timeout: Given<u32>,
    /// The processor. `x86_64` by default.
    pub architecture: Given<Architecture>,
    /// Environment variables.
    #[serde(default)]
    pub environment: Entries<Spanned<Scalar>>,
    /// Whether to mount the file system at `/mnt/assets`. True where there are `assets`, else false by default.
    pub mount_fs: Given<bool>,
    /// Whether Lambda restores it from a snapshot. False by default.
    pub snapstart: Given<bool>,
    /// Concurrency kept for it alone.
    #[schemars(range(min = 0))]
    pub reserved_concurrency: Given<u32>,
    /// Environments kept warm.
    #[schemars(range(min = 1))]
    pub provisioned_concurrency: Given<u32>,
}

/// Shell commands of a function.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TasksInput {
    /// Makes the code's zip, in a copy of the directory that is thrown away afterwards. `zip NAME.zip FILES...` needs
    /// neither a shell nor a zip program; anything else is run by `sh`. What it makes is `lambda.zip`, else the only
    /// zip there, else the directory itself, and is packed anew. By default the directory's code is zipped: what is
    /// ignored by `.gitignore` or `.tcignore`, hidden files, dependencies and their lists are left out.
    #[schemars(length(min = 1))]
    pub build: Given<String>,
    /// Removes what `build` left in the directory. It is not needed and not run, since `build` runs in a copy.
    pub clean: Given<String>,
    /// Runs the function's tests.
    pub test: Given<String>,
}

/// How dependencies are built.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildInput {
    /// `layer` (apart, the default), `inline` (into the code's zip) or `image`, which is the only one for
    /// `package_type: image`.
    pub kind: Given<BuildKind>,
    /// Commands before dependencies are installed, and before the model is taken from `artifacts/`.
    #[serde(default)]
    pub pre: Vec<Spanned<String>>,
    /// Commands after dependencies are installed.
    #[serde(default)]
    pub post: Vec<Spanned<String>>,
    /// A command in place of the installation.
    pub command: Given<String>,
    /// A directory of shared libraries that the image of the runtime lacks.
    pub libs: Given<String>,
}
