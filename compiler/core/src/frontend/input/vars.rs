//! `vars/FUNCTION.json`.

use super::{Entries, Given, Scalar};
use crate::source::{Spanned, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// What varies between sandboxes and environments. The file holds either this, or one of these under each of `default`,
/// names of environments and names of sandboxes, merged in that order.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VarsInput {
    /// Megabytes, 128 to 10,240.
    #[schemars(range(min = 128, max = 10240))]
    pub memory_size: Given<u32>,
    /// The other spelling of `memory_size`.
    #[schemars(range(min = 128, max = 10240))]
    pub memory: Given<u32>,
    /// Seconds a call may take, 1 to 900.
    #[schemars(range(min = 1, max = 900))]
    pub timeout: Given<u32>,
    /// Environment variables. `ssm:/path` and `secret:NAME` never reach the template as plain text: the function gets
    /// the name and the right to read it.
    #[serde(default)]
    pub environment: Entries<Spanned<Scalar>>,
    /// The older spelling of `environment`.
    #[serde(default)]
    pub environment_variables: Entries<Spanned<Scalar>>,
    /// The VPC the function stands in.
    pub network: Option<NetworkInput>,
    /// The file system the function mounts.
    pub filesystem: Option<VarsFilesystemInput>,
    /// Tags of the function, over those of the topology.
    #[serde(default)]
    pub tags: Entries<Spanned<Scalar>>,
    /// Concurrency kept for it alone.
    #[schemars(range(min = 0))]
    pub reserved_concurrency: Given<u32>,
    /// Environments kept warm.
    #[schemars(range(min = 1))]
    pub provisioned_concurrency: Given<u32>,
}

/// The VPC a function stands in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkInput {
    /// Subnet ids.
    #[schemars(length(min = 1, max = 16))]
    pub subnets: Vec<Spanned<Text>>,
    /// Security group ids.
    #[schemars(length(min = 1, max = 5))]
    pub security_groups: Vec<Spanned<Text>>,
}

/// The file system a function mounts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VarsFilesystemInput {
    /// The ARN of an EFS access point. Imported where it is not given.
    pub arn: Given<Text>,
    /// Where it appears. `/mnt/assets` by default.
    #[schemars(regex(pattern = r"^/mnt/[a-zA-Z0-9_.-]+$"), length(max = 160))]
    pub mount_point: Given<String>,
}
