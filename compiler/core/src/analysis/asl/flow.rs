//! The graph of a machine: which states an execution reaches, and which can reach an end.

use super::guess::Guesses;
use super::machine::{Machine, State, Target};

/// Edges and what follows from them; each list has an item for each of [`Machine::states`].
#[derive(Debug)]
pub(super) struct Flow {
    /// Where each state can go.
    pub(super) next: Vec<Vec<usize>>,
    /// Whether an execution can come to the state.
    pub(super) reached: Vec<bool>,
    /// Whether an end can be reached from the state.
    pub(super) ends: Vec<bool>,
}

impl Flow {
    pub(super) fn of(machine: &Machine<'_>, guesses: &Guesses<'_>) -> Self {
        let next: Vec<Vec<usize>> = machine.states.iter().map(|state| targets(machine, guesses, state)).collect();
        let starts = machine.scopes.iter().enumerate().flat_map(|(scope, item)| match item.start {
            Some(start) => resolve(machine, guesses, scope, start).map_or_else(|| item.states.clone(), |at| at..at + 1),
            // Without a start nothing can be said; the missing `StartAt` is a finding of its own.
            None => item.states.clone(),
        });
        let reached = closure(&next, starts);
        // A state that goes nowhere by mistake is reported as that, and not as endless.
        let last = |(at, state): (usize, &State<'_>)| {
            let exists = |target: Target<'_>| machine.find(state.scope, target.name).is_some();
            let leads_on = state.transitions.iter().all(|transition| exists(transition.target));
            (state.terminal || state.transitions.is_empty() || !leads_on).then_some(at)
        };
        let ends = closure(&reversed(&next), machine.states.iter().enumerate().filter_map(last));
        Self { next, reached, ends }
    }

    pub(super) fn is_reached(&self, state: usize) -> bool {
        self.reached.get(state) == Some(&true)
    }

    pub(super) fn can_end(&self, state: usize) -> bool {
        self.ends.get(state) == Some(&true)
    }

    pub(super) fn goes_to(&self, state: usize, target: usize) -> bool {
        self.next.get(state).is_some_and(|next| next.contains(&target))
    }
}

/// The state that a target names, or was likely meant to name.
fn resolve(machine: &Machine<'_>, guesses: &Guesses<'_>, scope: usize, target: Target<'_>) -> Option<usize> {
    machine.find(scope, target.name).or_else(|| guesses.find(scope, target.name))
}

fn targets(machine: &Machine<'_>, guesses: &Guesses<'_>, state: &State<'_>) -> Vec<usize> {
    let targets = state.transitions.iter().map(|transition| transition.target);
    targets.filter_map(|target| resolve(machine, guesses, state.scope, target)).collect()
}

/// All states that lie on a way from the given ones, themselves included.
pub(super) fn closure(next: &[Vec<usize>], from: impl IntoIterator<Item = usize>) -> Vec<bool> {
    let mut seen = vec![false; next.len()];
    let mut waiting: Vec<usize> = from.into_iter().collect();
    while let Some(state) = waiting.pop() {
        let Some(mark) = seen.get_mut(state) else { continue };
        if !*mark {
            *mark = true;
            waiting.extend(next.get(state).into_iter().flatten().copied());
        }
    }
    seen
}

/// The same edges the other way round.
pub(super) fn reversed(next: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut before = vec![Vec::new(); next.len()];
    for (state, targets) in next.iter().enumerate() {
        for target in targets {
            if let Some(list) = before.get_mut(*target) {
                list.push(state);
            }
        }
    }
    before
}

/// The strongly connected groups of the states that `keep` holds for, each in ascending order, with for each group
/// whether an edge of those states enters it and whether one leaves it.
pub(super) fn groups(next: &[Vec<usize>], keep: impl Fn(usize) -> bool) -> Vec<Group> {
    let mut graph = petgraph::graph::DiGraph::<usize, ()>::new();
    let nodes: Vec<_> = (0..next.len()).map(|state| keep(state).then(|| graph.add_node(state))).collect();
    let node = |state: usize| nodes.get(state).copied().flatten();
    for (state, targets) in next.iter().enumerate() {
        for target in targets {
            if let (Some(from), Some(to)) = (node(state), node(*target)) {
                graph.add_edge(from, to, ());
            }
        }
    }
    let mut group_of = vec![usize::MAX; next.len()];
    let mut groups = Vec::new();
    for (at, members) in petgraph::algo::kosaraju_scc(&graph).into_iter().enumerate() {
        let mut states: Vec<usize> =
            members.into_iter().filter_map(|member| graph.node_weight(member).copied()).collect();
        states.sort_unstable();
        for state in &states {
            if let Some(group) = group_of.get_mut(*state) {
                *group = at;
            }
        }
        groups.push(Group { states, entered: false, left: false });
    }
    for edge in graph.raw_edges() {
        let group = |node| graph.node_weight(node).and_then(|state| group_of.get(*state)).copied();
        if let (Some(from), Some(to)) = (group(edge.source()), group(edge.target()))
            && from != to
        {
            groups.get_mut(from).into_iter().for_each(|group| group.left = true);
            groups.get_mut(to).into_iter().for_each(|group| group.entered = true);
        }
    }
    groups.sort_by_key(|group| group.states.first().copied());
    groups
}

/// States that can all reach each other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// In ascending order.
    pub(super) states: Vec<usize>,
    /// Whether a state outside of the group leads into it.
    pub(super) entered: bool,
    /// Whether a state of the group leads out of it.
    pub(super) left: bool,
}
