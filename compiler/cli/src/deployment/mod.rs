//! What commands share that change a sandbox.
//!
//! ```text
//! target     the sandbox that is meant, and the topology that it is of
//! deploy     from a compiled topology to a stack that is as it says
//! remove     the end of a sandbox
//! review     a change set as it is shown
//! consent    whether what may be lost may be lost
//! narration  what is told while a stack changes
//! failure    why it failed, at the place in the sources
//! clock      the time at the beginning of a line
//! ```

mod clock;
mod consent;
mod deploy;
mod failure;
mod narration;
mod remove;
mod review;
mod target;

pub use deploy::{Deployment, Goal};
pub use remove::remove;
pub use target::Target;

use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tc_core::ir::Topology;

/// A sandbox that is not there.
fn no_sandbox(topology: &Topology, help: Option<String>) -> Diagnostic {
    let message = format!("there is no sandbox `{}` of `{}` in {}", topology.sandbox, *topology.name, topology.env);
    Diagnostic::without_place(&codes::NO_SANDBOX, message).help_opt(help)
}
