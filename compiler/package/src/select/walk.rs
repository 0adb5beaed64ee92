//! The files under a directory of the source tree.

use super::Fault;
use super::ignore::{IgnoreRules, Scope};
use crate::residue;
use std::sync::Arc;
use tc_core::world::{Entry, EntryKind, SourcePath, World};

/// How many entries the directories of a function may have. Far above what fits into Lambda, and low enough that links
/// which lead to each other end.
pub(crate) const MAX_ENTRIES: usize = 500_000;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its name below the directory that was walked, with the prefix that was given.
    pub name: String,
    pub path: SourcePath,
    pub executable: bool,
    /// Bytes.
    pub size: u64,
}

/// Which files are wanted.
#[derive(Clone, Copy)]
pub(crate) enum Selection<'a> {
    /// Those that are code.
    Code(&'a IgnoreRules<'a>),
    /// All but residue.
    All,
}

/// Whether an entry of a function's own directory is a zip that an earlier build left there. The tutorial's
/// `tasks.clean` says so: `rm *.zip`. If a build saw it, `zip` would add to it in place of making it anew.
pub(crate) fn is_former_product(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".zip")
}

/// The files under `directory` in no particular order, their names below `prefix` (empty, or without a `/` at its
/// end), and what is there but cannot be packed. What is called `without` in `directory` itself is passed over.
pub(crate) fn walk(
    world: &dyn World,
    directory: &SourcePath,
    prefix: &str,
    selection: Selection<'_>,
    without: Option<&str>,
) -> (Vec<Found>, Vec<Fault>) {
    let mut walk = Walk { world, selection, own: directory, without, seen: 0, found: Vec::new(), faults: Vec::new() };
    let outer = match selection {
        Selection::Code(rules) => rules.around(directory),
        Selection::All => Ok(None),
    };
    match outer {
        Ok(outer) => walk.run(Visit { directory: directory.clone(), name: prefix.to_owned(), outer }),
        Err(fault) => walk.faults.push(fault),
    }
    (walk.found, walk.faults)
}

/// A directory to look into.
struct Visit {
    directory: SourcePath,
    /// Its name in the archive.
    name: String,
    /// The ignore rules that hold around it.
    outer: Option<Arc<Scope>>,
}

struct Walk<'a> {
    world: &'a dyn World,
    selection: Selection<'a>,
    /// The directory that is walked.
    own: &'a SourcePath,
    /// A name in that directory that is passed over.
    without: Option<&'a str>,
    /// How many entries were seen.
    seen: usize,
    found: Vec<Found>,
    faults: Vec<Fault>,
}

impl Walk<'_> {
    fn run(&mut self, top: Visit) {
        let mut visits = vec![top];
        while let Some(visit) = visits.pop() {
            let looked = match self.world.list(&visit.directory) {
                Ok(entries) => self.look_into(&visit, entries.unwrap_or_default(), &mut visits),
                Err(error) => Err(Fault::Unreadable(visit.directory, error)),
            };
            self.faults.extend(looked.err());
            if self.seen > MAX_ENTRIES {
                self.faults.push(Fault::TooMany(self.own.clone()));
                return;
            }
        }
    }

    fn look_into(&mut self, visit: &Visit, entries: Vec<Entry>, visits: &mut Vec<Visit>) -> Result<(), Fault> {
        let scope = match self.selection {
            Selection::Code(rules) => Some(rules.enter(&visit.directory, &entries, visit.outer.as_ref())?),
            Selection::All => None,
        };
        self.seen += entries.len();
        for entry in entries {
            let path = visit.directory.join(&entry.name);
            let is_unwanted = match &scope {
                Some(scope) => scope.leaves_out(&path, self.own, entry.kind == EntryKind::Directory),
                None => visit.name.is_empty() && is_former_product(&entry.name),
            };
            let is_without = self.without == Some(&*entry.name) && visit.directory == *self.own;
            if is_unwanted || is_without || residue::of_any(&entry.name) {
                continue;
            }
            let name = if visit.name.is_empty() { entry.name } else { format!("{}/{}", visit.name, entry.name) };
            match entry.kind {
                EntryKind::Directory => visits.push(Visit { directory: path, name, outer: scope.clone() }),
                EntryKind::File => {
                    self.found.push(Found { name, path, executable: entry.executable, size: entry.size });
                }
                EntryKind::Escaping => self.faults.push(Fault::Escapes(path)),
                EntryKind::Other => self.faults.push(Fault::Special(path)),
            }
        }
        Ok(())
    }
}
