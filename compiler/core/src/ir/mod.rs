//! The target-independent form of a topology.

mod state_machine_type;

pub use state_machine_type::StateMachineType;
