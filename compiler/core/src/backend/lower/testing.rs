//! What the tests of lowering share: topologies in, resources as YAML out.

use super::{Artifacts, Lowered, lower};
use crate::backend::expr::{Expr, Object};
use crate::backend::template::Template;
use crate::backend::yaml;
use crate::frontend::{Options, load};
use crate::graph::Graph;
use crate::world::MemoryWorld;

/// Lowers a topology for sandbox `bob` of `dev`, with a function for each name of `functions`.
pub(super) fn template(topology: &str, functions: &[&str]) -> Template {
    let mut world = MemoryWorld::new([("topology.yml", topology)]);
    for name in functions {
        world.insert(format!("{name}/handler.py").as_str(), "def handler(event, context): pass\n");
    }
    let loaded = load(&world, &Options { sandbox: Some("bob".into()), env: Some("dev".into()) });
    assert!(loaded.findings.is_empty(), "{:#?}", loaded.findings);
    let topology = loaded.topology.unwrap();
    let Lowered { template, findings } = lower(&topology, &Graph::build(&topology), &Artifacts::new());
    assert!(findings.is_empty(), "{findings:#?}");
    template
}

/// The resource of a logical id, as YAML without `Metadata`.
pub(super) fn resource(template: &Template, id: &str) -> String {
    written(template, |other| other == id)
}

/// The resources whose logical id begins so, as YAML without `Metadata`.
pub(super) fn resources(template: &Template, prefix: &str) -> String {
    written(template, |id| id.starts_with(prefix))
}

fn written(template: &Template, is_wanted: impl Fn(&str) -> bool) -> String {
    let whole = template.to_expr();
    let all = whole.as_object().and_then(|root| root.get("Resources")).and_then(Expr::as_object).unwrap();
    let wanted = all.iter().filter(|(id, _)| is_wanted(id));
    let bare = |resource: &Expr| {
        let keys = resource.as_object().unwrap().iter().filter(|(key, _)| key != "Metadata").cloned();
        Expr::Object(keys.collect())
    };
    yaml::write(&Expr::Object(wanted.map(|(id, resource)| (id.as_str(), bare(resource))).collect::<Object>()))
}
