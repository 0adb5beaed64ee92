//! Which directories hold the topologies of a tree.
//!
//! A topology's children stand where its functions do: in its immediate subdirectories and in those of `functions/`,
//! `resolvers/` and `backend/`, unless they are hidden or ignored. Their own children they find by the same rule.

use super::Outline;
use crate::frontend::discover::{CONTAINERS, Rules};
use crate::frontend::placeholder::Placeholders;
use crate::frontend::{Session, TOPOLOGY};
use crate::source::Spanned;
use crate::world::{EntryKind, SourcePath, World};
use std::collections::BTreeSet;

/// Levels of topologies below each other that are looked at: links to directories may lead in circles.
const DEEPEST: usize = 16;

/// The directories of the topologies of the world's root and below, in the order of their paths. What cannot be read is no
/// topology here; who compiles it finds out why.
pub fn below(world: &dyn World) -> Vec<SourcePath> {
    let mut session = Session::new(world);
    let placeholders =
        Placeholders { namespace: String::new(), sandbox: String::new(), env: String::new(), version: String::new() };
    let mut found = BTreeSet::new();
    let root = SourcePath::root();
    if file(world, &root).is_some() {
        descend(&mut session, &placeholders, &root, 0, &mut |directory, _| _ = found.insert(directory.clone()));
    }
    found.into_iter().collect()
}

/// The outlines of the topology at the world's root and of all that are in one tree with it, in the order of their paths.
pub(super) fn around(session: &mut Session<'_>, placeholders: &Placeholders) -> Vec<Outline> {
    let mut top = SourcePath::root();
    while let Some(parent) = parent(session, placeholders, &top) {
        top = parent;
    }
    let mut found = Vec::new();
    descend(session, placeholders, &top, 0, &mut |_, outline| found.extend(outline));
    found.sort_by(|one: &Outline, other| one.directory.cmp(&other.directory));
    found.dedup_by(|one, other| one.directory == other.directory);
    found
}

/// Visits a topology and all below it.
fn descend(
    session: &mut Session<'_>,
    placeholders: &Placeholders,
    directory: &SourcePath,
    level: usize,
    visit: &mut dyn FnMut(&SourcePath, Option<Outline>),
) {
    let (outline, ignored) = Outline::read(session, placeholders, directory);
    visit(directory, outline);
    if level < DEEPEST {
        for child in children(session, directory, &ignored) {
            descend(session, placeholders, &child, level + 1, visit);
        }
    }
}

/// The directory of the topology that one lies in.
fn parent(session: &mut Session<'_>, placeholders: &Placeholders, directory: &SourcePath) -> Option<SourcePath> {
    let room = session.world.depth().saturating_sub(directory.parts().0);
    // In its own directory, or in one that holds functions and topologies.
    let candidates = ["..", "../.."].iter().take(room).map(|up| directory.join(up));
    candidates.into_iter().find(|candidate| {
        if file(session.world, candidate).is_none() {
            return false;
        }
        let (_, ignored) = Outline::read(session, placeholders, candidate);
        children(session, candidate, &ignored).contains(directory)
    })
}

/// The directories of a topology's children.
fn children(session: &mut Session<'_>, directory: &SourcePath, ignored: &[Spanned<String>]) -> Vec<SourcePath> {
    let known = session.findings.len();
    let rules = Rules::read(session, directory, ignored);
    // What is wrong with the rules is said where they are the compiled topology's own.
    session.findings.truncate(known);
    let world = session.world;
    let here = SourcePath::root();
    let containers = CONTAINERS.iter().map(|name| here.join(name));
    let containers = containers.filter(|container| file(world, &directory.join(container.as_str())).is_none());
    let mut found = Vec::new();
    for container in std::iter::once(here.clone()).chain(containers) {
        let entries = world.list(&directory.join(container.as_str())).ok().flatten().unwrap_or_default();
        let directories = entries.into_iter().filter(|entry| entry.kind == EntryKind::Directory);
        for entry in directories.filter(|entry| !entry.name.starts_with('.')) {
            let relative = container.join(&entry.name);
            let child = directory.join(relative.as_str());
            if !rules.ignores(&relative) && file(world, &child).is_some() {
                found.push(world.shortest(&child));
            }
        }
    }
    found
}

/// The file of the topology in a directory, if there is one.
pub(super) fn file(world: &dyn World, directory: &SourcePath) -> Option<SourcePath> {
    let entries = world.list(directory).ok().flatten()?;
    let is_there = |name: &str| entries.iter().any(|entry| entry.name == name && entry.kind == EntryKind::File);
    TOPOLOGY.into_iter().find(|name| is_there(name)).map(|name| directory.join(name))
}
