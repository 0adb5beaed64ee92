//! The state machine: the rules of the Amazon States Language, and the graph that its transitions make.
//!
//! The rules are those of the Amazon States Language specification (states-language.net/spec.html), of the Step
//! Functions developer guide, and of what `ValidateStateMachineDefinition` answers. A rule that AWS enforces when a
//! machine is created is an error; one that AWS lets pass and that fails or surprises later is a warning.
//!
//! ```text
//! machine     the definition as scopes of states with their transitions, indexed once
//! flow        the graph of a machine: which states are reached, which can reach an end
//! transition  targets that do not exist or lie in another scope
//! reachable   states that nothing leads to, and which state is to blame
//! endless     states from which no end can be reached
//! name        the length and uniqueness of state names
//! ```

mod endless;
mod flow;
#[expect(dead_code, reason = "the rules about fields, which follow, read what is not yet read")]
mod machine;
mod name;
mod reachable;
#[cfg(test)]
mod testing;
mod transition;

use crate::diagnostic::{Diagnostic, codes};
use crate::ir::StateMachineType;
use crate::source::Node;
use flow::Flow;
use machine::Machine;

/// Checks the definition of a state machine, of which placeholders and function names are resolved, as a machine of
/// the type `mode`. Whether the functions that it names exist is for the resolver to say.
///
/// Never fails and never panics, whatever the tree holds. Takes time in proportion to the size of the tree.
pub fn check(definition: &Node, mode: StateMachineType) -> Vec<Diagnostic> {
    let _ = mode;
    let Some(map) = definition.as_map() else {
        let message = format!("a flow is a mapping with `StartAt` and `States`, not {}", definition.kind());
        return vec![Diagnostic::new(&codes::flow::FIELD_TYPE, definition.span, message)];
    };
    let machine = Machine::of(map);
    let flow = Flow::of(&machine);
    let mut findings = Vec::new();
    name::check(&machine, &mut findings);
    transition::check(&machine, &mut findings);
    let blamed = reachable::check(&machine, &flow, &mut findings);
    endless::check(&machine, &flow, &blamed, &mut findings);
    findings
}
