//! Which stack each unit is in: what the lock says, and room for what is new.

use super::load::{Load, Room};
use super::lock::{GROUP, Lock, group_of};
use super::sections::Sections;
use super::unit::{Tier, Unit, units};
use crate::backend::json;
use std::collections::{BTreeMap, BTreeSet};

/// Resources beyond which a topology has a lock: half of what makes it several stacks, so that when it grows past that it is
/// known what is in the root.
const LOCKED_FROM: usize = 200;

/// How many resources the root may have before stacks go into a group, and the group into the root. The last of the 500 are
/// for groups, and for what becomes of the root's own.
const ROOT_RESOURCES: usize = 450;

/// Where everything is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// By logical id, the path of the nested stack that it is in; what is absent is in the root.
    pub stacks: BTreeMap<String, String>,
    /// What the lock is to say; `None` where the topology is small and has none.
    pub lock: Option<Lock>,
    /// Units that are larger than any stack may be.
    pub too_large: Vec<String>,
    /// Units whose place in the lock is of another tier than theirs, with that place.
    pub misplaced: Vec<(String, String)>,
    /// Units that had no place before, where there was a lock.
    pub added: Vec<String>,
    /// Units that had one and are gone.
    pub removed: Vec<String>,
}

impl Placement {
    /// Whether there is more than one stack.
    pub fn is_split(&self) -> bool {
        !self.stacks.is_empty()
    }
}

/// Places the units of a template. `kept` are names that a lock may have though they are not in this template, since they
/// are for other sandboxes.
pub fn place(sections: &Sections, lock: Option<&Lock>, kept: &BTreeSet<String>) -> Placement {
    let bytes = || sections.resources.values().map(json::length).sum::<usize>();
    let is_nested = lock.is_some_and(|lock| lock.stacks().next().is_some());
    let count = sections.resources.len();
    let fits = !is_nested && count <= Room::FILLED.resources && bytes() <= Room::FILLED.bytes;
    if fits && lock.is_none() && count <= LOCKED_FROM {
        return Placement::default();
    }
    let units = units(sections);
    let mut placing = Placing::new(&units, lock);
    match fits {
        true => placing.all_in_root(),
        false => placing.spread(),
    }
    placing.end(sections, lock, kept)
}

/// The lock that says of a template that is deployed what is in which stack: by logical id, the paths of the nested ones.
pub fn deployed(document: &Sections, stacks: &BTreeMap<String, String>) -> Lock {
    let place = |unit: &Unit| {
        let mut ids = unit.resources.iter().filter_map(|at| document.resources.get_index(*at));
        ids.find_map(|(id, _)| stacks.get(id)).cloned().unwrap_or_default()
    };
    Lock { places: units(document).iter().map(|unit| (unit.name.clone(), place(unit))).collect() }
}

/// A placement in progress.
pub(super) struct Placing<'u> {
    units: &'u [Unit],
    /// By name, the number of a unit.
    numbers: BTreeMap<&'u str, usize>,
    places: Vec<Option<String>>,
    /// Whether the lock knew the unit.
    is_known: Vec<bool>,
    /// What is in each stack so far; the root's path is empty.
    loads: BTreeMap<String, Load>,
    /// How many resources the root has, nested stacks among them.
    pub(super) in_root: usize,
    /// By tier, the paths of stacks by their numbers.
    stacks: BTreeMap<Tier, BTreeMap<usize, String>>,
    /// By tier, groups by their numbers. Those in a group are of one tier, so that groups cannot need each other in a circle
    /// either.
    groups: BTreeMap<Tier, BTreeMap<usize, String>>,
}

impl<'u> Placing<'u> {
    pub(super) fn new(units: &'u [Unit], lock: Option<&Lock>) -> Self {
        let mut placing = Self {
            units,
            numbers: units.iter().enumerate().map(|(at, unit)| (unit.name.as_str(), at)).collect(),
            places: vec![None; units.len()],
            is_known: vec![false; units.len()],
            loads: BTreeMap::new(),
            in_root: 0,
            stacks: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        placing.loads.insert(String::new(), Load::default());
        for (at, unit) in units.iter().enumerate() {
            match lock.and_then(|lock| lock.places.get(&unit.name)) {
                Some(place) => {
                    placing.put(at, place.clone());
                    placing.is_known.get_mut(at).into_iter().for_each(|known| *known = true);
                }
                None if unit.tier == Tier::Root => placing.put(at, String::new()),
                None => {}
            }
        }
        placing
    }

    fn unit(&self, at: usize) -> Option<&'u Unit> {
        self.units.get(at)
    }

    pub(super) fn place_of(&self, at: usize) -> Option<&str> {
        self.places.get(at)?.as_deref()
    }

