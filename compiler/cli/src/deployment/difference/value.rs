//! A value of a template in one line, with CloudFormation's functions in their short form.

use serde_json::Value;

/// How much of a value is shown, in characters.
const WIDTH: usize = 160;

/// A value in one line, cut where it is long.
pub fn line(value: &Value) -> String {
    let text = shown(value);
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn shown(value: &Value) -> String {
    let Value::Object(map) = value else { return value.to_string() };
    let mut entries = map.iter();
    match (entries.next(), entries.next()) {
        (Some((name, argument)), None) if name == "Ref" || name.starts_with("Fn::") => {
            let name = name.trim_start_matches("Fn::");
            match argument {
                Value::String(text) => format!("!{name} {text}"),
                Value::Array(parts) if name == "GetAtt" => {
                    let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
                    format!("!{name} {}", parts.join("."))
                }
                argument => format!("!{name} {argument}"),
            }
        }
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn functions_have_their_short_form() {
        assert_eq!(line(&json!({ "Fn::GetAtt": ["FunctionA", "Arn"] })), "!GetAtt FunctionA.Arn");
        assert_eq!(line(&json!({ "Ref": "Queue" })), "!Ref Queue");
        assert_eq!(line(&json!({ "Fn::Sub": "a-${Queue}" })), "!Sub a-${Queue}");
        assert_eq!(line(&json!({ "a": 1 })), r#"{"a":1}"#);
        assert_eq!(line(&json!("é".repeat(WIDTH))).chars().count(), WIDTH + 3);
    }
}
