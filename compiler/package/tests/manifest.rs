//! The manifest of a small topology, and its schema.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use tc_core::backend;
use tc_core::frontend::{Options, load};
use tc_core::graph::Graph;
use tc_core::world::MemoryWorld;
use tc_package::manifest::Compiled;
use tc_package::{Document, Manifest, MemoryStore, Packager, SystemShell};

const TOPOLOGY: &str = "name: etl\nversion: 1.2.3\nqueues:\n  jobs: {consumer: loader}\n";

fn manifest() -> Manifest {
    let world = MemoryWorld::new([
        ("topology.yml", TOPOLOGY),
        ("enhancer/handler.py", "def handler(event, context): pass\n"),
        ("enhancer/function.json", r#"{"runtime": {"layers": ["shared"]}}"#),
        ("loader/handler.py", "def handler(event, context): pass\n"),
    ]);
    let options = Options { sandbox: Some("bob".to_owned()), env: Some("dev".to_owned()), version: None };
    let loaded = load(&world, &options);
    assert!(!loaded.findings.has_errors());
    let (topology, store) = (loaded.topology.unwrap(), MemoryStore::default());
    let packager = Packager { world: &world, shell: &SystemShell::default(), store: &store, threads: 1 };
    let artifacts = packager.package(&topology).artifacts;
    let digest = |(name, artifact): (&String, &tc_package::Artifact)| {
        (name.clone(), backend::Artifact { sha256: artifact.sha256.clone(), size: artifact.size })
    };
    let graph = Graph::build(&topology);
    let lowered = backend::lower(&topology, &graph, &artifacts.iter().map(digest).collect::<BTreeMap<_, _>>());
    Manifest::new(&Compiled {
        topology: &topology,
        graph: &graph,
        sources: &loaded.sources,
        template: &lowered.template,
        file: ("template.yaml", b"Resources: {}\n"),
        resources: lowered.template.resources.len(),
        stacks: BTreeMap::new(),
        places: BTreeMap::new(),
        artifacts: &artifacts,
    })
}

#[test]
fn it_says_what_was_made_and_where_it_comes_from() {
    let manifest = manifest();
    let json: Value = serde_json::from_str(&manifest.to_json()).unwrap();
    assert_eq!(json["tool"], json!({"name": "tc", "version": env!("CARGO_PKG_VERSION")}));
    let head: Vec<_> =
        ["topology", "version", "sandbox", "env"].iter().map(|key| json[key].as_str().unwrap()).collect();
    assert_eq!(head, ["etl", "1.2.3", "bob", "dev"]);
    assert_eq!(json["template"]["file"], "template.yaml");
    assert_eq!(json["template"]["size"], 14);
    assert_eq!(json["template"]["sha256"], "49cbd1e9008e8b67dec76613bb4d6468c822c99701820526928d43b382f35fba");
    let (enhancer, loader) = (&json["artifacts"]["enhancer"], &json["artifacts"]["loader"]);
    assert_eq!(enhancer, loader, "equal code is one file");
    assert_eq!(enhancer["file"], format!("artifacts/{}.zip", enhancer["sha256"].as_str().unwrap()));
    assert_eq!(json["imports"]["ArtifactBucket"]["kind"], "artifact_bucket");
    assert_eq!(json["imports"]["ArtifactBucket"]["consumers"], json!(["functions/enhancer", "functions/loader"]));
    let entity = &json["entities"]["functions/enhancer"];
    assert_eq!(
        (&entity["path"], &entity["line"], &entity["column"]),
        (&json!("enhancer/function.json"), &json!(1), &json!(1))
    );
    let id = backend::logical_id::function("enhancer");
    assert!(entity["resources"].as_array().unwrap().iter().any(|listed| *listed == id), "{entity}");
    assert_eq!(json["entities"]["queues/jobs"]["line"], 4);
    assert_eq!(json["entities"]["queues/jobs"]["column"], 3);
}

#[test]
fn it_can_be_read_back() {
    let manifest = manifest();
    assert_eq!(serde_json::from_str::<Manifest>(&manifest.to_json()).unwrap(), manifest);
}

#[test]
fn it_follows_its_schema_and_the_schema_its_types() {
    let hint = "run `cargo run -p tc-package --example schema -- schema`";
    assert_eq!(Manifest::SCHEMA, Manifest::generate_schema(), "{hint}");
    let validator = jsonschema::validator_for(&serde_json::from_str(Manifest::SCHEMA).unwrap()).unwrap();
    let mut json: Value = serde_json::from_str(&manifest().to_json()).unwrap();
    assert!(validator.is_valid(&json));
    json["time"] = json!("2026-11-22");
    assert!(!validator.is_valid(&json), "an unknown key");
}
