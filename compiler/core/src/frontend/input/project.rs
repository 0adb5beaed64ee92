//! `tc.yml`.

use super::{Entries, Given};
use crate::ir::GatewayKind;
use crate::source::{Spanned, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// The project: its environments and the resources its topologies share. Every key is optional, and so is the file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectInput {
    /// Environments by name. One that is not named is the AWS profile of that name with that profile's region; `local`
    /// is then the local AWS at `http://127.0.0.1:4566`.
    #[serde(default)]
    pub environments: Entries<Option<EnvironmentInput>>,
    /// Layers.
    pub layers: Option<LayersInput>,
    /// Gateways that exist outside of the stacks, by name.
    #[serde(default)]
    pub gateways: Entries<Option<GatewayInput>>,
    /// File systems that exist outside of the stacks, by name; `assets` is the one functions mount.
    #[serde(default)]
    pub filesystems: Entries<Option<FilesystemInput>>,
    /// Releases.
    pub release: Option<ReleaseInput>,
}

impl ProjectInput {
    /// The sandbox that releases go to.
    pub fn release_sandbox(&self) -> &str {
        let named = self.release.as_ref().and_then(|release| release.sandbox.as_ref());
        named.map_or("stable", |sandbox| &sandbox.value)
    }

    /// The environment of a command that names none: the one that releases go to.
    pub fn release_environment(&self) -> &str {
        let named = self.release.as_ref().and_then(|release| release.environment.as_ref());
        named.map_or("dev", |environment| &environment.value)
    }
}

/// An account and region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentInput {
    /// The AWS profile. The environment's name by default. Where the AWS configuration has no such profile, the
    /// credentials come from the environment variables, as in CI.
    pub profile: Given<String>,
    /// The region. The profile's by default.
    #[schemars(regex(pattern = r"^[a-z]{2}(-[a-z]+)+-[0-9]$"))]
    pub region: Given<String>,
    /// The account that the profile must belong to.
    #[schemars(regex(pattern = r"^[0-9]{12}$"))]
    pub account: Given<String>,
    /// An address that every request goes to, in place of AWS's. One on this machine needs no credentials, unless
    /// `profile` is given.
    #[schemars(regex(pattern = r"^https?://"))]
    pub endpoint: Given<String>,
}

/// Where layers are published, and who may use them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayersInput {
    /// The environment whose account layers are published to. By default the environment of the command.
    pub environment: Given<String>,
    /// The AWS organisation whose accounts may use the layers. By default only the account that they are published to.
    #[schemars(regex(pattern = r"^o-[a-z0-9]{10,32}$"))]
    pub organization: Given<String>,
    /// Further accounts that may use the layers. None by default.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^[0-9]{12}$")))]
    pub accounts: Vec<Spanned<String>>,
    /// Whether every AWS account may use the layers. `false` by default.
    pub public: Given<bool>,
}

/// A shared gateway.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayInput {
    /// HTTP API or REST API. `http` by default.
    pub kind: Given<GatewayKind>,
    /// The API's id. Found by the gateway's name when linking where it is not given.
    #[schemars(regex(pattern = r"^[a-z0-9]+$"))]
    pub api_id: Given<String>,
    /// The id of a REST API's root resource. Found when linking where it is not given.
    #[schemars(regex(pattern = r"^[a-z0-9]+$"))]
    pub root_resource_id: Given<String>,
    /// Its stage.
    pub stage: Given<String>,
}

/// A shared file system.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilesystemInput {
    /// The ARN of its access point. Found when linking where it is not given.
    pub access_point: Given<Text>,
    /// The other spelling of `access_point`.
    pub arn: Given<Text>,
    /// Where it appears. `/mnt/NAME` by default.
    #[schemars(regex(pattern = r"^/mnt/[a-zA-Z0-9_.-]+$"), length(max = 160))]
    pub mount_point: Given<String>,
    /// Subnets it can be reached from. Found when linking where they are not given.
    #[serde(default)]
    pub subnets: Vec<Spanned<Text>>,
    /// Security groups it can be reached with. Found when linking where they are not given.
    #[serde(default)]
    pub security_groups: Vec<Spanned<Text>>,
}

/// Releases.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseInput {
    /// The environment that releases go to. `dev` by default.
    pub environment: Given<String>,
    /// The sandbox that releases go to. `stable` by default.
    pub sandbox: Given<String>,
}
