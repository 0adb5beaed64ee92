//! The role of a flow through many functions stays within IAM's limits, in the eyes of the judges from outside.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use tc_core::backend::expr::{Expr, Object};
use tc_core::backend::template::Template;
use tc_core::backend::{Artifact, Artifacts, lower, yaml};
use tc_core::frontend::{Options, load};
use tc_core::graph::{EntityKind, Graph};
use tc_core::world::MemoryWorld;
use tc_tests::judges::judge;

/// Writes the template of a flow through so many functions.
fn template(directory: &Path, count: usize) -> PathBuf {
    let mut topology = "name: etl\nflow:\n  StartAt: s0\n  States:\n".to_owned();
    let mut world = MemoryWorld::default();
    for number in 0..count {
        let next = if number + 1 < count { format!("Next: s{}", number + 1) } else { "End: true".to_owned() };
        let resource = format!("'{{{{namespace}}}}_step-{number:03}_{{{{sandbox}}}}'");
        writeln!(topology, "    s{number}: {{Type: Task, Resource: {resource}, {next}}}").unwrap();
        let handler = "def handler(event, context):\n    return {}\n";
        world.insert(format!("step-{number:03}/handler.py").as_str(), handler);
    }
    world.insert("topology.yml", topology);
    let loaded = load(&world, &Options { sandbox: Some("bob".into()), env: Some("dev".into()), version: None });
    assert!(!loaded.findings.has_errors(), "{:?}", loaded.findings);
    let topology = loaded.topology.unwrap();
    let artifact = |name: &String| (name.clone(), Artifact { sha256: "ab".repeat(32), size: 200 });
    let artifacts: Artifacts = topology.functions.keys().map(artifact).collect();
    let mut template = lower(&topology, &Graph::build(&topology), &artifacts).template;
    narrow(&mut template);
    let path = directory.join(format!("flow-{count}.yaml"));
    std::fs::write(&path, yaml::write(&template.to_expr())).unwrap();
    path
}

/// Leaves the flow and what its role refers to. The whole of so many functions is over the 500 resources of a template.
fn narrow(template: &mut Template) {
    template.resources.retain(|_, resource| {
        resource.entity.kind == EntityKind::Flow || resource.resource_type == "AWS::Lambda::Function"
    });
    for function in template.resources.values_mut().filter(|one| one.entity.kind == EntityKind::Function) {
        let kept = function.properties.iter().filter(|(name, _)| !["LoggingConfig", "Tags"].contains(&name.as_ref()));
        let mut kept: Object = kept.cloned().collect();
        kept.put("Role", Expr::Sub("arn:aws:iam::${AWS::AccountId}:role/any".to_owned()));
        function.properties = kept;
    }
}

#[test]
fn flows_of_seventy_and_three_hundred_functions_are_legal() {
    let directory = tempfile::tempdir().unwrap();
    let (small, large) = (template(directory.path(), 70), template(directory.path(), 300));
    assert!(std::fs::read_to_string(&large).unwrap().contains("AWS::IAM::ManagedPolicy"));
    let findings = judge(&[small, large]).unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
}