    /// How many resources some units have that are in a stack.
    pub(super) fn resources_in(&self, path: &str, units: &[usize]) -> usize {
        let there = units.iter().filter(|at| self.place_of(**at) == Some(path));
        there.filter_map(|at| self.unit(*at)).map(|unit| unit.resources.len()).sum()
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// Puts a unit into a stack, which is made where it is new, with the groups it is in.
    fn put(&mut self, at: usize, path: String) {
        let Some(unit) = self.unit(at) else { return };
        if !self.loads.contains_key(&path) {
            self.open(&path);
        }
        self.loads.entry(path.clone()).or_default().add(&unit.load);
        if path.is_empty() {
            self.in_root += unit.resources.len();
        }
        if let Some(place) = self.places.get_mut(at) {
            *place = Some(path);
        }
    }

    fn open(&mut self, path: &str) {
        let leaf = path.rsplit('/').next().unwrap_or_default();
        if let Some(tier) = Tier::of_stack(leaf) {
            self.stacks.entry(tier).or_default().insert(number_of(leaf), path.to_owned());
        } else if let Some(tier) = group_of(leaf) {
            self.groups.entry(tier).or_default().insert(number_of(leaf), path.to_owned());
        }
        match path.rsplit_once('/') {
            None => self.in_root += 1,
            Some((group, _)) => {
                if !self.loads.contains_key(group) {
                    self.open(group);
                }
                self.loads.entry(group.to_owned()).or_default().resources += 1;
            }
        }
        self.loads.insert(path.to_owned(), Load::default());
    }

    fn all_in_root(&mut self) {
        for at in 0..self.units.len() {
            if self.place_of(at).is_none() {
                self.put(at, String::new());
            }
        }
    }

    /// Puts what has no place where there is room, and makes stacks where there is none.
    pub(super) fn spread(&mut self) {
        let units = self.units;
        let new = |placing: &Self, tier: Tier| -> Vec<usize> {
            let is_new = |at: &usize| placing.place_of(*at).is_none();
            let of_tier = units.iter().enumerate().filter(|(_, unit)| unit.tier == tier && unit.follows.is_none());
            of_tier.map(|(at, _)| at).filter(is_new).collect()
        };
        for tier in [Tier::Gateways, Tier::Queues] {
            for at in new(self, tier) {
                self.put_low(at, tier);
            }
        }
        let mut followers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, unit) in units.iter().enumerate() {
            if let (Some(function), None) = (&unit.follows, self.place_of(at)) {
                followers.entry(function).or_default().push(at);
            }
        }
        let mut triggers = new(self, Tier::Triggers);
        triggers.sort_by_key(|trigger| units.get(*trigger).and_then(|unit| unit.leads_to));
        for function in new(self, Tier::Functions) {
            let followers = units.get(function).and_then(|unit| followers.get(unit.name.as_str()));
            let followers = followers.cloned().unwrap_or_default();
            self.put_function(function, &followers);
        }
        for trigger in triggers {
            self.put_trigger(trigger);
        }
        for follower in followers.into_values().flatten() {
            if self.place_of(follower).is_none() {
                self.put_follower(follower);
            }
        }
        // Without a function to follow.
        for at in 0..units.len() {
            if self.place_of(at).is_none() {
                self.put_trigger(at);
            }
        }
    }

    /// The unit of the entity that a part with a place of its own is of.
    fn owner(&self, part: usize) -> Option<usize> {
        self.number(self.unit(part)?.name.split_once(" of ")?.1)
    }

    fn put_low(&mut self, at: usize, tier: Tier) {
        let Some(unit) = self.unit(at) else { return };
        let root = self.loads.get("").is_some_and(|root| root.has_room(&unit.load, Room::ROOT));
        let path = if root { String::new() } else { self.stack(tier, &unit.load) };
        self.put(at, path);
    }

    /// Puts a function with those of its followers for which a stack has room.
    fn put_function(&mut self, at: usize, followers: &[usize]) {
        let Some(unit) = self.unit(at) else { return };
        let mut load = unit.load.clone();
        let mut along = Vec::new();
        for follower in followers {
            let Some(other) = self.unit(*follower) else { continue };
            if load.has_room(&other.load, Room::FILLED) {
                load.add(&other.load);
                along.push(*follower);
            }
        }
        let path = self.stack(Tier::Functions, &load);
        self.put(at, path.clone());
        for follower in along {
            self.put(follower, path.clone());
        }
    }

    fn put_trigger(&mut self, at: usize) {
        let Some(unit) = self.unit(at) else { return };
        let path = self.stack(Tier::Triggers, &unit.load);
        self.put(at, path);
    }

