//! The state machine: the rules of the Amazon States Language, and the graph that its transitions make.
//!
//! The rules are those of the Amazon States Language specification (states-language.net/spec.html), of the Step
//! Functions developer guide, and of what `ValidateStateMachineDefinition` answers. A rule that AWS enforces when a
//! machine is created is an error; one that AWS lets pass and that fails or surprises later is a warning.
//!
//! ```text
//! machine      the definition as scopes of states with their transitions, indexed once
//! flow         the graph of a machine: which states are reached, which can reach an end
//! guess        what a misspelt target was likely meant to be
//! name         the length and uniqueness of state names
//! transition   targets that do not exist or lie in another scope
//! reachable    states that nothing leads to, and which transition is to blame
//! endless      states from which no end can be reached
//!
//! walk         goes through all objects
//! fields       the tables of fields, one file an object
//! object       an object against its table
//! value        a value against its shape, with timestamp
//! errors       Retry and Catch
//! choice       the rules of a Choice state
//! task         what a Task's fields ask of each other, with resource and integration
//! map          what a Map's fields ask of each other
//! template     payload templates, and values with expressions
//! expression   strings that hold a path, a function or an expression, with text for their places
//! context      the fields of the context object
//! jsonpath     the syntax of paths
//! intrinsic    the syntax of intrinsic functions
//! jsonata      the syntax of JSONata
//! variable     names, scopes and uses of variables
//!
//! data         what states can find in their input
//! express      what an Express flow cannot do
//! size         the size of the definition
//! substitution `${…}` that nothing replaces
//! ```

mod choice;
mod context;
#[cfg(test)]
mod corpus;
mod data;
mod endless;
mod errors;
mod express;
mod expression;
mod fields;
mod flow;
mod guess;
mod integration;
mod intrinsic;
mod jsonata;
mod jsonpath;
mod machine;
mod map;
mod name;
mod object;
#[cfg(test)]
mod property;
mod reachable;
mod resource;
mod size;
mod substitution;
mod task;
mod template;
#[cfg(test)]
mod testing;
mod text;
mod timestamp;
mod transition;
mod value;
mod variable;
mod walk;

use crate::diagnostic::{Diagnostic, codes};
use crate::ir::StateMachineType;
use crate::source::Node;
use flow::Flow;
use guess::Guesses;
use machine::Machine;
use walk::Walk;

/// Checks the definition of a state machine, of which placeholders and function names are resolved, as a machine of
/// the type `mode`. Whether the functions that it names exist is for the resolver to say.
///
/// Never fails and never panics, whatever the tree holds. Takes time in proportion to the size of the tree.
pub fn check(definition: &Node, mode: StateMachineType) -> Vec<Diagnostic> {
    let Some(map) = definition.as_map() else {
        let message = format!("a flow is a mapping with `StartAt` and `States`, not {}", definition.kind());
        return vec![Diagnostic::new(&codes::flow::FIELD_TYPE, definition.span, message)];
    };
    let machine = Machine::of(map, definition.span);
    let mut walk = Walk::new(&machine);
    walk.machine();
    walk.variables();
    let mut findings = walk.findings;
    let guesses = Guesses::of(&machine);
    let flow = Flow::of(&machine, &guesses);
    name::check(&machine, &mut findings);
    transition::check(&machine, &guesses, &mut findings);
    let blamed = reachable::check(&machine, &flow, &mut findings);
    endless::check(&machine, &flow, &blamed, &mut findings);
    data::check(&machine, &flow, &mut findings);
    express::check(&machine, mode, &mut findings);
    size::check(&machine, definition, &mut findings);
    substitution::check(definition, &mut findings);
    findings
}
