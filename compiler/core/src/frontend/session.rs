//! One run of the front end: the world it reads, the files it has read, and what it found.

use super::composition::Composition;
use super::decode;
use super::yaml;
use crate::diagnostic::{Diagnostic, codes::reading, codes::schema};
use crate::ir::OtherTopology;
use crate::source::{FileId, Node, SourceMap, Span};
use crate::world::{Entry, SourcePath, World, WorldError};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) struct Session<'w> {
    pub world: &'w dyn World,
    pub sources: SourceMap,
    pub findings: Vec<Diagnostic>,
    /// The infrastructure directory of the topology, once it was looked for.
    pub infrastructure: Option<SourcePath>,
    /// The topologies around this one, once one of them was named.
    pub composition: Option<Rc<Composition>>,
    /// Other topologies that were named and found.
    pub topologies: BTreeMap<String, OtherTopology>,
    /// What [`Session::read_once`] has read.
    once: BTreeMap<SourcePath, Option<FileId>>,
}

impl<'w> Session<'w> {
    pub fn new(world: &'w dyn World) -> Self {
        Self {
            world,
            sources: SourceMap::default(),
            findings: Vec::new(),
            infrastructure: None,
            composition: None,
            topologies: BTreeMap::new(),
            once: BTreeMap::new(),
        }
    }

    /// Reads a file into the sources; `None` where there is none or it cannot be read, which is then a finding.
    pub fn read(&mut self, path: &SourcePath) -> Option<FileId> {
        match self.world.read(path) {
            Ok(bytes) => self.add(path, bytes?),
            Err(error) => {
                self.unreadable(path, &error);
                None
            }
        }
    }

    /// [`Session::read`] for a file that several functions look for: it is read, and found fault with, once.
    pub fn read_once(&mut self, path: &SourcePath) -> Option<FileId> {
        if let Some(known) = self.once.get(path) {
            return *known;
        }
        let file = self.read(path);
        self.once.insert(path.clone(), file);
        file
    }

    fn add(&mut self, path: &SourcePath, bytes: Vec<u8>) -> Option<FileId> {
        if bytes.len() as u64 > yaml::MAX_BYTES {
            self.unreadable(path, &WorldError::TooLarge { limit: yaml::MAX_BYTES });
            return None;
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
                Some(self.sources.add(path.clone(), text))
            }
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let file = self.sources.add(path.clone(), text);
                let message = format!("`{path}` is not UTF-8");
                // In the lossy text U+FFFD stands there.
                let place = Span::new(file, valid, valid + char::REPLACEMENT_CHARACTER.len_utf8());
                let finding = Diagnostic::new(&reading::NOT_UTF8, place, message);
                self.findings.push(finding.help("save the file as UTF-8"));
                None
            }
        }
    }

    /// Reads a file that `place` refers to: that it is absent or cannot be read is a finding there.
    pub fn read_referenced(&mut self, path: &SourcePath, what: &str, place: Span) -> Option<FileId> {
        let message = match self.world.read(path) {
            Ok(Some(bytes)) => return self.add(path, bytes),
            Ok(None) => format!("{what} `{path}` does not exist"),
            Err(error) => format!("{what} `{path}` cannot be read: {error}"),
        };
        self.findings.push(Diagnostic::new(&schema::UNKNOWN_REFERENCE, place, message));
        None
    }

    /// The entries of a directory that `place` refers to: that it cannot be read is a finding there.
    pub fn list_referenced(&mut self, path: &SourcePath, what: &str, place: Span) -> Option<Vec<Entry>> {
        let message = match self.world.list(path) {
            Ok(Some(entries)) => return Some(entries),
            Ok(None) => format!("{what} `{path}` does not exist"),
            Err(error) => format!("{what} `{path}` cannot be read: {error}"),
        };
        self.findings.push(Diagnostic::new(&schema::UNKNOWN_REFERENCE, place, message));
        None
    }

    /// The entries of a directory, or `None` where there is none or it cannot be read, which is then a finding.
    pub fn list(&mut self, path: &SourcePath) -> Option<Vec<Entry>> {
        match self.world.list(path) {
            Ok(entries) => entries,
            Err(error) => {
                self.unreadable(path, &error);
                None
            }
        }
    }

    fn unreadable(&mut self, path: &SourcePath, error: &WorldError) {
        let file = self.sources.add(path.clone(), String::new());
        let (code, help) = match error {
            WorldError::Escapes => (&reading::OUTSIDE_PROJECT, "move the file into the project"),
            WorldError::TooLarge { .. } => (&reading::TOO_LARGE, "split the file"),
            WorldError::NotUtf8(_) => (&reading::NOT_UTF8, "rename the file"),
            WorldError::Io(_) => (&reading::UNREADABLE, "check its permissions and that it is a regular file"),
        };
        let message = format!("`{path}` cannot be read: {error}");
        self.findings.push(Diagnostic::new(code, Span::start_of(file), message).help(help));
    }

    /// The tree of a file's text, or `None` where it does not parse, which is then a finding.
    pub fn parse(&mut self, file: FileId) -> Option<Node> {
        match yaml::read(file, &self.sources.get(file)?.text) {
            Ok(node) => Some(node),
            Err(faults) => {
                self.findings.extend(faults);
                None
            }
        }
    }

    /// A tree as a type, or `None` where it does not fit, which is then a finding.
    pub fn decode<T: DeserializeOwned>(&mut self, node: &Node) -> Option<T> {
        match decode::decode(node) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.findings.push(*fault);
                None
            }
        }
    }
}
