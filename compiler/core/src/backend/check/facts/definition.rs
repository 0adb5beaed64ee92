//! The named parts of a schema.

use super::Schema;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::OnceLock;

/// A schema that is parsed when it is first asked for: a template uses few of what, say, a rule's targets can be.
#[derive(Debug, Deserialize)]
#[serde(from = "Box<RawValue>")]
pub struct Definition {
    text: Box<RawValue>,
    parsed: OnceLock<Option<Schema>>,
}

impl From<Box<RawValue>> for Definition {
    fn from(text: Box<RawValue>) -> Self {
        Self { text, parsed: OnceLock::new() }
    }
}

impl Definition {
    /// The schema. One that cannot be read says nothing; a test holds that none is so.
    pub fn schema(&self) -> Option<&Schema> {
        self.parsed.get_or_init(|| serde_json::from_str(self.text.get()).ok()).as_ref()
    }
}
