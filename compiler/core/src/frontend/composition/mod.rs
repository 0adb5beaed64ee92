//! The topologies around one: those in directories below it, the one it lies in, and all that these have.
//!
//! ```text
//! tree     which directories they are
//! outline  what is known of one without compiling it: its name, its flow, whom it names
//! cycle    topologies that start each other
//! ```
//!
//! They are looked for when one of them is named, and not before: a topology that names no other is compiled as if it were
//! alone. Names are looked up in the whole tree, so that siblings may name each other; what they name is known without
//! compiling them, so that a circle is found in each of them.

mod cycle;
mod outline;
#[cfg(test)]
mod tests;
mod tree;

pub use outline::Outline;
pub(super) use outline::short;
pub use tree::below;

use super::Session;
use super::placeholder::Placeholders;
use crate::diagnostic::{Diagnostic, codes::schema};
use crate::ir::Topology;
use crate::source::Spanned;
use std::rc::Rc;

/// The topologies of a tree.
#[derive(Debug)]
pub(super) struct Composition {
    /// In the order of their directories; the one that is compiled is among them.
    outlines: Vec<Outline>,
}

impl Composition {
    /// The topology that is named so, or by `NAMESPACE_SANDBOX`.
    pub fn find(&self, text: &str, sandbox: &str) -> Option<&Outline> {
        let by_name = |name: &str| self.outlines.iter().find(|outline| outline.name.value == name);
        by_name(text).or_else(|| by_name(outline::short(text, sandbox)))
    }

    /// The names, in the order of the directories.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.outlines.iter().map(|outline| outline.name.value.as_str())
    }
}

impl Session<'_> {
    /// The topologies around this one.
    pub(super) fn composition(&mut self, placeholders: &Placeholders) -> Rc<Composition> {
        if let Some(known) = &self.composition {
            return Rc::clone(known);
        }
        let composition = Rc::new(Composition { outlines: tree::around(self, placeholders) });
        self.composition = Some(Rc::clone(&composition));
        composition
    }
}

/// Finds two topologies of one name among those that a topology names, itself included, and circles that it is part of.
pub(super) fn check(session: &mut Session<'_>, topology: &Topology) {
    let Some(composition) = session.composition.clone().filter(|_| !topology.topologies.is_empty()) else { return };
    let is_named = |name: &str| topology.topologies.contains_key(name) || topology.name.value == name;
    let mut seen: Vec<&Outline> = Vec::new();
    for outline in composition.outlines.iter().filter(|outline| is_named(&outline.name)) {
        match seen.iter().find(|first| first.name.value == outline.name.value) {
            Some(first) => session.findings.push(two_of_one_name(&outline.name, &first.name)),
            None => seen.push(outline),
        }
    }
    session.findings.extend(cycle::find(&composition.outlines, topology));
}

/// That two topologies have one name. Both places must be of the sources that the finding is shown with.
pub fn two_of_one_name(second: &Spanned<String>, first: &Spanned<String>) -> Diagnostic {
    let message = format!("two topologies are called `{}`", second.value);
    Diagnostic::new(&schema::DUPLICATE_TOPOLOGY, second.span, message).label("second").also(first.span, "first").help(
        "rename one of them, or list its directory under `nodes.ignore`: a stack is called by the topology's name",
    )
}
