//! What touches an AWS account. The only crate that knows the AWS SDK.
//!
//! ```text
//! environment  where a command works: what tc.yml or an AWS profile says
//! connection   an environment's clients, signed in and checked
//! failure      what a failed request comes to, as a finding
//! stack        stacks of tc's own, such as the one of the artifact bucket
//! bucket       the artifact bucket of an environment, made on first use
//! upload       a file by its digest: skipped where it is there, resumed where it was cut off
//! layers       layers published, shared and listed
//! assets       trees of files on the environment's file system
//! ```
//!
//! Whatever a command is about, it begins with [`Environment::find`] and [`Connection::open`]. Functions here block until
//! they are done; a [`Connection`] may be used by several threads at once.

pub mod assets;
pub mod bucket;
pub mod connection;
pub mod environment;
mod failure;
pub mod layers;
mod stack;
pub mod upload;

pub use connection::Connection;
pub use environment::Environment;
