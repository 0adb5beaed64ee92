//! What each stage costs on topologies of 3, 100 and 1,000 functions, all files in memory:
//! `cargo bench --workspace --bench stages`. `tests/bench/process.py` times the whole program.

#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "a benchmark: criterion's macros make functions, and faults may panic"
)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tc_core::analysis;
use tc_core::backend::{self, Artifact, Artifacts};
use tc_core::frontend::{self, Options};
use tc_core::graph::Graph;
use tc_core::ir::Topology;
use tc_core::source::SourceMap;
use tc_core::world::{MemoryWorld, SourcePath};
use tc_package::{MemoryStore, Packager, SystemShell};
use tc_tests::generate::Tool;

const SIZES: [usize; 3] = [3, 100, 1000];

fn stages(criterion: &mut Criterion) {
    for (name, stage) in [
        ("read", read as fn(&Prepared)),
        ("load", load),
        ("graph", graph),
        ("analysis", analyse),
        ("package", package),
        ("lower", lower),
        ("check", check),
        ("write", write),
    ] {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(20);
        for size in SIZES {
            let prepared = Prepared::new(size);
            group.throughput(Throughput::Elements(size as u64));
            group.bench_with_input(BenchmarkId::from_parameter(size), &prepared, |bencher, prepared| {
                bencher.iter(|| stage(prepared));
            });
        }
    }
}

/// What the stages before a stage made.
struct Prepared {
    world: MemoryWorld,
    text: String,
    topology: Topology,
    graph: Graph,
    artifacts: Artifacts,
}

impl Prepared {
    fn new(size: usize) -> Self {
        let project = Tool::Tc.project(size);
        let text = project.get("topology.yml").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let world = MemoryWorld::new(project.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())));
        let topology = frontend::load(&world, &Options::default()).topology.expect("the generated topology is sound");
        let graph = Graph::build(&topology);
        let artifact = |name: &String| (name.clone(), Artifact { sha256: "0".repeat(64), size: 1 });
        let artifacts = topology.functions.keys().map(artifact).collect();
        Self { world, text: text.unwrap_or_default(), topology, graph, artifacts }
    }
}

/// `topology.yml` to a tree.
fn read(prepared: &Prepared) {
    let file = SourceMap::default().add(SourcePath::new("topology.yml"), String::new());
    let _ = black_box(frontend::yaml::read(file, &prepared.text));
}

/// The whole front end: discovery, all files, schemas, names.
fn load(prepared: &Prepared) {
    black_box(frontend::load(&prepared.world, &Options::default()));
}

fn graph(prepared: &Prepared) {
    black_box(Graph::build(&prepared.topology));
}

fn analyse(prepared: &Prepared) {
    black_box(analysis::run(&prepared.world, &prepared.topology, &prepared.graph));
}

/// Every zip, on one thread, kept in memory.
fn package(prepared: &Prepared) {
    let (store, shell) = (MemoryStore::default(), SystemShell::default());
    let packager = Packager { world: &prepared.world, shell: &shell, store: &store, threads: 1 };
    black_box(packager.package(&prepared.topology));
}

fn lower(prepared: &Prepared) {
    black_box(backend::lower(&prepared.topology, &prepared.graph, &prepared.artifacts));
}

/// The check of the template, with the lowering before it: `check` less `lower` is the check alone.
fn check(prepared: &Prepared) {
    let lowered = backend::lower(&prepared.topology, &prepared.graph, &prepared.artifacts);
    black_box(backend::check::check(&lowered.template, &prepared.graph));
}

/// The template as YAML, with the lowering before it: `write` less `lower` is the writing alone.
fn write(prepared: &Prepared) {
    let lowered = backend::lower(&prepared.topology, &prepared.graph, &prepared.artifacts);
    black_box(backend::yaml::write(&lowered.template.to_expr()));
}

criterion_group!(benches, stages);
criterion_main!(benches);
