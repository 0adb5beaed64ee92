//! What is kept of a deployment in the artifact bucket: the manifest, with what its imports were linked to and which parts
//! were updated since.

use super::deploy::ImportRow;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::Topology;
use tc_deploy::{Connection, deployed};

/// The origin of a value that a partial update leaves as it is.
pub const AS_DEPLOYED: &str = "as deployed";

/// What was deployed to a sandbox, as far as it was kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Record {
    /// The version of the topology that was deployed last as a whole.
    pub version: Option<String>,
    /// The versions that components were updated to since: `functions/enhancer`, `routes`.
    #[serde(default)]
    pub parts: BTreeMap<String, String>,
}

impl Record {
    /// Reads what was kept; of something else nothing is known.
    pub fn read(kept: &str) -> Self {
        serde_json::from_str(kept).unwrap_or_default()
    }

    /// The versions for people: `0.1.4, functions/enhancer 0.1.5`. A part of the same version says nothing new.
    pub fn versions(&self) -> String {
        let newer = self.parts.iter().filter(|(_, version)| Some(*version) != self.version.as_ref());
        let newer = newer.map(|(component, version)| format!("{component} {version}"));
        self.version.iter().cloned().chain(newer).collect::<Vec<_>>().join(", ")
    }
}

/// Keeps the manifest of what a stack is now.
///
/// # Errors
/// As [`deployed::record`]; the stack is deployed then all the same.
pub fn keep(connection: &Connection, stack: &str, manifest: &str, linked: &[ImportRow]) -> Result<(), Box<Diagnostic>> {
    let mut manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    link(&mut manifest, &Value::Null, linked);
    deployed::record(connection, stack, format!("{manifest:#}\n")).map_err(again)
}

/// Keeps which components of a stack are now of which version, beside what is kept of the whole. Where nothing is kept of
/// that, or it may not be read, nothing is changed.
///
/// # Errors
/// As [`keep`].
pub fn keep_parts(
    connection: &Connection,
    (stack, topology): (&str, &Topology),
    components: &[String],
    manifest: &str,
    linked: &[ImportRow],
) -> Result<(), Box<Diagnostic>> {
    let kept = deployed::manifests(connection, &[stack]).map_err(again)?;
    let kept = kept.into_iter().flatten().find_map(|kept| serde_json::from_str::<Map<String, Value>>(&kept).ok());
    let Some(kept) = kept else { return Ok(()) };
    let names: Vec<String> = components.iter().map(|component| full_name(component, topology)).collect();
    let kept = with_parts(kept, &names, &topology.version, manifest, linked);
    deployed::record(connection, stack, format!("{kept:#}\n")).map_err(again)
}

#[expect(clippy::boxed_local, reason = "errors come in a box")]
fn again(finding: Box<Diagnostic>) -> Box<Diagnostic> {
    let help = "the sandbox is as the topology says; the same command again makes up for it";
    Box::new(finding.help(help))
}

/// A component by its kind: a function may be called by its bare name.
fn full_name(component: &str, topology: &Topology) -> String {
    let is_kind = matches!(
        component,
        "functions" | "gateways" | "routes" | "events" | "schedules" | "queues" | "flow" | "roles" | "vars" | "layers"
    );
    match !is_kind && topology.functions.contains_key(component) {
        true => format!("functions/{component}"),
        false => component.to_owned(),
    }
}

/// A manifest with components of a version, and the imports that were looked up for them.
fn with_parts(
    kept: Map<String, Value>,
    components: &[String],
    version: &str,
    manifest: &str,
    linked: &[ImportRow],
) -> Value {
    let mut kept = Value::Object(kept);
    let mut parts = Record::read(&kept.to_string()).parts;
    for component in components {
        // One that is a kind has them all.
        let below = format!("{component}/");
        parts.retain(|name, _| !name.starts_with(&below));
        parts.insert(component.clone(), version.to_owned());
    }
    if let Some(kept) = kept.as_object_mut() {
        kept.insert("parts".to_owned(), json!(parts));
    }
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    let looked_up: Vec<ImportRow> = linked.iter().filter(|row| row.origin != AS_DEPLOYED).cloned().collect();
    link(&mut kept, &manifest, &looked_up);
    kept
}

/// Gives each import of a manifest its `value`, and the `origin` of that. One that it lacks is taken from another manifest.
fn link(manifest: &mut Value, other: &Value, linked: &[ImportRow]) {
    let Some(imports) = manifest.get_mut("imports").and_then(Value::as_object_mut) else { return };
    for ImportRow { parameter, value, origin } in linked {
        let entry = other.get("imports").and_then(|imports| imports.get(parameter));
        if let (None, Some(entry)) = (imports.get(parameter), entry) {
            imports.insert(parameter.clone(), entry.clone());
        }
        if let Some(import) = imports.get_mut(parameter).and_then(Value::as_object_mut) {
            import.insert("value".to_owned(), json!(value));
            import.insert("origin".to_owned(), json!(origin));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(parameter: &str, value: &str, origin: &str) -> ImportRow {
        ImportRow { parameter: parameter.to_owned(), value: value.to_owned(), origin: origin.to_owned() }
    }

    #[test]
    fn imports_have_what_they_were_linked_to() {
        let mut kept = json!({"version": "1.0.0", "imports": {"A": {"kind": "artifact_bucket"}, "B": {}}});
        link(&mut kept, &Value::Null, &[row("A", "v", "tc.yml"), row("C", "v", "tc.yml")]);
        let import = json!({"kind": "artifact_bucket", "value": "v", "origin": "tc.yml"});
        assert_eq!(kept, json!({"version": "1.0.0", "imports": {"A": import, "B": {}}}));
    }

    #[test]
    fn parts_are_kept_beside_the_whole() {
        let kept = json!({"version": "1.0.0", "parts": {"functions/a": "1.0.1", "routes": "1.0.1"},
            "imports": {"A": {"value": "old", "origin": "cicd"}, "B": {"value": "old", "origin": "cicd"}}});
        let kept = kept.as_object().unwrap().clone();
        let linked = [row("A", "new", "cicd"), row("B", "old", AS_DEPLOYED), row("C", "new", "cicd")];
        let manifest = json!({"version": "1.1.0", "imports": {"A": {}, "B": {}, "C": {"kind": "layer_version"}}});
        let components = ["functions".to_owned(), "flow".to_owned()];
        let now = with_parts(kept, &components, "1.1.0", &manifest.to_string(), &linked);
        let imports = json!({"A": {"value": "new", "origin": "cicd"}, "B": {"value": "old", "origin": "cicd"},
            "C": {"kind": "layer_version", "value": "new", "origin": "cicd"}});
        let parts = json!({"flow": "1.1.0", "functions": "1.1.0", "routes": "1.0.1"});
        assert_eq!(now, json!({"version": "1.0.0", "parts": parts, "imports": imports}));
        assert_eq!(Record::read(&now.to_string()).versions(), "1.0.0, flow 1.1.0, functions 1.1.0, routes 1.0.1");
    }

    #[test]
    fn a_part_of_the_same_version_says_nothing_new() {
        let record = |kept: Value| Record::read(&kept.to_string()).versions();
        assert_eq!(record(json!({"version": "1.0.0", "parts": {"flow": "1.0.0"}})), "1.0.0");
        assert_eq!(record(json!([7])), "");
    }
}
