//! The commands, one a file.

pub mod build;
pub mod compile;
pub mod completions;
pub mod create;
pub mod delete;
pub mod deploy;
pub mod diff;
pub mod explain;
pub mod init;
pub mod invoke;
pub mod list;
pub mod local;
pub mod login;
pub mod logs;
pub mod rebalance;
pub mod release;
pub mod scaffold;
pub mod schema;
pub mod update;
pub mod verify;
