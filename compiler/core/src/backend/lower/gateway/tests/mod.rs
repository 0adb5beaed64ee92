//! The resources of small topologies, as text, and what holds for all of them.

mod http;
mod quiet;
mod rest;
mod shared;

use crate::backend::expr::{Expr, Object};
use crate::backend::lower::testing::bare;
use crate::backend::template::Template;
use crate::backend::{Artifacts, Lowered, check, lower, yaml};
use crate::frontend::{Options, load};
use crate::graph::Graph;
use crate::world::MemoryWorld;

/// Lowers a topology of two functions, `enhancer` and `guard`, in the sandbox `bob`, with what `tc.yml` says.
fn lowered(topology: &str, project: &str) -> (Lowered, Graph) {
    let handler = "def handler(event, context):\n    return {}\n";
    let world = MemoryWorld::new([
        ("topology.yml", topology),
        ("tc.yml", project),
        ("enhancer/handler.py", handler),
        ("guard/handler.py", handler),
    ]);
    let loaded = load(&world, &Options { sandbox: Some("bob".into()), env: Some("dev".into()) });
    let messages: Vec<_> = loaded.findings.iter().map(|finding| &finding.message).collect();
    assert_eq!(messages, [""; 0]);
    let topology = loaded.topology.unwrap();
    let graph = Graph::build(&topology);
    (lower(&topology, &graph, &Artifacts::new()), graph)
}

/// The template of a topology that is sound as far as its gateways go.
fn template(topology: &str, project: &str) -> Template {
    let (Lowered { template, findings }, graph) = lowered(topology, project);
    assert!(findings.is_empty(), "{findings:?}");
    let faults = check::check(&template, &graph).into_iter().map(|fault| fault.message);
    // The functions have no artifacts here.
    let is_own = |fault: &String| fault.starts_with("gateways/") || fault.starts_with("routes/");
    assert_eq!(faults.filter(is_own).collect::<Vec<_>>(), [""; 0]);
    template
}

/// The entries of a section whose ids `wanted` takes, without their `Metadata` and tags.
fn shown(template: &Template, section: &str, wanted: impl Fn(&str) -> bool) -> String {
    let whole = template.to_expr();
    let entries = whole.as_object().and_then(|root| root.get(section)).and_then(Expr::as_object);
    let entries = entries.into_iter().flat_map(Object::iter).filter(|(id, _)| wanted(id));
    yaml::write(&entries.map(|(id, entry)| (id.as_str(), bare(entry))).collect::<Object>().into())
}

/// The resources of gateways and routes.
fn resources(template: &Template) -> String {
    shown(template, "Resources", |id| id.starts_with("Gateway") || id.starts_with("Route"))
}

/// Some resources by their ids.
fn only(template: &Template, ids: &[&str]) -> String {
    shown(template, "Resources", |id| ids.contains(&id))
}
