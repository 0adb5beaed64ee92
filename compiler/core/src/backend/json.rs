//! Writes a template as JSON, with the long spelling of intrinsic functions.

use super::expr::{Expr, Key, Object};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;

/// The value as pretty JSON with a newline at its end.
pub fn write(expr: &Expr) -> String {
    let mut text = serde_json::to_string_pretty(expr).unwrap_or_default();
    text.push('\n');
    text
}

/// The value as JSON without white space.
pub fn compact(expr: &Expr) -> String {
    serde_json::to_string(expr).unwrap_or_default()
}

/// The value as data.
pub fn value(expr: &Expr) -> Value {
    serde_json::to_value(expr).unwrap_or_default()
}

/// Bytes of a template beyond which it is written without white space: CloudFormation counts that too.
const DENSE_FROM: usize = 800_000;

/// A template as [`write`] writes it, or without white space where it is large.
pub fn write_template(template: &Expr) -> String {
    let text = write(template);
    if text.len() > DENSE_FROM { compact(template) + "\n" } else { text }
}

/// How many bytes the mapping is as pretty JSON.
pub fn length(object: &Object) -> usize {
    object_length(object, 0)
}

fn object_length(object: &Object, level: usize) -> usize {
    let entry = |(key, value): &(Key, Expr)| key_length(key) + 2 + value_length(value, level + 1);
    enclosed(object.iter().map(entry), level)
}

/// The brackets, what is within them on lines of their own, and the commas between.
fn enclosed(parts: impl Iterator<Item = usize>, level: usize) -> usize {
    let (mut count, mut length) = (0, 0);
    for part in parts {
        count += 1;
        // A line break, the indentation, and a comma or, of the last, nothing.
        length += part + 2 + (level + 1) * 2;
    }
    // The last has a line break and the bracket's indentation in place of the comma.
    if count == 0 { 2 } else { 2 + length + level * 2 }
}

fn value_length(value: &Expr, level: usize) -> usize {
    let call = |name: &str, argument: usize| enclosed(std::iter::once(name.len() + 4 + argument), level);
    let list = |items: &[Expr], level: usize| enclosed(items.iter().map(|item| value_length(item, level + 1)), level);
    let pair = |one: usize, other: usize| enclosed([one, other].into_iter(), level + 1);
    match value {
        Expr::Null => 4,
        Expr::Bool(value) => {
            if *value {
                4
            } else {
                5
            }
        }
        Expr::Int(value) => value.to_string().len(),
        Expr::Float(value) => serde_json::to_string(value).map_or(0, |text| text.len()),
        Expr::String(text) => text_length(text),
        Expr::List(items) => list(items, level),
        Expr::Object(object) => object_length(object, level),
        Expr::Ref(id) => call("Ref", text_length(id)),
        Expr::GetAtt(id, attribute) => call("Fn::GetAtt", pair(text_length(id), text_length(attribute))),
        Expr::Sub(text) => call("Fn::Sub", text_length(text)),
        Expr::Join(delimiter, items) => call("Fn::Join", pair(text_length(delimiter), list(items, level + 2))),
        Expr::Select(index, inner) => call("Fn::Select", pair(index.to_string().len(), value_length(inner, level + 2))),
        Expr::Split(delimiter, inner) => {
            call("Fn::Split", pair(text_length(delimiter), value_length(inner, level + 2)))
        }
        Expr::Zones => call("Fn::GetAZs", 2),
    }
}

/// Those that stand in the program have nothing to escape.
fn key_length(key: &Key) -> usize {
    match key {
        Key::Borrowed(name) => {
            debug_assert_eq!(text_length(name), name.len() + 2);
            name.len() + 2
        }
        Key::Owned(key) => text_length(key),
    }
}

/// With its quotes and what is escaped.
fn text_length(text: &str) -> usize {
    // Nearly all text has nothing to escape, which is told without a branch for each byte.
    let is_escaped = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    let count = text.bytes().map(|byte| usize::from(is_escaped(byte))).sum::<usize>();
    let more = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 1,
        0..0x20 => 5,
        _ => 0,
    };
    let escapes = if count == 0 { 0 } else { text.bytes().map(more).sum::<usize>() };
    2 + text.len() + escapes
}

fn call<S: Serializer>(serializer: S, name: &str, arguments: &impl Serialize) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(name, arguments)?;
    map.end()
}

impl Serialize for Expr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::String(text) => serializer.serialize_str(text),
            Self::List(list) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                list.iter().try_for_each(|item| seq.serialize_element(item))?;
                seq.end()
            }
            Self::Object(object) => object.serialize(serializer),
            Self::Ref(id) => call(serializer, "Ref", id),
            Self::GetAtt(id, attribute) => call(serializer, "Fn::GetAtt", &(id, attribute)),
            Self::Sub(text) => call(serializer, "Fn::Sub", text),
            Self::Join(delimiter, list) => call(serializer, "Fn::Join", &(delimiter, list)),
            Self::Select(index, inner) => call(serializer, "Fn::Select", &(index, inner)),
            Self::Split(delimiter, inner) => call(serializer, "Fn::Split", &(delimiter, inner)),
            Self::Zones => call(serializer, "Fn::GetAZs", &""),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        self.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object;

    #[test]
    fn the_length_is_that_of_what_is_written() {
        let inner = object! { "Empty": Object::new(), "None": Vec::<Expr>::new(), "Text": "a\"\\\n\u{1}\u{7f}é" };
        let object = object! {
            "Null": Expr::Null,
            "Bools": vec![Expr::from(true), Expr::from(false)],
            "Numbers": vec![Expr::Int(-12), Expr::Float(0.25), Expr::Float(3.0)],
            "References": vec![Expr::reference("A"), Expr::arn("B"), Expr::Sub("${C.Arn}".into()), Expr::Zones],
            "Functions": vec![
                Expr::Join(",", vec![Expr::reference("A"), "x".into()]),
                Expr::Select(12, Box::new(Expr::Split(",", Box::new(Expr::arn("D"))))),
                Expr::Join(",", Vec::new()),
            ],
            "Inner": inner,
        };
        assert_eq!(length(&object), serde_json::to_string_pretty(&object).unwrap().len());
        assert_eq!(length(&Object::new()), 2);
    }
}
