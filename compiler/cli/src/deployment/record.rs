//! What is kept of a deployment in the artifact bucket: the manifest, with what its imports were linked to.

use super::deploy::ImportRow;
use serde_json::{Value, json};
use tc_core::diagnostic::Diagnostic;
use tc_deploy::{Connection, deployed};

/// Keeps the manifest of what a stack is now.
///
/// # Errors
/// As [`deployed::record`]; the stack is deployed then all the same.
pub fn keep(connection: &Connection, stack: &str, manifest: &str, linked: &[ImportRow]) -> Result<(), Box<Diagnostic>> {
    deployed::record(connection, stack, with_links(manifest, linked)).map_err(|finding| {
        let help = "the sandbox is as the topology says; the same command again makes up for it";
        Box::new(finding.help(help))
    })
}

/// A manifest in which each import has its `value`, and the `origin` of that.
fn with_links(manifest: &str, linked: &[ImportRow]) -> String {
    let mut manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    for ImportRow { parameter, value, origin } in linked {
        let import = manifest.pointer_mut(&format!("/imports/{parameter}"));
        if let Some(import) = import.and_then(Value::as_object_mut) {
            import.insert("value".to_owned(), json!(value));
            import.insert("origin".to_owned(), json!(origin));
        }
    }
    format!("{manifest:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_have_what_they_were_linked_to() {
        let manifest = r#"{"version": "1.0.0", "imports": {"A": {"kind": "artifact_bucket"}, "B": {}}}"#;
        let linked = ImportRow { parameter: "A".to_owned(), value: "v".to_owned(), origin: "tc.yml".to_owned() };
        let kept: Value = serde_json::from_str(&with_links(manifest, &[linked])).unwrap();
        let import = json!({"kind": "artifact_bucket", "value": "v", "origin": "tc.yml"});
        assert_eq!(kept, json!({"version": "1.0.0", "imports": {"A": import, "B": {}}}));
    }
}
