//! The shapes of the input files. The JSON Schemas under `schema/` are generated from these types, so their
//! documentation is the reference that editors show.

mod function;
mod project;
mod topology;
mod vars;

pub use function::{BuildInput, FunctionInput, RuntimeInput, TasksInput};
pub use project::{EnvironmentInput, FilesystemInput, GatewayInput, LayersInput, ProjectInput, ReleaseInput};
pub use topology::{
    ConsumedEventInput, CorsInput, EventsInput, FunctionEntryInput, MethodInput, ProducedEventInput, QueueInput,
    RouteInput, ScheduleInput, TopologyInput,
};
pub use vars::{NetworkInput, VarsFilesystemInput, VarsInput};

use crate::source::{Node, Spanned, Text};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A value that may be written, with its place. What holds where it is not is said beside the key.
pub type Given<T> = Option<Spanned<T>>;

/// A mapping from names to values that keeps the place of each name and the order of the source.
#[derive(Debug, Clone)]
pub struct Entries<T>(pub Vec<(Spanned<String>, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
            type Value = Entries<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Entries::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_any(EntriesVisitor(PhantomData))
    }
}

/// A mapping whose keys are free. A section that is written without anything below it is an empty one.
fn mapping_of(values: Schema) -> Schema {
    json_schema!({ "type": ["object", "null"], "additionalProperties": values })
}

impl<T: JsonSchema> JsonSchema for Entries<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ByName", T::schema_name()).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        mapping_of(generator.subschema_for::<T>())
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl JsonSchema for Node {
    fn schema_name() -> Cow<'static, str> {
        "Any".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({})
    }
}

/// Text that may also be written as a number or a boolean and keeps its spelling.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Scalar(pub Text);

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

/// One value or a list of them.
#[derive(Debug, Clone)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de> Deserialize<'de> for OneOrMany<Spanned<String>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        let one = |node: &Node| node.as_str().map(|text| Spanned::new(text.to_owned(), node.span));
        let list = match node.as_list() {
            Some(list) => list.iter().map(one).collect(),
            None => Some(one(&node).into_iter().collect()),
        };
        list.map(OneOrMany)
            .ok_or_else(|| serde::de::Error::custom("a name or a list of names that are known when compiling"))
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "array"], "items": generator.subschema_for::<T>() })
    }
}
