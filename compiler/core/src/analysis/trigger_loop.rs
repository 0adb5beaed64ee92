//! No function and no flow triggers what triggers it, through any number of hops.
//!
//! The graph has one node for an event, whether it is put or consumed. Here the two are apart: what is put comes to a
//! consumer only where bus, source and pattern allow it.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};
use crate::graph::{EdgeKind, EntityId, EntityKind};
use crate::ir::{ConsumedEvent, PutEvent};
use crate::source::{Node, Piece, Span, Spanned, Symbol, Text};
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Hops that are marked in a finding, and names that its message holds.
const SHOWN: usize = 8;

/// Something that runs, or is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stop<'a> {
    /// A function, a queue, the flow.
    Entity(&'a EntityId),
    /// An event that is put.
    Put(Put<'a>),
    /// An event that is taken from a bus.
    Taken(&'a str),
}

/// An event that is put, by what decides who takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Put<'a> {
    name: &'a str,
    bus: &'a str,
    /// Any of these; any at all where empty.
    sources: &'a [Spanned<String>],
}

/// The bus that every account has.
const DEFAULT_BUS: &str = "default";

fn bus_or_default(bus: Option<&Spanned<String>>) -> &str {
    bus.map_or(DEFAULT_BUS, |bus| bus.value.as_str())
}

impl<'a> Put<'a> {
    /// An event as the flow puts it. `None` for a bus of another account or region, from which it comes to nothing here.
    fn of_flow(event: &'a PutEvent) -> Option<Self> {
        let bus = match event.bus.as_ref().map(Text::pieces).as_deref() {
            None => DEFAULT_BUS,
            Some([Piece::Literal(name)]) if !name.starts_with("arn:") => name,
            Some([.., Piece::Symbol(Symbol::Account), Piece::Literal(rest)]) => rest.strip_prefix(":event-bus/")?,
            Some(_) => return None,
        };
        Some(Self { name: &event.name, bus, sources: event.source.as_slice() })
    }
}

/// What leads from one stop to the next, and where it is written.
#[derive(Debug, Clone, Copy)]
struct Hop {
    verb: &'static str,
    span: Span,
}

type Stops<'a> = DiGraph<Stop<'a>, Hop>;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let stops = stops(subject);
    for component in petgraph::algo::kosaraju_scc(&stops) {
        // The story begins at a function, or at the flow where there is none on the way.
        let rank = |node: &NodeIndex| match stops.node_weight(*node) {
            Some(Stop::Entity(id)) if id.kind == EntityKind::Function => Some(0),
            Some(Stop::Entity(id)) if id.kind == EntityKind::Flow => Some(1),
            _ => None,
        };
        let starts = component.iter().filter_map(|node| Some((rank(node)?, stops.node_weight(*node), *node)));
        let start = starts.min_by_key(|(rank, stop, _)| (*rank, *stop)).map(|(.., node)| node);
        let members: BTreeSet<NodeIndex> = component.into_iter().collect();
        if let Some(hops) = start.and_then(|start| shortest(&stops, start, &members)) {
            findings.extend(finding(&stops, &hops));
        }
    }
}

/// The stops of a topology and what leads from one to another.
fn stops<'a>(subject: &Subject<'a>) -> Stops<'a> {
    let mut stops = Stops::new();
    let mut index = BTreeMap::new();
    let mut node = |stops: &mut Stops<'a>, stop| *index.entry(stop).or_insert_with(|| stops.add_node(stop));
    let graph = subject.graph.petgraph();
    for edge in graph.edge_references() {
        let verb = match edge.weight().kind {
            EdgeKind::Invokes => "invokes",
            EdgeKind::Starts => "starts",
            EdgeKind::Runs => "runs",
            EdgeKind::Sends => "sends to",
            EdgeKind::Delivers => "delivers to",
            EdgeKind::Puts => "puts",
            // Nothing runs because of them, or nothing here.
            EdgeKind::Calls
            | EdgeKind::Answers
            | EdgeKind::Authorizes
            | EdgeKind::Exposes
            | EdgeKind::Uses
            | EdgeKind::Mounts => continue,
        };
        let ends = (graph.node_weight(edge.source()), graph.node_weight(edge.target()));
        let (Some(from), Some(to)) = ends else { continue };
        let start = match from.id.kind {
            EntityKind::Event => Stop::Taken(&from.id.name),
            // Nothing leads to them.
            EntityKind::Route | EntityKind::Schedule => continue,
            _ => Stop::Entity(&from.id),
        };
        let ends = match to.id.kind {
            EntityKind::Event => puts(subject, from.id.kind, &to.id.name).into_iter().map(Stop::Put).collect(),
            _ => vec![Stop::Entity(&to.id)],
        };
        let start = node(&mut stops, start);
        for end in ends {
            let end = node(&mut stops, end);
            stops.add_edge(start, end, Hop { verb, span: edge.weight().span });
        }
    }
    let consumers = Consumers::of(subject);
    let all: Vec<(NodeIndex, Put<'_>)> = stops
        .node_indices()
        .filter_map(|node| match stops.node_weight(node) {
            Some(Stop::Put(put)) => Some((node, *put)),
            _ => None,
        })
        .collect();
    for (from, put) in all {
        for consumed in consumers.of_event(put) {
            let to = node(&mut stops, Stop::Taken(&consumed.name));
            stops.add_edge(from, to, Hop { verb: "is taken as", span: consumed.span });
        }
    }
    stops
}

