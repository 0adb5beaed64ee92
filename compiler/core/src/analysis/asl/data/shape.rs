//! What is known of a piece of data.

use super::super::jsonpath::{Path, Root, Step};
use crate::source::{Node, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Fields of an object that are followed; one with more counts as unknown, so that a long flow takes no long time.
const MOST_FIELDS: usize = 64;
/// How deep data is followed.
const MAX_DEPTH: usize = 6;

/// What a piece of data can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape<'a> {
    /// Anything.
    Any,
    /// Text, a number, a boolean or null.
    Scalar,
    List,
    /// An object that has none but these fields, and maybe not all of them.
    Object(Rc<Object<'a>>),
}

/// The fields that an object can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object<'a> {
    pub(super) fields: BTreeMap<&'a str, Shape<'a>>,
    /// The state that made it, where it was one.
    pub(super) origin: Option<usize>,
    /// Whether it is the answer of `lambda:invoke`.
    pub(super) invocation: bool,
}

/// A step of a path that leads to nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing<'a> {
    pub(super) field: String,
    /// What the step was taken from: an object without the field, or no object at all.
    pub(super) from: Shape<'a>,
    /// Whether it is the first step of the path.
    pub(super) first: bool,
}

impl<'a> Shape<'a> {
    pub(super) fn object(fields: BTreeMap<&'a str, Shape<'a>>, origin: Option<usize>) -> Self {
        Self::limited(Object { fields, origin, invocation: false })
    }

    pub(super) fn limited(object: Object<'a>) -> Self {
        if object.fields.len() > MOST_FIELDS {
            return Self::Any;
        }
        Self::Object(Rc::new(object))
    }

    /// A value that stands in the flow as it is.
    pub(super) fn of(node: &'a Node, origin: usize) -> Self {
        Self::at_depth(node, origin, 0)
    }

    fn at_depth(node: &'a Node, origin: usize, depth: usize) -> Self {
        match &node.value {
            Value::List(_) => Self::List,
            Value::Map(_) if depth >= MAX_DEPTH => Self::Any,
            Value::Map(map) => {
                let fields = map.iter().take(MOST_FIELDS + 1);
                let fields = fields.map(|entry| (entry.key.as_str(), Self::at_depth(&entry.value, origin, depth + 1)));
                Self::object(fields.collect(), Some(origin))
            }
            _ => Self::Scalar,
        }
    }

    /// What it can be when it is either of two.
    pub(super) fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Scalar, Self::Scalar) => Self::Scalar,
            (Self::List, Self::List) => Self::List,
            (Self::Object(one), Self::Object(two)) if one == two => self.clone(),
            (Self::Object(one), Self::Object(two)) => {
                let mut fields = one.fields.clone();
                for (name, shape) in &two.fields {
                    let joined = fields.get(name).map_or_else(|| shape.clone(), |mine| mine.join(shape));
                    fields.insert(name, joined);
                }
                let origin = one.origin.filter(|origin| two.origin == Some(*origin));
                Self::limited(Object { fields, origin, invocation: one.invocation && two.invocation })
            }
            _ => Self::Any,
        }
    }

    /// What a path selects from it. What a path from elsewhere selects is not known.
    pub(super) fn select(&self, path: &Path) -> Result<Self, Missing<'a>> {
        let mut shape = match path.root {
            Root::Input => self.clone(),
            Root::Context | Root::Variable(_) => return Ok(Self::Any),
        };
        for (position, step) in path.steps.iter().enumerate() {
            let Step::Field(name) = step else { return Ok(Self::Any) };
            let next = match &shape {
                Self::Any => return Ok(Self::Any),
                Self::Object(object) => object.fields.get(name.as_str()).cloned(),
                Self::Scalar | Self::List => None,
            };
            match next {
                Some(next) => shape = next,
                None => return Err(Missing { field: name.clone(), from: shape, first: position == 0 }),
            }
        }
        Ok(shape)
    }

    /// It with a result put at a path of fields, as `ResultPath` says.
    pub(super) fn with(&self, names: &[&'a str], result: Self) -> Self {
        let Some((name, rest)) = names.split_first() else { return result };
        let Self::Object(object) = self else { return Self::Any };
        if names.len() > MAX_DEPTH {
            return Self::Any;
        }
        let empty = || Self::object(BTreeMap::new(), None);
        let inner = object.fields.get(name).cloned().unwrap_or_else(empty).with(rest, result);
        let mut fields = object.fields.clone();
        fields.insert(name, inner);
        Self::limited(Object { fields, origin: None, invocation: false })
    }

    /// It, with anything in place of what is deeper than is followed.
    pub(super) fn pruned(self) -> Self {
        if self.depth() > MAX_DEPTH { self.to_depth(MAX_DEPTH) } else { self }
    }

    fn depth(&self) -> usize {
        match self {
            Self::Object(object) => 1 + object.fields.values().map(Self::depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    fn to_depth(&self, depth: usize) -> Self {
        match self {
            Self::Object(_) if depth == 0 => Self::Any,
            Self::Object(object) => {
                let fields = object.fields.iter().map(|(name, shape)| (*name, shape.to_depth(depth - 1)));
                Self::limited(Object { fields: fields.collect(), ..**object })
            }
            other => other.clone(),
        }
    }
}
