//! Trees of files on the environment's file system.
//!
//! ```text
//! file_system  which file system an environment has, and the network that it stands in
//! template     the stack `tc-assets`: the file system, its network, the helper
//! upload       parts to the artifact bucket, each once
//! helper       calls of the helper, until the tree stands
//! ```
//!
//! [`publish`] may be interrupted anywhere and run again, by several people at a time: parts are known by their digests,
//! the helper keeps what it has done on the file system, and functions see a tree when it is whole.

mod file_system;
mod helper;
mod template;
mod upload;

pub use file_system::{FileSystem, Links};
pub use template::template;

use crate::connection::Connection;
use crate::upload::File;
use crate::{bucket, stack};
use helper::Helper;
use std::io::Read;
use tc_core::diagnostic::Diagnostic;

/// The stack of the file system and the helper.
pub const STACK: &str = "tc-assets";

/// The helper's name.
pub const FUNCTION: &str = "tc-assets";

/// How the keys of parts and manifests begin, which the bucket does not keep for ever.
pub(crate) const PREFIX: &str = "assets/";

/// A part of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// A tree that is to be published.
pub struct Tree<'a> {
    /// The SHA-256 of the manifest, 64 lower-case hexadecimal digits.
    pub digest: String,
    /// The manifest.
    pub manifest: Vec<u8>,
    /// The parts, in their order.
    pub parts: Vec<Part>,
    /// Opens a part by its place among the parts.
    pub open: &'a (dyn Fn(usize) -> Box<dyn Read + Send> + Sync),
}

impl Tree<'_> {
    /// The bytes of all parts.
    pub fn size(&self) -> u64 {
        self.parts.iter().map(|part| part.size).sum()
    }
}

/// What is being done. Counts are of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The file system and the helper are made, or changed.
    Preparing,
    /// It is asked whether the tree stands.
    Looking,
    /// So many further bytes are in the bucket.
    Uploaded(u64),
    /// So many are on the file system.
    Copied(u64),
    /// So many were read back from there.
    Checked(u64),
    /// What is no more wanted is removed.
    Cleaning,
}

/// Is told what is being done.
pub type Progress<'a> = &'a (dyn Fn(Step) + Sync);

/// What became of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was there before.
    Unchanged,
    /// It was put there.
    Published,
}

/// Makes sure of the file system and the helper, whose zip is `code`.
///
/// # Errors
/// When the stack cannot be made or changed, or the zip not be uploaded.
pub fn prepare(
    connection: &Connection,
    file_system: &FileSystem,
    code: &File,
    progress: Progress<'_>,
) -> Result<(), Box<Diagnostic>> {
    progress(Step::Preparing);
    connection.block_on(async {
        let bucket = bucket::get(connection).await?;
        let object = crate::upload::put(connection, &bucket, code, "zip", &|_| {}).await?;
        stack::ensure(connection, STACK, &template(file_system, &bucket.name, &object.key)).await
    })
}

/// Puts a tree at a path below the root of the file system, which was [`prepare`]d.
///
/// # Errors
/// When a part cannot be read or uploaded, or the helper cannot be called or refuses.
pub fn publish(
    connection: &Connection,
    tree: &Tree<'_>,
    path: &str,
    progress: Progress<'_>,
) -> Result<Outcome, Box<Diagnostic>> {
    progress(Step::Looking);
    connection.block_on(async {
        let bucket = bucket::get(connection).await?;
        let helper = Helper { connection, bucket: &bucket, tree, path, progress };
        if helper.is_there().await? {
            return Ok(Outcome::Unchanged);
        }
        upload::all(connection, &bucket, tree, progress).await?;
        helper.copy().await?;
        Ok(Outcome::Published)
    })
}
