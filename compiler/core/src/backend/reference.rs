//! What a value of a template refers to, by any function of CloudFormation.

use serde_json::Value;

/// Gives each logical id that a value refers to; pseudo parameters are none.
pub(super) fn each(value: &Value, tell: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each(item, tell)),
        Value::Object(map) => map.iter().for_each(|(key, value)| match (key.as_str(), value) {
            ("Ref", Value::String(name)) => named(name, tell),
            ("Fn::GetAtt", Value::Array(path)) => {
                path.first().and_then(Value::as_str).into_iter().for_each(|name| named(name, tell));
            }
            ("Fn::GetAtt", Value::String(path)) => named(path.split('.').next().unwrap_or_default(), tell),
            ("Fn::Sub", Value::String(text)) => substituted(text, tell),
            ("Fn::Sub", Value::Array(arguments)) => {
                arguments.first().and_then(Value::as_str).into_iter().for_each(|text| substituted(text, tell));
                arguments.iter().skip(1).for_each(|more| each(more, tell));
            }
            (_, value) => each(value, tell),
        }),
        _ => {}
    }
}

/// Whether a value refers to a logical id.
pub(super) fn refers(value: &Value, id: &str) -> bool {
    let mut found = false;
    each(value, &mut |name| found |= name == id);
    found
}

fn substituted(text: &str, tell: &mut dyn FnMut(&str)) {
    for piece in text.split("${").skip(1) {
        let name = piece.split('}').next().unwrap_or_default();
        named(name.split('.').next().unwrap_or_default(), tell);
    }
}

fn named(name: &str, tell: &mut dyn FnMut(&str)) {
    // `AWS::Region` is no logical id, and `${!x}` is the text `${x}`.
    if !name.contains("::") && !name.starts_with('!') {
        tell(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_function_is_looked_through() {
        let value = json!([
            { "Ref": "A" },
            { "Fn::GetAtt": ["B", "Arn"] },
            { "Fn::GetAtt": "C.Arn" },
            { "Fn::Sub": "${D}-${E.Arn}-${AWS::Region}-${!F}" },
            { "Fn::Sub": ["${x}", { "x": { "Ref": "G" } }] },
            { "Fn::Join": [",", [{ "Ref": "AWS::Region" }, { "Ref": "H" }]] },
        ]);
        let mut found = Vec::new();
        each(&value, &mut |name| found.push(name.to_owned()));
        assert_eq!(found, ["A", "B", "C", "D", "E", "x", "G", "H"]);
        assert!(refers(&value, "H") && !refers(&value, "F"));
    }
}
