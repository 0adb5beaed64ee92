//! Code artifacts: each function's zip, deterministic and named by its content, and the manifest of a compiled topology.

pub mod archive;
