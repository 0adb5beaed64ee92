//! The commands, one a file.

pub mod build;
pub mod compile;
pub mod completions;
pub mod explain;
pub mod schema;
