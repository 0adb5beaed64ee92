//! `roles/FUNCTION.json`: IAM statements of a function beyond those read off the graph.

use crate::diagnostic::Diagnostic;
use crate::frontend::schema::InputFile;
use crate::ir::Statement;
use crate::source::{Node, Value};
use serde_json::{Value as Json, json};

/// The schema of the file: a policy document, or the list of its statements.
pub(super) fn schema() -> Json {
    let text = json!({ "type": ["string", "array"], "items": { "type": "string" } });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "RolesInput",
        "description": "IAM statements that a function gets beyond those that tc reads off the topology: a policy document.",
        "type": "object",
        "required": ["Statement"],
        "additionalProperties": false,
        "properties": {
            "Version": { "description": "The policy language's version.", "enum": ["2012-10-17", "2008-10-17"] },
            "Id": { "description": "A name for the document; not used.", "type": "string" },
            "Statement": {
                "description": "The statements.",
                "type": "array",
                "items": { "$ref": "#/$defs/Statement" }
            }
        },
        "$defs": {
            "Statement": {
                "type": "object",
                "required": ["Effect"],
                "additionalProperties": false,
                "properties": {
                    "Sid": { "type": "string", "pattern": "^[A-Za-z0-9]*$" },
                    "Effect": { "enum": ["Allow", "Deny"] },
                    "Action": text,
                    "NotAction": text,
                    "Resource": text,
                    "NotResource": text,
                    "Condition": { "type": "object" }
                }
            }
        }
    })
}

/// The statements of a file's tree. A bare list of statements is read as the document's `Statement`.
///
/// # Errors
/// What the schema finds.
pub(super) fn statements(node: Node) -> Result<Vec<Statement>, Vec<Diagnostic>> {
    let document = match node.value {
        Value::List(_) => document_of(node),
        Value::Null => return Ok(Vec::new()),
        _ => node,
    };
    let findings = InputFile::Roles.check(&document);
    if !findings.is_empty() {
        return Err(findings);
    }
    let list = document.get("Statement").and_then(Node::as_list).unwrap_or_default();
    Ok(list.iter().cloned().map(Statement).collect())
}

fn document_of(list: Node) -> Node {
    let span = list.span;
    let entry = crate::source::MapEntry { key: "Statement".to_owned(), key_span: span, value: list };
    Node::new(Value::Map(crate::source::Map::from_entries(vec![entry])), span)
}
