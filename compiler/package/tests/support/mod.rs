//! What the tests of packaging share: a source tree in memory with modes and odd entries, and what was packed from it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use tc_core::frontend::{Options, load};
use tc_core::source::SourceMap;
use tc_core::world::{Entry, EntryKind, MemoryWorld, SourcePath, World, WorldError};
use tc_package::archive::Reader;
use tc_package::{MemoryStore, Packaged, Packager, Shell, SystemShell};

pub const PYTHON: &str = "def handler(event, context):\n    return {'data': 'enhanced-data'}\n";

/// A source tree.
#[derive(Clone, Default)]
pub struct Tree {
    files: MemoryWorld,
    /// Entries that are not plain files, or are executable.
    odd: BTreeMap<SourcePath, (EntryKind, bool)>,
    pub threads: usize,
}

impl Tree {
    /// A topology `etl` and these files beside it.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let topology = ("topology.yml", "name: etl\n");
        let files = files.iter().chain([&topology]).map(|(path, text)| (*path, *text));
        Self { files: MemoryWorld::new(files), odd: BTreeMap::new(), threads: 1 }
    }

    pub fn with(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path, bytes);
        self
    }

    pub fn executable(mut self, path: &str) -> Self {
        self.odd.insert(path.into(), (EntryKind::File, true));
        self
    }

    pub fn odd(mut self, path: &str, kind: EntryKind) -> Self {
        self.files.insert(path, "");
        self.odd.insert(path.into(), (kind, false));
        self
    }

    /// Packs the functions with the system's shell.
    pub fn pack(&self) -> Result {
        self.pack_with(&SystemShell::from_environment())
    }

    pub fn pack_with(&self, shell: &dyn Shell) -> Result {
        let loaded = load(self, &Options::default());
        assert!(!loaded.findings.has_errors(), "{:?}", loaded.findings);
        let store = MemoryStore::default();
        let packager = Packager { world: self, shell, store: &store, threads: self.threads };
        let packaged = packager.package(&loaded.topology.unwrap());
        Result { packaged, zips: store.into_artifacts(), sources: loaded.sources }
    }
}

impl World for Tree {
    fn read_within(&self, path: &SourcePath, limit: u64) -> std::result::Result<Option<Vec<u8>>, WorldError> {
        self.files.read_within(path, limit)
    }

    fn list(&self, path: &SourcePath) -> std::result::Result<Option<Vec<Entry>>, WorldError> {
        let mut entries = self.files.list(path)?;
        for entry in entries.iter_mut().flatten() {
            if let Some((kind, executable)) = self.odd.get(&path.join(&entry.name)) {
                (entry.kind, entry.executable) = (*kind, *executable);
            }
        }
        Ok(entries)
    }

    fn depth(&self) -> usize {
        self.files.depth()
    }

    fn newest_version_tag(&self, _prefix: &str) -> Option<String> {
        None
    }
}

/// What was packed.
pub struct Result {
    pub packaged: Packaged,
    pub zips: BTreeMap<String, Vec<u8>>,
    sources: SourceMap,
}

impl Result {
    /// The zip of a function.
    pub fn zip(&self, function: &str) -> &[u8] {
        let artifact = self.packaged.artifacts.get(function);
        let artifact = artifact.unwrap_or_else(|| panic!("no artifact: {:?}", self.findings()));
        &self.zips[&artifact.file_name()]
    }

    /// The files in a function's zip: names, with `*` behind those that are executable, and content.
    pub fn files(&self, function: &str) -> BTreeMap<String, String> {
        let (reader, members) = Reader::open(self.zip(function)).unwrap();
        let file = |(name, member): (tc_package::archive::EntryName, tc_package::archive::Member<_>)| {
            let star = if member.executable { "*" } else { "" };
            (format!("{name}{star}"), String::from_utf8_lossy(&reader.read(member.source).unwrap()).into_owned())
        };
        members.into_iter().map(file).collect()
    }

    /// The names of the files in a function's zip, with `*` behind those that are executable.
    pub fn names(&self, function: &str) -> Vec<String> {
        assert_eq!(self.findings(), [""; 0]);
        self.files(function).into_keys().collect()
    }

    /// The findings, each in one line: code, place, message, help.
    pub fn findings(&self) -> Vec<String> {
        let show = |finding: &tc_core::diagnostic::Diagnostic| {
            let place = finding.primary.as_ref().and_then(|label| self.sources.locate(label.span));
            let place = place.map(|(path, at)| format!("{path}:{}", at.line)).unwrap_or_default();
            let severity = finding.severity.as_str();
            let help: Vec<_> = finding.help.iter().map(|help| format!(" ? {help}")).collect();
            format!("{severity} {} {place} {}{}", finding.code.id, finding.message, help.concat())
        };
        self.packaged.findings.iter().map(show).collect()
    }

    /// The only finding.
    pub fn finding(&self) -> String {
        let findings = self.findings();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        findings[0].clone()
    }
}

/// A `function.json` with this `tasks.build`.
pub fn build(command: &str) -> String {
    serde_json::json!({"tasks": {"build": command}}).to_string()
}
