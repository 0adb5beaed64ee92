//! What a plain `zip` command takes, found without running it.

use super::walk::{Found, Selection, is_former_product, walk};
use super::{Contents, Fault, add};
use crate::command::{Word, ZipCommand};
use crate::residue;
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeMap;
use tc_core::suggest;
use tc_core::world::{Entry, EntryKind, SourcePath, World};

/// What a command took.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub contents: Contents,
    pub faults: Vec<Fault>,
    /// Directories that are named but, for want of `-r`, are not taken with what is in them.
    pub skipped: Vec<String>,
}

/// The files that `command`, run in a copy of `directory`, would put into its archive.
pub(crate) fn take(world: &dyn World, directory: &SourcePath, command: &ZipCommand) -> Taken {
    let mut taking = Taking { world, directory, command, found: BTreeMap::new(), taken: Taken::default() };
    for operand in &command.operands {
        taking.operand(operand);
    }
    taking.finish()
}

struct Taking<'a> {
    world: &'a dyn World,
    directory: &'a SourcePath,
    command: &'a ZipCommand,
    /// What was found, by its name below the directory: a file that two operands name is taken once.
    found: BTreeMap<String, Found>,
    taken: Taken,
}

impl Taking<'_> {
    fn operand(&mut self, operand: &Word) {
        let is_pattern = matches!(operand, Word::Pattern(_));
        let names = if is_pattern { self.expand(operand.text()) } else { vec![operand.text().to_owned()] };
        if names.is_empty() {
            self.absent(operand.text());
        }
        for name in names {
            let path = SourcePath::new(&name);
            if path == SourcePath::root() {
                self.directory(&path, is_pattern);
                continue;
            }
            match self.entry(&path) {
                Some(Entry { kind: EntryKind::Directory, .. }) => self.directory(&path, is_pattern),
                Some(Entry { kind: EntryKind::File, executable, size, .. }) => {
                    let name = path.as_str().to_owned();
                    let path = self.directory.join(path.as_str());
                    self.found.insert(name.clone(), Found { name, path, executable, size });
                }
                Some(Entry { kind: EntryKind::Escaping, .. }) => {
                    self.taken.faults.push(Fault::Escapes(self.directory.join(path.as_str())));
                }
                Some(Entry { kind: EntryKind::Other, .. }) => {
                    self.taken.faults.push(Fault::Special(self.directory.join(path.as_str())));
                }
                None => self.absent(operand.text()),
            }
        }
    }

    fn directory(&mut self, path: &SourcePath, is_pattern: bool) {
        if !self.command.recurse {
            // Of a pattern's matches nobody said that they are files; a directory that is named is meant.
            if !is_pattern {
                self.taken.skipped.push(path.to_string());
            }
            return;
        }
        let (found, faults) =
            walk(self.world, &self.directory.join(path.as_str()), path.as_str(), Selection::All, None);
        self.found.extend(found.into_iter().map(|found| (found.name.clone(), found)));
        self.taken.faults.extend(faults);
    }

    fn absent(&mut self, name: &str) {
        let path = SourcePath::new(name);
        let siblings = self.list(&path.parent());
        let near = suggest::nearest(path.file_name(), siblings.iter().map(|entry| entry.name.as_str()));
        let near = near.map(|near| path.parent().join(near).as_str().to_owned());
        self.taken.faults.push(Fault::Absent(name.to_owned(), near));
    }

    /// The entries of a directory of the copy; none where it is not there.
    fn list(&mut self, path: &SourcePath) -> Vec<Entry> {
        if !path.is_inside() {
            return Vec::new();
        }
        let real = self.directory.join(path.as_str());
        let is_top = path == &SourcePath::root();
        let is_gone = |entry: &Entry| residue::of_any(&entry.name) || (is_top && is_former_product(&entry.name));
        match self.world.list(&real) {
            Ok(entries) => entries.unwrap_or_default().into_iter().filter(|entry| !is_gone(entry)).collect(),
            Err(error) => {
                self.taken.faults.push(Fault::Unreadable(real, error));
                Vec::new()
            }
        }
    }

    fn entry(&mut self, path: &SourcePath) -> Option<Entry> {
        self.list(&path.parent()).into_iter().find(|entry| entry.name == path.file_name())
    }

    /// The names that a shell would put in a pattern's place, in their order.
    fn expand(&mut self, pattern: &str) -> Vec<String> {
        let mut names = vec![String::new()];
        for part in pattern.split('/').filter(|part| !part.is_empty() && *part != ".") {
            let Some(matcher) = glob(part, true) else { return Vec::new() };
            let is_literal = !part.contains(['*', '?', '[']);
            let mut longer = Vec::new();
            for name in names {
                for entry in self.list(&SourcePath::new(&name)) {
                    // A hidden file is matched by what begins with a dot alone.
                    let is_shown = part.starts_with('.') || !entry.name.starts_with('.');
                    let fits = if is_literal { entry.name == part } else { is_shown && matcher.is_match(&entry.name) };
                    if fits {
                        let parent = if name.is_empty() { String::new() } else { format!("{name}/") };
                        longer.push(format!("{parent}{}", entry.name));
                    }
                }
            }
            names = longer;
        }
        names
    }

    fn finish(mut self) -> Taken {
        let excluded: Vec<GlobMatcher> = self.exclusions().iter().filter_map(|pattern| glob(pattern, false)).collect();
        for (name, found) in std::mem::take(&mut self.found) {
            if excluded.iter().any(|matcher| matcher.is_match(&name)) {
                continue;
            }
            let stored = if self.command.junk_paths { found.path.file_name().to_owned() } else { name };
            if let Err(fault) = add(&mut self.taken.contents, &stored, found) {
                self.taken.faults.push(fault);
            }
        }
        self.taken
    }

    /// The patterns of `-x`, after a shell has put names in the place of those outside of quotes.
    fn exclusions(&mut self) -> Vec<String> {
        let mut patterns = Vec::new();
        for word in &self.command.exclude {
            let expanded = if matches!(word, Word::Pattern(_)) { self.expand(word.text()) } else { Vec::new() };
            if expanded.is_empty() {
                patterns.push(word.text().trim_start_matches("./").to_owned());
            }
            patterns.extend(expanded.iter().map(|name| globset::escape(name)));
        }
        patterns
    }
}

/// A pattern as a matcher; with `within_part` a `*` stops at `/`. `None` for what is no pattern.
fn glob(pattern: &str, within_part: bool) -> Option<GlobMatcher> {
    // Braces are not special to `zip`, nor to a shell that follows POSIX; `**` is a `*` to both.
    let mut plain = pattern.replace('{', "[{]").replace('}', "[}]");
    while plain.contains("**") {
        plain = plain.replace("**", "*");
    }
    GlobBuilder::new(&plain)
        .literal_separator(within_part)
        .backslash_escape(false)
        .build()
        .ok()
        .map(|glob| glob.compile_matcher())
}
