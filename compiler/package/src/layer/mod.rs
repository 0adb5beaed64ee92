//! Dependencies, built apart from the code: they change seldom and are big.
//!
//! ```text
//! target    what they are built for: a runtime and a processor
//! install   the language's own tool puts them into a tree, one file or folder a language
//! tree      the tree: what is in the layer, as it will stand below /opt
//! merge     what the function brings itself in lib/ and vendor/, into the tree
//! image     what there is in the images of the runtimes
//! elf       whether the native libraries of the tree can be loaded there
//! size      what it weighs, by distribution
//! split     which files go into which chunk, where it is too large for one layer
//! pack      its zips
//! cache     layers that were built before
//! build     the above in their order, for many functions
//! manifest  what was built
//! output    the directory that the zips and the manifest are put into
//! ```
//!
//! Unlike code zips, a layer is not made by `compile`: resolving and installing needs registries, credentials and
//! other programs. A layer depends on the list (and lock) of dependencies, what they point to on disk, the target, the
//! options and the versions of the tools; equal trees give equal bytes.

mod build;
pub(crate) mod cache;
pub mod elf;
mod finding;
pub mod image;
pub mod install;
pub mod manifest;
pub mod merge;
pub mod output;
mod pack;
mod size;
mod split;
mod target;
pub mod tree;

pub use build::{Builder, Built, Order, Outcome, Site, has_layer};
pub use cache::Cache;
pub use manifest::LayerManifest;
pub use pack::CHUNK_LIMIT;
pub use target::Target;
