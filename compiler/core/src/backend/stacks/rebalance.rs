//! New places on purpose: what is in a stack that is too full goes where there is room.

use super::load::{Load, Room};
use super::lock::Lock;
use super::place::{Placement, Placing, place};
use super::sections::Sections;
use super::unit::{Tier, units};
use std::collections::{BTreeMap, BTreeSet};

/// How full the root may be. Of what refers to it from outside it knows nothing by itself: its parameters are imports, and
/// its outputs the topology's.
const ROOT: Room = Room { parameters: usize::MAX, outputs: usize::MAX, ..Room::FILLED };

/// How often places are looked for again.
const ROUNDS: usize = 8;

/// Places that leave no stack fuller than tc fills it: units in stacks that are, lose theirs as far as needed, functions
/// first, with who may invoke them, and the last of them first. With `all` everything is placed as if it were new.
pub fn rebalance(sections: &Sections, lock: &Lock, kept: &BTreeSet<String>, all: bool) -> Placement {
    if all {
        return place(sections, None, kept);
    }
    let mut placement = once(sections, lock, kept);
    // New stacks are resources of the root, which can be too full by them.
    for _ in 0..ROUNDS {
        let next = placement.lock.as_ref().map(|lock| once(sections, lock, kept));
        match next.filter(|next| next.lock != placement.lock) {
            Some(next) => placement = next,
            None => break,
        }
    }
    placement
}

fn once(sections: &Sections, lock: &Lock, kept: &BTreeSet<String>) -> Placement {
    let units = units(sections);
    let mut placing = Placing::new(&units, Some(lock));
    placing.spread();
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for at in 0..units.len() {
        members.entry(placing.place_of(at).unwrap_or_default()).or_default().push(at);
    }
    let mut kept_places = lock.clone();
    for (path, members) in members {
        let (room, beside) = match path.is_empty() {
            true => (ROOT, placing.in_root.saturating_sub(placing.resources_in("", &members))),
            false => (Room::FILLED, 0),
        };
        let mut load = Load { resources: beside, ..Load::default() };
        // What follows a function in the same stack goes with it.
        let mut groups: Vec<(Tier, Vec<usize>)> = Vec::new();
        let mut of_function: BTreeMap<&str, usize> = BTreeMap::new();
        for at in &members {
            let Some(unit) = units.get(*at) else { continue };
            if unit.follows.is_none() {
                of_function.insert(&unit.name, groups.len());
                groups.push((unit.tier, vec![*at]));
            }
        }
        for at in &members {
            let Some(unit) = units.get(*at) else { continue };
            let Some(function) = &unit.follows else { continue };
            match of_function.get(function.as_str()).and_then(|group| groups.get_mut(*group)) {
                Some((_, group)) => group.push(*at),
                None => groups.push((unit.tier, vec![*at])),
            }
        }
        // What is hardest to move is kept first.
        groups.sort_by_key(|(tier, _)| match tier {
            Tier::Root => 0,
            Tier::Gateways => 1,
            Tier::Queues => 2,
            Tier::Triggers => 3,
            Tier::Functions => 4,
        });
        for (tier, group) in groups {
            let mut own = Load::default();
            group.iter().filter_map(|at| units.get(*at)).for_each(|unit| own.add(&unit.load));
            if path.is_empty() {
                // What is there takes what it takes, whatever may become of it.
                own.resources = placing.resources_in("", &group);
            }
            if tier == Tier::Root || load.has_room(&own, room) {
                load.add(&own);
            } else {
                group.iter().filter_map(|at| units.get(*at)).for_each(|unit| _ = kept_places.places.remove(&unit.name));
            }
        }
    }
    place(sections, Some(&kept_places), kept)
}
