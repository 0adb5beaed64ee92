//! What entities are called: `functions/enhancer`, `routes/etl`, `flow`.

use serde::{Serialize, Serializer};
use std::fmt;

/// The kinds of entities, in the order they are shown and emitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum EntityKind {
    Gateway,
    Route,
    Event,
    Schedule,
    Queue,
    Flow,
    Function,
    Layer,
    FileSystem,
    Mutation,
    Bucket,
    Topology,
}

impl EntityKind {
    /// The plural under which entities of this kind are listed, also the component's name on the command line.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Gateway => "gateways",
            Self::Route => "routes",
            Self::Event => "events",
            Self::Schedule => "schedules",
            Self::Queue => "queues",
            Self::Flow => "flow",
            Self::Function => "functions",
            Self::Layer => "layers",
            Self::FileSystem => "filesystems",
            Self::Mutation => "mutations",
            Self::Bucket => "buckets",
            Self::Topology => "topologies",
        }
    }
}

/// An entity's kind and name. There is one flow, so it is called by its kind alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId {
    /// The kind.
    pub kind: EntityKind,
    /// The name in the source.
    pub name: String,
}

impl EntityId {
    /// The id of an entity.
    pub fn new(kind: EntityKind, name: &str) -> Self {
        Self { kind, name: name.to_owned() }
    }

    /// The id of a function.
    pub fn function(name: &str) -> Self {
        Self::new(EntityKind::Function, name)
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            EntityKind::Flow => f.write_str("flow"),
            kind => write!(f, "{}/{}", kind.plural(), self.name),
        }
    }
}

impl Serialize for EntityId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
