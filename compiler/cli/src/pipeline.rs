//! The stages in their order, as far as a command needs them.

use crate::output::{Expected, MANIFEST, STACKS};
use clap::ValueEnum;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::thread;
use tc_core::analysis;
use tc_core::backend::check::limits;
use tc_core::backend::expr::Expr;
use tc_core::backend::stacks::{self, Lock, Placement, Sections, WrittenNested, WrittenTemplate};
use tc_core::backend::{self, ARTIFACT_BUCKET, template::Template};
use tc_core::diagnostic::Diagnostics;
use tc_core::frontend::input::ProjectInput;
use tc_core::frontend::{self, Options};
use tc_core::graph::{self, EntityId, EntityKind, Graph};
use tc_core::ir::{Function, PackageType, Topology};
use tc_core::source::SourceMap;
use tc_core::world::World;
use tc_package::manifest::{self, ARTIFACTS, Manifest, TemplateFile};
use tc_package::{Artifact, Document as _, Packaged, Packager, Store, SystemShell};

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
    /// What `topology.lock` says, where there is one.
    pub lock: Option<Lock>,
}

/// Runs the stages that read and judge.
pub fn front(world: &dyn World, options: &Options) -> Outcome {
    let frontend::Loaded { sources, mut findings, project, topology, lock, .. } = frontend::load(world, options);
    let front = topology.map(|topology| {
        let graph = Graph::build(&topology);
        findings.extend(analysis::run(world, &topology, &graph));
        (topology, graph)
    });
    Outcome { sources, findings, project, front, lock }
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
    /// The template as data: one, however many stacks it is for.
    pub lowered: Template,
    /// The root stack's template as it is written.
    pub template: String,
    /// The templates of nested stacks.
    pub stacks: Vec<NestedTemplate>,
    /// What is in which stack.
    pub placement: Placement,
    /// The manifest.
    pub manifest: String,
    /// The code zips by their functions' names.
    pub artifacts: BTreeMap<String, Artifact>,
}

/// The template of a nested stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestedTemplate {
    /// What the stack is called: `functions-1`.
    pub name: String,
    /// The text.
    pub text: String,
    /// The SHA-256 of the text, 64 lower-case hexadecimal digits: the root's template names it by that.
    pub sha256: String,
}

/// Runs the stages that make the output; what they find is added to `findings`.
///
/// The back end and packaging do not know each other: what joins them is here, the digests of the code zips.
pub fn back(
    world: &dyn World,
    (topology, graph, lock): (&Topology, &Graph, Option<&Lock>),
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
    let mut lowered = lowered.template;
    let Stacks { placement, root, nested } = stacks(&mut lowered, (topology, graph, lock), format, findings);
    let name = format.file();
    let manifest = Manifest::new(&manifest::Compiled {
        topology,
        graph,
        sources,
        template: &lowered,
        file: (name, root.text.as_bytes()),
        resources: root.resources,
        stacks: nested.iter().map(|stack| (stack.name.clone(), template_file(stack, format))).collect(),
        places: placement.lock.iter().flat_map(Lock::named).collect(),
        artifacts: &artifacts,
    });
    Product {
        name,
        lowered,
        template: root.text,
        stacks: nested.into_iter().map(NestedTemplate::from).collect(),
        placement,
        manifest: manifest.to_json(),
        artifacts,
    }
}

/// The templates of a topology, one or several.
struct Stacks {
    placement: Placement,
    root: WrittenTemplate,
    nested: Vec<WrittenNested>,
}

/// What a lock may name though it is not in this sandbox, since it is for others.
pub fn places_elsewhere(topology: &Topology) -> BTreeSet<String> {
    let elsewhere = topology.consumed_elsewhere.iter();
    elsewhere.map(|name| EntityId::new(EntityKind::Event, name).to_string()).collect()
}

/// Writes a template, divided where it is too large for one stack.
fn stacks(
    lowered: &mut Template,
    (topology, graph, lock): (&Topology, &Graph, Option<&Lock>),
    format: TemplateFormat,
    findings: &mut Diagnostics,
) -> Stacks {
    let mut sections = Sections::of(lowered);
    let placement = stacks::place(&sections, lock, &places_elsewhere(topology));
    findings.extend(limits::renamed(&placement, graph));
    findings.extend(limits::misplaced(&placement, topology));
    if placement.is_split() {
        if backend::import_artifact_bucket(lowered) {
            sections = Sections::of(lowered);
        }
        match stacks::split(&sections, &placement.stacks) {
            Ok(assembly) => {
                let written = assembly.write(format.extension(), ARTIFACT_BUCKET, |expr| format.write(expr));
                findings.extend(limits::check_stacks(&written, &placement, topology, graph));
                return Stacks { placement, root: written.root, nested: written.nested };
            }
            Err(circle) => findings.push(limits::circle(&circle, topology)),
        }
    }
    let text = format.write(&sections.to_expr());
    if !placement.is_split() {
        findings.extend(limits::check(lowered, text.len(), topology));
    }
    let (parameters, outputs) = (lowered.parameters.len(), lowered.outputs.len());
    let root = WrittenTemplate { text, resources: lowered.resources.len(), parameters, outputs };
    Stacks { placement, root, nested: Vec::new() }
}

/// A nested stack's template as the manifest tells of it.
fn template_file(stack: &WrittenNested, format: TemplateFormat) -> TemplateFile {
    TemplateFile {
        file: stack_file(&stack.name, format.extension()),
        sha256: stack.sha256.clone(),
        size: stack.template.text.len() as u64,
        resources: stack.template.resources,
    }
}

/// The path of a nested stack's template in the output directory.
fn stack_file(name: &str, extension: &str) -> String {
    format!("{STACKS}/{name}.{extension}")
}

impl From<WrittenNested> for NestedTemplate {
    fn from(WrittenNested { name, template, sha256 }: WrittenNested) -> Self {
        Self { name, text: template.text, sha256 }
    }
}

impl TemplateFormat {
    /// The name of the root stack's template.
    fn file(self) -> &'static str {
        match self {
            Self::Yaml => "template.yaml",
            Self::Json => "template.json",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
        }
    }

    fn write(self, expr: &Expr) -> String {
        match self {
            Self::Yaml => backend::yaml::write(expr),
            Self::Json => backend::json::write_template(expr),
        }
    }
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
        let extension = self.name.rsplit('.').next().unwrap_or_default();
        let stacks = self.stacks.iter();
        let stacks = stacks.map(|stack| (stack_file(&stack.name, extension), stack.text.as_str()));
        let texts = [(self.name, &self.template), (MANIFEST, &self.manifest)];
        let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), text.as_str()));
        Expected {
            texts: texts.chain(stacks).collect(),
            artifacts: self.artifacts.values().map(|artifact| (path(artifact), artifact)).collect(),
        }
    }
}
