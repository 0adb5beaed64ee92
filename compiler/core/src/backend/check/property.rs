//! Each property against what AWS's schema of its resource type says.

use super::attribute::{self, reads};
use super::facts::{Definition, Kind, Kinds, Scalar, Schema, TypeFacts};
use super::fault::Fault;
use super::index::{Index, Named, Referent, get, is_no_value};
use super::path::Path;
use crate::backend::expr::{Expr, Object};
use crate::diagnostic::codes::template as codes;
use crate::suggest;

/// Kinds that CloudFormation makes of the text an intrinsic function gives.
const FROM_TEXT: [Kind; 4] = [Kind::String, Kind::Integer, Kind::Number, Kind::Boolean];

/// Longest value that a message repeats, in characters.
const SHOWN: usize = 60;

/// Checks the properties of a resource of a known type.
pub fn check(named: Named<'_>, facts: &TypeFacts, index: &Index<'_>, faults: &mut Vec<Fault>) {
    let properties = &named.resource.properties;
    let mut checker = Checker { facts, index, faults };
    for name in &facts.read_only_properties {
        if properties.get(name).is_some() {
            let message = format!("`{name}` of {} is set by AWS alone", facts.type_name);
            checker.faults.push(Fault::new(&codes::UNKNOWN_PROPERTY, message));
        }
    }
    checker.map(&facts.schema, properties, Path::Root);
}

struct Checker<'a, 'b> {
    facts: &'a TypeFacts,
    index: &'a Index<'b>,
    faults: &'a mut Vec<Fault>,
}

impl Checker<'_, '_> {
    fn value(&mut self, schema: &Schema, value: &Expr, path: Path<'_>) {
        let schema = self.facts.resolve(schema);
        match value {
            Expr::Null => {
                self.kind(schema, &[Kind::Null], "null", path);
            }
            Expr::Bool(boolean) => {
                self.kind(schema, &[Kind::Boolean], "a boolean", path);
                self.allowed(schema, &Scalar::Boolean(*boolean), path);
            }
            Expr::Int(integer) => {
                if self.kind(schema, &[Kind::Integer, Kind::Number], "a number", path) {
                    self.number(schema, *integer as f64, path);
                }
            }
            Expr::Float(number) => {
                if self.kind(schema, &[Kind::Number], "a number", path) {
                    self.number(schema, *number, path);
                }
            }
            Expr::String(text) => {
                if self.kind(schema, &[Kind::String], "a text", path) {
                    self.text(schema, text, path);
                }
            }
            Expr::List(items) => {
                if self.kind(schema, &[Kind::Array], "a list", path) {
                    self.list(schema, items, path);
                }
            }
            Expr::Object(object) => {
                if self.kind(schema, &[Kind::Object], "a map", path) {
                    self.map(schema, object, path);
                }
            }
            Expr::Ref(_) | Expr::GetAtt(..) => self.reference(schema, value, path),
            Expr::Sub(text) => {
                if self.kind(schema, &FROM_TEXT, "a text", path) {
                    self.longest(schema, least_length(text), path);
                }
            }
            Expr::Join(..) => {
                self.kind(schema, &FROM_TEXT, "a text", path);
            }
            // What stands in the list that it selects from is not known.
            Expr::Select(..) => {}
            Expr::Split(..) | Expr::Zones => {
                self.kind(schema, &[Kind::Array], "a list", path);
            }
        }
        if !matches!(value, Expr::Object(_)) {
            self.choices(schema, path, |checker, choice| checker.value(choice, value, path));
        }
    }

    /// Reports a value whose kind the schema does not allow; whether it allows it.
    fn kind(&mut self, schema: &Schema, kinds: &[Kind], is: &str, path: Path<'_>) -> bool {
        let Kinds(allowed) = &schema.kinds;
        if allowed.is_empty() || kinds.iter().any(|kind| allowed.contains(kind)) {
            return true;
        }
        let message = match allowed.as_slice() {
            [one] => format!("`{path}` is {is}, {} is needed", kind_name(*one)),
            [one, other] => format!("`{path}` is {is}, {} or {} is needed", kind_name(*one), kind_name(*other)),
            _ => format!("`{path}` is {is}, which is not allowed"),
        };
        self.faults.push(Fault::new(&codes::PROPERTY_TYPE, message));
        false
    }

    fn allowed(&mut self, schema: &Schema, value: &Scalar, path: Path<'_>) {
        let listed = schema.allowed.is_empty() || schema.allowed.contains(value);
        if listed && schema.constant.as_ref().is_none_or(|constant| constant == value) {
            return;
        }
        let names: Vec<String> = schema.allowed.iter().chain(&schema.constant).map(show).collect();
        let given = show(value);
        let help = suggest::help(&given, "one of", names.iter().map(String::as_str));
        let message = format!("`{path}` is `{}`, which is not one of the values allowed", shorten(&given));
        self.faults.push(Fault::new(&codes::PROPERTY_VALUE, message).help(help));
    }

