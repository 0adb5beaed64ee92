//! The function that puts trees together on the file system: `runtime-templates/assets`, embedded.

use crate::archive::{EntryName, Member, Members, WriteError, Writer, Written};
use std::io::{self, Write};

/// Its files, each by its name.
const FILES: [(&str, &str); 7] = [
    ("call.py", include_str!("../../../../runtime-templates/assets/call.py")),
    ("draft.py", include_str!("../../../../runtime-templates/assets/draft.py")),
    ("files.py", include_str!("../../../../runtime-templates/assets/files.py")),
    ("handler.py", include_str!("../../../../runtime-templates/assets/handler.py")),
    ("manifest.py", include_str!("../../../../runtime-templates/assets/manifest.py")),
    ("place.py", include_str!("../../../../runtime-templates/assets/place.py")),
    ("source.py", include_str!("../../../../runtime-templates/assets/source.py")),
];

/// Writes the zip of its code.
///
/// # Errors
/// When `out` takes no more.
pub fn helper(out: &mut dyn Write) -> io::Result<Written> {
    let mut members = Members::new();
    for (name, text) in FILES {
        let name = EntryName::new(name).map_err(|error| io::Error::other(error.to_string()))?;
        members.insert(name, Member { executable: false, source: text.as_bytes() });
    }
    let read = |bytes: &&[u8]| Ok::<_, io::Error>(bytes.to_vec());
    Writer::new(1).write(&members, &read, out).map_err(|error| match error {
        WriteError::Source(_, error) | WriteError::Output(error) => error,
        WriteError::TooLarge(name) => io::Error::other(format!("`{name}` is too large")),
    })
}
