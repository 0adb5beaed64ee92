//! The parts of a schema.

use super::Schema;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::sync::OnceLock;

/// A schema that is parsed when it is first asked for: a template uses few of the properties that a type has, and few of
/// what, say, a rule's targets can be.
#[derive(Debug)]
pub struct Definition {
    text: &'static RawValue,
    parsed: OnceLock<Option<Box<Schema>>>,
}

impl<'de: 'static> Deserialize<'de> for Definition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&'static RawValue>::deserialize(deserializer)?;
        Ok(Self { text, parsed: OnceLock::new() })
    }
}

impl Definition {
    /// The schema. One that cannot be read says nothing; a test holds that none is so.
    pub fn schema(&self) -> Option<&Schema> {
        self.parsed.get_or_init(|| serde_json::from_str(self.text.get()).ok()).as_deref()
    }
}
