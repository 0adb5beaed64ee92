//! `manifest.json` of a directory of layers: what was built, for publishing, for reviewing and for linking.
//!
//! It holds no time and no path of a machine.

use crate::document::Document;
use crate::manifest::Tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tc_core::ir::Architecture;

/// The layers in a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerManifest {
    /// What built them.
    pub tool: Tool,
    /// The layers, by name and then architecture.
    pub layers: Vec<LayerEntry>,
}

/// The dependencies of a function, built for one architecture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerEntry {
    /// The layer's name, `NAMESPACE-FUNCTION`.
    pub name: String,
    /// The topology's name.
    pub topology: String,
    /// The function's name.
    pub function: String,
    /// The runtime it was built for, such as `python3.13`.
    pub runtime: String,
    /// The processor it was built for.
    pub architecture: Architecture,
    /// The SHA-256 of the zip of all of it, 64 lower-case hexadecimal digits: that of its one chunk, or of what its chunks
    /// are together.
    pub sha256: String,
    /// Bytes of the zip of all of it.
    pub size: u64,
    /// Bytes of its files unpacked.
    pub unpacked: u64,
    /// The highest version of glibc that a library in it asks for, such as `2.17`; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glibc: Option<String>,
    /// The layers that it is published as, to be used together: one, or up to three where it is too large for one.
    pub chunks: Vec<ChunkEntry>,
    /// What was installed, in the order of the names.
    pub distributions: Vec<DistributionEntry>,
    /// The shared libraries that were taken into it since they were missing, in the order of the names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<LibraryEntry>,
}

/// One layer of a function's dependencies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChunkEntry {
    /// The name that it is published under: the layer's, then `NAME-1` and `NAME-2`.
    pub name: String,
    /// Its file beside the manifest.
    pub file: String,
    /// The SHA-256 of the zip, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Bytes of the zip.
    pub size: u64,
    /// Bytes of its files unpacked.
    pub unpacked: u64,
}

/// Something that was installed as a whole: a Python distribution, a gem, a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DistributionEntry {
    /// Its name as its registry spells it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Bytes of its files unpacked.
    pub unpacked: u64,
}

/// A shared library that something in the layer needs and that neither the layer nor the runtime's image has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LibraryEntry {
    /// The name it is looked for by.
    pub name: String,
    /// Where it was taken from.
    pub origin: LibraryOrigin,
    /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its bytes.
    pub size: u64,
}

/// Where a library was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LibraryOrigin {
    /// The directory that `build.libs` names.
    Libs,
    /// The machine that built the layer.
    Host,
}

impl LayerManifest {
    /// The manifest of these layers, built by this version of tc.
    pub fn new(mut layers: Vec<LayerEntry>) -> Self {
        layers.sort_by(|one, other| (&one.name, one.architecture).cmp(&(&other.name, other.architecture)));
        Self { tool: Tool::this(), layers }
    }
}

impl Document for LayerManifest {
    const SCHEMA: &'static str = include_str!("../../../../schema/layers.schema.json");
}
