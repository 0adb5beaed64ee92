//! Which directories are functions, and what can be inferred of them.

use super::{Session, TOPOLOGY};
use crate::diagnostic::{
    Diagnostic,
    codes::{reading, schema},
};
use crate::ir::Family;
use crate::source::{Span, Spanned};
use crate::world::{EntryKind, SourcePath};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::BTreeMap;

/// Directories whose immediate subdirectories are looked at, beside the topology's own.
pub(super) const CONTAINERS: [&str; 3] = ["functions", "resolvers", "backend"];

/// File names that make a directory a function, and the family each speaks for.
const HANDLERS: [(&str, Option<Family>); 9] = [
    ("handler.py", Some(Family::Python)),
    ("handler.rb", Some(Family::Ruby)),
    ("handler.js", Some(Family::Node)),
    ("handler.mjs", Some(Family::Node)),
    ("handler.ts", Some(Family::Node)),
    ("handler.rs", Some(Family::Rust)),
    ("handler.go", Some(Family::Go)),
    ("function.json", None),
    ("function.yml", None),
];

/// Files that say a function has dependencies, and of which family.
const MANIFESTS: [(&str, Family); 6] = [
    ("pyproject.toml", Family::Python),
    ("requirements.txt", Family::Python),
    ("Gemfile", Family::Ruby),
    ("package.json", Family::Node),
    ("Cargo.toml", Family::Rust),
    ("go.mod", Family::Go),
];

/// A directory that is a function.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// The directory.
    pub directory: SourcePath,
    /// The names of the files in it.
    pub files: Vec<String>,
}

impl Candidate {
    pub fn has(&self, name: &str) -> bool {
        self.files.iter().any(|file| file == name)
    }

    /// The function's metadata file, if it has one.
    pub fn metadata(&self) -> Option<&'static str> {
        ["function.json", "function.yml"].into_iter().find(|name| self.has(name))
    }

    /// The file `handler.*`, if there is one.
    pub fn handler(&self) -> Option<(&'static str, Family)> {
        HANDLERS
            .iter()
            .filter_map(|(name, family)| family.map(|family| (*name, family)))
            .find(|(name, _)| self.has(name))
    }

    /// The language by the handler, else by the manifest of dependencies.
    pub fn family(&self) -> Option<Family> {
        let by_manifest = || MANIFESTS.iter().find(|(name, _)| self.has(name)).map(|(_, family)| *family);
        self.handler().map(|(_, family)| family).or_else(by_manifest)
    }

    /// The manifests there whose dependencies would go into a layer.
    pub fn manifests(&self) -> Vec<&'static str> {
        let layered = |family: &Family| matches!(family, Family::Python | Family::Ruby | Family::Node);
        let family = self.family().filter(layered);
        let found = MANIFESTS.iter().filter(|(name, of)| Some(*of) == family && self.has(name));
        found.map(|(name, _)| *name).collect()
    }
}

/// The functions of the topology's directory in the order of their paths.
pub(super) fn discover(session: &mut Session<'_>, ignored: &[Spanned<String>]) -> Vec<Candidate> {
    let rules = Rules::read(session, &SourcePath::root(), ignored);
    let mut found = BTreeMap::new();
    let root = SourcePath::root();
    for parent in std::iter::once(root.clone()).chain(CONTAINERS.iter().map(|name| root.join(name))) {
        let is_root = parent == root;
        for directory in session.directories(&parent) {
            if rules.ignores(&directory) || (is_root && directory.as_str().starts_with('.')) {
                continue;
            }
            if let Some(candidate) = candidate(session, &directory) {
                found.insert(directory, candidate);
            }
        }
    }
    found.into_values().collect()
}

/// The directory as a function, if it is one.
pub(super) fn candidate(session: &mut Session<'_>, directory: &SourcePath) -> Option<Candidate> {
    let entries = session.list(directory)?;
    let files = entries.into_iter().filter(|entry| entry.kind == EntryKind::File).map(|entry| entry.name);
    let candidate = Candidate { directory: directory.clone(), files: files.collect() };
    // Whatever else stands there, a topology is its own.
    let is_topology = TOPOLOGY.iter().any(|name| candidate.has(name));
    (!is_topology && HANDLERS.iter().any(|(name, _)| candidate.has(name))).then_some(candidate)
}

/// What `.gitignore`, `.tcignore` and `nodes.ignore` leave out below a topology's directory.
pub(super) struct Rules {
    matchers: Vec<Gitignore>,
}

impl Rules {
    pub fn read(session: &mut Session<'_>, topology: &SourcePath, ignored: &[Spanned<String>]) -> Self {
        let mut rules = Self { matchers: Vec::new() };
        let (above, below) = topology.parts();
        let levels = (session.world.depth() + below.len()).saturating_sub(above);
        for up in 0..=levels {
            let directory = topology.join(&"../".repeat(up));
            for name in [".gitignore", ".tcignore"] {
                let Some(file) = session.read_once(&directory.join(name)) else { continue };
                let Some(source) = session.sources.get(file) else { continue };
                let mut builder = GitignoreBuilder::new("");
                // A rule above the topology that is bound to a path is relative to a place whose name must not matter.
                let floats = |line: &&str| up == 0 || !line.trim().trim_end_matches('/').contains('/');
                for line in source.text.lines().filter(floats) {
                    // A line that is no glob matches nothing, as in git.
                    let _ = builder.add_line(None, line);
                }
                rules.matchers.extend(builder.build());
            }
        }
        let mut builder = GitignoreBuilder::new("");
        for glob in ignored {
            if let Err(error) = builder.add_line(None, glob) {
                let message = format!("`{}` is not a glob: {error}", glob.value);
                session.findings.push(Diagnostic::new(&schema::WRONG_VALUE, glob.span, message));
            }
        }
        rules.matchers.extend(builder.build());
        rules
    }

    /// Whether a directory is left out; the path is that from the topology's directory.
    pub fn ignores(&self, directory: &SourcePath) -> bool {
        let ignores = |rule: &Gitignore| rule.matched_path_or_any_parents(directory.as_str(), true).is_ignore();
        self.matchers.iter().any(ignores)
    }
}

impl Session<'_> {
    /// The subdirectories of a directory, without hidden ones.
    fn directories(&mut self, parent: &SourcePath) -> Vec<SourcePath> {
        let entries = self.list(parent).unwrap_or_default();
        let mut directories = Vec::new();
        for entry in entries.into_iter().filter(|entry| !entry.name.starts_with('.')) {
            match entry.kind {
                EntryKind::Directory => directories.push(parent.join(&entry.name)),
                EntryKind::Escaping => {
                    let path = parent.join(&entry.name);
                    let message = format!("the link `{path}` leads out of the project");
                    let place = self.sources.add(path, String::new());
                    self.findings.push(
                        Diagnostic::new(&reading::OUTSIDE_PROJECT, Span::start_of(place), message)
                            .help("copy what it points to into the project, or list it under `nodes.ignore`"),
                    );
                }
                EntryKind::File | EntryKind::Other => {}
            }
        }
        directories
    }
}

/// A place for what is declared by a file's presence alone.
pub(super) fn place(session: &mut Session<'_>, path: SourcePath, text: String) -> Span {
    Span::start_of(session.sources.add(path, text))
}
