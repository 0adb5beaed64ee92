//! Dependencies that go into the code's own zip: `build.kind: inline`.
//!
//! Installing needs registries and other programs, and `tc compile` is pure. So `tc build` installs them, as it does
//! those of a layer, and keeps the zip beside the topology, below `.tc/build/FUNCTION/ARCHITECTURE/`, with a record of
//! what it was made of; and `compile` takes it from there like a compiled program, if it is whole and made of the lists
//! that there are. Else it is an error that says to run `tc build`. What comes from directories outside of the
//! function's own is looked at by `tc build` alone.

mod place;
mod record;

pub use place::Place;
pub(crate) use record::Record;

use crate::archive::{EntryName, Member, Reader, Stored};
use crate::select::{Contents, File, Origin};
use record::Staleness;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::ir::{BuildKind, Function, PackageType};
use tc_core::world::World;

/// The dependencies of a function, as the zip that `tc build` made.
pub(crate) struct Dependencies {
    bytes: Vec<u8>,
}

/// Whether a function's dependencies belong into its own zip.
pub fn is_inline(function: &Function) -> bool {
    function.build.kind == BuildKind::Inline
        && function.package_type == PackageType::Zip
        && (function.dependencies.is_some() || function.build.command.is_some())
}

/// What `tc build` made for a function. `None` where nothing belongs into its zip, or nothing was installed.
///
/// # Errors
/// When it was not built, or of something else than is there now.
pub(crate) fn load(world: &dyn World, function: &Function) -> Result<Option<Dependencies>, Box<Diagnostic>> {
    // A runtime that is not known was reported.
    let Some(runtime) = function.runtime.as_ref().filter(|_| is_inline(function)) else { return Ok(None) };
    let loaded = Record::load(world, function, runtime.value);
    loaded.map(|bytes| bytes.map(|bytes| Dependencies { bytes })).map_err(|staleness| {
        let name = &function.name;
        let message = match staleness {
            Staleness::Absent => format!("the dependencies of function `{name}` have not been built into its code"),
            Staleness::Changed(what) => {
                format!("{what} of function `{name}` changed since its dependencies were built")
            }
            Staleness::Damaged(why) => unusable(function, &why),
        };
        Box::new(Diagnostic::new(&codes::NOT_INLINED, function.span, message).help("run `tc build`"))
    })
}

impl Dependencies {
    /// Adds them to a function's code, which wins where both have a file. Gives the reader of what was added, whose
    /// entries are [`Origin::Dependency`].
    ///
    /// # Errors
    /// When it is no zip that is to be trusted, or one of its files stands where the code has a directory, or the other
    /// way round.
    pub fn add_to<'a>(&'a self, function: &Function, contents: &mut Contents) -> Result<Reader<'a>, Box<Diagnostic>> {
        let refused = |why: String| {
            let message = unusable(function, &why);
            Box::new(Diagnostic::new(&codes::NOT_INLINED, function.span, message).help("run `tc build`"))
        };
        let (reader, members) = Reader::open(&self.bytes).map_err(|error| refused(error.to_string()))?;
        for (name, Member { executable, source: Stored { index, size } }) in members {
            let name = EntryName::new(Place::Code.of(name.as_str())).map_err(|error| refused(error.to_string()))?;
            let file = File { origin: Origin::Dependency(index), size };
            contents.entry(name).or_insert(Member { executable, source: file });
        }
        let both = contents.keys().find_map(|name| name.directories().find(|parent| contents.contains_key(*parent)));
        if let Some(both) = both {
            let message = format!(
                "`{both}` is a file in the code or the dependencies of function `{}`, and a directory in the other",
                function.name
            );
            let finding = Diagnostic::new(&codes::MERGE_CONFLICT, function.span, message);
            return Err(Box::new(finding.help("rename it in the code, or build the dependencies as a layer")));
        }
        Ok(reader)
    }
}

fn unusable(function: &Function, why: &str) -> String {
    format!("the dependencies that were built for function `{}` cannot be used: {why}", function.name)
}
