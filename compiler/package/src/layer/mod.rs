//! Dependencies, built apart from the code: they change seldom and are big.
//!
//! ```text
//! target    what they are built for: a runtime and a processor
//! install   the language's own tool puts them into a tree, one file or folder a language
//! tree      the tree: what is in the layer, as it will stand below /opt
//! merge     what the function brings itself in lib/ and vendor/, into the tree
//! image     what there is in the images of the runtimes
//! elf       whether the native libraries of the tree can be loaded there
//! ```
//!
//! Unlike code zips, a layer is not made by `compile`: resolving and installing needs registries, credentials and
//! other programs. A layer depends on the list (and lock) of dependencies, what they point to on disk, the target, the
//! options and the versions of the tools; equal trees give equal bytes.

pub mod elf;
pub mod image;
pub mod install;
pub mod merge;
mod target;
pub mod tree;

pub use target::Target;