/// The ways in which functions, or the flow, put an event.
fn puts<'a>(subject: &Subject<'a>, by: EntityKind, name: &str) -> Vec<Put<'a>> {
    let topology = subject.topology;
    if by == EntityKind::Flow {
        let events = topology.flow.iter().flat_map(|flow| &flow.puts).filter(|event| event.name.value == name);
        return events.filter_map(Put::of_flow).collect();
    }
    let produced = topology.produces.get(name).into_iter();
    let put = produced.map(|event| Put {
        name: &event.name,
        bus: bus_or_default(event.bus.as_ref()),
        sources: &event.sources,
    });
    put.collect()
}

/// Consumed events by the detail-type they take.
struct Consumers<'a> {
    by_name: BTreeMap<&'a str, Vec<&'a ConsumedEvent>>,
    /// Those whose pattern does not name whole detail-types.
    others: Vec<&'a ConsumedEvent>,
}

impl<'a> Consumers<'a> {
    fn of(subject: &Subject<'a>) -> Self {
        let mut consumers = Self { by_name: BTreeMap::new(), others: Vec::new() };
        for event in subject.topology.consumes.values() {
            let Some(pattern) = &event.pattern else {
                consumers.by_name.entry(&event.name).or_default().push(event);
                continue;
            };
            let types = pattern.get("detail-type").and_then(Node::as_list);
            match types.map(|types| types.iter().map(Node::as_str).collect::<Option<BTreeSet<_>>>()) {
                Some(Some(names)) => {
                    names.into_iter().for_each(|name| consumers.by_name.entry(name).or_default().push(event));
                }
                _ => consumers.others.push(event),
            }
        }
        consumers
    }

