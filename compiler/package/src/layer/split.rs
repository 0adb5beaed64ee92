//! Dividing a layer that is too large for one: which files go into which chunk.
//!
//! Every chunk is a layer of its own and all of them are laid over `/opt`, one over the other, so that together they are
//! the undivided tree. Whole distributions stay together where they can, for a reader of the layer and so that a change
//! of one distribution changes few chunks.

use std::cmp::Reverse;

/// How many chunks there may be.
pub const MAX_CHUNKS: usize = 3;

/// Why files cannot be divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// This file, by its place, is larger than a chunk.
    File(usize),
    /// Together they are more than [`MAX_CHUNKS`] chunks hold.
    Total,
}

/// Files that belong together, and what they cost together.
struct Group {
    files: Vec<usize>,
    cost: u64,
}

/// The chunks as they fill.
struct Chunks {
    files: [Vec<usize>; MAX_CHUNKS],
    room: [u64; MAX_CHUNKS],
}

impl Chunks {
    fn new(room: u64) -> Self {
        Self { files: Default::default(), room: [room; MAX_CHUNKS] }
    }

    /// Puts files into the first chunk with room for them; whether there is one.
    fn put(&mut self, files: &[usize], cost: u64) -> bool {
        let Some((chunk, room)) = self.files.iter_mut().zip(&mut self.room).find(|(_, room)| **room >= cost) else {
            return false;
        };
        chunk.extend(files);
        *room -= cost;
        true
    }

    /// Puts each file by itself; whether there was room for all.
    fn put_each(&mut self, files: &[usize], costs: &[u64]) -> bool {
        let cost = |file: usize| costs.get(file).copied().unwrap_or_default();
        let mut files = files.to_vec();
        files.sort_by_key(|file| (Reverse(cost(*file)), *file));
        files.iter().all(|file| self.put(&[*file], cost(*file)))
    }

    /// The chunks that hold anything, each in the order of its files.
    fn finish(self) -> Vec<Vec<usize>> {
        let mut chunks: Vec<_> = self.files.into_iter().filter(|files| !files.is_empty()).collect();
        chunks.iter_mut().for_each(|files| files.sort_unstable());
        chunks
    }
}

/// Divides files of these costs into the fewest chunks that are found, each of at most `room`. `groups` says for each
/// file which of them belong together.
///
/// First fit decreasing: the largest group first, each into the first chunk with room for it. A group for which no chunk
/// has room is divided by its files, the largest first. Where that fails too, all are put file by file, which leaves no
/// more room unused in each chunk than the largest file needs.
///
/// # Errors
/// When they do not fit.
pub fn split(costs: &[u64], groups: &[usize], room: u64) -> Result<Vec<Vec<usize>>, Misfit> {
    let all: Vec<usize> = (0..costs.len()).collect();
    if let Some(file) = costs.iter().position(|cost| *cost > room) {
        return Err(Misfit::File(file));
    }
    let mut chunks = Chunks::new(room);
    let mut divided = Vec::new();
    for Group { files, cost } in by_cost(costs, groups) {
        if !chunks.put(&files, cost) {
            divided.push(files);
        }
    }
    if divided.iter().all(|files| chunks.put_each(files, costs)) {
        return Ok(chunks.finish());
    }
    let mut chunks = Chunks::new(room);
    if chunks.put_each(&all, costs) { Ok(chunks.finish()) } else { Err(Misfit::Total) }
}

/// The groups, the one that costs most first and equal ones in the order of their numbers.
fn by_cost(costs: &[u64], groups: &[usize]) -> Vec<Group> {
    let mut found = std::collections::BTreeMap::<usize, Group>::new();
    for (file, (cost, group)) in costs.iter().zip(groups).enumerate() {
        let group = found.entry(*group).or_insert(Group { files: Vec::new(), cost: 0 });
        group.files.push(file);
        group.cost = group.cost.saturating_add(*cost);
    }
    let mut groups: Vec<Group> = found.into_values().collect();
    groups.sort_by_key(|group| Reverse(group.cost));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn distributions_stay_whole_where_they_can() {
        assert_eq!(split(&[5, 5, 5], &[0, 0, 1], 15), Ok(vec![vec![0, 1, 2]]));
        // The largest first, and what is left of the first chunk is used.
        assert_eq!(split(&[2, 3, 6, 1, 4], &[0, 0, 1, 2, 3], 8), Ok(vec![vec![2, 3], vec![0, 1], vec![4]]));
        // A distribution larger than a chunk fills what the others leave.
        assert_eq!(split(&[6, 5, 2, 1], &[0, 0, 1, 1], 8), Ok(vec![vec![1, 2, 3], vec![0]]));
        // With the 6 of the fourth in one chunk there is no room for the third 5.
        let costs = [5, 5, 5, 3, 3, 3];
        assert_eq!(split(&costs, &[0, 1, 2, 3, 3, 4], 8), Ok(vec![vec![0, 3], vec![1, 4], vec![2, 5]]));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        assert_eq!(split(&[1, 9], &[0, 1], 8), Err(Misfit::File(1)));
        assert_eq!(split(&[8, 8, 8, 1], &[0, 1, 2, 3], 8), Err(Misfit::Total));
        assert_eq!(split(&[], &[], 8), Ok(Vec::new()));
    }

    proptest! {
        #[test]
        fn chunks_hold_each_file_once_and_are_not_too_large(
            files in prop::collection::vec((0u64..50, 0usize..8), 0..60), room in 40u64..200,
        ) {
            let (costs, groups): (Vec<u64>, Vec<usize>) = files.into_iter().unzip();
            let total: u64 = costs.iter().sum();
            let largest = costs.iter().copied().max().unwrap_or_default();
            match split(&costs, &groups, room) {
                Ok(chunks) => {
                    prop_assert!(chunks.len() <= MAX_CHUNKS && chunks.iter().all(|files| !files.is_empty()));
                    let mut all = chunks.concat();
                    all.sort_unstable();
                    prop_assert!(all.into_iter().eq(0..costs.len()));
                    let weigh = |files: &Vec<usize>| files.iter().map(|file| costs[*file]).sum::<u64>();
                    prop_assert!(chunks.iter().all(|files| weigh(files) <= room));
                    if total <= room {
                        prop_assert!(chunks.len() <= 1);
                    }
                }
                Err(Misfit::File(file)) => prop_assert!(costs[file] > room),
                // Each chunk then has less room left than the largest file needs.
                Err(Misfit::Total) => prop_assert!(total > MAX_CHUNKS as u64 * room.saturating_sub(largest)),
            }
        }

        #[test]
        fn groups_that_fit_by_themselves_are_whole(costs in prop::collection::vec(1u64..100, 1..9)) {
            // Each group is one file and one more of nothing, so that dividing it would show.
            let doubled: Vec<u64> = costs.iter().flat_map(|cost| [*cost, 0]).collect();
            let groups: Vec<usize> = (0..costs.len()).flat_map(|group| [group, group]).collect();
            let room = costs.iter().sum::<u64>().div_ceil(MAX_CHUNKS as u64) + costs.iter().max().unwrap();
            let chunks = split(&doubled, &groups, room).unwrap();
            for group in 0..costs.len() {
                prop_assert!(chunks.iter().any(|files| files.contains(&(2 * group)) && files.contains(&(2 * group + 1))));
            }
        }
    }
}