    fn number(&mut self, schema: &Schema, number: f64, path: Path<'_>) {
        self.allowed(schema, &Scalar::Number(number), path);
        if let Some(least) = schema.minimum.filter(|least| number < *least) {
            self.bound(path, &number, "least", &least);
        }
        if let Some(most) = schema.maximum.filter(|most| number > *most) {
            self.bound(path, &number, "most", &most);
        }
    }

    fn text(&mut self, schema: &Schema, text: &str, path: Path<'_>) {
        if !schema.allowed.is_empty() || schema.constant.is_some() {
            self.allowed(schema, &Scalar::Text(text.to_owned()), path);
        }
        if schema.min_length.is_some() || schema.max_length.is_some() {
            let length = text.chars().count();
            if let Some(least) = schema.min_length.filter(|least| (length as u64) < *least) {
                let message = format!("`{path}` has {length} characters, at least {least} are needed");
                self.faults.push(Fault::new(&codes::PROPERTY_VALUE, message));
            }
            self.longest(schema, length, path);
        }
        if let Some(pattern) = schema.pattern.as_ref().filter(|pattern| !pattern.matches(text)) {
            let message = format!("`{path}` is `{}`, which does not match `{}`", shorten(text), pattern.text);
            self.faults.push(Fault::new(&codes::PROPERTY_VALUE, message));
        }
    }

    fn longest(&mut self, schema: &Schema, length: usize, path: Path<'_>) {
        if let Some(most) = schema.max_length.filter(|most| (length as u64) > *most) {
            let message = format!("`{path}` has {length} characters, at most {most} are allowed");
            self.faults.push(Fault::new(&codes::PROPERTY_VALUE, message));
        }
    }

    fn bound(&mut self, path: Path<'_>, value: &dyn std::fmt::Display, which: &str, bound: &dyn std::fmt::Display) {
        let message = format!("`{path}` is {value}, at {which} {bound} is allowed");
        self.faults.push(Fault::new(&codes::PROPERTY_VALUE, message));
    }

    fn list(&mut self, schema: &Schema, items: &[Expr], path: Path<'_>) {
        // An item that `Fn::If` may leave out counts as there; one that is left out for certain does not.
        let count = items.iter().filter(|item| !is_no_value(item)).count() as u64;
        if let Some(least) = schema.min_items.filter(|least| count < *least) {
            let message = format!("`{path}` has {count} items, at least {least} are needed");
            self.faults.push(Fault::new(&codes::PROPERTY_VALUE, message));
        }
        if let Some(most) = schema.max_items.filter(|most| count > *most) {
            let message = format!("`{path}` has {count} items, at most {most} are allowed");
            self.faults.push(Fault::new(&codes::PROPERTY_VALUE, message));
        }
        if schema.unique_items {
            let repeated =
                items.iter().enumerate().find(|(at, item)| items.iter().take(*at).any(|other| other == *item));
            if let Some((at, _)) = repeated {
                let message = format!("`{}` repeats an item before it", Path::Item(&path, at));
                self.faults.push(Fault::new(&codes::PROPERTY_VALUE, message));
            }
        }
        if let Some(schema) = &schema.items {
            for (at, item) in items.iter().enumerate().filter(|(_, item)| !is_no_value(item)) {
                self.value(schema, item, Path::Item(&path, at));
            }
        }
    }

    fn map(&mut self, schema: &Schema, object: &Object, path: Path<'_>) {
        let has = |key: &String| get(object, key).is_some();
        if let Some(least) = schema.min_properties.filter(|least| (object.len() as u64) < *least) {
            let message = format!("`{path}` has {} keys, at least {least} are needed", object.len());
            self.faults.push(Fault::new(&codes::PROPERTY_VALUE, message));
        }
        for key in schema.required.iter().filter(|key| !has(key)) {
            let message = format!("`{}` is missing", Path::Key(&path, key));
            self.faults.push(Fault::new(&codes::MISSING_PROPERTY, message));
        }
        self.combinations(schema, &has, path);
        self.choices(schema, path, |checker, choice| checker.map(checker.facts.resolve(choice), object, path));
        for (key, value) in object.iter().filter(|(_, value)| !is_no_value(value)) {
            let path = Path::Key(&path, key);
            let mut known = false;
            if let Some(schema) = schema.properties.get(key.as_ref()).and_then(Definition::schema) {
                known = true;
                self.value(schema, value, path);
            }
            for (_, schema) in schema.pattern_properties.0.iter().filter(|(pattern, _)| pattern.matches(key)) {
                known = true;
                self.value(schema, value, path);
            }
            if !known && schema.additional_properties == Some(false) {
                self.unknown(schema, key, path);
            }
        }
    }

