//! What a transition to a state that does not exist was likely meant to be.
//!
//! Made once for all rules: the help of the finding and the graph, in which one slip must not make every state after it
//! look unreachable. Bounded, since comparing names takes time and a file can hold any number of both.

use super::machine::{Machine, Target};
use crate::suggest;
use std::collections::BTreeMap;

/// How many unknown names are guessed at.
const MOST_NAMES: usize = 50;
/// The largest scope whose names are compared with.
const MOST_STATES: usize = 2_000;

/// The likely states of unknown names, by scope and name.
#[derive(Debug, Default)]
pub(super) struct Guesses<'a> {
    states: BTreeMap<(usize, &'a str), usize>,
}

impl<'a> Guesses<'a> {
    pub(super) fn of(machine: &Machine<'a>) -> Self {
        let starts = machine.scopes.iter().enumerate().filter_map(|(scope, item)| Some((scope, item.start?)));
        let targets = machine
            .states
            .iter()
            .flat_map(|state| state.transitions.iter().map(|transition| (state.scope, transition.target)));
        let mut guessed = BTreeMap::new();
        for (scope, target) in starts.chain(targets) {
            // A name of another scope is no slip.
            if guessed.len() < MOST_NAMES && !machine.names.contains_key(target.name) {
                guessed.entry((scope, target.name)).or_insert_with(|| nearest(machine, scope, target));
            }
        }
        Self { states: guessed.into_iter().filter_map(|(key, state)| Some((key, state?))).collect() }
    }

    /// The state that a name of a scope was likely meant to be.
    pub(super) fn find(&self, scope: usize, name: &str) -> Option<usize> {
        self.states.get(&(scope, name)).copied()
    }
}

fn nearest(machine: &Machine<'_>, scope: usize, target: Target<'_>) -> Option<usize> {
    let names = machine.scopes.get(scope).filter(|scope| scope.states.len() <= MOST_STATES)?;
    let near = suggest::nearest(target.name, names.names.keys().copied())?;
    machine.find(scope, near)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, read};
    use super::*;

    #[test]
    fn only_so_many_names_are_guessed_at() {
        let choices: String =
            (0..MOST_NAMES + 5).map(|at| format!("{{Variable: $.x, IsNull: true, Next: loade{at:02}}}, ")).collect();
        let text = format!(
            "StartAt: c\nStates:\n  c: {{Type: Choice, Default: loader, Choices: [{choices}]}}\n  loader: {{Type: Succeed}}\n"
        );
        let node = read(&text);
        let machine = Machine::of(node.as_map().unwrap(), node.span);
        assert_eq!(Guesses::of(&machine).states.len(), MOST_NAMES);
        assert_eq!(check(&text).len(), MOST_NAMES + 5);
    }
}
