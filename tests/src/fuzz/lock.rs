//! Any bytes as `topology.lock`: what is read can be written, and what a topology is divided to by it is that topology.

use super::compile::files;
use super::render;
use std::collections::{BTreeMap, BTreeSet};
use tc_core::backend::stacks::{Lock, Sections, join, place, split};
use tc_core::backend::{self, Artifacts, json};
use tc_core::frontend::{self, Options};
use tc_core::graph::Graph;

/// The reader of locks, and the division by what it read.
pub fn lock(data: &[u8]) {
    let mut world = files();
    world.insert("topology.lock", data);
    let loaded = frontend::load(&world, &Options::default());
    render(loaded.findings, &loaded.sources);
    let (Some(lock), Some(topology)) = (loaded.lock, loaded.topology) else { return };
    assert_eq!(Lock::read(&lock.write()).as_ref(), Ok(&lock));
    let lowered = backend::lower(&topology, &Graph::build(&topology), &Artifacts::new());
    let flat = Sections::of(&lowered.template);
    let placement = place(&flat, Some(&lock), &BTreeSet::new());
    if !placement.misplaced.is_empty() {
        return;
    }
    let value = |sections: &Sections| json::value(&sections.to_expr());
    let assembly = split(&flat, &placement.stacks).expect("tiers make no circle");
    let nested: BTreeMap<String, serde_json::Value> =
        assembly.by_resource().map(|(id, one)| (id, value(one))).collect();
    let joined = join(&value(&assembly.root), &nested);
    assert_eq!(joined.template, value(&flat));
    assert_eq!(joined.stacks, placement.stacks);
}
