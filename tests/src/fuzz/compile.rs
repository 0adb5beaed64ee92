//! One file of a small project replaced by any bytes, through all stages.

use super::render;
use std::io;
use tc_core::analysis;
use tc_core::backend::{self, Artifact, Artifacts};
use tc_core::diagnostic::codes::template;
use tc_core::diagnostic::{Code, Diagnostics};
use tc_core::frontend::{self, Loaded, Options};
use tc_core::graph::{self, Graph};
use tc_core::world::MemoryWorld;
use tc_package::{MemoryStore, Outcome, Packager, Place, Shell};

/// What the check of the back end calls so is a defect of tc: no input may lead to it.
const DEFECTS: [&Code; 7] = [
    &template::UNKNOWN_RESOURCE_TYPE,
    &template::UNKNOWN_PROPERTY,
    &template::PROPERTY_TYPE,
    &template::MISSING_PROPERTY,
    &template::DANGLING_REFERENCE,
    &template::UNKNOWN_ATTRIBUTE,
    &template::WRONG_REFERENCE,
];

const TOPOLOGY: &str = "name: etl
routes:
  /etl: {gateway: api-test, function: enhancer, method: POST, timeout: 10}
events:
  consumes:
    StartETL: {producer: default, function: enhancer}
queues:
  jobs: {producer: enhancer, consumer: loader}
flow:
  StartAt: enhance
  States:
    enhance:
      Type: Task
      Resource: arn:aws:states:::lambda:invoke
      Parameters: {FunctionName: '{{namespace}}_enhancer_{{sandbox}}', Payload.$: $}
      End: true
";

pub(super) fn files() -> MemoryWorld {
    MemoryWorld::new([
        ("topology.yml", TOPOLOGY),
        ("enhancer/handler.py", "def handler(event, context):\n    return {}\n"),
        ("enhancer/pyproject.toml", "[project]\nname = 'enhancer'\n"),
        ("transformer/handler.mjs", "export const handler = async (event) => event;\n"),
        ("loader/handler.rb", "def handler(event:, context:)\n  event\nend\n"),
    ])
}

/// Any bytes as `topology.yml`.
pub fn topology(data: &[u8]) {
    compile("topology.yml", data);
}

/// Any bytes as a `function.json`.
pub fn function_json(data: &[u8]) {
    compile("enhancer/function.json", data);
}

/// Any bytes as a function's vars.
pub fn vars(data: &[u8]) {
    compile("infrastructure/tc/etl/vars/enhancer.json", data);
}

/// Any bytes as a function's statements.
pub fn roles(data: &[u8]) {
    compile("infrastructure/tc/etl/roles/enhancer.json", data);
}

/// Any bytes as the project's `tc.yml`.
pub fn project(data: &[u8]) {
    compile("tc.yml", data);
}

fn compile(path: &str, data: &[u8]) {
    let mut world = files();
    world.insert(path, data);
    let options = Options { sandbox: Some("bob".to_owned()), env: Some("dev".to_owned()), version: None };
    let Loaded { sources, mut findings, topology, .. } = frontend::load(&world, &options);
    if let Some(topology) = topology {
        let graph = Graph::build(&topology);
        findings.extend(analysis::run(&world, &topology, &graph));
        serde_json::to_string(&topology).expect("the IR can be written");
        for format in [graph::Format::Mermaid, graph::Format::Dot, graph::Format::Json] {
            let _ = graph::emit(&graph, format);
        }
        if !findings.has_errors() {
            let store = MemoryStore::default();
            let packager = Packager { world: &world, shell: &NoShell, store: &store, threads: 1 };
            let packaged = packager.package(&topology);
            findings.extend(packaged.findings);
            let artifact = |made: tc_package::Artifact| Artifact { sha256: made.sha256, size: made.size };
            let artifacts: Artifacts =
                packaged.artifacts.into_iter().map(|(name, made)| (name, artifact(made))).collect();
            emit(&topology, &graph, &artifacts, &mut findings);
        }
    }
    assert!(sources.iter().count() > 0);
    render(findings.iter().cloned(), &sources);
}

fn emit(topology: &tc_core::ir::Topology, graph: &Graph, artifacts: &Artifacts, findings: &mut Diagnostics) {
    let packed = !findings.has_errors();
    let lowered = backend::lower(topology, graph, artifacts);
    findings.extend(lowered.findings);
    // Without its code a function lacks a property, and of two resources with one id the second is missing.
    if packed && !findings.has_errors() {
        let found = backend::check::check(&lowered.template, graph);
        let defect = found.iter().find(|finding| DEFECTS.contains(&finding.code));
        assert!(defect.is_none(), "a defect of tc: {defect:?}");
        findings.extend(found);
    }
    let template = lowered.template.to_expr();
    let _ = backend::yaml::write(&template);
    serde_json::from_str::<serde_json::Value>(&backend::json::write(&template)).expect("the template is JSON");
}

/// Starts nothing: what is fuzzed must not run.
struct NoShell;

impl Shell for NoShell {
    fn run(&self, _: &str, _: &Place<'_>) -> io::Result<Outcome> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
