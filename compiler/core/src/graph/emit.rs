//! The graph as Mermaid, DOT and JSON.

use super::{EntityId, EntityKind, Graph};
use serde_json::json;
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
    match format {
        Format::Mermaid => mermaid(graph),
        Format::Dot => dot(graph),
        Format::Json => json(graph),
    }
}

fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    for entity in graph.entities() {
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
        let node = identifier(&entity.id);
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {node}{open}\"{} {label}\"{close}", singular(entity.id.kind));
    }
    for link in graph.links() {
        let (from, to) = (identifier(&link.from.id), identifier(&link.to.id));
        let _ = writeln!(out, "  {from} -->|{}| {to}", link.edge.kind.as_str());
    }
    out
}

fn dot(graph: &Graph) -> String {
    let mut out = String::from("digraph topology {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    for entity in graph.entities() {
        let name = escape_dot(&entity.id.name);
        let _ = writeln!(out, "  {} [label=\"{}\\n{name}\"];", identifier(&entity.id), singular(entity.id.kind));
    }
    for link in graph.links() {
        let (from, to) = (identifier(&link.from.id), identifier(&link.to.id));
        let _ = writeln!(out, "  {from} -> {to} [label=\"{}\"];", link.edge.kind.as_str());
    }
    out.push_str("}\n");
    out
}

fn json(graph: &Graph) -> String {
    let entities: Vec<_> = graph
        .entities()
        .map(|entity| json!({ "id": entity.id, "kind": singular(entity.id.kind), "name": entity.id.name }))
        .collect();
    let edges: Vec<_> = graph
        .links()
        .iter()
        .map(|link| json!({ "from": link.from.id, "to": link.to.id, "kind": link.edge.kind.as_str() }))
        .collect();
    format!("{:#}\n", json!({ "entities": entities, "edges": edges }))
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
