//! The graph as Mermaid, DOT and JSON.

use super::{EntityId, EntityKind, Graph};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A form that the graph can be emitted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A Mermaid flowchart, which GitHub and GitLab draw in Markdown.
    Mermaid,
    /// Graphviz.
    Dot,
    /// `{"entities": [{id, kind, name}], "edges": [{from, to, kind}]}`.
    Json,
}

/// The graph as text with a newline at its end.
pub fn emit(graph: &Graph, format: Format) -> String {
    let scope = Scope::default();
    match format {
        Format::Mermaid => format!("{MERMAID}{}{}", scope.mermaid_nodes(graph, "  "), scope.mermaid_edges(graph)),
        Format::Dot => format!("{DOT}{}{}}}\n", scope.dot_nodes(graph, "  "), scope.dot_edges(graph)),
        Format::Json => {
            let (entities, edges) = sections(graph);
            format!("{:#}\n", json!({ "entities": entities, "edges": edges }))
        }
    }
}

/// The graphs of several topologies as one, each a part of its own; what one starts of another leads to its flow there. In
/// JSON `{"topologies": [{name, entities, edges}]}`.
pub fn emit_all(parts: &[(&str, &Graph)], format: Format) -> String {
    let members: BTreeSet<&str> = parts.iter().map(|(name, _)| *name).collect();
    let scopes: Vec<(Scope<'_>, &str, &Graph)> =
        parts.iter().map(|(name, graph)| (Scope::of(name, &members), *name, *graph)).collect();
    let mut out = String::new();
    match format {
        Format::Mermaid => {
            out.push_str(MERMAID);
            for (scope, name, graph) in &scopes {
                let (id, label) = (Scope::part(name), escape_mermaid(name));
                out += &format!("  subgraph {id} [\"{label}\"]\n{}  end\n", scope.mermaid_nodes(graph, "    "));
            }
            scopes.iter().for_each(|(scope, _, graph)| out += &scope.mermaid_edges(graph));
        }
        Format::Dot => {
            out.push_str(DOT);
            for (scope, name, graph) in &scopes {
                let (id, label) = (Scope::part(name), escape_dot(name));
                let nodes = scope.dot_nodes(graph, "    ");
                out += &format!("  subgraph cluster_{id} {{\n    label=\"{label}\";\n{nodes}  }}\n");
            }
            scopes.iter().for_each(|(scope, _, graph)| out += &scope.dot_edges(graph));
            out.push_str("}\n");
        }
        Format::Json => {
            let part = |(name, graph): &(&str, &Graph)| {
                let (entities, edges) = sections(graph);
                json!({ "name": name, "entities": entities, "edges": edges })
            };
            let topologies: Vec<_> = parts.iter().map(part).collect();
            out += &format!("{:#}\n", json!({ "topologies": topologies }));
        }
    }
    out
}

const MERMAID: &str = "flowchart LR\n";
const DOT: &str = "digraph topology {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n";

/// Whose entities are shown: their identifiers stay apart from those of other topologies.
#[derive(Default)]
struct Scope<'a> {
    prefix: String,
    /// The topologies that are shown, whose flows stand for them.
    members: Option<&'a BTreeSet<&'a str>>,
}

impl<'a> Scope<'a> {
    fn of(topology: &str, members: &'a BTreeSet<&'a str>) -> Self {
        Self { prefix: format!("{}__", Self::part(topology)), members: Some(members) }
    }

    /// The identifier of a topology's part.
    fn part(topology: &str) -> String {
        identifier(&EntityId::new(EntityKind::Topology, topology))
    }

    fn is_elsewhere(&self, id: &EntityId) -> bool {
        id.kind == EntityKind::Topology && self.members.is_some_and(|members| members.contains(id.name.as_str()))
    }

    fn node(&self, id: &EntityId) -> String {
        if self.is_elsewhere(id) {
            return format!("{}__{}", Self::part(&id.name), identifier(&EntityId::new(EntityKind::Flow, &id.name)));
        }
        format!("{}{}", self.prefix, identifier(id))
    }

    fn mermaid_nodes(&self, graph: &Graph, indent: &str) -> String {
        let mut out = String::new();
        for entity in graph.entities().filter(|entity| !self.is_elsewhere(&entity.id)) {
            let label = escape_mermaid(&entity.id.name);
            let (open, close) = match entity.id.kind {
                EntityKind::Function => ("[", "]"),
                EntityKind::Flow => ("[[", "]]"),
                EntityKind::Topology => ("{{", "}}"),
                EntityKind::Queue => ("[(", ")]"),
                EntityKind::Event => (">", "]"),
                EntityKind::Schedule => ("((", "))"),
                EntityKind::Gateway | EntityKind::Route => ("([", "])"),
                EntityKind::Layer | EntityKind::FileSystem | EntityKind::Mutation | EntityKind::Bucket => ("[/", "/]"),
            };
            let node = self.node(&entity.id);
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{indent}{node}{open}\"{} {label}\"{close}", singular(entity.id.kind));
        }
        out
    }

    fn mermaid_edges(&self, graph: &Graph) -> String {
        let mut out = String::new();
        for link in graph.links() {
            let (from, to) = (self.node(&link.from.id), self.node(&link.to.id));
            let _ = writeln!(out, "  {from} -->|{}| {to}", link.edge.kind.as_str());
        }
        out
    }

    fn dot_nodes(&self, graph: &Graph, indent: &str) -> String {
        let mut out = String::new();
        for entity in graph.entities().filter(|entity| !self.is_elsewhere(&entity.id)) {
            let (node, name) = (self.node(&entity.id), escape_dot(&entity.id.name));
            let _ = writeln!(out, "{indent}{node} [label=\"{}\\n{name}\"];", singular(entity.id.kind));
        }
        out
    }

    fn dot_edges(&self, graph: &Graph) -> String {
        let mut out = String::new();
        for link in graph.links() {
            let (from, to) = (self.node(&link.from.id), self.node(&link.to.id));
            let _ = writeln!(out, "  {from} -> {to} [label=\"{}\"];", link.edge.kind.as_str());
        }
        out
    }
}

