//! A template by its sections, whether it was lowered or is deployed.

use crate::backend::expr::{Expr, Object, sub_references};
use crate::backend::template::{Section, Template};
use serde_json::{Map, Value};

/// A template in sections. Each entry of a section is as it is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sections {
    /// The keys before the sections, such as `Description`.
    pub head: Object,
    /// Parameters by name.
    pub parameters: Section<Object>,
    /// Resources by logical id, with `Type`, `DependsOn`, `Metadata` and `Properties`.
    pub resources: Section<Object>,
    /// Outputs by name.
    pub outputs: Section<Object>,
}

const PARAMETERS: &str = "Parameters";
const RESOURCES: &str = "Resources";
const OUTPUTS: &str = "Outputs";

impl Sections {
    /// A template that was lowered.
    pub fn of(template: &Template) -> Self {
        Self {
            head: template.head(),
            parameters: template.parameters.iter().map(|(id, import)| (id.clone(), import.to_object())).collect(),
            resources: template.resources.iter().map(|(id, resource)| (id.clone(), resource.to_object())).collect(),
            outputs: template.outputs.iter().map(|(id, output)| (id.clone(), output.to_object())).collect(),
        }
    }

    /// A template as JSON; what is no mapping where one belongs is left out.
    pub fn read(template: &Value) -> Self {
        let mut document = Self::default();
        for (key, value) in expr(template).as_object().into_iter().flat_map(Object::iter) {
            let section = match key.as_ref() {
                PARAMETERS => &mut document.parameters,
                RESOURCES => &mut document.resources,
                OUTPUTS => &mut document.outputs,
                _ => {
                    document.head.put(key.clone(), value.clone());
                    continue;
                }
            };
            let entries = value.as_object().into_iter().flat_map(Object::iter);
            section.extend(entries.filter_map(|(id, entry)| Some((id.to_string(), entry.as_object()?.clone()))));
        }
        document
    }

    /// The entity of a resource: `functions/enhancer`; empty where it has none.
    pub fn entity(&self, logical_id: &str) -> &str {
        self.resources.get(logical_id).map_or("", entity)
    }

    /// The template as one value.
    pub fn to_expr(&self) -> Expr {
        let mut root = self.head.clone();
        let sections = [(PARAMETERS, &self.parameters), (RESOURCES, &self.resources), (OUTPUTS, &self.outputs)];
        for (name, section) in sections {
            if !section.is_empty() || name == RESOURCES {
                root.put(name, section.iter().map(|(id, entry)| (id.clone(), entry.clone())).collect::<Object>());
            }
        }
        root.into()
    }
}

/// The type of a resource; empty where it has none.
pub(super) fn type_of(resource: &Object) -> &str {
    resource.get("Type").and_then(Expr::as_str).unwrap_or_default()
}

/// The entity of a resource: `functions/enhancer`; empty where it has none.
pub(super) fn entity(resource: &Object) -> &str {
    let metadata = resource.get("Metadata").and_then(Expr::as_object);
    metadata.and_then(|metadata| metadata.get("Entity")).and_then(Expr::as_str).unwrap_or_default()
}

/// The logical ids that a resource waits for beside those it refers to.
pub(super) fn depends_on(resource: &Object) -> Vec<&str> {
    match resource.get("DependsOn") {
        Some(Expr::String(one)) => vec![one],
        Some(Expr::List(list)) => list.iter().filter_map(Expr::as_str).collect(),
        _ => Vec::new(),
    }
}

/// What becomes of a reference, by its name and, for an attribute, the attribute; `None` where it stays as it is. What becomes
/// of one within text must be a reference itself.
pub(super) type Rewriting<'r> = dyn FnMut(&str, Option<&str>) -> Option<Expr> + 'r;

