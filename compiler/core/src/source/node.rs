//! The tree that YAML and JSON are read into: every node knows where it stands.

use super::{Span, Text};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::fmt;

/// A value in a source file with the place it stands at.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The place. For a block mapping or sequence it reaches to its last child.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, with its spelling.
    Number(Number),
    /// A string, with its placeholders filled.
    String(Text),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping with distinct string keys, in the order they were written.
    Map(Map),
}

/// A number and how it was spelt, so that `1.10` given as text stays `1.10`.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// As written.
    pub spelling: String,
    /// Its value.
    pub value: serde_json::Number,
}

/// One key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct MapEntry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// A mapping in source order. Keys are distinct: the reader refuses duplicates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    entries: Vec<MapEntry>,
}

impl Map {
    /// A mapping of these entries, whose keys are distinct.
    pub fn from_entries(entries: Vec<MapEntry>) -> Self {
        Self { entries }
    }

    /// The value of a key. Linear: mappings that people write are short; build an index for a large one.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key, with the place of the key itself.
    pub fn entry(&self, key: &str) -> Option<&MapEntry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The entries in source order.
    pub fn iter(&self) -> std::slice::Iter<'_, MapEntry> {
        self.entries.iter()
    }

    /// The entries, to change their values in place.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, MapEntry> {
        self.entries.iter_mut()
    }

    /// The entries themselves.
    pub fn into_entries(self) -> Vec<MapEntry> {
        self.entries
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a MapEntry;
    type IntoIter = std::slice::Iter<'a, MapEntry>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Node {
    /// A node of a value at a place.
    pub fn new(value: Value, span: Span) -> Self {
        Self { span, value }
    }

    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The sequence, if it is one.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn as_text(&self) -> Option<&Text> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The string, if it is one and holds no symbol.
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().and_then(Text::as_literal)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<&serde_json::Number> {
        match &self.value {
            Value::Number(number) => Some(&number.value),
            _ => None,
        }
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map().and_then(|map| map.get(key))
    }

    /// What kind of value this is, as people call it: `a string`, `a mapping`, ...
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if number.value.is_f64() => "a number",
            Value::Number(_) => "an integer",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The node at a path of keys and indices, as far as it exists: the deepest node on the way and how many segments
    /// were followed.
    pub fn at<'a>(&'a self, path: &[PathSegment]) -> (&'a Node, usize) {
        let mut node = self;
        for (followed, segment) in path.iter().enumerate() {
            let next = match (segment, &node.value) {
                (PathSegment::Key(key), Value::Map(map)) => map.get(key),
                (PathSegment::Index(index), Value::List(list)) => list.get(*index),
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None => return (node, followed),
            }
        }
        (node, path.len())
    }
}

/// Serialised as the value alone; symbols in strings are shown as their placeholders.
impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(number) => number.value.serialize(serializer),
            Value::String(text) => text.serialize(serializer),
            Value::List(list) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                list.iter().try_for_each(|node| seq.serialize_element(node))?;
                seq.end()
            }
            Value::Map(map) => {
                let mut out = serializer.serialize_map(Some(map.len()))?;
                map.iter().try_for_each(|entry| out.serialize_entry(&entry.key, &entry.value))?;
                out.end()
            }
        }
    }
}

/// A step into a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathSegment {
    /// Into a mapping.
    Key(String),
    /// Into a sequence, from 0.
    Index(usize),
}

/// A way into a tree, shown as `routes.etl.timeout` or `States.load.Retry[0]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path(pub Vec<PathSegment>);

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                PathSegment::Index(index) => write!(f, "[{index}]")?,
                PathSegment::Key(key) if position == 0 => f.write_str(key)?,
                PathSegment::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}
