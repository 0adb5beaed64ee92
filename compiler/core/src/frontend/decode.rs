//! Typed decoding of the spanned tree: a serde deserializer over [`Node`] that keeps places.
//!
//! Three types are recognised by the name they ask for: [`Spanned`] receives its place beside the value, [`Text`] the
//! symbols in a string, and [`Node`] the tree itself. The schema check runs first, so what is left to find here is what
//! a schema cannot say: a symbol where the value must be known when compiling.

use crate::diagnostic::{Diagnostic, codes::schema};
use crate::source::{MapEntry, Node, Span, Spanned, Text, Value};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

/// Decodes a tree into a type.
///
/// # Errors
/// The first value that does not fit, at its place.
pub fn decode<T: DeserializeOwned>(node: &Node) -> Result<T, Box<Diagnostic>> {
    T::deserialize(NodeDeserializer(node)).map_err(|fault| {
        let code = if fault.symbol { &schema::SYMBOL_NOT_ALLOWED } else { &schema::WRONG_TYPE };
        let mut diagnostic = Diagnostic::new(code, fault.span.unwrap_or(node.span), fault.message);
        if fault.symbol {
            diagnostic = diagnostic.help("`{{account}}` and `{{region}}` are known only to the deployment");
        }
        Box::new(diagnostic)
    })
}

const SPANNED: &str = "$tc::Spanned";
const TEXT: &str = "$tc::Text";
const NODE: &str = "$tc::Node";

/// What serde's data model cannot carry, on its way from the deserializer to the visitor that asked for it.
enum Handed {
    Span(Span),
    Text(Text),
    Node(Node),
}

thread_local! {
    static HANDED: RefCell<Option<Handed>> = const { RefCell::new(None) };
}

fn hand(value: Handed) {
    HANDED.with(|slot| slot.replace(Some(value)));
}

fn take() -> Option<Handed> {
    HANDED.with(|slot| slot.replace(None))
}

/// A fault with the innermost place it could be given.
#[derive(Debug)]
struct Fault {
    message: String,
    span: Option<Span>,
    symbol: bool,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), span: None, symbol: false }
    }
}

impl Fault {
    fn at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }
}

#[derive(Clone, Copy)]
struct NodeDeserializer<'a>(&'a Node);

impl<'de> IntoDeserializer<'de, Fault> for NodeDeserializer<'_> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

fn entry(entry: &MapEntry) -> (KeyDeserializer<'_>, NodeDeserializer<'_>) {
    (KeyDeserializer(entry), NodeDeserializer(&entry.value))
}

/// A key as text, or with its own place.
#[derive(Clone, Copy)]
struct KeyDeserializer<'a>(&'a MapEntry);

impl<'de> IntoDeserializer<'de, Fault> for KeyDeserializer<'_> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for KeyDeserializer<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(&self.0.key)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        if name == SPANNED {
            hand(Handed::Span(self.0.key_span));
        }
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any option enum
    }
}

impl<'de> Deserializer<'de> for NodeDeserializer<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let result = match &self.0.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.value.as_u64(), number.value.as_i64(), number.value.as_f64()) {
                (Some(value), _, _) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (_, _, Some(value)) => visitor.visit_f64(value),
                _ => Err(de::Error::custom("a number out of range")),
            },
            Value::String(text) => match text.as_literal() {
                Some(text) => visitor.visit_str(text),
                None => Err(Fault {
                    message: format!("`{text}` must be known when compiling"),
                    span: Some(self.0.span),
                    symbol: true,
                }),
            },
            Value::List(list) => visitor.visit_seq(SeqDeserializer::new(list.iter().map(NodeDeserializer))),
            Value::Map(map) => visitor.visit_map(MapDeserializer::new(map.iter().map(entry))),
        };
        result.map_err(|fault| fault.at(self.0.span))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        match name {
            SPANNED => hand(Handed::Span(self.0.span)),
            NODE => hand(Handed::Node(self.0.clone())),
            TEXT => match &self.0.value {
                Value::String(text) => hand(Handed::Text(text.clone())),
                Value::Number(number) => hand(Handed::Text(number.spelling.as_str().into())),
                Value::Bool(value) => hand(Handed::Text(value.to_string().into())),
                _ => return Err(Fault::at(de::Error::custom(format!("{} is not text", self.0.kind())), self.0.span)),
            },
            _ => {}
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.0.as_str() {
            Some(text) => visitor.visit_enum(IntoDeserializer::<Fault>::into_deserializer(text)),
            None => Err(de::Error::custom(format!("{} where a name is wanted", self.0.kind()))),
        }
        .map_err(|fault: Fault| fault.at(self.0.span))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SpannedVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for SpannedVisitor<T> {
            type Value = Spanned<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                match take() {
                    Some(Handed::Span(span)) => Ok(Spanned::new(T::deserialize(deserializer)?, span)),
                    _ => Err(de::Error::custom("places are known only when decoding a source tree")),
                }
            }
        }
        deserializer.deserialize_newtype_struct(SPANNED, SpannedVisitor(PhantomData))
    }
}

macro_rules! handed {
    ($type:ident, $name:ident, $what:literal) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct HandedVisitor;
                impl<'de> Visitor<'de> for HandedVisitor {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($what)
                    }
                    fn visit_newtype_struct<D: Deserializer<'de>>(self, _: D) -> Result<Self::Value, D::Error> {
                        match take() {
                            Some(Handed::$type(value)) => Ok(value),
                            _ => Err(de::Error::custom(concat!($what, " is read only from a source tree"))),
                        }
                    }
                }
                deserializer.deserialize_newtype_struct($name, HandedVisitor)
            }
        }
    };
}
handed!(Text, TEXT, "text");
handed!(Node, NODE, "any value");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontend::yaml;
    use crate::source::SourceMap;

    #[derive(Debug, serde::Deserialize)]
    struct Sample {
        n: Spanned<u32>,
        text: Option<Spanned<Text>>,
        any: Option<Node>,
        #[serde(default)]
        list: Vec<Spanned<String>>,
    }

    fn sample(text: &str) -> Result<Sample, Box<Diagnostic>> {
        let file = SourceMap::default().add("t.yml".into(), text.to_owned());
        decode(&yaml::read(file, text).unwrap())
    }

    #[test]
    fn places_and_trees_arrive() {
        let text = "n: 12\ntext: 1.10\nany: {a: [1]}\nlist: [x, y]\n";
        let sample = sample(text).unwrap();
        assert_eq!((sample.n.value, &text[sample.n.span.range()]), (12, "12"));
        assert_eq!(sample.text.unwrap().to_string(), "1.10");
        assert_eq!(serde_json::to_string(&sample.any).unwrap(), r#"{"a":[1]}"#);
        assert_eq!(&text[sample.list[1].span.range()], "y");
    }

    #[test]
    fn faults_stand_at_the_innermost_place() {
        let text = "n: 1\nlist: [x, 2]\n";
        let fault = sample(text).unwrap_err();
        assert_eq!(&text[fault.primary.unwrap().span.range()], "2");
    }
}
