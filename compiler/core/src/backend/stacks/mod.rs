//! One template too large for CloudFormation to several: a root stack and the stacks nested in it.
//!
//! ```text
//! sections  a template in sections
//! unit      what must live together
//! load      what a stack holds of what CloudFormation limits
//! place     which stack each unit is in: what the lock says, and room for what is new
//! lock      that, as topology.lock
//! split     a template by its places to several, with outputs and parameters for what refers across
//! join      several to the one they were split from
//! rebalance other places on purpose
//! refactor  the templates by which what is deployed goes there
//! ```
//!
//! Everything else in tc knows the one template alone: what is deployed is joined before it is looked at, and what is to be
//! deployed is split last.
//!
//! # Places that stay
//!
//! A resource that went from one stack to another would be made in one before it is deleted in the other, and its name would
//! be taken. So a unit stays where it is once it has a place, whatever becomes of others, and `topology.lock` says where.
//!
//! That the stacks never need each other in a circle cannot be left to luck then: a circle could only be undone by moving
//! something. Stacks are therefore in [tiers](unit::Tier), by the kinds of what is in them, and what is in one tier refers
//! to lower ones alone, whatever a user connects with what.

mod join;
mod load;
pub mod lock;
#[cfg(test)]
mod moves;
mod place;
mod rebalance;
pub mod refactor;
mod sections;
mod split;
#[cfg(test)]
mod tests;
mod unit;

pub use join::{Joined, join};
pub use lock::Lock;
pub use place::{Placement, deployed, place};
pub use rebalance::rebalance;
pub use sections::Sections;
pub use split::{Assembly, Circle, Nested, Written, WrittenNested, WrittenTemplate, split};
