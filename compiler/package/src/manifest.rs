//! `manifest.json`: what a topology was compiled to, for linking, reviewing and for showing what AWS reports at the line
//! of topology.yml that it comes from.
//!
//! It holds no time and no path of a machine: paths are relative to the topology's directory.

use crate::build::Artifact;
use crate::document::Document;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use tc_core::backend::template::{ImportKind, Template};
use tc_core::digest::hexadecimal;
use tc_core::graph::Graph;
use tc_core::ir::Topology;
use tc_core::source::SourceMap;

/// The folder of the output directory that holds the artifacts.
pub const ARTIFACTS: &str = "artifacts";

/// What a topology was compiled to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What compiled it.
    pub tool: Tool,
    /// The topology's name, its namespace.
    pub topology: String,
    /// The topology's version.
    pub version: String,
    /// The sandbox it was compiled for.
    pub sandbox: String,
    /// The environment it was compiled for.
    pub env: String,
    /// The template.
    pub template: TemplateFile,
    /// The templates of nested stacks by their names, `functions-1`; none where there is one stack.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stacks: BTreeMap<String, TemplateFile>,
    /// Which stack each part of the topology is in, as `topology.lock` says it; empty where there is no lock.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, String>,
    /// The functions' code by the function's name. Functions with equal code have the same file; one that is an image
    /// has none.
    pub artifacts: BTreeMap<String, ArtifactFile>,
    /// What only an account knows, by the template's parameter.
    pub imports: BTreeMap<String, ImportEntry>,
    /// Where each entity is declared and what it became, by its id, such as `functions/enhancer`.
    pub entities: BTreeMap<String, EntityEntry>,
}

/// The compiler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// `tc`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Tool {
    /// This version of tc.
    pub fn this() -> Self {
        Self { name: "tc".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// The template's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateFile {
    /// Its path in the output directory.
    pub file: String,
    /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its bytes.
    pub size: u64,
    /// How many resources it has.
    pub resources: usize,
}

/// A function's code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArtifactFile {
    /// Its path in the output directory.
    pub file: String,
    /// The SHA-256 of the zip, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Bytes of the zip.
    pub size: u64,
    /// Bytes of the files in it.
    pub unpacked: u64,
}

/// Something that linking finds in an account and gives to the template as a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportEntry {
    /// What kind of thing it is, which tells linking where to look.
    pub kind: ImportKind,
    /// Its name in the source, such as a layer's; absent for the artifact bucket.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is, for a person who deploys without tc.
    pub description: String,
    /// The ids of the entities whose resources use it.
    pub consumers: BTreeSet<String>,
}

/// An entity of the topology.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntityEntry {
    /// The file that declares it, relative to the topology's directory.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The logical ids of the resources that come from it.
    pub resources: BTreeSet<String>,
}

/// What the stages made of a topology.
pub struct Compiled<'a> {
    /// The topology.
    pub topology: &'a Topology,
    /// Its graph.
    pub graph: &'a Graph,
    /// The files it was read from.
    pub sources: &'a SourceMap,
    /// The template.
    pub template: &'a Template,
    /// The template's path in the output directory, and its bytes.
    pub file: (&'a str, &'a [u8]),
    /// How many resources it has.
    pub resources: usize,
    /// The templates of nested stacks by their names.
    pub stacks: BTreeMap<String, TemplateFile>,
    /// Which stack each part of the topology is in.
    pub places: BTreeMap<String, String>,
    /// The functions' code.
    pub artifacts: &'a BTreeMap<String, Artifact>,
}

impl Manifest {
    /// The manifest of what was compiled by this version of tc.
    pub fn new(compiled: &Compiled<'_>) -> Self {
        let Compiled { topology, template, file: (file, bytes), resources, .. } = *compiled;
        let sha256 = hexadecimal(Sha256::digest(bytes));
        Self {
            tool: Tool::this(),
            topology: topology.name.value.clone(),
            version: topology.version.clone(),
            sandbox: topology.sandbox.clone(),
            env: topology.env.clone(),
            template: TemplateFile { file: file.to_owned(), sha256, size: bytes.len() as u64, resources },
            stacks: compiled.stacks.clone(),
            places: compiled.places.clone(),
            artifacts: compiled.artifacts.iter().map(|(name, artifact)| (name.clone(), artifact.into())).collect(),
            imports: imports(template),
            entities: entities(compiled),
        }
    }
}

impl Document for Manifest {
    const SCHEMA: &'static str = include_str!("../../../schema/manifest.schema.json");
}

impl From<&Artifact> for ArtifactFile {
    fn from(artifact: &Artifact) -> Self {
        Self {
            file: format!("{ARTIFACTS}/{}", artifact.file_name()),
            sha256: artifact.sha256.clone(),
            size: artifact.size,
            unpacked: artifact.unpacked,
        }
    }
}

fn imports(template: &Template) -> BTreeMap<String, ImportEntry> {
    let entry = |import: &tc_core::backend::template::Import| ImportEntry {
        kind: import.kind,
        name: import.name.clone(),
        description: import.description.clone(),
        consumers: BTreeSet::new(),
    };
    let mut imports: BTreeMap<_, _> =
        template.parameters.iter().map(|(id, import)| (id.clone(), entry(import))).collect();
    for resource in template.resources.values() {
        let consumer = LazyCell::new(|| resource.entity.to_string());
        for (_, value) in resource.properties.iter() {
            value.references(&mut |id, _| {
                if let Some(import) = imports.get_mut(id)
                    && !import.consumers.contains(&*consumer)
                {
                    import.consumers.insert(consumer.clone());
                }
            });
        }
    }
    imports
}

fn entities(compiled: &Compiled<'_>) -> BTreeMap<String, EntityEntry> {
    let mut entities = BTreeMap::new();
    for entity in compiled.graph.entities() {
        // A span is of the sources that the topology was read from.
        let Some((path, at)) = compiled.sources.locate(entity.span) else { continue };
        let entry =
            EntityEntry { path: path.to_string(), line: at.line, column: at.column, resources: BTreeSet::new() };
        entities.insert(entity.id.to_string(), entry);
    }
    for (id, resource) in &compiled.template.resources {
        if let Some(entry) = entities.get_mut(&resource.entity.to_string()) {
            entry.resources.insert(id.clone());
        }
    }
    entities
}
