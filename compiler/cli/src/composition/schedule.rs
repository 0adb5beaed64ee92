//! Work on each member of a tree: after that on what it needs, independent ones at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How much is done at once: what is waited for is AWS, which takes so many requests of one account well.
pub const AT_ONCE: usize = 8;

/// What became of the work on a member.
#[derive(Debug, PartialEq, Eq)]
pub enum End<T, E> {
    /// It went well.
    Done(T),
    /// It failed.
    Failed(E),
    /// It was not begun, because the work on this other member failed.
    NotBegun(usize),
}

enum Standing<T, E> {
    Waiting,
    Begun,
    Over(End<T, E>),
}

/// Works on as many members as `needs` has entries, which say by their places what has to be done first. The ends come in
/// the order of the members. Members that need each other are left out: who arranges them has seen to it that there are none.
pub fn run<T: Send, E: Send>(
    needs: &[Vec<usize>],
    at_once: usize,
    work: impl Fn(usize) -> Result<T, E> + Sync,
) -> Vec<End<T, E>> {
    let standings: Mutex<Vec<Standing<T, E>>> = Mutex::new(needs.iter().map(|_| Standing::Waiting).collect());
    let changed = Condvar::new();
    let worker = || {
        let mut all = lock(&standings);
        loop {
            match next(&mut all, needs) {
                Next::Begin(place) => {
                    drop(all);
                    let end = match work(place) {
                        Ok(done) => End::Done(done),
                        Err(failure) => End::Failed(failure),
                    };
                    all = lock(&standings);
                    if let Some(standing) = all.get_mut(place) {
                        *standing = Standing::Over(end);
                    }
                    changed.notify_all();
                }
                Next::Wait => all = changed.wait(all).unwrap_or_else(PoisonError::into_inner),
                Next::Leave => break,
            }
        }
        // Whoever waits for what will not be done may leave too.
        changed.notify_all();
    };
    thread::scope(|scope| {
        for _ in 1..at_once.min(needs.len()) {
            scope.spawn(worker);
        }
        worker();
    });
    let ends = standings.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().enumerate();
    ends.map(|(place, standing)| match standing {
        Standing::Over(end) => end,
        Standing::Waiting | Standing::Begun => End::NotBegun(place),
    })
    .collect()
}

enum Next {
    Begin(usize),
    Wait,
    Leave,
}

/// What there is to do; marks it as begun, and what cannot be begun any more as over.
fn next<T, E>(all: &mut [Standing<T, E>], needs: &[Vec<usize>]) -> Next {
    loop {
        let mut ready = None;
        let mut hopeless = None;
        for (place, needed) in needs.iter().enumerate() {
            if !matches!(all.get(place), Some(Standing::Waiting)) {
                continue;
            }
            let mut is_ready = true;
            for other in needed {
                match all.get(*other) {
                    Some(Standing::Over(End::Done(_))) => {}
                    Some(Standing::Over(End::Failed(_))) => hopeless = Some((place, *other)),
                    Some(Standing::Over(End::NotBegun(cause))) => hopeless = Some((place, *cause)),
                    _ => is_ready = false,
                }
            }
            if hopeless.is_some() {
                break;
            }
            if is_ready {
                ready = Some(place);
                break;
            }
        }
        if let Some((place, cause)) = hopeless {
            if let Some(standing) = all.get_mut(place) {
                *standing = Standing::Over(End::NotBegun(cause));
            }
            continue;
        }
        if let Some(standing) = ready.and_then(|place| all.get_mut(place)) {
            *standing = Standing::Begun;
        }
        return match ready {
            Some(place) => Next::Begin(place),
            None if all.iter().any(|standing| matches!(standing, Standing::Begun)) => Next::Wait,
            None => Next::Leave,
        };
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panicking thread left behind is still true.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn each_comes_after_what_it_needs() {
        let done = Mutex::new(Vec::new());
        let needs = [vec![1, 2], vec![2], vec![], vec![0]];
        let ends = run::<_, ()>(&needs, 3, |place| {
            lock(&done).push(place);
            Ok(place)
        });
        assert_eq!(ends, [0, 1, 2, 3].map(End::Done));
        assert_eq!(*lock(&done), [2, 1, 0, 3]);
    }

    #[test]
    fn independent_ones_are_done_at_once() {
        // Neither comes past it before the other is there.
        let barrier = Barrier::new(2);
        let ends = run::<_, ()>(&[vec![], vec![], vec![0, 1]], 2, |place| {
            if place < 2 {
                barrier.wait();
            }
            Ok(place)
        });
        assert_eq!(ends, [0, 1, 2].map(End::Done));
    }

    #[test]
    fn what_needs_a_failure_is_not_begun_and_the_rest_is_done() {
        let needs = [vec![1], vec![2], vec![], vec![], vec![3]];
        let ends = run(&needs, 2, |place| if place == 2 { Err("no") } else { Ok(place) });
        assert_eq!(ends, [End::NotBegun(2), End::NotBegun(2), End::Failed("no"), End::Done(3), End::Done(4)]);
    }

    #[test]
    fn a_circle_is_not_waited_for() {
        let ends = run::<_, ()>(&[vec![1], vec![0], vec![]], 2, Ok);
        assert_eq!(ends, [End::NotBegun(0), End::NotBegun(1), End::Done(2)]);
    }
}
