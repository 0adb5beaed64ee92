//! The floor of the benchmark does the same work as tc: its zips are tc's, byte for byte.

#![allow(clippy::unwrap_used, reason = "what does not hold fails the test")]

use std::collections::BTreeMap;
use std::process::Command;
use tc_core::frontend::{self, Options};
use tc_core::world::MemoryWorld;
use tc_package::{MemoryStore, Packager, SystemShell};
use tc_tests::generate::Tool;
use tc_tests::tree::{self, Tree};

#[test]
fn the_floor_makes_the_zips_that_tc_makes() {
    // The smaller one has no vars.
    for functions in [3, 15] {
        judge(functions);
    }
}

fn judge(functions: usize) {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let project = Tool::Tc.project(functions);
    tree::write(&at("source"), &project).unwrap();
    let texts = [("template.yaml", b"t"), ("manifest.json", b"m"), ("stacks/functions-1.yaml", b"s")];
    let texts: Tree = texts.map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).into();
    tree::write(&at("template"), &texts).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_floor")).args(["source", "template", "out"].map(at)).status();
    assert!(status.unwrap().success());

    let world = MemoryWorld::new(project.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())));
    let topology = frontend::load(&world, &Options::default()).topology.unwrap();
    let (store, shell) = (MemoryStore::default(), SystemShell::default());
    let packaged = Packager { world: &world, shell: &shell, store: &store, threads: 1 }.package(&topology);
    assert_eq!(packaged.artifacts.len(), functions);
    let zips = store.into_artifacts().into_iter().map(|(name, bytes)| (format!("artifacts/{name}"), bytes));
    let expected: BTreeMap<_, _> = texts.into_iter().chain(zips).collect();
    assert_eq!(tree::difference(&expected, &tree::read(&at("out")).unwrap()), "");
}
