//! Values of a template: plain data, and CloudFormation's intrinsic functions.

use crate::source::{Node, Piece, Symbol, Text, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// A value that stands in a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `null`; only inside of documents, since CloudFormation refuses it as a property.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number that is no integer.
    Float(f64),
    /// Text.
    String(String),
    /// A list.
    List(Vec<Expr>),
    /// A mapping, in the order it is written.
    Object(Object),
    /// `Ref` to a resource or a parameter, by logical id, or to a pseudo parameter such as `AWS::Region`.
    Ref(String),
    /// `Fn::GetAtt`: a resource's logical id and an attribute.
    GetAtt(String, Key),
    /// `Fn::Sub` of one string. `${Id}`, `${Id.Attribute}` and `${AWS::Region}` in it are references.
    Sub(String),
    /// `Fn::Join` by a delimiter.
    Join(&'static str, Vec<Expr>),
    /// `Fn::Select`: the element of a list.
    Select(u32, Box<Expr>),
    /// `Fn::Split` by a delimiter.
    Split(&'static str, Box<Expr>),
    /// `Fn::GetAZs` of the stack's region: its availability zones, in an order that stays.
    Zones,
}

/// A key of a mapping. Almost every one is a property's name, which need not be copied for each resource that has it.
pub type Key = Cow<'static, str>;

/// Below so many entries a mapping has room for no more than them. There are tens of thousands of those in a large template,
/// and what they take beyond is what the system must give first.
const FEW: usize = 8;

/// A mapping with distinct keys in the order they were put. A clone shares the entries until one of the two is changed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object(Arc<Vec<(Key, Expr)>>);

impl Object {
    /// An empty mapping.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a key, replacing its earlier value in place.
    pub fn put(&mut self, key: impl Into<Key>, value: impl Into<Expr>) {
        let (key, value) = (key.into(), value.into());
        let entries = Arc::make_mut(&mut self.0);
        match entries.iter_mut().find(|(old, _)| *old == key) {
            Some((_, old)) => *old = value,
            None => {
                if entries.len() < FEW {
                    entries.reserve_exact(1);
                }
                entries.push((key, value));
            }
        }
    }

    /// Puts a key where there is a value.
    pub fn put_opt(&mut self, key: impl Into<Key>, value: Option<impl Into<Expr>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// This mapping with a key put.
    #[must_use]
    pub fn with(mut self, key: impl Into<Key>, value: impl Into<Expr>) -> Self {
        self.put(key, value);
        self
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Expr> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Key, Expr)> {
        self.0.iter()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// The keys must be distinct. Takes no more memory than these entries need: nearly all that a template holds are such.
impl<const N: usize> From<[(Key, Expr); N]> for Object {
    fn from(entries: [(Key, Expr); N]) -> Self {
        debug_assert!(
            entries.iter().enumerate().all(|(at, (key, _))| entries.iter().skip(at + 1).all(|other| other.0 != *key))
        );
        Self(Arc::new(Vec::from(entries)))
    }
}

/// The keys must be distinct, as those of another mapping are: [`Object::put`] looks for an earlier value of its key, which
/// would cost too much for the thousands of resources of a template.
impl<K: Into<Key>, V: Into<Expr>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self(Arc::new(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect()))
    }
}

/// A mapping literal: `object! { "Key": value, ... }`.
#[macro_export]
macro_rules! object {
    ($($key:literal : $value:expr),* $(,)?) => {
        $crate::backend::expr::Object::from([$(($crate::backend::expr::Key::from($key), $crate::backend::expr::Expr::from($value))),*])
    };
}

impl Expr {
    /// `Ref`.
    pub fn reference(id: impl Into<String>) -> Self {
        Self::Ref(id.into())
    }

    /// The `Arn` attribute of a resource.
    pub fn arn(id: impl Into<String>) -> Self {
        Self::GetAtt(id.into(), "Arn".into())
    }

    /// The text, if it is plain.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The mapping, if it is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&[Expr]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// Calls `visit` with the name that each reference names and, for an attribute, the attribute.
    pub fn references<'e>(&'e self, visit: &mut dyn FnMut(&'e str, Option<&'e str>)) {
        match self {
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::String(_) | Self::Zones => {}
            Self::List(list) | Self::Join(_, list) => list.iter().for_each(|item| item.references(visit)),
            Self::Object(object) => object.iter().for_each(|(_, value)| value.references(visit)),
            Self::Ref(id) => visit(id, None),
            Self::GetAtt(id, attribute) => visit(id, Some(attribute)),
            Self::Sub(text) => sub_references(text).for_each(|(id, attribute)| visit(id, attribute)),
            Self::Select(_, inner) | Self::Split(_, inner) => inner.references(visit),
        }
    }
}

/// The references in a `Fn::Sub` string; `${!Literal}` is none.
pub fn sub_references(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    text.split("${").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        if name.starts_with('!') {
            return None;
        }
        Some(match name.split_once('.') {
            Some((id, attribute)) => (id, Some(attribute)),
            None => (name, None),
        })
    })
}

