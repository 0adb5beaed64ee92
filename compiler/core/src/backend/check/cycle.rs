//! Resources that need each other: CloudFormation cannot say which to make first.

use super::index::Index;

/// The cycles among the resources, each as the logical ids along it; the last needs the first. Of cycles that share a
/// resource only the first that is met is told. `edges` are, by the place of a resource in the template, the places of
/// those that it refers to or depends on.
pub fn find<'a>(index: &Index<'a>, edges: &[Vec<usize>]) -> Vec<Vec<&'a str>> {
    let mut state = vec![State::New; edges.len()];
    let mut cycles = Vec::new();
    for start in 0..edges.len() {
        walk(start, edges, &mut state, &mut |cycle| {
            let ids = cycle.iter().filter_map(|at| index.template.resources.get_index(*at));
            cycles.push(ids.map(|(id, _)| id.as_str()).collect());
        });
    }
    cycles
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    OnPath,
    Done,
}

/// A depth-first walk that keeps its own stack: a chain of thousands of resources must not exhaust the thread's.
fn walk(start: usize, edges: &[Vec<usize>], state: &mut [State], report: &mut impl FnMut(&[usize])) {
    // The path from `start`, and for each resource on it how many of its edges were followed.
    let mut path = vec![start];
    let mut followed = vec![0];
    let set = |state: &mut [State], at: usize, new: State| state.get_mut(at).map(|old| *old = new);
    let state_of = |state: &[State], at: usize| state.get(at).copied().unwrap_or(State::Done);
    if state_of(state, start) != State::New {
        return;
    }
    set(state, start, State::OnPath);
    while let (Some(at), Some(count)) = (path.last().copied(), followed.last_mut()) {
        let Some(next) = edges.get(at).and_then(|edges| edges.get(*count)).copied() else {
            set(state, at, State::Done);
            path.pop();
            followed.pop();
            continue;
        };
        *count += 1;
        match state_of(state, next) {
            State::New => {
                set(state, next, State::OnPath);
                path.push(next);
                followed.push(0);
            }
            State::OnPath => {
                let from = path.iter().position(|other| *other == next).unwrap_or_default();
                report(path.get(from..).unwrap_or_default());
            }
            State::Done => {}
        }
    }
}
