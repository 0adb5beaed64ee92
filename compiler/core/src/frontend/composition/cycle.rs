//! Topologies that start each other: none of them could be deployed first.

use super::Outline;
use crate::diagnostic::{Diagnostic, codes::schema};
use crate::ir::Topology;
use crate::source::Span;
use std::collections::{BTreeMap, VecDeque};

/// The shortest circle that a topology is part of. All of its members tell it alike: it begins at the first by name.
pub(super) fn find(outlines: &[Outline], topology: &Topology) -> Option<Diagnostic> {
    let own = topology.name.value.as_str();
    // What the topology itself names is known for sure. Of several places the one is told that the others would tell.
    let outline = outlines.iter().find(|outline| outline.directory.as_str().is_empty());
    let exact = topology.topologies.values().map(|other| {
        let written = outline.and_then(|outline| outline.names.iter().find(|name| name.value == other.name.value));
        (other.name.value.as_str(), written.unwrap_or(&other.name).span)
    });
    let named = |name: &str| -> Vec<(&str, Span)> {
        let outline = outlines.iter().find(|outline| outline.name.value == name);
        outline.into_iter().flat_map(|outline| &outline.names).map(|name| (name.value.as_str(), name.span)).collect()
    };
    // How each was come to: from which, and where that is written.
    let mut came_by: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
    let mut waiting: VecDeque<(&str, Vec<(&str, Span)>)> = VecDeque::from([(own, exact.collect())]);
    while let Some((at, next)) = waiting.pop_front() {
        for (to, span) in next {
            if to == own {
                // A topology may start itself.
                if at != own {
                    return Some(finding(&way(own, at, span, &came_by)));
                }
                continue;
            }
            if !came_by.contains_key(to) {
                came_by.insert(to, (at, span));
                waiting.push_back((to, named(to)));
            }
        }
    }
    None
}

/// The hops of a circle that ends with the one from `last` to `own`: who names whom, and where.
fn way<'a>(
    own: &'a str,
    last: &'a str,
    span: Span,
    came_by: &BTreeMap<&'a str, (&'a str, Span)>,
) -> Vec<(&'a str, &'a str, Span)> {
    let mut hops = vec![(last, own, span)];
    let mut at = last;
    while let Some((from, span)) = came_by.get(at) {
        hops.push((from, at, *span));
        at = from;
    }
    hops.reverse();
    let first = hops.iter().enumerate().min_by_key(|(_, (from, ..))| *from).map_or(0, |(place, _)| place);
    hops.rotate_left(first);
    hops
}

fn finding(hops: &[(&str, &str, Span)]) -> Diagnostic {
    let mut names: Vec<String> = hops.iter().map(|(from, ..)| format!("`{from}`")).collect();
    names.extend(names.first().cloned());
    let message = format!("topologies start each other: {}", names.join(" -> "));
    let label = |(from, to, _): &(&str, &str, Span)| format!("`{from}` starts `{to}`");
    let mut finding = match hops.first() {
        Some(first) => Diagnostic::new(&schema::TOPOLOGY_CYCLE, first.2, message).label(label(first)),
        None => Diagnostic::without_place(&schema::TOPOLOGY_CYCLE, message),
    };
    for hop in hops.iter().skip(1) {
        finding = finding.also(hop.2, label(hop));
    }
    finding
        .help("none of them could be deployed first: break it at one of these places")
        .help("an event can lead back: whoever is to hear of it consumes it, and nobody has to name the other")
}
