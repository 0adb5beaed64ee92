//! What the tests of lowering share: topologies in, resources as YAML out.

use super::{Artifact, Artifacts, Lowered, lower};
use crate::backend::expr::{Expr, Key, Object};
use crate::backend::template::Template;
use crate::backend::yaml;
use crate::diagnostic::Severity;
use crate::frontend::{Options, load};
use crate::graph::Graph;
use crate::world::MemoryWorld;

/// A handler that does nothing.
pub(super) const HANDLER: &str = "def handler(event, context):\n    return {}\n";

/// Lowers a topology for sandbox `bob` of `dev`, with a function for each name of `functions`.
pub(super) fn template(topology: &str, functions: &[&str]) -> Template {
    let mut world = MemoryWorld::new([("topology.yml", topology)]);
    for name in functions {
        world.insert(format!("{name}/handler.py").as_str(), "def handler(event, context): pass\n");
    }
    let loaded = load(&world, &Options { sandbox: Some("bob".into()), env: Some("dev".into()), version: None });
    assert!(loaded.findings.is_empty(), "{:#?}", loaded.findings);
    let topology = loaded.topology.unwrap();
    let Lowered { template, findings } = lower(&topology, &Graph::build(&topology), &Artifacts::new());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Note), "{findings:#?}");
    template
}

/// Lowers the topology of these files, which may have warnings and notes, in the sandbox `bob` of the environment `dev`.
pub(in crate::backend) fn lower_files<T: AsRef<str>>(files: &[(&str, T)]) -> Lowered {
    let world = MemoryWorld::new(files.iter().map(|(path, text)| (*path, text.as_ref())));
    let loaded = load(&world, &Options { sandbox: Some("bob".into()), env: Some("dev".into()), version: None });
    assert!(!loaded.findings.has_errors(), "{:#?}", loaded.findings);
    let topology = loaded.topology.unwrap();
    let artifact = |name: &String| (name.clone(), Artifact { sha256: "ab".repeat(32), size: 214 });
    let artifacts: Artifacts = topology.functions.keys().map(artifact).collect();
    lower(&topology, &Graph::build(&topology), &artifacts)
}

/// The resource of a logical id, as YAML without `Metadata` and tags.
pub(super) fn resource(template: &Template, id: &str) -> String {
    written(template, |other| other == id)
}

/// Some resources by their ids, as YAML without `Metadata` and tags.
pub(super) fn only(template: &Template, ids: &[&str]) -> String {
    written(template, |id| ids.contains(&id))
}

/// A property of a resource, as YAML.
pub(super) fn property(template: &Template, id: &str, name: &str) -> String {
    yaml::write(template.resources[id].properties.get(name).unwrap_or(&Expr::Null))
}

/// The statements of a role's policy that was read off the topology, as YAML.
pub(super) fn statements(template: &Template, role: &str) -> String {
    let policies = template.resources[role].properties.get("Policies").and_then(Expr::as_list).unwrap();
    let document = policies[0].as_object().and_then(|policy| policy.get("PolicyDocument")).unwrap();
    yaml::write(document.as_object().and_then(|document| document.get("Statement")).unwrap())
}

/// The resources whose logical id begins so, as YAML without `Metadata` and tags.
pub(super) fn resources(template: &Template, prefix: &str) -> String {
    written(template, |id| id.starts_with(prefix))
}

fn written(template: &Template, is_wanted: impl Fn(&str) -> bool) -> String {
    let whole = template.to_expr();
    let all = whole.as_object().and_then(|root| root.get("Resources")).and_then(Expr::as_object).unwrap();
    let wanted = all.iter().filter(|(id, _)| is_wanted(id));
    yaml::write(&Expr::Object(wanted.map(|(id, entry)| (id.clone(), bare(entry))).collect::<Object>()))
}

/// A resource or an output as it stands in the template, without its `Metadata` and tags.
pub(super) fn bare(entry: &Expr) -> Object {
    let untagged = |(key, value): (Key, Expr)| match &value {
        Expr::Object(properties) if key == "Properties" => {
            let kept = properties.iter().filter(|(name, _)| name != "Tags").cloned();
            (key, Expr::Object(kept.collect()))
        }
        _ => (key, value),
    };
    entry.as_object().unwrap().iter().filter(|(key, _)| key != "Metadata").cloned().map(untagged).collect()
}
