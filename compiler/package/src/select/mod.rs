//! Which files a function's zip holds, and where their bytes come from. Nothing is read here but listings and ignore
//! files.
//!
//! Without `tasks.build` these are the files under the function's directory, except
//!
//! - what `.gitignore` and `.tcignore` leave out, there and in each directory up to the project's root;
//! - what is surely not code: see [`ignore::is_not_code`]. A `!PATTERN` in a `.tcignore` brings such a file back.
//!
//! `tasks.build` sees all but what is made by tools and differs from one machine to the next (see [`crate::residue`]),
//! ignored files included, because a build may well need them.

pub(crate) mod bootstrap;
pub(crate) mod ignore;
pub(crate) mod operands;
pub(crate) mod walk;

use crate::archive::{EntryName, Member, Members, NameError};
use std::path::PathBuf;
use tc_core::world::{SourcePath, WorldError};

/// Where a file's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In the source tree.
    World(SourcePath),
    /// In the directory that a build command ran in.
    Disk(PathBuf),
    /// In the archive that a build command made, by index.
    Archive(usize),
    /// In the archive of dependencies that `tc build` made, by index.
    Dependency(usize),
}

/// A file of a function's zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub origin: Origin,
    /// Bytes.
    pub size: u64,
}

/// The files of a function's zip.
pub(crate) type Contents = Members<File>;

/// Something in the source tree that cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A link that leads out of the project.
    Escapes(SourcePath),
    /// A socket, a device, a broken link, a link to a directory it stands in.
    Special(SourcePath),
    /// A directory or an ignore file that cannot be read.
    Unreadable(SourcePath, WorldError),
    /// A name that cannot stand in an archive.
    Name(SourcePath, NameError),
    /// Two files would have this name in the archive.
    Duplicate(String),
    /// The directory at this path has more than [`walk::MAX_ENTRIES`] entries.
    TooMany(SourcePath),
    /// `tasks.build` names a file that is not there; with a name that is near.
    Absent(String, Option<String>),
}

/// Adds a file under a name.
pub(crate) fn add(contents: &mut Contents, name: &str, found: walk::Found) -> Result<(), Fault> {
    let entry = EntryName::new(name).map_err(|reason| Fault::Name(found.path.clone(), reason))?;
    let file = File { origin: Origin::World(found.path), size: found.size };
    let known = contents.insert(entry, Member { executable: found.executable, source: file });
    known.map_or(Ok(()), |_| Err(Fault::Duplicate(name.to_owned())))
}
