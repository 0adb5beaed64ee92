//! Trees of files for a function's file system: its model (`assets.MODEL_PATH`) and its dependencies
//! (`assets.DEPS_PATH`), which have no limit of size there.
//!
//! ```text
//! tree      a directory, read once: every entry, its digest, and the parts that all bytes go over the wire in
//! manifest  what is in a tree, named by its digest
//! divide    which bytes make a part
//! part      the bytes of a part, read from the tree again
//! model     where the tree of a model comes from: the function's `artifacts/`, after `build.pre`
//! deps      the tree of a layer, as it stands on a file system
//! helper    the function that puts the parts together again, as the zip of its code
//! built     a tree that was built
//! finding   the above in words
//! ```
//!
//! Nothing is held in memory but names and digests, however large a tree is. Equal trees give equal manifests and equal
//! parts on any machine: times, owners, and modes beyond whether a file can be executed do not count.

mod built;
pub(crate) mod deps;
mod divide;
mod finding;
mod helper;
mod manifest;
mod model;
mod part;
mod tree;

pub use built::Built;
pub use divide::{PART_FILES, PART_SIZE, Rule};
pub(crate) use finding::{no_source, unusable};
pub use helper::helper;
pub use manifest::{Entry, EntryKind, FORMAT, Manifest, Part};
pub use part::{PartReader, Span, spans};
pub use tree::{TreeError, read};
