//! The infrastructure directory: `vars/` and `roles/` of functions, and `schedules.json`.

use super::placeholder::Placeholders;
use super::schema::InputFile;
use super::{Session, roles};
use crate::diagnostic::{Diagnostic, codes::schema};
use crate::ir::Statement;
use crate::source::{Map, MapEntry, Node, Span, Spanned, Value};
use crate::suggest;
use crate::world::{EntryKind, SourcePath};
use std::collections::BTreeSet;

/// Keys of a vars object. A file whose top level has one of them is one such object; any other is one for each sandbox.
const VARS_KEYS: [&str; 10] = [
    "memory_size",
    "memory",
    "timeout",
    "environment",
    "environment_variables",
    "network",
    "filesystem",
    "tags",
    "reserved_concurrency",
    "provisioned_concurrency",
];

/// Where the infrastructure of a topology stands, if it has any.
pub(super) struct Infrastructure<'a> {
    directory: Option<SourcePath>,
    vars: BTreeSet<String>,
    roles: BTreeSet<String>,
    placeholders: &'a Placeholders,
}

impl<'a> Infrastructure<'a> {
    /// Looks at `infra` of the topology, else upwards for `infrastructure/tc/NAME`.
    pub fn find(session: &mut Session<'_>, named: Option<&Spanned<String>>, placeholders: &'a Placeholders) -> Self {
        let directory = match named {
            Some(path) => {
                let directory = SourcePath::new(path);
                session.list_referenced(&directory, "the directory", path.span);
                Some(directory)
            }
            None => (0..=session.world.depth()).find_map(|up| {
                let base = SourcePath::new(&"../".repeat(up));
                let directory = base.join("infrastructure/tc").join(&placeholders.namespace);
                session.list(&directory).map(|_| directory)
            }),
        };
        session.infrastructure.clone_from(&directory);
        let mut infrastructure = Self { directory, vars: BTreeSet::new(), roles: BTreeSet::new(), placeholders };
        infrastructure.vars = infrastructure.files(session, "vars");
        infrastructure.roles = infrastructure.files(session, "roles");
        infrastructure
    }

    fn files(&self, session: &mut Session<'_>, kind: &str) -> BTreeSet<String> {
        let Some(directory) = &self.directory else { return BTreeSet::new() };
        let entries = session.list(&directory.join(kind)).unwrap_or_default();
        entries.into_iter().filter(|entry| entry.kind == EntryKind::File).map(|entry| entry.name).collect()
    }

    /// The tree of a file with its placeholders filled.
    fn tree(&self, session: &mut Session<'_>, relative: &str) -> Option<Node> {
        let file = session.read(&self.directory.as_ref()?.join(relative))?;
        let mut node = session.parse(file)?;
        self.placeholders.fill(&mut node, &mut session.findings);
        Some(node)
    }

    fn file_of<'b>(files: &'b BTreeSet<String>, function: &str) -> Option<&'b str> {
        let mut names = ["json", "yml", "yaml"].into_iter().map(|extension| format!("{function}.{extension}"));
        names.find_map(|name| files.get(&name).map(String::as_str))
    }

    /// The vars of a function for this sandbox: `default`, then the environment's, then the sandbox's.
    pub fn vars(&self, session: &mut Session<'_>, function: &str) -> Option<Node> {
        let name = Self::file_of(&self.vars, function)?;
        let node = self.tree(session, &format!("vars/{name}"))?;
        let sections = match node.value {
            Value::Null => return None,
            Value::Map(map) if !map.iter().any(|entry| VARS_KEYS.contains(&entry.key.as_str())) => map.into_entries(),
            value => {
                let node = Node::new(value, node.span);
                let findings = InputFile::Vars.check(&node);
                let fits = findings.is_empty();
                session.findings.extend(findings);
                return fits.then_some(node);
            }
        };
        let mut fits = true;
        for section in &sections {
            let findings = InputFile::Vars.check(&section.value);
            fits &= findings.is_empty();
            session.findings.extend(findings);
        }
        let mut merged: Option<Node> = None;
        for wanted in ["default", &self.placeholders.env, &self.placeholders.sandbox] {
            let Some(section) = sections.iter().find(|section| section.key == wanted) else { continue };
            match &mut merged {
                Some(base) => overlay(base, section.value.clone()),
                None => merged = Some(section.value.clone()),
            }
        }
        merged.filter(|_| fits)
    }

    /// The statements of `roles/NAME.json`.
    pub fn statements(&self, session: &mut Session<'_>, name: &str) -> Vec<Statement> {
        let Some(file) = Self::file_of(&self.roles, name) else { return Vec::new() };
        let Some(node) = self.tree(session, &format!("roles/{file}")) else { return Vec::new() };
        match roles::statements(node) {
            Ok(statements) => statements,
            Err(findings) => {
                session.findings.extend(findings);
                Vec::new()
            }
        }
    }

    /// `schedules.json` of the infrastructure directory.
    pub fn schedules(&self, session: &mut Session<'_>) -> Option<Node> {
        let names = ["schedules.json", "schedules.yml"];
        names.into_iter().find_map(|name| self.tree(session, name))
    }

    /// Files of functions that the topology does not have.
    pub fn orphans(&self, session: &mut Session<'_>, functions: &BTreeSet<String>) {
        let Some(directory) = &self.directory else { return };
        for (kind, files) in [("vars", &self.vars), ("roles", &self.roles)] {
            for file in files {
                let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
                if functions.contains(stem) || (kind == "roles" && stem == "flow") {
                    continue;
                }
                let path = directory.join(kind).join(file);
                let place = session.sources.add(path, String::new());
                let message = format!("`{kind}/{file}` is of no function");
                let help = suggest::help(stem, "functions", functions.iter().map(String::as_str));
                session
                    .findings
                    .push(Diagnostic::new(&schema::ORPHAN_FILE, Span::start_of(place), message).help_opt(help));
            }
        }
    }
}

/// Lays one tree over another: mappings key by key, anything else in whole.
fn overlay(base: &mut Node, over: Node) {
    match (&mut base.value, over.value) {
        (Value::Map(below), Value::Map(above)) => {
            let mut entries = std::mem::take(below).into_entries();
            for entry in above.into_entries() {
                match entries.iter_mut().find(|old: &&mut MapEntry| old.key == entry.key) {
                    Some(old) => overlay(&mut old.value, entry.value),
                    None => entries.push(entry),
                }
            }
            *below = Map::from_entries(entries);
        }
        (value, over_value) => {
            *value = over_value;
            base.span = over.span;
        }
    }
}
