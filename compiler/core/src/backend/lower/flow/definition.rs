//! The definition of a state machine as it stands in the template: an object that people and linters can read, with
//! `${NAME}` where only the deployment knows the value, and `DefinitionSubstitutions` that say what each stands for.

use crate::backend::expr::{Expr, Object};
use crate::backend::json;
use crate::backend::logical_id;
use crate::backend::lower::Lowering;
use crate::source::{Node, Piece, Symbol, Text, Value};
use std::collections::BTreeMap;

/// A definition and what its substitutions stand for.
pub(super) struct Definition {
    /// The property it is written to.
    pub property: &'static str,
    /// The definition.
    pub body: Expr,
    /// Values by the name within `${...}`.
    pub substitutions: BTreeMap<String, Expr>,
}

/// The definition of this tree.
pub(super) fn lower(cx: &Lowering<'_>, definition: &Node) -> Definition {
    let mut writer = Writer { cx, substitutions: BTreeMap::new() };
    let body = writer.value(definition, "");
    let substitutions = writer.substitutions;
    // CloudFormation refuses a null anywhere in a template ("'null' values are not allowed in templates"), and ASL has
    // places where null means something (`ResultPath: null`); such a definition is written as its JSON text.
    match holds_null(definition) {
        true => Definition { property: "DefinitionString", body: json::write(&body).trim_end().into(), substitutions },
        false => Definition { property: "Definition", body, substitutions },
    }
}

fn holds_null(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::List(list) => list.iter().any(holds_null),
        Value::Map(map) => map.iter().any(|entry| holds_null(&entry.value)),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

struct Writer<'w, 'a> {
    cx: &'w Lowering<'a>,
    substitutions: BTreeMap<String, Expr>,
}

impl Writer<'_, '_> {
    fn value(&mut self, node: &Node, key: &str) -> Expr {
        match &node.value {
            Value::Map(map) => {
                let entries: Vec<(String, Expr)> =
                    map.iter().map(|entry| (self.literal(&entry.key), self.value(&entry.value, &entry.key))).collect();
                entries.into_iter().collect::<Object>().into()
            }
            Value::List(list) => Expr::List(list.iter().map(|item| self.value(item, key)).collect()),
            Value::String(text) => self.text(text, key).into(),
            Value::Null | Value::Bool(_) | Value::Number(_) => node.into(),
        }
    }

    fn text(&mut self, text: &Text, key: &str) -> String {
        if let Some(literal) = text.as_literal() {
            return self.literal(literal);
        }
        let pieces = text.pieces();
        if let [Piece::Symbol(symbol)] = pieces.as_slice() {
            return self.symbol(symbol);
        }
        if let [Piece::Symbol(Symbol::FunctionArn(function)), Piece::Literal(qualifier)] = pieces.as_slice() {
            let name = format!("{}Arn{}", logical_id::function(function), logical_id::camel(qualifier));
            return self.substitute(name, text.into());
        }
        // A linter takes the resource of a task for a literal ARN or for one substitution, not for a mixture.
        if key == "Resource" {
            let literals = pieces.iter().filter_map(|piece| match piece {
                Piece::Literal(literal) => Some(*literal),
                Piece::Symbol(_) => None,
            });
            let name = logical_id::camel(&literals.collect::<Vec<_>>().join(" "));
            return self.substitute(name, text.into());
        }
        let piece = |piece: &Piece<'_>| match piece {
            Piece::Literal(literal) => self.literal(literal),
            Piece::Symbol(symbol) => self.symbol(symbol),
        };
        pieces.iter().map(piece).collect()
    }

    fn symbol(&mut self, symbol: &Symbol) -> String {
        let (name, value) = match symbol {
            Symbol::Account => ("AccountId".to_owned(), Expr::reference("AWS::AccountId")),
            Symbol::Region => ("Region".to_owned(), Expr::reference("AWS::Region")),
            Symbol::FunctionArn(name) => {
                (format!("{}Arn", logical_id::function(name)), self.cx.invocation_target(name))
            }
            Symbol::QueueUrl(name) => {
                (format!("{}Url", logical_id::queue(name)), Expr::reference(logical_id::queue(name)))
            }
            Symbol::FlowArn(name) => {
                (format!("{}Arn", logical_id::topology(name)), Expr::reference(logical_id::topology(name)))
            }
        };
        self.substitute(name, value)
    }

    /// `${NAME}`, for a name that stands for the value; a name that is taken by another value gets a number.
    fn substitute(&mut self, name: String, value: Expr) -> String {
        let mut unique = name.clone();
        let mut number = 1;
        while self.substitutions.get(&unique).is_some_and(|known| *known != value) {
            number += 1;
            unique = format!("{name}{number}");
        }
        let written = format!("${{{unique}}}");
        self.substitutions.insert(unique, value);
        written
    }

    /// Text as the author wrote it. `${` in it (JSONata groups by `$list${key: value}`) would be taken for a
    /// substitution, for which there is no escape, so its dollar is substituted by a dollar.
    fn literal(&mut self, text: &str) -> String {
        if !text.contains("${") {
            return text.to_owned();
        }
        let dollar = self.substitute("Dollar".to_owned(), "$".into());
        text.replace("${", &format!("{dollar}{{"))
    }
}
