//! What the states of a flow can find in their input.
//!
//! A path into what a state before it cannot have put there fails when the flow runs, and no service says so before:
//! after `lambda:invoke`, say, the answer of the function is in `Payload`, not at the top. The rule follows what is known
//! of the data through the flow, and reports only what cannot be there whichever way an execution comes. Whatever is
//! not known (the input of the flow, the answer of a function, variables, expressions) can be anything.

mod read;
mod shape;
mod transfer;

use super::flow::Flow;
use super::machine::Machine;
use crate::diagnostic::Diagnostic;
use shape::Shape;
use std::collections::VecDeque;
use transfer::{Exit, exits, inner_input};

/// How often the input of a state is worked out again in a loop before it counts as unknown.
const MOST_VISITS: usize = 16;

pub(super) fn check(machine: &Machine<'_>, flow: &Flow, findings: &mut Vec<Diagnostic>) {
    let mut inputs: Vec<Option<Shape<'_>>> = vec![None; machine.states.len()];
    // A scope stands after the one around it, so the input of its owner is known.
    for (at, scope) in machine.scopes.iter().enumerate() {
        let Some(start) = scope.start.and_then(|start| machine.find(at, start.name)) else { continue };
        let owner = scope.owner.and_then(|owner| Some((machine.states.get(owner)?, inputs.get(owner)?.as_ref()?)));
        let input = match (scope.owner, owner) {
            (None, _) => Shape::Any,
            (Some(_), Some((owner, input))) => inner_input(owner, input),
            (Some(_), None) => continue,
        };
        settle(machine, &mut inputs, start, input);
    }
    for (at, (state, input)) in machine.states.iter().zip(&inputs).enumerate() {
        if let Some(input) = input.as_ref().filter(|_| flow.is_reached(at)) {
            read::check(machine, state, input, findings);
        }
    }
}

/// Works out the inputs of a scope's states from that of its start.
fn settle<'a>(machine: &Machine<'a>, inputs: &mut [Option<Shape<'a>>], start: usize, input: Shape<'a>) {
    let mut visits = vec![0_usize; inputs.len()];
    let mut waiting = VecDeque::from([(start, input)]);
    while let Some((at, input)) = waiting.pop_front() {
        let (Some(slot), Some(visits), Some(state)) = (inputs.get_mut(at), visits.get_mut(at), machine.states.get(at))
        else {
            continue;
        };
        let merged = match slot.as_ref() {
            None => input,
            Some(before) => before.join(&input),
        };
        if slot.as_ref() == Some(&merged) {
            continue;
        }
        *visits += 1;
        let merged = if *visits > MOST_VISITS { Shape::Any } else { merged };
        *slot = Some(merged.clone());
        for Exit { target, output } in exits(at, state, &merged) {
            if let Some(next) = machine.find(state.scope, target) {
                waiting.push_back((next, output));
            }
        }
    }
}

#[cfg(test)]
mod tests;
