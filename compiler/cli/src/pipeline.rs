//! The stages in their order, as far as a command needs them.

use crate::output::{self, Files};
use clap::ValueEnum;
use std::collections::BTreeMap;
use tc_core::analysis;
use tc_core::backend::{self, Artifacts};
use tc_core::diagnostic::Diagnostics;
use tc_core::frontend::{self, Options};
use tc_core::graph::{self, Graph};
use tc_core::ir::Topology;
use tc_core::source::SourceMap;
use tc_core::world::World;

/// The format of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TemplateFormat {
    /// As template.yaml.
    #[default]
    Yaml,
    /// As template.json.
    Json,
}

/// What can be printed in place of the output directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Emit {
    /// The CloudFormation template.
    Template,
    /// The manifest: artifacts, imports, and where in the sources each entity stands.
    Manifest,
    /// The topology as the compiler understands it, as JSON.
    Ir,
    /// The graph of entities, as a Mermaid flowchart.
    Graph,
    /// The same for Graphviz.
    #[value(name = "graph=dot")]
    GraphDot,
    /// The same as JSON.
    #[value(name = "graph=json")]
    GraphJson,
}

/// What the stages made of a topology.
pub struct Outcome {
    /// Every file that was read as source.
    pub sources: SourceMap,
    /// What was found, in the order of the stages.
    pub findings: Diagnostics,
    /// The topology and its graph; `None` where its file could not be read.
    pub front: Option<(Topology, Graph)>,
}

/// Runs the stages that read and judge.
pub fn front(world: &dyn World, options: &Options) -> Outcome {
    let frontend::Loaded { sources, mut findings, topology } = frontend::load(world, options);
    let front = topology.map(|topology| {
        let graph = Graph::build(&topology);
        findings.extend(analysis::run(world, &topology, &graph));
        (topology, graph)
    });
    Outcome { sources, findings, front }
}

/// What of the stages that read can be printed, if it is what is wanted.
pub fn emit_front(emit: Emit, topology: &Topology, graph: &Graph) -> Option<String> {
    Some(match emit {
        Emit::Ir => format!("{}\n", serde_json::to_string_pretty(topology).unwrap_or_default()),
        Emit::Graph => graph::emit(graph, graph::Format::Mermaid),
        Emit::GraphDot => graph::emit(graph, graph::Format::Dot),
        Emit::GraphJson => graph::emit(graph, graph::Format::Json),
        Emit::Template | Emit::Manifest => return None,
    })
}

/// What a topology compiles to.
#[derive(Debug)]
pub struct Product {
    /// The name of the template's file.
    pub template: &'static str,
    /// How many resources it has.
    pub resources: usize,
    /// The files of the output by their path in it.
    contents: BTreeMap<String, Vec<u8>>,
}

impl Product {
    /// The files of the output.
    pub fn files(&self) -> Files<'_> {
        self.contents.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice())).collect()
    }

    /// What of it can be printed.
    pub fn text(&self, emit: Emit) -> String {
        let path = if emit == Emit::Manifest { output::MANIFEST } else { self.template };
        self.contents.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    }

    /// The bytes of the template.
    pub fn template_size(&self) -> u64 {
        self.contents.get(self.template).map_or(0, |bytes| bytes.len() as u64)
    }

    /// How many code zips there are, and their bytes.
    pub fn artifacts(&self) -> (usize, u64) {
        let zips = self.contents.iter().filter(|(path, _)| path.ends_with(".zip"));
        zips.fold((0, 0), |(count, size), (_, bytes)| (count + 1, size + bytes.len() as u64))
    }
}

/// Runs the stages that make the output; what they find is added to `findings`.
pub fn back(
    _world: &dyn World,
    topology: &Topology,
    graph: &Graph,
    format: TemplateFormat,
    findings: &mut Diagnostics,
) -> Product {
    let lowered = backend::lower(topology, graph, &Artifacts::new());
    findings.extend(lowered.findings);
    let expr = lowered.template.to_expr();
    let (template, text) = match format {
        TemplateFormat::Yaml => ("template.yaml", backend::yaml::write(&expr)),
        TemplateFormat::Json => ("template.json", backend::json::write(&expr)),
    };
    let manifest = serde_json::json!({"tool": {"name": "tc", "version": env!("CARGO_PKG_VERSION")}});
    let contents = BTreeMap::from([
        (template.to_owned(), text.into_bytes()),
        (output::MANIFEST.to_owned(), format!("{manifest:#}\n").into_bytes()),
    ]);
    Product { template, resources: lowered.template.resources.len(), contents }
}
