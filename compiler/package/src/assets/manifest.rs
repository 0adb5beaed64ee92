//! What is in a tree. The manifest's bytes are the tree's identity: their digest names it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tc_core::digest::hexadecimal;

/// The version of the format, which the helper has to understand.
pub const FORMAT: u32 = 1;

/// What is in a tree, and the parts that its bytes come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The entries in the order of their paths' bytes, so that a directory stands before what is in it.
    pub entries: Vec<Entry>,
    /// The parts: together they are the bytes of all files, in the order of the entries.
    pub parts: Vec<Part>,
}

/// A directory, file or link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path below the tree's root, with `/` between the names.
    pub path: String,
    /// What it is.
    #[serde(flatten)]
    pub kind: EntryKind,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum EntryKind {
    /// A directory, of mode 0755.
    Directory,
    /// A regular file.
    File {
        /// Bytes.
        size: u64,
        /// Whether its mode is 0755, else 0644.
        executable: bool,
        /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
        sha256: String,
    },
    /// A symbolic link to another entry.
    Link {
        /// What is written in it: a path from the link's directory.
        target: String,
    },
}

/// A range of the bytes of all files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Bytes, at least one.
    pub size: u64,
}

impl Manifest {
    /// The manifest as it is written, which is the same for equal trees.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Maps with other keys than text are what serialisation fails for; there are none.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The tree's name: the SHA-256 of [`Self::to_bytes`], 64 lower-case hexadecimal digits.
    pub fn digest(&self) -> String {
        hex(Sha256::new_with_prefix(self.to_bytes()))
    }

    /// The bytes of all files.
    pub fn size(&self) -> u64 {
        self.parts.iter().map(|part| part.size).sum()
    }

    /// How many files there are.
    pub fn files(&self) -> usize {
        self.entries.iter().filter(|entry| matches!(entry.kind, EntryKind::File { .. })).count()
    }
}

/// A digest as 64 lower-case hexadecimal digits.
pub(super) fn hex(hasher: Sha256) -> String {
    hexadecimal(hasher.finalize())
}
