//! What commands share that change a sandbox, or show how it would change.
//!
//! ```text
//! target      the sandbox that is meant, and the topology that it is of
//! wanted      what it is to be: the topology, compiled and linked
//! part        the part of it that is meant
//! places      which stack each part is in, which stays so
//! rebalance   parts to other stacks, on purpose
//! difference  what an update would change
//! deploy      from a compiled topology to a stack that is as it says
//! saves       a function that gets its code on each save
//! code        the code of functions, uploaded and restored
//! plan        a change set that waits for somebody's consent
//! execution   a change set executed and followed
//! remove      the end of a sandbox
//! review      a change set as it is shown
//! consent     whether what may be lost may be lost
//! gate        what a change set must not do, as CI asks
//! narration   what is told while a stack changes
//! board       the live table on a terminal
//! record      what is kept of a deployment, whole or in parts
//! failure     why it failed, at the place in the sources
//! recovery    a sandbox that cannot be changed as it is
//! interruption  what Ctrl-C does
//! clock       the time at the beginning of a line
//! ```

mod board;
mod clock;
mod code;
pub mod consent;
mod deploy;
mod difference;
mod execution;
mod failure;
mod gate;
mod interruption;
mod narration;
mod part;
mod places;
mod plan;
mod rebalance;
mod record;
mod recovery;
mod remove;
mod review;
mod saves;
mod target;
mod wanted;

pub use deploy::{Agreed, Care, Deployed, Deployment, Goal, print};
pub use difference::{Differences, of as differences, property, show as show_differences};
pub use gate::Gate;
pub use part::{Aim, Part};
pub use places::are_locked as places_are_locked;
pub use plan::{
    Plan, execute as execute_plan, is_of_tree, read as read_plan, version as plan_version, write as write_plan,
};
pub use rebalance::{Rebalancing, rebalance};
pub use record::Record;
pub use recovery::exit_status;
pub use remove::{Doomed, Removal, remove};
pub use review::{describe as describe_changes, sign};
pub use saves::watch;
pub use target::{Manner, Site, Target};
pub use wanted::{Wanted, import};

use tc_core::diagnostic::Diagnostic;

/// What went wrong, the first first.
pub type Findings = Vec<Diagnostic>;

/// One finding as the findings that it is.
#[expect(clippy::boxed_local, reason = "errors come in a box")]
pub fn one(finding: Box<Diagnostic>) -> Findings {
    vec![*finding]
}