    fn of_event(&self, put: Put<'a>) -> impl Iterator<Item = &'a ConsumedEvent> {
        let named = self.by_name.get(put.name).into_iter().flatten();
        let all = named.chain(self.others.iter().filter(move |event| allows(event, "detail-type", put.name)));
        all.copied().filter(move |consumed| comes_to(put, consumed))
    }
}

/// Whether bus and source let an event come to a consumer of its detail-type. A source that is not stated may be any.
fn comes_to(put: Put<'_>, consumed: &ConsumedEvent) -> bool {
    if put.bus != bus_or_default(consumed.bus.as_ref()) {
        return false;
    }
    let is_taken = |source: &str| match consumed.pattern {
        Some(_) => allows(consumed, "source", source),
        None => consumed.sources.is_empty() || consumed.sources.iter().any(|own| own.value == source),
    };
    put.sources.is_empty() || put.sources.iter().any(|source| is_taken(source))
}

/// Whether a field of a consumer's pattern is sure to match a value: it names it, or a prefix of it, or is absent.
fn allows(consumed: &ConsumedEvent, field: &str, value: &str) -> bool {
    let Some(matchers) = consumed.pattern.as_ref().and_then(|pattern| pattern.get(field)) else { return true };
    matchers.as_list().unwrap_or_default().iter().any(|matcher| match matcher.get("prefix") {
        Some(prefix) => prefix.as_str().is_some_and(|prefix| value.starts_with(prefix)),
        None => matcher.as_str() == Some(value),
    })
}

/// The shortest way from a stop back to itself that does not leave `members`.
fn shortest(stops: &Stops<'_>, start: NodeIndex, members: &BTreeSet<NodeIndex>) -> Option<Vec<EdgeIndex>> {
    let mut came_by: BTreeMap<NodeIndex, EdgeIndex> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(node) = waiting.pop_front() {
        let mut edges: Vec<_> = stops.edges(node).filter(|edge| members.contains(&edge.target())).collect();
        edges.sort_by_key(|edge| stops.node_weight(edge.target()));
        for edge in edges {
            if came_by.contains_key(&edge.target()) {
                continue;
            }
            came_by.insert(edge.target(), edge.id());
            if edge.target() == start {
                return Some(way_to(stops, start, &came_by));
            }
            waiting.push_back(edge.target());
        }
    }
    None
}

/// The edges by which `start` was come back to.
fn way_to(stops: &Stops<'_>, start: NodeIndex, came_by: &BTreeMap<NodeIndex, EdgeIndex>) -> Vec<EdgeIndex> {
    let mut hops = Vec::new();
    let mut at = start;
    while let Some((edge, (from, _))) = came_by.get(&at).and_then(|edge| Some((*edge, stops.edge_endpoints(*edge)?))) {
        hops.push(edge);
        at = from;
        if at == start {
            break;
        }
    }
    hops.reverse();
    hops
}

fn finding(stops: &Stops<'_>, hops: &[EdgeIndex]) -> Option<Diagnostic> {
    let hop = |edge: &EdgeIndex| {
        let (from, to) = stops.edge_endpoints(*edge)?;
        Some((shown(stops.node_weight(from)?), shown(stops.node_weight(to)?), *stops.edge_weight(*edge)?))
    };
    let hops: Vec<(String, String, Hop)> = hops.iter().filter_map(hop).collect();
    let (first, rest) = hops.split_first()?;
    let start = &first.0;
    let mut way: Vec<&str> = vec![start];
    // An event that is put and taken under one name is one step for the reader.
    way.extend(hops.iter().filter(|(from, to, _)| from != to).map(|(_, to, _)| to.as_str()));
    if way.len() > SHOWN {
        way.splice(SHOWN / 2..way.len() - SHOWN / 2, ["..."]);
    }
    let label = |(from, to, hop): &(String, String, Hop)| format!("{from} {} {to}", hop.verb);
    let message = format!("{start} triggers what triggers it: {}", way.join(" -> "));
    let mut finding = Diagnostic::new(&codes::TRIGGER_LOOP, first.2.span, message).label(label(first));
    for hop in rest.iter().filter(|(from, to, _)| from != to).take(SHOWN) {
        finding = finding.also(hop.2.span, label(hop));
    }
    Some(
        finding
            .help("break it at one of these places, or see to it that the code stops by itself")
            .help("where an event is meant for others only, put it with a `source` that this consumer does not take"),
    )
}

fn shown(stop: &Stop<'_>) -> String {
    match stop {
        Stop::Entity(id) if id.kind == EntityKind::Flow => "the flow".to_owned(),
        Stop::Entity(id) => format!("`{}`", id.name),
        Stop::Put(Put { name, .. }) | Stop::Taken(name) => format!("`{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::check;

    fn run(text: &str) -> Vec<String> {
        let found = testing::check_topology(check, text);
        found.iter().map(|line| line.split(';').next().unwrap().to_owned()).collect()
    }

    fn events(consumes: &str, produces: &str) -> Vec<String> {
        run(&format!("events:\n  consumes:\n    {consumes}\n  produces:\n    {produces}\n"))
    }

    #[test]
    fn a_chain_is_no_loop() {
        let text = "queues:\n  q: {producer: a, consumer: b}\nroutes:\n  /x: {function: a}\nevents:\n  consumes: {E: {function: \
                    c}}\n  produces: {E: {producer: b}}\n";
        assert_eq!(run(text), [""; 0]);
    }

    #[test]
    fn an_event_comes_back_to_its_producer() {
        assert_eq!(
            events("E: {function: a}", "E: {producer: a}"),
            ["TC0402 warning `a` triggers what triggers it: `a` -> `E` -> `a` @a"]
        );
    }

    #[test]
    fn every_hop_is_marked() {
        let text = "queues:\n  q: {producer: a, consumer: b}\nevents:\n  consumes: {E: {state: flow}}\n  produces: {E: {producer: \
                    b}}\nflow:\n  StartAt: s\n  States: {s: {Type: Task, Resource: \
                    'arn:aws:lambda:us-east-1:1:function:etl_a_bob', End: true}}\n";
        assert_eq!(
            run(text),
            ["TC0402 warning `a` triggers what triggers it: `a` -> `q` -> `b` -> `E` -> the flow -> `a` @a"]
        );
        let topology = format!("name: etl\n{text}");
        let files = [("topology.yml", topology.as_str()), ("a/handler.py", ""), ("b/handler.py", "")];
        let (sources, found) = testing::diagnostics(check, &files);
        let labels: Vec<_> =
            found[0].secondary.iter().map(|l| (l.text.as_str(), testing::text(&sources, l.span))).collect();
        assert_eq!(
            labels,
            [
                ("`q` delivers to `b`", "b"),
                ("`b` puts `E`", "b"),
                ("`E` starts the flow", "flow"),
                ("the flow invokes `a`", "'arn:aws:lambda:us-east-1:1:function:etl_a_bob'"),
            ]
        );
    }

    #[test]
    fn sources_and_buses_keep_events_apart() {
        assert_eq!(events("E: {function: a, producer: x}", "E: {producer: a, source: y}"), [""; 0]);
        assert_eq!(events("E: {function: a, bus: x}", "E: {producer: a}"), [""; 0]);
        assert_eq!(events("E: {function: a, producer: x}", "E: {producer: a, source: [x, y]}").len(), 1);
        assert_eq!(events("E: {function: a, producer: x}", "E: {producer: a}").len(), 1);
    }

    fn flow(consumes: &str, entry: &str) -> Vec<String> {
        run(&format!(
            "events: {{consumes: {{{consumes}}}}}\nflow:\n  StartAt: s\n  States:\n    s: {{Type: Task, Resource: \
             'arn:aws:states:::events:putEvents', Parameters: {{Entries: [{entry}]}}, End: true}}\n"
        ))
    }

    #[test]
    fn the_flow_puts_what_starts_it() {
        let entry = "{DetailType: E, Source: etl, Detail: {}}";
        let found = ["TC0402 warning the flow triggers what triggers it: the flow -> `E` -> the flow @E"];
        assert_eq!(flow("E: {state: flow}", entry), found);
        assert_eq!(flow("E: {state: flow, producer: etl, bus: default}", entry), found);
        assert_eq!(flow("E: {state: flow, producer: other}", entry), [""; 0]);
        assert_eq!(flow("E: {state: flow}", "{DetailType.$: $.type, Source: etl, Detail: {}}"), [""; 0]);
        let on = |bus: &str| format!("{{DetailType: E, Source: etl, Detail: {{}}, EventBusName: '{bus}'}}");
        for (bus, loops) in [
            ("orders", true),
            ("arn:aws:events:{{region}}:{{account}}:event-bus/orders", true),
            ("arn:aws:events:us-east-1:123456789012:event-bus/orders", false),
            ("default", false),
        ] {
            assert_eq!(flow("E: {state: flow, bus: orders}", &on(bus)).len(), usize::from(loops), "{bus}");
        }
    }

    #[test]
    fn the_source_of_one_is_not_that_of_another() {
        let text = "events:\n  consumes: {E: {function: a, producer: x}}\n  produces: {E: {producer: a, source: y}}\nflow:\n  \
                    StartAt: s\n  States:\n    s: {Type: Task, Resource: 'arn:aws:states:::events:putEvents', Parameters: \
                    {Entries: [{DetailType: E, Source: x, Detail: {}}]}, End: true}\n";
        assert_eq!(run(text), [""; 0]);
    }

    #[test]
    fn a_pattern_is_read_in_place_of_the_name() {
        let pattern =
            |pattern: &str| events(&format!("R: {{function: a, pattern: {pattern}}}"), "E: {producer: a, source: s1}");
        for taken in
            ["{detail-type: [E]}", "{source: [s1]}", "{source: [{prefix: s}]}", "{detail-type: [{prefix: E}, F]}"]
        {
            let found = pattern(taken);
            assert_eq!(found, ["TC0402 warning `a` triggers what triggers it: `a` -> `E` -> `R` -> `a` @a"], "{taken}");
        }
        for left in ["{detail-type: [F]}", "{source: [s2]}", "{detail-type: [E], source: [{prefix: t}]}"] {
            assert_eq!(pattern(left), [""; 0], "{left}");
        }
        assert_eq!(events("E: {function: a, pattern: {detail-type: [F]}}", "E: {producer: a}"), [""; 0]);
    }

    #[test]
    fn each_group_of_loops_is_reported_once() {
        let found =
            events("E: {function: a}\n    F: {function: b}", "E: {producer: [a, b]}\n    F: {producer: [a, b]}");
        assert_eq!(found, ["TC0402 warning `a` triggers what triggers it: `a` -> `E` -> `a` @a"]);
        let found = events("E: {function: a}\n    F: {function: b}", "E: {producer: a}\n    F: {producer: b}");
        assert_eq!(found.len(), 2);
    }
}
