//! The topologies of a directory and of those below it, compiled and deployed as one: `--recursive`.
//!
//! ```text
//! tree        which they are, and the order in which one needs another
//! schedule    work on each, after that on what it needs, independent ones at once
//! report      what was found in all of them
//! compile     tc compile --recursive
//! sites       all of them read and compiled, for the commands that deploy
//! plan        what would be done to each
//! plan_file   a plan that waits for somebody's consent
//! deploy      tc create and tc update --recursive
//! outcome     what became of each
//! difference  tc diff --recursive
//! remove      tc delete --recursive
//! ```

mod compile;
mod deploy;
mod difference;
mod outcome;
mod plan;
mod plan_file;
mod remove;
mod report;
mod schedule;
mod sites;
mod tree;

pub use compile::run as compile;
pub use deploy::run as deploy;
pub use difference::run as show_differences;
pub use plan_file::execute as execute_plan;
pub use remove::run as remove;