    /// What lets a function be invoked, or feeds it, goes to the function if there is room, else to what it is of. What was
    /// there before is with the function unless the lock says otherwise.
    fn put_follower(&mut self, at: usize) {
        let Some(unit) = self.unit(at) else { return };
        let owner = self.owner(at);
        let was_there = owner.is_some_and(|owner| self.is_known.get(owner) == Some(&true));
        let function = unit.follows.as_deref().and_then(|name| self.number(name));
        let function = function.and_then(|function| self.place_of(function)).map(str::to_owned);
        let room = function.as_deref().map(|path| if path.is_empty() { Room::FILLED } else { Room::GROWN });
        let has_room = function.as_deref().zip(room).is_some_and(|(path, room)| {
            was_there || self.loads.get(path).is_some_and(|load| load.has_room(&unit.load, room))
        });
        match function.filter(|_| has_room) {
            Some(path) => self.put(at, path),
            None => self.put_trigger(at),
        }
    }

    /// The first stack of a tier with room, or a new one.
    fn stack(&mut self, tier: Tier, load: &Load) -> String {
        let mut stacks = self.stacks.get(&tier).into_iter().flat_map(BTreeMap::values);
        let found = stacks.find(|path| {
            let has_room = self.loads.get(*path).is_some_and(|there| there.has_room(load, Room::FILLED));
            has_room && path.rsplit_once('/').is_none_or(|(group, _)| self.can_hand(group, load))
        });
        match found {
            Some(path) => path.clone(),
            None => self.new_stack(tier, load),
        }
    }

    fn new_stack(&mut self, tier: Tier, load: &Load) -> String {
        let number = next(self.stacks.get(&tier));
        let leaf = format!("{}-{number}", tier.name());
        let path = match self.in_root < ROOT_RESOURCES {
            true => leaf,
            false => format!("{}/{leaf}", self.group(tier, load)),
        };
        self.open(&path);
        path
    }

    /// A group with room for a stack of its tier, or a new one.
    fn group(&self, tier: Tier, load: &Load) -> String {
        let mut groups = self.groups.get(&tier).into_iter().flat_map(BTreeMap::values);
        let has_room = |group: &str| {
            let stacks = self.loads.get(group).map_or(0, |there| there.resources);
            stacks < Room::FILLED.resources && self.can_hand(group, load)
        };
        match groups.find(|group| has_room(group)) {
            Some(group) => group.clone(),
            None => format!("{}-{GROUP}-{}", tier.name(), next(self.groups.get(&tier))),
        }
    }

    /// Whether a group can hand in and out what its stacks need, and this too.
    fn can_hand(&self, group: &str, load: &Load) -> bool {
        let prefix = format!("{group}/");
        let mut all = Load { resources: 0, bytes: 0, ..load.clone() };
        self.loads.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix)).for_each(|(_, there)| {
            all.parameters.extend(&there.parameters);
            all.outputs.extend(&there.outputs);
        });
        all.is_within(Room::FILLED)
    }

    fn end(self, sections: &Sections, old: Option<&Lock>, kept: &BTreeSet<String>) -> Placement {
        let mut placement = Placement::default();
        let mut lock = Lock::default();
        for (unit, place) in self.units.iter().zip(&self.places) {
            let place = place.as_deref().unwrap_or_default();
            if !unit.load.is_within(Room::ALLOWED) && unit.tier != Tier::Root {
                placement.too_large.push(unit.name.clone());
            }
            if !unit.can_be_in(place) {
                placement.misplaced.push((unit.name.clone(), place.to_owned()));
            }
            if !place.is_empty() {
                let ids = unit.resources.iter().filter_map(|at| sections.resources.get_index(*at));
                placement.stacks.extend(ids.map(|(id, _)| (id.clone(), place.to_owned())));
            }
            if self.is_told(unit, place) {
                lock.places.insert(unit.name.clone(), place.to_owned());
            }
        }
        if let Some(old) = old {
            let is_kept = |name: &str| kept.contains(name.split_once(" of ").map_or(name, |(_, entity)| entity));
            for (name, place) in &old.places {
                if !lock.places.contains_key(name) {
                    match is_kept(name) {
                        true => _ = lock.places.insert(name.clone(), place.clone()),
                        false => placement.removed.push(name.clone()),
                    }
                }
            }
            placement.added = lock.places.keys().filter(|name| !old.places.contains_key(*name)).cloned().collect();
        }
        placement.lock = Some(lock);
        placement
    }

    /// Whether the lock says where a unit is: not where it can be in one stack only.
    fn is_told(&self, unit: &Unit, place: &str) -> bool {
        if unit.tier == Tier::Root {
            return !place.is_empty();
        }
        let followed = unit.follows.as_deref().and_then(|name| self.number(name));
        followed.and_then(|function| self.place_of(function)) != Some(place)
    }
}

/// The number after the last.
fn next(numbered: Option<&BTreeMap<usize, String>>) -> usize {
    numbered.and_then(BTreeMap::last_key_value).map_or(0, |(number, _)| *number) + 1
}

/// The number at the end of a stack's name.
fn number_of(path: &str) -> usize {
    path.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}