    /// Which keys must, or must not, stand together.
    fn combinations(&mut self, schema: &Schema, has: &dyn Fn(&String) -> bool, path: Path<'_>) {
        let place = |path: Path<'_>| if matches!(path, Path::Root) { String::new() } else { format!("`{path}`: ") };
        let mut fault = |message: String| {
            self.faults.push(Fault::new(&codes::PROPERTY_COMBINATION, format!("{}{message}", place(path))));
        };
        if !schema.required_xor.is_empty() {
            let count = schema.required_xor.iter().filter(|key| has(key)).count();
            if count != 1 {
                fault(format!("exactly one of {} is needed, there are {count}", quoted(&schema.required_xor)));
            }
        }
        if !schema.required_or.is_empty() && !schema.required_or.iter().any(has) {
            fault(format!("one of {} is needed", quoted(&schema.required_or)));
        }
        for (key, needed) in schema.dependent_required.iter().filter(|(key, _)| has(key)) {
            for needed in needed.iter().filter(|needed| !has(needed)) {
                fault(format!("`{key}` needs `{needed}`"));
            }
        }
        for (key, excluded) in schema.dependent_excluded.iter().filter(|(key, _)| has(key)) {
            for excluded in excluded.iter().filter(|excluded| has(excluded)) {
                fault(format!("`{key}` and `{excluded}` exclude each other"));
            }
        }
    }

    fn unknown(&mut self, schema: &Schema, key: &str, path: Path<'_>) {
        let message = format!("`{path}` is not a property of {}", self.facts.type_name);
        let help = if schema.properties.is_empty() {
            let patterns: Vec<_> =
                schema.pattern_properties.0.iter().map(|(pattern, _)| pattern.text.clone()).collect();
            (!patterns.is_empty()).then(|| format!("its keys match {}", quoted(&patterns)))
        } else {
            suggest::help(key, "known here", schema.properties.keys().copied())
        };
        self.faults.push(Fault::new(&codes::UNKNOWN_PROPERTY, message).help(help));
    }

    /// `anyOf` and `oneOf`: the choices are tried in turn.
    fn choices(&mut self, schema: &Schema, path: Path<'_>, mut attempt: impl FnMut(&mut Self, &Schema)) {
        for (choices, exactly_one) in [(&schema.any_of, false), (&schema.one_of, true)] {
            if choices.is_empty() {
                continue;
            }
            let before = self.faults.len();
            let mut fitting = 0;
            for choice in choices {
                let start = self.faults.len();
                attempt(self, choice);
                if self.faults.len() == start {
                    fitting += 1;
                }
            }
            self.faults.truncate(before);
            if fitting == 0 || (exactly_one && fitting > 1) {
                let required: Vec<_> = choices.iter().flat_map(|choice| choice.required.iter().cloned()).collect();
                let message = match (required.is_empty(), path) {
                    (true, _) => format!("`{path}` fits none of the forms allowed"),
                    (false, Path::Root) => format!("one of {} is needed", quoted(&required)),
                    (false, _) => format!("`{path}` needs one of {}", quoted(&required)),
                };
                self.faults.push(Fault::new(&codes::PROPERTY_COMBINATION, message));
            }
        }
    }

    /// A `Ref` or `Fn::GetAtt`: what it gives must be what belongs here.
    fn reference(&mut self, schema: &Schema, value: &Expr, path: Path<'_>) {
        let referent = match value {
            Expr::Ref(name) => self.index.referent(name),
            Expr::GetAtt(resource, _) => self.index.referent(resource),
            _ => return,
        };
        let fits = match referent {
            // Reported where references are checked.
            Referent::Nothing | Referent::NoValue => return,
            Referent::Text => self.kind(schema, &FROM_TEXT, "a text", path),
            Referent::Number => self.kind(schema, &[Kind::Number, Kind::Integer, Kind::String], "a number", path),
            Referent::List => self.kind(schema, &[Kind::Array], "a list", path),
            Referent::Resource => {
                match reads(self.index, value).and_then(|(_, schema)| schema).map(|schema| &schema.kinds.0) {
                    Some(kinds) if kinds.contains(&Kind::Array) => self.kind(schema, &[Kind::Array], "a list", path),
                    _ => self.kind(schema, &FROM_TEXT, "a text", path),
                }
            }
        };
        if !fits {
            return;
        }
        match attribute::misread(self.index, schema, value, path) {
            Some(fault) => self.faults.push(fault),
            None => self.index.known_text(value).into_iter().for_each(|text| self.text(schema, text, path)),
        }
    }
}

/// The characters a `Fn::Sub` has at least: those outside of its references.
fn least_length(text: &str) -> usize {
    let mut pieces = text.split("${");
    let first = pieces.next().unwrap_or_default().chars().count();
    let after = pieces.map(|piece| match piece.strip_prefix('!') {
        Some(literal) => literal.chars().count() + "${".len(),
        None => piece.split_once('}').map_or(0, |(_, rest)| rest.chars().count()),
    });
    first + after.sum::<usize>()
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "a boolean",
        Kind::Integer => "a whole number",
        Kind::Number => "a number",
        Kind::String => "a text",
        Kind::Array => "a list",
        Kind::Object => "a map",
        Kind::Null => "null",
    }
}

fn show(value: &Scalar) -> String {
    match value {
        Scalar::Boolean(boolean) => boolean.to_string(),
        Scalar::Number(number) => number.to_string(),
        Scalar::Text(text) => text.clone(),
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
