//! Source text to IR: discover the directory, read, check against the schemas, fill placeholders, resolve names.

pub mod decode;
pub mod placeholder;
pub mod yaml;
