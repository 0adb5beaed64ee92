//! A function and what it runs with.

use super::Runtime;
use crate::source::{Node, Span, Spanned, Text};
use crate::world::SourcePath;
use serde::Serialize;
use std::collections::BTreeMap;

/// Memory in MB where nothing else is said.
pub const DEFAULT_MEMORY: u32 = 256;
/// Seconds a call may take where nothing else is said.
pub const DEFAULT_TIMEOUT: u32 = 30;
/// The directory a file system appears at in a function.
pub const DEFAULT_MOUNT_POINT: &str = "/mnt/assets";

/// The key of `assets` that names the directory of dependencies on the file system.
pub const DEPS_PATH: &str = "DEPS_PATH";

/// The key of `assets` that names the directory of the model on the file system.
pub const MODEL_PATH: &str = "MODEL_PATH";

/// The directory, in a function's own, whose contents are its model.
pub const ARTIFACTS: &str = "artifacts";

/// Names that Lambda reserves. Source: Lambda Developer Guide, "Defined runtime environment variables", reserved
/// environment variables; `AWS_ACCESS_KEY` and `AWS_DEFAULT_REGION` are among them there.
pub const RESERVED_ENVIRONMENT: [&str; 18] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// The processor a function runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// 64-bit x86.
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit Arm (Graviton).
    Arm64,
}

impl Architecture {
    /// As CloudFormation spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// How the code reaches Lambda.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PackageType {
    /// A zip in the artifact bucket.
    Zip,
    /// A container image, whose URI is an import.
    Image,
}

/// How dependencies are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BuildKind {
    /// Apart from the code, as a layer.
    Layer,
    /// Into the code's own zip.
    Inline,
    /// Into a container image.
    Image,
}

/// How a function's dependencies are built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Build {
    /// Where they go.
    pub kind: BuildKind,
    /// Shell commands before they are installed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre: Vec<Spanned<String>>,
    /// Shell commands after they are installed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post: Vec<Spanned<String>>,
    /// A shell command in place of the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Spanned<String>>,
    /// The runtime whose image an image is built on, where it is told by `runtime.lang` or the files and there is no
    /// Dockerfile.
    #[serde(skip)]
    pub base: Option<Spanned<Runtime>>,
    /// A directory of shared libraries, relative to the function's, that the image of the runtime lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub libs: Option<Spanned<String>>,
}

/// A value of a function's environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentValue {
    /// Plain text.
    Plain(Text),
    /// `ssm:/path`: the function gets the parameter's name and the right to read it.
    SsmParameter(String),
    /// `secret:NAME`: the function gets the secret's name and the right to read it.
    Secret(String),
}

/// A variable of a function's environment. Serialised as its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Variable {
    /// Where its name stands.
    #[serde(skip)]
    pub key: Span,
    /// What it is set to.
    pub value: EnvironmentValue,
    /// Where the value stands. It may be a secret: conceal it in a finding that shows its line.
    #[serde(skip)]
    pub span: Span,
}

/// What a file asks of the version of a function's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionConstraint {
    /// The file.
    pub file: SourcePath,
    /// What it asks for, as it stands there: `>=3.11`.
    #[serde(rename = "constraint")]
    pub text: Spanned<String>,
}

/// Why a function has its runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RuntimeBasis {
    /// `runtime.lang` names it.
    Written,
    /// Nothing asks for a version: it is the default of its language.
    Default,
    /// It fits these.
    Constrained(Vec<VersionConstraint>),
}

/// A layer that exists outside of the stack, in the central account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LayerImport {
    /// Its name.
    pub name: String,
    /// A pinned version, else the newest when linking.
    pub version: Option<u32>,
}

/// Where the function's network interfaces stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Network {
    /// Subnet ids; at least one.
    pub subnets: Vec<Spanned<Text>>,
    /// Security group ids; at least one.
    pub security_groups: Vec<Spanned<Text>>,
}

/// A file system the function mounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mount {
    /// The file system's name in `tc.yml`, for the import; `assets` by default.
    pub filesystem: String,
    /// The ARN of an access point where it is written down; else it is imported.
    pub access_point: Option<Spanned<Text>>,
    /// Where it appears: `/mnt/...`.
    pub mount_point: Spanned<String>,
}

/// An IAM statement a person wrote for the function; a mapping with `Effect`, `Action`, `Resource`, ...
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Statement(pub Node);

/// A function of the topology.
#[derive(Debug, Clone, Serialize)]
pub struct Function {
    /// Where it is declared: its function.json, else its handler.
    #[serde(skip)]
    pub span: Span,
    /// Its name, unique in the topology.
    pub name: String,
    /// What it does, in the author's words.
    pub description: Option<Spanned<String>>,
    /// The directory of its code.
    pub directory: SourcePath,
    /// Whether the directory serves several topologies.
    pub shared: bool,
    /// The runtime, with the place it was named at, or of the handler it was inferred from. `None` for an image.
    pub runtime: Option<Spanned<Runtime>>,
    /// Why it is that one. `None` for an image.
    pub runtime_basis: Option<RuntimeBasis>,
    /// `FILE.SYMBOL` as Lambda wants it. `None` for an image that starts by its own command.
    pub handler: Option<Spanned<String>>,
    /// The file that the handler was inferred from or names, where it exists.
    pub handler_file: Option<SourcePath>,
    /// Zip or image.
    pub package_type: PackageType,
    /// How dependencies are built.
    pub build: Build,
    /// The list of its dependencies, such as its pyproject.toml, where it has one.
    pub dependencies: Option<SourcePath>,
    /// The processor.
    pub architecture: Architecture,
    /// Megabytes, 128 to 10,240.
    pub memory: Spanned<u32>,
    /// Seconds, 1 to 900.
    pub timeout: Spanned<u32>,
    /// Whether `timeout` was written down, and not taken from [`DEFAULT_TIMEOUT`].
    #[serde(skip)]
    pub timeout_is_explicit: bool,
    /// Layers in the order they are laid over each other.
    pub layers: Vec<Spanned<LayerImport>>,
    /// Layers that are Lambda extensions.
    pub extensions: Vec<Spanned<LayerImport>>,
    /// Environment by name.
    pub environment: BTreeMap<String, Variable>,
    /// `assets`: paths in the mounted file system by the key they are known by. They are in `environment` too.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub assets: BTreeMap<String, Spanned<String>>,
    /// VPC configuration. `None` with a mount means that it is imported with the file system.
    pub network: Option<Network>,
    /// The file system it mounts.
    pub mount: Option<Mount>,
    /// Whether Lambda restores it from a snapshot.
    pub snap_start: Option<Spanned<bool>>,
    /// Concurrency kept for it alone.
    pub reserved_concurrency: Option<Spanned<u32>>,
    /// Environments kept warm.
    pub provisioned_concurrency: Option<Spanned<u32>>,
    /// Tags of its own, over those of the topology.
    pub tags: BTreeMap<String, Spanned<Text>>,
    /// IAM statements beyond those read off the graph.
    pub statements: Vec<Statement>,
    /// `tasks.build`.
    pub build_task: Option<Spanned<String>>,
}

impl Function {
    /// The directory of its model, in its own: [`ARTIFACTS`], which is no code if there is a [`MODEL_PATH`].
    pub fn model_directory(&self) -> Option<&'static str> {
        self.assets.contains_key(MODEL_PATH).then_some(ARTIFACTS)
    }

    /// Whether it mounts a file system or was given subnets, and so stands in a VPC.
    pub fn in_vpc(&self) -> bool {
        self.mount.is_some() || self.network.is_some()
    }
}
