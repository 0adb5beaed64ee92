//! Installing dependencies: each language by its own tool, into the tree of a layer.

pub(crate) mod commands;
pub(crate) mod local;
mod node;
mod python;
mod ruby;
mod tools;
pub(crate) mod transcript;

pub use commands::Commanded;
pub use node::Node;
pub use python::Python;
pub use ruby::Ruby;
pub use tools::{Ran, Tools};

use super::Target;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::ir::{Family, Function};
use tc_core::source::{FileId, SourceMap, Span};
use tc_core::world::{SourcePath, WorldError};

/// What the user asked for beyond the defaults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Leave out tests and symbols.
    pub slim: bool,
    /// Solve conflicts by overrides that are written into the list of dependencies.
    pub fix: bool,
}

/// The files that findings point into. Functions are built side by side, so it is shared.
#[derive(Debug, Default)]
pub struct Sources(Mutex<SourceMap>);

impl Sources {
    /// With the files that were read so far.
    pub fn new(map: SourceMap) -> Self {
        Self(Mutex::new(map))
    }

    /// Adds a file, so that a finding can show its lines.
    pub fn add(&self, path: SourcePath, text: String) -> FileId {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(path, text)
    }

    /// The path of a file that was added.
    pub fn path(&self, file: FileId) -> Option<SourcePath> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(file).map(|file| file.path.clone())
    }

    /// The files.
    pub fn into_inner(self) -> SourceMap {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Is told what is being done.
pub trait Progress: Sync {
    /// A step of a function's build began: `resolving`, `installing`, ... in a few words.
    fn step(&self, function: &str, step: &str);

    /// It has ended, and there is a result or not.
    fn done(&self, _function: &str, _is_built: bool) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _: &str, _: &str) {}
}

/// What is to be installed, for what, and where.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The function.
    pub function: &'a Function,
    /// What it runs on.
    pub target: Target,
    /// The topology's directory on disk, to which the paths in findings are relative.
    pub root: &'a Path,
    /// The function's directory on disk. Never written to, but by [`Options::fix`].
    pub directory: &'a Path,
    /// The options.
    pub options: Options,
    /// The programs.
    pub tools: &'a Tools,
    /// Where findings point.
    pub sources: &'a Sources,
    /// Is told what is being done.
    pub progress: &'a dyn Progress,
}

/// Something that was installed as a whole: a Python distribution, a gem, a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Its name as its registry spells it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its files, below the tree's root with `/`. What belongs to no distribution is in none of these lists.
    pub files: Vec<String>,
}

/// What was installed.
#[derive(Debug, Default)]
pub struct Installed {
    /// By distribution, in the order of their names.
    pub distributions: Vec<Distribution>,
    /// What was mended to make it work, and what else is to be said; no errors.
    pub findings: Vec<Diagnostic>,
}

/// What decides what an installation gives, by name: the bytes of lists, locks and local dependencies (or their
/// digests), versions of tools. All that is the same, and the result is taken from the cache.
pub type Inputs = BTreeMap<String, Vec<u8>>;

/// A language's way to install dependencies.
pub trait Installer: Sync {
    /// What decides the result, beyond function, target and options. Reads files and asks tools for their versions; needs
    /// neither network nor resolver.
    ///
    /// # Errors
    /// What is wrong with the list of dependencies, or which tool is absent.
    fn inputs(&self, request: &Request<'_>) -> Result<Inputs, Vec<Diagnostic>>;

    /// Installs into `tree`, an empty directory that will be laid over `/opt`: `python/...`, `nodejs/node_modules/...`,
    /// `ruby/gems/X.Y.0/...`. `scratch` is an empty directory for files in between, removed afterwards.
    ///
    /// # Errors
    /// Why it could not be installed: the tool's own words shortened to what matters, at the place in the list of
    /// dependencies that it comes from, with what to do. The tree is then of no use.
    fn install(&self, request: &Request<'_>, tree: &Path, scratch: &Path) -> Result<Installed, Vec<Diagnostic>>;
}

/// Who installs the dependencies of a function; `None` where nobody can.
pub fn installer(function: &Function) -> Option<&'static dyn Installer> {
    match function.runtime.as_ref()?.family {
        Family::Python => Some(&Commanded(&Python)),
        Family::Ruby => Some(&Commanded(&Ruby)),
        Family::Node => Some(&Commanded(&Node)),
        Family::Rust | Family::Go | Family::Java | Family::Dotnet | Family::Provided => {
            function.build.command.as_ref().map(|_| &Commanded(&Nothing) as &dyn Installer)
        }
    }
}

/// Of a language whose dependencies tc does not install: `build.command` does all of it.
struct Nothing;

impl Installer for Nothing {
    fn inputs(&self, _: &Request<'_>) -> Result<Inputs, Vec<Diagnostic>> {
        Ok(Inputs::new())
    }

    fn install(&self, _: &Request<'_>, _: &Path, _: &Path) -> Result<Installed, Vec<Diagnostic>> {
        Ok(Installed::default())
    }
}

impl Request<'_> {
    /// A file of the function's directory, read as a source that findings can point into: its text and id. `None` where
    /// it is absent or no UTF-8.
    pub fn source(&self, name: &str) -> Option<(FileId, String)> {
        let text = std::fs::read_to_string(self.directory.join(name)).ok()?;
        Some((self.sources.add(self.function.directory.join(name), text.clone()), text))
    }

    /// Where the project keeps what can be made again.
    pub fn cache(&self) -> PathBuf {
        self.tools.cache().to_owned()
    }
}

/// A file or program of an installation that the operating system refuses.
pub(crate) fn not_written(request: &Request<'_>, place: Span, error: &io::Error) -> Diagnostic {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    let code = if full { &codes::NO_ROOM } else { &codes::TOOL_FAILED };
    let reason = WorldError::from(error);
    let message = format!("the dependencies of function `{}` cannot be laid down: {reason}", request.function.name);
    let finding = Diagnostic::new(code, place, message);
    if full { finding.help("make room, or set TMPDIR to a larger disk") } else { finding }
}
