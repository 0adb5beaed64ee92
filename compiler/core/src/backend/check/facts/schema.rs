//! The part of JSON Schema that AWS's resource schemas use.

use super::definition::Definition;
use super::pattern::Pattern;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// What a value must look like: the part of JSON Schema that AWS's resource schemas use.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Schema {
    /// The name of the definition to read on in.
    #[serde(rename = "$ref")]
    pub reference: Option<String>,
    /// The kinds a value may be of; empty if any.
    #[serde(rename = "type")]
    pub kinds: Kinds,
    /// The values allowed; empty if any. Sorted.
    #[serde(rename = "enum")]
    pub allowed: Vec<Scalar>,
    /// The one value allowed.
    #[serde(rename = "const")]
    pub constant: Option<Scalar>,
    /// What a text must match somewhere.
    pub pattern: Option<Pattern>,
    /// The attribute that belongs here: `AWS::IAM::Role.Arn`.
    pub format: Option<String>,
    /// Least length of a text, in characters.
    pub min_length: Option<u64>,
    /// Greatest length of a text, in characters.
    pub max_length: Option<u64>,
    /// Least number.
    pub minimum: Option<f64>,
    /// Greatest number.
    pub maximum: Option<f64>,
    /// Least count of items.
    pub min_items: Option<u64>,
    /// Greatest count of items.
    pub max_items: Option<u64>,
    /// Whether no two items may be equal.
    pub unique_items: bool,
    /// What each item must look like.
    pub items: Option<Box<Schema>>,
    /// Least count of keys.
    pub min_properties: Option<u64>,
    /// The known keys.
    #[serde(borrow)]
    pub properties: BTreeMap<&'static str, Definition>,
    /// What the values of keys that match look like.
    pub pattern_properties: PatternProperties,
    /// Whether other keys are allowed; they are unless this says `false`.
    pub additional_properties: Option<bool>,
    /// Keys that must be there.
    pub required: Vec<String>,
    /// Keys of which exactly one must be there.
    pub required_xor: Vec<String>,
    /// Keys of which at least one must be there.
    pub required_or: Vec<String>,
    /// A key and those it cannot be without.
    pub dependent_required: BTreeMap<String, Vec<String>>,
    /// A key and those it cannot be with.
    pub dependent_excluded: BTreeMap<String, Vec<String>>,
    /// At least one of these must hold.
    pub any_of: Vec<Schema>,
    /// Exactly one of these must hold.
    pub one_of: Vec<Schema>,
}

/// What the values of keys that match a pattern must look like.
#[derive(Debug, Default)]
pub struct PatternProperties(pub Vec<(Pattern, Schema)>);

impl<'de: 'static> Deserialize<'de> for PatternProperties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let schemas: BTreeMap<String, Schema> = BTreeMap::deserialize(deserializer)?;
        Ok(Self(schemas.into_iter().map(|(pattern, schema)| (pattern.into(), schema)).collect()))
    }
}

/// The kinds of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// A map.
    Object,
    /// `null`.
    Null,
}

/// The kinds a value may be of, written as one name or a list of them.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "OneOrMany")]
pub struct Kinds(pub Vec<Kind>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Kind),
    Many(Vec<Kind>),
}

impl From<OneOrMany> for Kinds {
    fn from(kinds: OneOrMany) -> Self {
        match kinds {
            OneOrMany::One(kind) => Self(vec![kind]),
            OneOrMany::Many(kinds) => Self(kinds),
        }
    }
}

/// A value that can be listed in an `enum`.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}
