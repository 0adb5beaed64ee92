//! Artifacts: each function's code zip, deterministic and named by its content, the layers of its dependencies, and the
//! manifest of a compiled topology.
//!
//! ```text
//! select    which files a function's zip holds
//! command   what `tasks.build` says: a plain zip, or something for a shell
//! staging   the copy that a build command runs in, and what it made there
//! check     what a zip must be before it is written
//! archive   the one deterministic zip writer, and the reader of foreign archives
//! store     where artifacts are put
//! build     the above in their order, for all functions
//! manifest  `manifest.json`: what was made of a topology
//! document  how manifests are written, and their schemas
//! layer     dependencies, built apart from the code
//! assets    models and dependencies for a function's file system, in parts
//! image     functions that are container images
//! inline    dependencies in the code's own zip
//! program   functions that are compiled, built for the target
//! product   what `build` makes of which function
//! residue   what tools leave behind, and nobody takes
//! placement where `build` leaves what `compile` takes
//! ```
//!
//! Two functions with the same files, modes and names get the same artifact on any machine: nothing of a directory's
//! name, an owner, a time, a umask or an order of listing reaches it. Source files come through
//! [`tc_core::world::World`]. Other programs run only where a function's `tasks.build` is more than a plain `zip`, and
//! only through [`Shell`]; what these programs make is theirs to keep reproducible, and tc repacks it without times,
//! owners and order.

pub mod archive;
pub mod assets;
mod build;
mod check;
mod command;
mod document;
mod finding;
pub mod image;
pub mod inline;
pub mod layer;
pub mod manifest;
mod placement;
pub mod product;
pub mod program;
mod residue;
mod select;
mod staging;
mod store;

pub use build::{Artifact, Packaged, Packager};
pub use document::Document;
pub use manifest::Manifest;
pub use staging::{End, Outcome, Place, Shell, SystemShell};
pub use store::{DirectoryStore, DiscardingStore, MemoryStore, Pending, Store};
