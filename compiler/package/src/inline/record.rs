//! What `tc build` leaves for `tc compile`: a zip, and a record of what it was made of.

use crate::check::UNPACKED_LIMIT;
use crate::placement::Placement;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use tc_core::digest::hexadecimal;
use tc_core::ir::{Architecture, Function, Runtime};
use tc_core::world::{EntryKind, World, WorldError};

/// The files of a function's directory that say what is installed, beside all that are called `requirements*.txt`.
const LISTS: [&str; 9] = [
    "pyproject.toml",
    "uv.lock",
    "pylock.toml",
    "Gemfile",
    "Gemfile.lock",
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    ".npmrc",
];
const ARCHIVE: &str = "dependencies.zip";
const RECORD: &str = "dependencies.json";
/// The most bytes of a record.
const LARGEST_RECORD: u64 = 1 << 20;

/// What a zip of dependencies was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The digest of the zip; none where nothing was installed.
    archive: Option<String>,
    runtime: String,
    /// The shell commands of `build`.
    commands: Vec<String>,
    /// The digests of the lists that were there, by name.
    lists: BTreeMap<String, String>,
}

/// Why what was built is of no use.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Staleness {
    /// Nothing was built.
    Absent,
    /// This is not what it was.
    Changed(String),
    /// It cannot be read, or is not what was written.
    Damaged(String),
}

impl Record {
    /// What a function's dependencies would be made of now.
    ///
    /// # Errors
    /// When a list cannot be read.
    pub fn now(world: &dyn World, function: &Function, runtime: Runtime) -> Result<Self, WorldError> {
        let mut lists = BTreeMap::new();
        for entry in world.list(&function.directory)?.unwrap_or_default() {
            let is_requirements = entry.name.starts_with("requirements") && entry.name.ends_with(".txt");
            if entry.kind != EntryKind::File || !(is_requirements || LISTS.contains(&entry.name.as_str())) {
                continue;
            }
            if let Some(bytes) = world.read(&function.directory.join(&entry.name))? {
                lists.insert(entry.name, digest(&bytes));
            }
        }
        let build = &function.build;
        let commands = build.pre.iter().chain(&build.command).chain(&build.post);
        Ok(Self {
            archive: None,
            runtime: runtime.spelling(),
            commands: commands.map(|command| command.value.clone()).collect(),
            lists,
        })
    }

    /// Writes a zip of dependencies with this record of them, for `tc compile`, below the topology's directory `root`;
    /// `None` where nothing was installed. The record is written last, so that what is interrupted is not taken for a
    /// result.
    ///
    /// # Errors
    /// When the zip cannot be read, or something cannot be written.
    pub fn keep(
        mut self,
        root: &Path,
        function: &Function,
        architecture: Architecture,
        archive: Option<&Path>,
    ) -> io::Result<()> {
        let place = Placement::of_function(root, &function.name, architecture)?;
        let bytes = archive.map(fs::read).transpose()?;
        self.archive = bytes.as_deref().map(digest);
        let record = serde_json::to_vec_pretty(&self)?;
        let is_there = |name: &str, bytes: &[u8]| fs::read(place.path(name)).is_ok_and(|there| there == bytes);
        if let Some(bytes) = bytes.filter(|bytes| !is_there(ARCHIVE, bytes)) {
            place.write(ARCHIVE, &bytes, false)?;
        }
        if is_there(RECORD, &record) { Ok(()) } else { place.write(RECORD, &record, false) }
    }

    /// The zip that was built for a function, if it was built of what is there now. `None` where nothing was installed.
    pub(super) fn load(world: &dyn World, function: &Function, runtime: Runtime) -> Result<Option<Vec<u8>>, Staleness> {
        let place = crate::placement::path(&function.name, function.architecture);
        let damaged = |error: WorldError| Staleness::Damaged(error.to_string());
        let text = world.read_within(&place.join(RECORD), LARGEST_RECORD).map_err(damaged)?;
        let record: Self = match text {
            Some(text) => serde_json::from_slice(&text).map_err(|error| Staleness::Damaged(error.to_string()))?,
            None => return Err(Staleness::Absent),
        };
        let now = Self::now(world, function, runtime).map_err(damaged)?;
        if let Some(what) = record.differs_from(&now) {
            return Err(Staleness::Changed(what));
        }
        let Some(wanted) = record.archive else { return Ok(None) };
        match world.read_within(&place.join(ARCHIVE), UNPACKED_LIMIT).map_err(damaged)? {
            Some(bytes) if digest(&bytes) == wanted => Ok(Some(bytes)),
            _ => Err(Staleness::Damaged(format!("`{}` is not what was written", place.join(ARCHIVE)))),
        }
    }

    /// What of it is no longer so, in a few words.
    fn differs_from(&self, now: &Self) -> Option<String> {
        if self.runtime != now.runtime {
            return Some("the runtime".to_owned());
        }
        if self.commands != now.commands {
            return Some("a command of `build`".to_owned());
        }
        let names: BTreeSet<&String> = self.lists.keys().chain(now.lists.keys()).collect();
        let changed = names.into_iter().find(|name| self.lists.get(*name) != now.lists.get(*name));
        changed.map(|name| format!("`{name}`"))
    }
}

fn digest(bytes: &[u8]) -> String {
    hexadecimal(Sha256::digest(bytes))
}