/// A literal made safe in a `Fn::Sub` string.
pub fn escape_sub(literal: &str) -> String {
    literal.replace("${", "${!")
}

impl From<&str> for Expr {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}
impl From<String> for Expr {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}
impl From<&String> for Expr {
    fn from(text: &String) -> Self {
        Self::String(text.clone())
    }
}
impl From<bool> for Expr {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<u32> for Expr {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}
impl From<i64> for Expr {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<Object> for Expr {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}
impl<T: Into<Expr>> From<Vec<T>> for Expr {
    fn from(list: Vec<T>) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}

/// Text whose symbols become pseudo parameters, a function's ARN an attribute of its resource, a queue's URL what `Ref`
/// gives of it, and the flow of another topology an import.
impl From<&Text> for Expr {
    fn from(text: &Text) -> Self {
        if let Some(literal) = text.as_literal() {
            return literal.into();
        }
        if let [Piece::Symbol(symbol)] = text.pieces().as_slice() {
            return match symbol {
                Symbol::Account => Self::reference("AWS::AccountId"),
                Symbol::Region => Self::reference("AWS::Region"),
                Symbol::FunctionArn(name) => Self::arn(super::logical_id::function(name)),
                Symbol::QueueUrl(name) => Self::reference(super::logical_id::queue(name)),
                Symbol::FlowArn(name) => Self::reference(super::logical_id::topology(name)),
            };
        }
        let mut out = String::new();
        for piece in text.pieces() {
            match piece {
                Piece::Literal(literal) => out.push_str(&escape_sub(literal)),
                Piece::Symbol(Symbol::Account) => out.push_str("${AWS::AccountId}"),
                Piece::Symbol(Symbol::Region) => out.push_str("${AWS::Region}"),
                Piece::Symbol(Symbol::FunctionArn(name)) => {
                    out.push_str("${");
                    out.push_str(&super::logical_id::function(name));
                    out.push_str(".Arn}");
                }
                Piece::Symbol(Symbol::QueueUrl(name)) => {
                    out.push_str("${");
                    out.push_str(&super::logical_id::queue(name));
                    out.push('}');
                }
                Piece::Symbol(Symbol::FlowArn(name)) => {
                    out.push_str("${");
                    out.push_str(&super::logical_id::topology(name));
                    out.push('}');
                }
            }
        }
        Self::Sub(out)
    }
}

/// A tree of the source as it stands.
impl From<&Node> for Expr {
    fn from(node: &Node) -> Self {
        match &node.value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => match number.value.as_i64() {
                Some(value) => Self::Int(value),
                None => Self::Float(number.value.as_f64().unwrap_or_default()),
            },
            Value::String(text) => text.into(),
            Value::List(list) => Self::List(list.iter().map(Into::into).collect()),
            Value::Map(map) => {
                Self::Object(map.iter().map(|entry| (entry.key.clone(), Self::from(&entry.value))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_with_symbols_becomes_a_substitution() {
        let mut text = Text::from("arn:${x}:");
        text.push_symbol(Symbol::Region);
        assert_eq!(Expr::from(&text), Expr::Sub("arn:${!x}:${AWS::Region}".into()));
        assert_eq!(Expr::from(&Text::from("${x}")), Expr::String("${x}".into()));
        assert_eq!(Expr::from(&Text::from(Symbol::Account)), Expr::Ref("AWS::AccountId".into()));
    }

    #[test]
    fn references_are_found_everywhere() {
        let expr: Expr = object! {
            "A": Expr::Sub("x${B.Arn}y${!C}${AWS::Region}".into()),
            "D": vec![Expr::reference("E"), Expr::Join(",", vec![Expr::arn("F")])],
        }
        .into();
        let mut found = Vec::new();
        expr.references(&mut |id, attribute| found.push((id.to_owned(), attribute.map(str::to_owned))));
        let arn = Some("Arn".to_owned());
        assert_eq!(
            found,
            [("B".to_owned(), arn.clone()), ("AWS::Region".into(), None), ("E".into(), None), ("F".into(), arn)]
        );
    }
}