/// The entities and the edges as data.
fn sections(graph: &Graph) -> (Vec<serde_json::Value>, Vec<serde_json::Value>) {
    let entities = graph
        .entities()
        .map(|entity| json!({ "id": entity.id, "kind": singular(entity.id.kind), "name": entity.id.name }));
    let links = graph.links();
    let edges =
        links.iter().map(|link| json!({ "from": link.from.id, "to": link.to.id, "kind": link.edge.kind.as_str() }));
    (entities.collect(), edges.collect())
}

fn singular(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::FileSystem => "filesystem",
        EntityKind::Topology => "topology",
        kind => kind.plural().trim_end_matches('s'),
    }
}

/// An identifier that both languages read: the kind, and the name with anything but letters and digits spelt as `_HEX`.
fn identifier(id: &EntityId) -> String {
    let mut text = format!("{}_", singular(id.kind));
    for character in id.name.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => text.push(character),
            other => {
                let _ = write!(text, "_{:x}_", u32::from(other));
            }
        }
    }
    text
}

fn escape_mermaid(text: &str) -> String {
    text.replace('#', "#35;")
        .replace('"', "#quot;")
        .replace('<', "#lt;")
        .replace('>', "#gt;")
        .replace(['\n', '\r'], " ")
}

fn escape_dot(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontend::{Options, load};
    use crate::world::MemoryWorld;

    fn graph() -> Graph {
        let text = "name: etl\nroutes:\n  /a: {function: f}\nqueues:\n  jobs: {producer: f, consumer: f}\n";
        let world = MemoryWorld::new([("topology.yml", text), ("f/handler.py", "def handler(e, c): pass\n")]);
        Graph::build(&load(&world, &Options::default()).topology.unwrap())
    }

    #[test]
    fn mermaid_names_every_entity_and_edge() {
        let expected = "flowchart LR\n  gateway_etl([\"gateway etl\"])\n  route__2f_a([\"route /a\"])\n  \
             queue_jobs[(\"queue jobs\")]\n  function_f[\"function f\"]\n  gateway_etl -->|exposes| route__2f_a\n  \
             route__2f_a -->|invokes| function_f\n  queue_jobs -->|delivers| function_f\n  \
             function_f -->|sends| queue_jobs\n";
        assert_eq!(emit(&graph(), Format::Mermaid), expected);
    }

    #[test]
    fn several_topologies_are_parts_of_one_graph() {
        let flow = "flow: {StartAt: s, States: {s: {Type: Pass, End: true}}}\n";
        let order = "name: order\nroutes:\n  /a: {state: payment}\n  /b: {state: refund}\n";
        let (payment, refund) = (format!("name: payment\n{flow}"), format!("name: refund\n{flow}"));
        let files =
            [("topology.yml", order), ("p/topology.yml", payment.as_str()), ("r/topology.yml", refund.as_str())];
        let order = Graph::build(&load(&MemoryWorld::new(files), &Options::default()).topology.unwrap());
        let world = MemoryWorld::new([("topology.yml", payment.as_str())]);
        let payment = Graph::build(&load(&world, &Options::default()).topology.unwrap());
        let parts = [("payment", &payment), ("order", &order)];
        let expected = "flowchart LR\n  subgraph topology_payment [\"payment\"]\n    \
             topology_payment__flow_payment[[\"flow payment\"]]\n  end\n  subgraph topology_order [\"order\"]\n    \
             topology_order__gateway_order([\"gateway order\"])\n    topology_order__route__2f_a([\"route /a\"])\n    \
             topology_order__route__2f_b([\"route /b\"])\n    topology_order__topology_refund{{\"topology refund\"}}\n  end\n  \
             topology_order__gateway_order -->|exposes| topology_order__route__2f_a\n  \
             topology_order__gateway_order -->|exposes| topology_order__route__2f_b\n  \
             topology_order__route__2f_a -->|starts| topology_payment__flow_payment\n  \
             topology_order__route__2f_b -->|starts| topology_order__topology_refund\n";
        assert_eq!(emit_all(&parts, Format::Mermaid), expected);
        let dot = emit_all(&parts, Format::Dot);
        assert!(dot.contains("  subgraph cluster_topology_payment {\n    label=\"payment\";\n"), "{dot}");
        assert!(dot.contains("  topology_order__route__2f_a -> topology_payment__flow_payment [label"), "{dot}");
        let json: serde_json::Value = serde_json::from_str(&emit_all(&parts, Format::Json)).unwrap();
        assert_eq!(json["topologies"][1]["name"], "order");
        assert_eq!(json["topologies"][1]["edges"].as_array().unwrap().len(), 4);
    }

    #[test]
    fn json_and_dot_hold_the_same_edges() {
        let json: serde_json::Value = serde_json::from_str(&emit(&graph(), Format::Json)).unwrap();
        assert_eq!(json["edges"].as_array().unwrap().len(), 4);
        assert_eq!(
            json["edges"][2],
            serde_json::json!({"from": "queues/jobs", "to": "functions/f", "kind": "delivers"})
        );
        assert_eq!(emit(&graph(), Format::Dot).matches(" -> ").count(), 4);
    }
}
