//! A resource as a rule looks at it.

use crate::backend::check::fault::Fault;
use crate::backend::check::index::{self, Index, Named};
use crate::backend::expr::Expr;
use crate::backend::template::Resource;
use crate::diagnostic::codes::template as codes;

/// A resource and what is around it. Paths of properties are dotted and lead through maps alone.
pub struct Subject<'a> {
    /// The logical id.
    pub id: &'a str,
    /// The resource.
    pub resource: &'a Resource,
    /// The template's names.
    pub index: &'a Index<'a>,
}

impl<'a> Subject<'a> {
    /// A resource of the indexed template.
    pub fn new(Named { id, resource }: Named<'a>, index: &'a Index<'a>) -> Self {
        Self { id, resource, index }
    }

    /// Another resource of the same template.
    pub fn other(&self, named: Named<'a>) -> Self {
        Self::new(named, self.index)
    }

    /// The value at a path; `None` where there is none, or `AWS::NoValue`.
    pub fn get(&self, path: &str) -> Option<&'a Expr> {
        let mut names = path.split('.');
        let value = index::get(&self.resource.properties, names.next()?)?;
        names.try_fold(value, |value, name| within(value, name))
    }

    /// Whether there is a value at a path.
    pub fn has(&self, path: &str) -> bool {
        self.get(path).is_some()
    }

    /// The text at a path, if it is known.
    pub fn text(&self, path: &str) -> Option<&'a str> {
        self.index.known_text(self.get(path)?)
    }

    /// The whole number at a path, if it is known.
    pub fn integer(&self, path: &str) -> Option<i64> {
        integer(self.get(path)?)
    }

    /// Whether `true` stands at a path.
    pub fn is_true(&self, path: &str) -> bool {
        self.get(path) == Some(&Expr::Bool(true))
    }

    /// The items at a path; none where there is no list.
    pub fn items(&self, path: &str) -> &'a [Expr] {
        match self.get(path) {
            Some(Expr::List(items)) => items,
            _ => &[],
        }
    }

    /// The resource of this template that the value at a path refers to.
    pub fn target(&self, path: &str) -> Option<Self> {
        self.get(path).and_then(|value| self.index.target(value)).map(|target| self.other(target))
    }

    /// Whether it is of a type.
    pub fn is(&self, kind: &str) -> bool {
        self.resource.resource_type == kind
    }

    /// The resources of a type that belong to this one; see [`Index::members`].
    pub fn members(&self, kind: &'static str) -> &'a [Named<'a>] {
        self.index.members(kind, self.id)
    }
}

/// The value of `name` in a map.
pub fn within<'a>(value: &'a Expr, name: &str) -> Option<&'a Expr> {
    match value {
        Expr::Object(map) => index::get(map, name),
        _ => None,
    }
}

/// A whole number.
pub fn integer(value: &Expr) -> Option<i64> {
    match value {
        Expr::Int(integer) => Some(*integer),
        _ => None,
    }
}

/// A finding that properties do not go together.
pub fn combination(message: impl Into<String>) -> Fault {
    Fault::new(&codes::PROPERTY_COMBINATION, message)
}