/// A value whose references are what `to` makes of them; `None` where all stay as they are.
pub(super) fn rewritten(value: &Expr, to: &mut Rewriting<'_>) -> Option<Expr> {
    match value {
        Expr::Ref(id) => to(id, None),
        Expr::GetAtt(id, attribute) => to(id, Some(attribute)),
        Expr::Sub(text) => rewritten_text(text, to).map(Expr::Sub),
        Expr::List(list) => changed(list.iter(), to).map(Expr::List),
        Expr::Join(delimiter, list) => changed(list.iter(), to).map(|list| Expr::Join(delimiter, list)),
        Expr::Select(index, inner) => rewritten(inner, to).map(|inner| Expr::Select(*index, Box::new(inner))),
        Expr::Split(delimiter, inner) => rewritten(inner, to).map(|inner| Expr::Split(delimiter, Box::new(inner))),
        Expr::Object(object) => changed_object(object, to).map(Expr::Object),
        Expr::Null | Expr::Bool(_) | Expr::Int(_) | Expr::Float(_) | Expr::String(_) | Expr::Zones => None,
    }
}

/// The same of a mapping. One in which no reference changes is shared, not copied.
pub(super) fn rewritten_object(object: &Object, to: &mut Rewriting<'_>) -> Object {
    changed_object(object, to).unwrap_or_else(|| object.clone())
}

fn changed_object(object: &Object, to: &mut Rewriting<'_>) -> Option<Object> {
    let values = changed(object.iter().map(|(_, value)| value), to)?;
    Some(object.iter().map(|(key, _)| key.clone()).zip(values).collect())
}

/// All of the values, where one of them changes.
fn changed<'v>(values: impl Iterator<Item = &'v Expr> + Clone, to: &mut Rewriting<'_>) -> Option<Vec<Expr>> {
    let mut changes = Vec::new();
    for (at, value) in values.clone().enumerate() {
        changes.extend(rewritten(value, to).map(|value| (at, value)));
    }
    if changes.is_empty() {
        return None;
    }
    let mut changes = changes.into_iter().peekable();
    let value = |(at, value): (usize, &Expr)| match changes.next_if(|(place, _)| *place == at) {
        Some((_, changed)) => changed,
        None => value.clone(),
    };
    Some(values.enumerate().map(value).collect())
}

fn rewritten_text(text: &str, to: &mut Rewriting<'_>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut is_changed = false;
    while let Some(start) = rest.find("${") {
        let (before, after) = rest.split_at(start);
        out.push_str(before);
        let Some(end) = after.find('}') else {
            rest = after;
            break;
        };
        let (reference, next) = after.split_at(end + 1);
        let changed = sub_references(reference).next().and_then(|(id, attribute)| to(id, attribute));
        is_changed |= changed.is_some();
        match changed {
            Some(Expr::Ref(id)) => out.extend(["${", &id, "}"]),
            Some(Expr::GetAtt(id, attribute)) => out.extend(["${", &id, ".", &attribute, "}"]),
            _ => out.push_str(reference),
        }
        rest = next;
    }
    out.push_str(rest);
    is_changed.then_some(out)
}

/// A template's value from JSON. Of CloudFormation's functions those that refer to something are told apart; every other
/// one stays the mapping that it is written as.
pub(super) fn expr(value: &Value) -> Expr {
    match value {
        Value::Null => Expr::Null,
        Value::Bool(value) => Expr::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(value) => Expr::Int(value),
            None => Expr::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Expr::String(text.clone()),
        Value::Array(items) => Expr::List(items.iter().map(expr).collect()),
        Value::Object(map) => {
            let whole = || Expr::Object(map.iter().map(|(key, value)| (key.clone(), expr(value))).collect());
            reference(map).unwrap_or_else(whole)
        }
    }
}

fn reference(map: &Map<String, Value>) -> Option<Expr> {
    let mut entries = map.iter();
    let (name, argument) = entries.next().filter(|_| map.len() == 1)?;
    match (name.as_str(), argument) {
        ("Ref", Value::String(id)) => Some(Expr::reference(id)),
        ("Fn::Sub", Value::String(text)) => Some(Expr::Sub(text.clone())),
        ("Fn::Sub" | "Fn::Split", Value::Array(_)) => super::refactor::restored(name, argument),
        ("Fn::GetAtt", Value::Array(path)) => {
            let mut path = path.iter().map(Value::as_str);
            let (id, attribute) = (path.next()??, path.next()??);
            Some(Expr::GetAtt(id.to_owned(), attribute.to_owned().into()))
        }
        ("Fn::GetAtt", Value::String(path)) => {
            let (id, attribute) = path.split_once('.')?;
            Some(Expr::GetAtt(id.to_owned(), attribute.to_owned().into()))
        }
        _ => None,
    }
}
