//! The program that a compiled function runs as.

use super::walk::Found;
use super::{Contents, Fault, add};
use crate::placement;
use tc_core::ir::Architecture;
use tc_core::world::{EntryKind, SourcePath, World};

/// What Lambda starts on an OS-only runtime ("Building a custom runtime" in the AWS Lambda Developer Guide).
pub(crate) const BOOTSTRAP: &str = "bootstrap";

/// The places where a built program is looked for: where `tc build` puts it, then the function's directory.
pub(crate) fn places(function: &str, architecture: Architecture, directory: &SourcePath) -> [SourcePath; 2] {
    let built = placement::path(function, architecture);
    [built.join(BOOTSTRAP), directory.join(BOOTSTRAP)]
}

/// The first of `places` that is there, as the only file of a zip.
///
/// # Errors
/// When one cannot be packed.
pub(crate) fn find(world: &dyn World, places: &[SourcePath]) -> Result<Option<Contents>, Fault> {
    for path in places {
        let directory = path.parent();
        let entries = world.list(&directory).map_err(|error| Fault::Unreadable(directory, error))?;
        let Some(entry) = entries.into_iter().flatten().find(|entry| entry.name == BOOTSTRAP) else { continue };
        match entry.kind {
            EntryKind::File => {
                let found = Found { name: entry.name, path: path.clone(), executable: true, size: entry.size };
                let mut contents = Contents::new();
                add(&mut contents, BOOTSTRAP, found)?;
                return Ok(Some(contents));
            }
            EntryKind::Escaping => return Err(Fault::Escapes(path.clone())),
            EntryKind::Directory | EntryKind::Other => {}
        }
    }
    Ok(None)
}

/// The machine that an ELF file is for, if it is one and for a machine that Lambda has (System V ABI, "ELF Header":
/// `e_machine` stands at byte 18).
pub(crate) fn machine(bytes: &[u8]) -> Option<Architecture> {
    let header = bytes.first_chunk::<20>().filter(|header| header.starts_with(b"\x7fELF"))?;
    match header {
        [.., 62, 0] => Some(Architecture::X86_64),
        [.., 183, 0] => Some(Architecture::Arm64),
        _ => None,
    }
}
