//! How findings are shown: to people in a terminal, and to tools as JSON lines, SARIF and GitHub's workflow commands.
//!
//! Every renderer gets the paths it prints from a [`ShowPath`]: the core knows paths relative to the topology only, and
//! what they should be relative to (the current directory, the root of the repository) is the caller's to say.

mod excerpt;
#[cfg(test)]
mod fixture;
pub mod github;
pub mod human;
pub mod json;
mod neutral;
mod place;
pub mod sarif;

pub use neutral::neutral;

use crate::world::SourcePath;

/// Turns the path of a source file into the text that is shown for it.
pub type ShowPath<'a> = &'a dyn Fn(&SourcePath) -> String;
