//! The stages in their order, as far as a command needs them.

use crate::output::{Expected, MANIFEST};
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::thread;
use tc_core::analysis;
use tc_core::backend::{self, template::Template};
use tc_core::diagnostic::Diagnostics;
use tc_core::frontend::input::ProjectInput;
use tc_core::frontend::{self, Options};
use tc_core::graph::{self, Graph};
use tc_core::ir::{Function, PackageType, Topology};
use tc_core::source::SourceMap;
use tc_core::world::World;
use tc_package::manifest::{self, ARTIFACTS, Manifest};
use tc_package::{Artifact, Document, Packaged, Packager, Store, SystemShell};

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
    /// What `tc.yml` says.
    pub project: ProjectInput,
    /// The topology and its graph; `None` where its file could not be read.
    pub front: Option<(Topology, Graph)>,
}

/// Runs the stages that read and judge.
pub fn front(world: &dyn World, options: &Options) -> Outcome {
    let frontend::Loaded { sources, mut findings, project, topology, .. } = frontend::load(world, options);
    let front = topology.map(|topology| {
        let graph = Graph::build(&topology);
        findings.extend(analysis::run(world, &topology, &graph));
        (topology, graph)
    });
    Outcome { sources, findings, project, front }
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
    pub name: &'static str,
    /// The template as data.
    pub lowered: Template,
    /// The template as it is written.
    pub template: String,
    /// The manifest.
    pub manifest: String,
    /// The code zips by their functions' names.
    pub artifacts: BTreeMap<String, Artifact>,
}

/// Runs the stages that make the output; what they find is added to `findings`.
///
/// The back end and packaging do not know each other: what joins them is here, the digests of the code zips.
pub fn back(
    world: &dyn World,
    (topology, graph): (&Topology, &Graph),
    sources: &SourceMap,
    store: &dyn Store,
    format: TemplateFormat,
    findings: &mut Diagnostics,
) -> Product {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let shell = SystemShell::from_environment();
    let Packaged { artifacts, findings: found } = Packager { world, shell: &shell, store, threads }.package(topology);
    findings.extend(found);
    let lowered = backend::lower(topology, graph, &code(topology, &artifacts));
    findings.extend(lowered.findings);
    // A fault of a function's code, or of two entities, would be found again in the resources that lack for it.
    if !findings.has_errors() {
        findings.extend(backend::check::check(&lowered.template, graph));
    }
    let expr = lowered.template.to_expr();
    let (name, template) = match format {
        TemplateFormat::Yaml => ("template.yaml", backend::yaml::write(&expr)),
        TemplateFormat::Json => ("template.json", backend::json::write(&expr)),
    };
    findings.extend(backend::check::limits::check(&lowered.template, template.len(), topology));
    let manifest = Manifest::new(&manifest::Compiled {
        topology,
        graph,
        sources,
        template: &lowered.template,
        file: (name, template.as_bytes()),
        artifacts: &artifacts,
    });
    Product { name, lowered: lowered.template, template, manifest: manifest.to_json(), artifacts }
}

/// The functions' code as the back end knows it. A function that could not be packed has a stand-in: nothing is emitted
/// then, and what else is wrong can still be told from its resources.
pub fn code(topology: &Topology, artifacts: &BTreeMap<String, Artifact>) -> backend::Artifacts {
    let zipped = topology.functions.values().filter(|function| function.package_type == PackageType::Zip);
    let code = |function: &Function| match artifacts.get(&function.name) {
        Some(artifact) => backend::Artifact { sha256: artifact.sha256.clone(), size: artifact.size },
        None => backend::Artifact { sha256: "0".repeat(64), size: 0 },
    };
    zipped.map(|function| (function.name.clone(), code(function))).collect()
}

impl Product {
    /// The files of the output.
    pub fn expected(&self) -> Expected<'_> {
        let path = |artifact: &Artifact| format!("{ARTIFACTS}/{}", artifact.file_name());
        Expected {
            texts: BTreeMap::from([(self.name, self.template.as_str()), (MANIFEST, self.manifest.as_str())]),
            artifacts: self.artifacts.values().map(|artifact| (path(artifact), artifact)).collect(),
        }
    }
}
