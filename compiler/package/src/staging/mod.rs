//! Where a build command runs: a copy of the function's directory that is thrown away afterwards, also after an error.
//!
//! The command never touches the source tree, so `tasks.clean` has nothing to do and is not run. It sees all files of
//! the directory, ignored ones too, but no residue and no former products; see [`crate::select`]. What it makes is its
//! zip, of which only the contents are taken: `lambda.zip`, else the one other zip beside it. A command that makes no
//! zip changes the directory, which is then packed as it would be without `tasks.build`, along with every file that the
//! command made.

mod product;
mod shell;
mod tree;

pub(crate) use product::{Product, ProductError};
pub(crate) use shell::tail;
pub use shell::{End, Outcome, Place, Shell, SystemShell};

use crate::select::walk::{Found, Selection, walk};
use crate::select::{Contents, Fault};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tc_core::world::{SourcePath, World, WorldError};

/// The largest file that is copied, in bytes.
const MAX_FILE: u64 = 1 << 30;

/// A copy of a function's directory.
pub(crate) struct Staging {
    /// Removed with all that is in it when this is dropped.
    root: tempfile::TempDir,
    /// The copy.
    code: PathBuf,
    /// What was copied, by its name below the directory.
    copied: BTreeMap<String, Stamp>,
    /// Links out of the project and the like, which are not copied.
    pub left_out: Vec<SourcePath>,
}

/// What tells whether a file was written since it was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        Self { inode: metadata.ino(), size: metadata.size(), modified }
    }
}

/// Why a copy could not be made.
#[derive(Debug)]
pub(crate) enum StagingError {
    /// Something in the source.
    Faults(Vec<Fault>),
    /// The disk that it is made on.
    Io(io::Error),
}

impl From<io::Error> for StagingError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Staging {
    /// Copies a function's directory, but for what is called `without` in it.
    ///
    /// # Errors
    /// When something in it cannot be read, or the copy cannot be written.
    pub fn copy(world: &dyn World, directory: &SourcePath, without: Option<&str>) -> Result<Self, StagingError> {
        let (found, faults) = walk(world, directory, "", Selection::All, without);
        let mut left_out = Vec::new();
        let mut serious = Vec::new();
        for fault in faults {
            match fault {
                // A virtual environment links to its interpreter; few builds need it.
                Fault::Escapes(path) | Fault::Special(path) => left_out.push(path),
                other => serious.push(other),
            }
        }
        if !serious.is_empty() {
            return Err(StagingError::Faults(serious));
        }
        let root = tempfile::Builder::new().prefix("tc-").tempdir()?;
        let name = match directory.file_name() {
            "" | ".." => "function",
            name => name,
        };
        // Without links, so that what a link leads to can be compared with it.
        let place = root.path().canonicalize()?;
        let code = place.join("code").join(name);
        for directory in [&place.join("tmp"), &place.join("code"), &code] {
            create_directory(directory)?;
        }
        let mut staging = Self { root, code, copied: BTreeMap::new(), left_out };
        for file in found {
            staging.add(world, file)?;
        }
        Ok(staging)
    }

    fn add(&mut self, world: &dyn World, file: Found) -> Result<(), StagingError> {
        let unreadable = |error| StagingError::Faults(vec![Fault::Unreadable(file.path.clone(), error)]);
        let vanished = || WorldError::Io("it vanished while it was being copied".to_owned());
        let bytes = world.read_within(&file.path, MAX_FILE).and_then(|bytes| bytes.ok_or_else(vanished));
        let bytes = bytes.map_err(unreadable)?;
        let path = self.code.join(&file.name);
        if let Some((parents, _)) = file.name.rsplit_once('/') {
            let mut parent = self.code.clone();
            for part in parents.split('/') {
                parent.push(part);
                create_directory(&parent)?;
            }
        }
        let mode = if file.executable { 0o755 } else { 0o644 };
        let mut written = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
        written.write_all(&bytes)?;
        // The mode given on opening is cut by the umask.
        written.set_permissions(fs::Permissions::from_mode(mode))?;
        self.copied.insert(file.name, Stamp::of(&written.metadata()?));
        Ok(())
    }

    /// Runs a command in the copy.
    ///
    /// # Errors
    /// When no shell can be started.
    pub fn run(&self, shell: &dyn Shell, command: &str) -> io::Result<Outcome> {
        let place = Place { directory: &self.code, scratch: &self.root.path().join("tmp") };
        shell.run(command, &place)
    }

    /// What the command made.
    ///
    /// # Errors
    /// When it cannot be said, or cannot be packed.
    pub fn product(&self) -> Result<Product, ProductError> {
        product::find(&self.code)
    }

    /// The bytes of an archive that the command made.
    ///
    /// # Errors
    /// When it is no file of at most `limit` bytes in the copy.
    pub fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>, ProductError> {
        product::read(&self.code, name, limit)
    }

    /// A program's output without the name of the copy, which differs from run to run.
    pub fn hide_place(&self, output: &str) -> String {
        output.replace(&*self.code.to_string_lossy(), ".").replace(&*self.root.path().to_string_lossy(), "..")
    }

    /// The files of the copy that go into the zip where the command made none itself: those that are code without it,
    /// and those that it made or changed and that are wanted.
    ///
    /// # Errors
    /// When a file cannot be packed.
    pub fn contents(
        &self,
        is_code: impl Fn(&str) -> bool,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Contents, ProductError> {
        let is_made = |name: &str, metadata: &fs::Metadata| {
            self.copied.get(name).is_none_or(|stamp| *stamp != Stamp::of(metadata))
        };
        tree::contents(&self.code, |name, metadata| is_code(name) || is_wanted(name) && is_made(name, metadata))
    }
}

/// Creates a directory whose mode does not depend on the umask. One that is there already is left as it is.
fn create_directory(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Ok(()) => fs::set_permissions(path, fs::Permissions::from_mode(0o755)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
