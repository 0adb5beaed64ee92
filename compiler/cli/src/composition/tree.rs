//! Which topologies a tree has, and the order in which one needs another.

use crate::disk::DiskWorld;
use crate::topologies;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::codes::schema;
use tc_core::diagnostic::{Diagnostic, Diagnostics};
use tc_core::frontend::composition;
use tc_core::ir::Topology;
use tc_core::source::{SourceMap, Span, Spanned};
use tc_core::world::SourcePath;

/// A topology's directory.
#[derive(Debug, Clone)]
pub struct Place {
    /// As a path from where the given one starts.
    pub directory: PathBuf,
    /// From the directory that was given.
    pub below: SourcePath,
}

/// The directories of the topology in `given` and of those below it, in the order of their paths. Where there is none, the
/// directory itself, for the front end to say so.
///
/// # Errors
/// When `given` cannot be reached.
pub fn places(given: &Path) -> io::Result<Vec<Place>> {
    let directory = topologies::directory(given);
    let world = DiskWorld::open(directory)?;
    let mut found = composition::below(&world);
    if found.is_empty() {
        found.push(SourcePath::root());
    }
    let at = |below: &SourcePath| match (below.as_str(), directory == Path::new(".")) {
        ("", _) => directory.to_owned(),
        (below, true) => PathBuf::from(below),
        (below, false) => directory.join(below),
    };
    Ok(found.into_iter().map(|below| Place { directory: at(&below), below }).collect())
}

/// The order of a tree.
#[derive(Debug, PartialEq, Eq)]
pub struct Order {
    /// The places of the members: each stands behind what it needs.
    pub members: Vec<usize>,
    /// By the member's place, the places of what it needs.
    pub needs: Vec<Vec<usize>>,
}

impl Order {
    /// By the member's place, the places of what needs it.
    pub fn needed_by(&self) -> Vec<Vec<usize>> {
        let mut needed: Vec<Vec<usize>> = self.needs.iter().map(|_| Vec::new()).collect();
        for (place, needs) in self.needs.iter().enumerate() {
            for other in needs {
                if let Some(list) = needed.get_mut(*other) {
                    list.push(place);
                }
            }
        }
        needed
    }
}

/// A member of a tree that could be read.
pub struct Member<'a> {
    /// Its directory.
    pub place: &'a Place,
    /// The topology.
    pub topology: &'a Topology,
    /// The files that its places are in.
    pub sources: &'a SourceMap,
}

/// Arranges the members: what one names comes before it, and else the order of the paths stays.
///
/// # Errors
/// Two of one name, with sources for it; members that need each other, unless that has been found in one of them.
pub fn arrange(members: &[Member<'_>]) -> Result<Order, (Diagnostics, SourceMap)> {
    let mut findings = Diagnostics::default();
    let mut sources = SourceMap::default();
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, member) in members.iter().enumerate() {
        let name = &member.topology.name;
        match by_name.get(name.as_str()).and_then(|first| members.get(*first)) {
            Some(first) => {
                let second = adopt(&mut sources, member);
                let first = adopt(&mut sources, first);
                findings.push(composition::two_of_one_name(&second, &first));
            }
            None => _ = by_name.insert(name, place),
        }
    }
    let needs = members.iter().map(|member| {
        let named = member.topology.topologies.keys().filter_map(|name| by_name.get(name.as_str()).copied());
        named.collect::<Vec<usize>>()
    });
    let needs: Vec<Vec<usize>> = needs.collect();
    let mut order: Vec<usize> = Vec::new();
    loop {
        let is_ready = |place: &usize| {
            let all_before = |needs: &Vec<usize>| needs.iter().all(|other| order.contains(other));
            !order.contains(place) && needs.get(*place).is_some_and(all_before)
        };
        match (0..members.len()).find(is_ready) {
            Some(place) => order.push(place),
            None => break,
        }
    }
    if order.len() < members.len() && findings.is_empty() {
        let left = members.iter().enumerate().filter(|(place, _)| !order.contains(place));
        let names: Vec<String> = left.map(|(_, member)| format!("`{}`", *member.topology.name)).collect();
        let message = format!("topologies start each other, or need those that do: {}", names.join(", "));
        let finding = Diagnostic::without_place(&schema::TOPOLOGY_CYCLE, message);
        findings.push(finding.help("none of them could be deployed first: let an event lead back"));
    }
    if findings.is_empty() { Ok(Order { members: order, needs }) } else { Err((findings, sources)) }
}

/// A topology's name, with a place in other sources.
fn adopt(sources: &mut SourceMap, member: &Member<'_>) -> Spanned<String> {
    let name = &member.topology.name;
    let Some(file) = member.sources.get(name.span.file) else { return name.clone() };
    let file = sources.add(member.place.below.join(file.path.as_str()), file.text.clone());
    Spanned::new(name.value.clone(), Span { file, ..name.span })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tc_core::frontend::{Loaded, Options, load};
    use tc_core::world::MemoryWorld;

    fn arranged(topologies: &[(&str, &str)]) -> Result<Order, Vec<String>> {
        let files = topologies.iter().map(|(directory, text)| (SourcePath::new(directory).join("topology.yml"), *text));
        let files: Vec<_> = files.collect();
        let loaded = topologies.iter().map(|(directory, _)| {
            let climb = "../".repeat(SourcePath::new(directory).parts().1.len());
            let near = |path: &SourcePath| match path.as_str().strip_prefix(directory) {
                Some(rest) => SourcePath::new(rest),
                None => SourcePath::new(&climb).join(path.as_str()),
            };
            let above: Vec<&str> = directory.split('/').rev().filter(|part| !part.is_empty()).collect();
            let world = MemoryWorld::new(files.iter().map(|(path, text)| (near(path), *text))).within(&above);
            load(&world, &Options::default())
        });
        let loaded: Vec<Loaded> = loaded.collect();
        let places: Vec<Place> = topologies
            .iter()
            .map(|(directory, _)| Place { directory: directory.into(), below: SourcePath::new(directory) })
            .collect();
        let members = loaded.iter().zip(&places).map(|(loaded, place)| Member {
            place,
            topology: loaded.topology.as_ref().unwrap(),
            sources: &loaded.sources,
        });
        arrange(&members.collect::<Vec<_>>())
            .map_err(|(findings, _)| findings.into_iter().map(|finding| finding.message).collect())
    }

    const FLOW: &str = "flow: {StartAt: s, States: {s: {Type: Pass, End: true}}}\n";

    #[test]
    fn what_is_named_comes_first() {
        let order = format!("name: order\nroutes: {{/pay: {{state: payment}}, /refund: {{state: refund}}}}\n{FLOW}");
        let payment = format!("name: payment\nroutes: {{/x: {{state: stripe}}}}\n{FLOW}");
        let (refund, stripe) = (format!("name: refund\n{FLOW}"), format!("name: stripe\n{FLOW}"));
        let tree = [("", order.as_str()), ("payment", &payment), ("payment/stripe", &stripe), ("refund", &refund)];
        let arranged = arranged(&tree).unwrap();
        assert_eq!(arranged.members, [2, 1, 3, 0]);
        assert_eq!(arranged.needs, [vec![1, 3], vec![2], vec![], vec![]]);
        assert_eq!(arranged.needed_by(), [vec![], vec![0], vec![1], vec![0]]);
    }

    #[test]
    fn a_name_stands_for_one() {
        let tree = [("", "name: order\n"), ("a", "name: x\n"), ("b", "name: x\n")];
        assert_eq!(arranged(&tree).unwrap_err(), ["two topologies are called `x`"]);
    }
}
