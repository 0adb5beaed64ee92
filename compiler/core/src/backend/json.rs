//! Writes a template as JSON, with the long spelling of intrinsic functions.

use super::expr::{Expr, Object};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

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

/// How many bytes the mapping is as pretty JSON.
pub fn length(object: &Object) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Counting cannot fail, and neither can writing plain data as JSON.
    let _ = serde_json::to_writer_pretty(&mut count, object);
    count.0
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
