//! The pure part of tc: the source of a topology in, a checked CloudFormation template out.
//!
//! The folders read in the order of the data:
//!
//! ```text
//! world     what the compiler may see of the outside: files, their listing, the newest version tag
//! source    files held in memory, spans into them, the tree of spanned nodes that YAML and JSON are read into
//! frontend  discover the directory, read, check against schema/, fill placeholders, resolve names
//! ir        Topology: target-independent, ordered, serialisable
//! graph     the entities of a topology and the typed edges between them
//! analysis  rules over the IR and the graph that only report
//! backend   lower entities to resources, order and check them, write the template
//! digest    digests as they are written
//! diagnostic  the one kind of finding that every stage reports, and how it is shown
//! ```
//!
//! A stage imports only the stages above it and [`diagnostic`]. Nothing here touches a disk, a clock, a network or the
//! environment; what varies comes through [`world::World`] and [`frontend::Options`], so that equal inputs give equal
//! bytes on any machine.

#![cfg_attr(test, allow(clippy::string_slice, reason = "a test may panic"))]

pub mod analysis;
pub mod backend;
pub mod diagnostic;
pub mod digest;
pub mod frontend;
pub mod graph;
pub mod ir;
pub mod source;
pub mod suggest;
pub mod world;
