//! What a stack holds of what CloudFormation limits.
//!
//! Source: CloudFormation User Guide, "Understand CloudFormation quotas": 500 resources, 200 parameters, 200 outputs, 1 MB.

use std::collections::BTreeSet;

/// A reference from one unit to another, or to a parameter of the template, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Need(pub usize);

/// What is in a stack, or what a unit takes of its room.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Load {
    /// Resources.
    pub resources: usize,
    /// Bytes as JSON.
    pub bytes: usize,
    /// What is referred to outside; what turns out to be in the same stack is counted too.
    pub(super) parameters: BTreeSet<Need>,
    /// What others refer to.
    pub(super) outputs: BTreeSet<Need>,
}

/// How much may be in a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Resources.
    pub resources: usize,
    /// Bytes as JSON.
    pub bytes: usize,
    /// Parameters.
    pub parameters: usize,
    /// Outputs.
    pub outputs: usize,
}

impl Room {
    /// What CloudFormation allows.
    pub const ALLOWED: Self = Self { resources: 500, bytes: 1_000_000, parameters: 200, outputs: 200 };

    /// Up to which new units are put into a stack: four fifths, since what is in it may grow and must stay.
    pub const FILLED: Self = Self { resources: 400, bytes: 800_000, parameters: 160, outputs: 160 };

    /// Up to which a nested stack takes what lets its functions be invoked by what is new.
    pub const GROWN: Self = Self { resources: 450, bytes: 900_000, parameters: 180, outputs: 180 };

    /// Up to which the root takes APIs and queues of its own once there are nested stacks, each of which is a resource of
    /// the root too.
    pub const ROOT: Self = Self { resources: 200, bytes: 400_000, parameters: usize::MAX, outputs: usize::MAX };
}

impl Load {
    /// Adds what a unit takes.
    pub fn add(&mut self, other: &Self) {
        self.resources += other.resources;
        self.bytes += other.bytes;
        self.parameters.extend(&other.parameters);
        self.outputs.extend(&other.outputs);
    }

    /// Whether it fits by itself.
    pub fn is_within(&self, room: Room) -> bool {
        self.resources <= room.resources
            && self.bytes <= room.bytes
            && self.parameters.len() <= room.parameters
            && self.outputs.len() <= room.outputs
    }

    /// Whether a unit fits beside what is there.
    pub fn has_room(&self, other: &Self, room: Room) -> bool {
        // Sets are only joined where numbers do not tell already.
        let fits = |mine: &BTreeSet<Need>, theirs: &BTreeSet<Need>, limit: usize| {
            mine.len() + theirs.len() <= limit || mine.union(theirs).count() <= limit
        };
        self.resources + other.resources <= room.resources
            && self.bytes + other.bytes <= room.bytes
            && fits(&self.parameters, &other.parameters, room.parameters)
            && fits(&self.outputs, &other.outputs, room.outputs)
    }
}
