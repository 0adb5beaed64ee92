//! The resources of small topologies, as text, and what holds for all of them.

mod both;
mod http;
mod quiet;
mod rest;
mod shared;

use crate::backend::expr::{Expr, Object};
use crate::backend::lower::testing::{HANDLER, bare, only, property, statements};
use crate::backend::template::Template;
use crate::backend::{Artifacts, Lowered, check, lower, yaml};
use crate::frontend::{Options, load};
use crate::graph::Graph;
use crate::world::MemoryWorld;

/// A flow, and a queue that keeps order, for routes to lead to.
const TARGETS: &str = "flow: {StartAt: a, States: {a: {Type: Pass, End: true}}}\n\
                       queues: {jobs: {consumer: guard, fifo: true}}\n";

/// Lowers a topology of two functions, `enhancer` and `guard`, in the sandbox `bob`, with what `tc.yml` says.
fn lowered(topology: &str, project: &str) -> (Lowered, Graph) {
    let world = MemoryWorld::new([
        ("topology.yml", topology),
        ("tc.yml", project),
        ("enhancer/handler.py", HANDLER),
        ("guard/handler.py", HANDLER),
    ]);
    let loaded = load(&world, &Options { sandbox: Some("bob".into()), env: Some("dev".into()), version: None });
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

/// What the topology `etl` comes to with these routes of the gateway `web`, each its key and its mapping without braces,
/// and with what else it says.
fn web(kind: &str, rest: &str, routes: &[(&str, &str)]) -> Template {
    let route = |(key, body): &(&str, &str)| format!("  {key}: {{gateway: web, kind: {kind}, {body}}}\n");
    let routes: String = routes.iter().map(route).collect();
    template(&format!("name: etl\n{rest}routes:\n{routes}"), "")
}

/// The entries of a section whose ids `wanted` takes, without their `Metadata` and tags.
fn shown(template: &Template, section: &str, wanted: impl Fn(&str) -> bool) -> String {
    let whole = template.to_expr();
    let entries = whole.as_object().and_then(|root| root.get(section)).and_then(Expr::as_object);
    let entries = entries.into_iter().flat_map(Object::iter).filter(|(id, _)| wanted(id));
    yaml::write(&entries.map(|(id, entry)| (id.clone(), bare(entry))).collect::<Object>().into())
}

/// The resources of gateways and routes.
fn resources(template: &Template) -> String {
    shown(template, "Resources", |id| id.starts_with("Gateway") || id.starts_with("Route"))
}

/// The outputs of gateways.
fn urls(template: &Template) -> String {
    shown(template, "Outputs", |id| id.starts_with("Gateway"))
}
