//! What tc writes as JSON for others to read: manifests, each with a schema.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

/// A document that is written as JSON. Its schema is generated from its type and committed in `schema/`, where a test
/// compares the two; `cargo run -p tc-package --example schema` writes them anew.
pub trait Document: Serialize + JsonSchema {
    /// The JSON Schema as it is committed.
    const SCHEMA: &'static str;

    /// The document as it is written: pretty JSON with a newline at its end.
    fn to_json(&self) -> String {
        // Every key is a string and every number finite, so that nothing can fail.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The JSON Schema as the type says it.
    fn generate_schema() -> String {
        let generator = SchemaSettings::draft2020_12().into_generator();
        format!("{:#}\n", generator.into_root_schema_for::<Self>().to_value())
    }
}
