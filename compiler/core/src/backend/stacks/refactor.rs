//! The templates by which what is deployed goes from stack to stack: CloudFormation's stack refactoring.
//!
//! It takes two to five stacks with their new templates. Nothing may be new, go or change in them but where resources are,
//! no parameter may be new, and no stack may be empty ("AWS CloudFormation User Guide, Stack refactoring"). So it comes
//! between two ordinary updates:
//!
//! ```text
//! prepared    stacks that are new or would be empty get a placeholder, and what is not known yet an output
//! refactored  the resources go; a reference that crosses now is text with its value beside it
//! split       placeholders, outputs and values go, parameters and outputs of the new places come
//! ```
//!
//! The text with a value still says what it refers to, and is read as that: what is deployed can be joined at any moment
//! between, and what was interrupted goes on from what is deployed alone.

use super::lock::named;
use super::sections::{Sections, depends_on, type_of};
use super::split::{AFTER, Assembly, Circle, logical_id, split};
use super::unit::units;
use crate::backend::expr::{Expr, Object};
use crate::backend::json;
use crate::backend::logical_id::camel;
use crate::backend::template::Section;
use crate::object;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The most stacks that are refactored at once ("AWS CloudFormation User Guide, Stack refactoring").
pub const STACKS: usize = 5;

/// Resources that a stack has at most while others come and go; the rest is for placeholders and nested stacks.
const RESOURCES: usize = 480;

/// Outputs that a stack may have.
const OUTPUTS: usize = 200;

/// How logical ids of placeholders begin. tc's other ones begin with a kind of entity.
const PLACEHOLDER: &str = "Placeholder";

/// How outputs begin that are there to learn a value.
const OUTPUT: &str = "Moving";

/// By logical id, the path of the stack that a resource goes to or is in; empty for the root.
pub type Places = BTreeMap<String, String>;

/// The path of a nested stack by the logical ids along the way to it: `StackFunctionsGroup1/StackFunctions9`.
pub fn way(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.map(logical_id).collect::<Vec<_>>().join("/")
}

/// What is left of an unfinished move in a template: placeholders, outputs and values.
pub fn is_unfinished(template: &Value) -> bool {
    let begins = |section: &str, with: &str| {
        let entries = template.get(section).and_then(Value::as_object);
        entries.is_some_and(|entries| entries.keys().any(|id| id.starts_with(with)))
    };
    begins("Resources", PLACEHOLDER) || begins("Outputs", OUTPUT) || has_values(template)
}

fn has_values(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_values),
        Value::Object(map) => {
            map.iter().any(|(name, argument)| restored(name, argument).is_some() || has_values(argument))
        }
        _ => false,
    }
}

/// What is deployed without what is left of an unfinished move.
pub fn clean(template: &Value) -> Sections {
    let mut sections = Sections::read(template);
    sections.resources.retain(|id, _| !id.starts_with(PLACEHOLDER));
    sections.outputs.retain(|id, _| !id.starts_with(OUTPUT));
    sections
}

/// The entries of a template in the order of another, so that it is written as that is; what that has not comes last.
pub fn in_order_of(flat: &mut Sections, other: &Sections) {
    let place = |section: &Section<Object>, id: &str| section.get_index_of(id).unwrap_or(usize::MAX);
    flat.resources.sort_by_cached_key(|id, _| place(&other.resources, id));
    flat.parameters.sort_by_cached_key(|id, _| place(&other.parameters, id));
    flat.outputs.sort_by_cached_key(|id, _| place(&other.outputs, id));
}

/// What of the moves can be done at once: in so many stacks as CloudFormation takes, none of which gets too full. `places`
/// are those of now. What is to be together goes together, so that stacks do not need each other in a circle in between.
/// Empty where nothing can be moved.
pub fn batch(flat: &Sections, places: &Places, target: &Places) -> Places {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for id in flat.resources.keys() {
        *counts.entry(of(places, id)).or_default() += 1;
    }
    let mut stacks: BTreeSet<&str> = BTreeSet::new();
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for ((_, from, to), ids) in groups_of(flat, places, target) {
        let more = [from, to].into_iter().filter(|path| !stacks.contains(path)).count();
        let count = counts.get(to).copied().unwrap_or_default() + ids.len();
        if stacks.len() + more > STACKS || count > RESOURCES {
            continue;
        }
        stacks.extend([from, to]);
        counts.insert(to, count);
        counts.entry(from).and_modify(|count| *count = count.saturating_sub(ids.len()));
        groups.push(ids);
    }
    loop {
        let ids = groups.iter().flatten();
        let moves: Places = ids.map(|id| ((*id).to_owned(), of(target, id).to_owned())).collect();
        if groups.len() <= 1 || fits(flat, places, &moves) {
            return moves;
        }
        groups.truncate(groups.len() / 2);
    }
}

/// What goes from one stack to another, by the name of the unit that it is or follows, and by the way.
fn groups_of<'f>(
    flat: &'f Sections,
    places: &'f Places,
    target: &'f Places,
) -> BTreeMap<(String, &'f str, &'f str), Vec<&'f str>> {
    let mut groups: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for unit in units(flat) {
        for (id, _) in unit.resources.iter().filter_map(|at| flat.resources.get_index(*at)) {
            let (from, to) = (of(places, id), of(target, id));
            if from != to {
                let name = unit.follows.as_ref().unwrap_or(&unit.name).clone();
                groups.entry((name, from, to)).or_default().push(id);
            }
        }
    }
    groups
}

/// Whether the outputs that are needed to learn values have room beside those that are there.
fn fits(flat: &Sections, places: &Places, moves: &Places) -> bool {
    let Ok(assembly) = prepared(flat, places, moves) else { return true };
    let nested = assembly.nested.iter().map(|nested| &nested.sections);
    std::iter::once(&assembly.root).chain(nested).all(|sections| sections.outputs.len() <= OUTPUTS)
}

fn of<'p>(places: &'p Places, id: &str) -> &'p str {
    places.get(id).map_or("", String::as_str)
}

/// The templates before resources move: as what is deployed is split now, with what the move needs.
///
/// # Errors
/// When stacks would need each other in a circle.
pub fn prepared(flat: &Sections, places: &Places, moves: &Places) -> Result<Assembly, Circle> {
    let home = |id: &str| moves.get(id).map_or_else(|| of(places, id), String::as_str);
    let occupied: BTreeSet<&str> = flat.resources.keys().map(|id| of(places, id)).collect();
    let later: BTreeSet<&str> = flat.resources.keys().map(|id| home(id)).collect();
    let mut whole = flat.clone();
    let mut all = places.clone();
    for path in occupied.symmetric_difference(&later).filter(|path| !path.is_empty()) {
        let id = format!("{PLACEHOLDER}{}", camel(&path.replace('/', "-")));
        let metadata = object! { "Entity": format!("stacks/{}", path.rsplit('/').next().unwrap_or_default()) };
        let resource = object! { "Type": "AWS::CloudFormation::WaitConditionHandle", "Metadata": metadata };
        whole.resources.insert(id.clone(), resource);
        all.insert(id, (*path).to_owned());
    }
    let mut assembly = split(&whole, &all)?;
    let mut wanted: BTreeSet<(String, String)> = BTreeSet::new();
    let mut needed = |from: &str, to: &str, id: &str, attribute: Option<&str>| {
        let Some(attribute) = attribute.filter(|_| flat.resources.contains_key(id)) else { return };
        // What crossed before is handed on by its stack, which stays where it is.
        if (from != to || moves.contains_key(id)) && (to != home(id) || from != of(places, id)) {
            wanted.insert((id.to_owned(), attribute.to_owned()));
        }
    };
    for (of_resource, resource) in &flat.resources {
        let (from, to) = (of(places, of_resource), home(of_resource));
        resource.iter().for_each(|(_, value)| value.references(&mut |id, name| needed(from, to, id, name)));
    }
    for (_, value) in flat.outputs.values().flat_map(Object::iter) {
        value.references(&mut |id, name| needed("", "", id, name));
    }
    for (id, attribute) in wanted {
        let path = of(places, &id);
        let nested = assembly.nested.iter_mut().find(|nested| nested.path == path).map(|nested| &mut nested.sections);
        let sections = if path.is_empty() { Some(&mut assembly.root) } else { nested };
        let Some(sections) = sections else { continue };
        let value = Expr::GetAtt(id.clone(), attribute.clone().into());
        if sections.outputs.values().all(|output| output.get("Value") != Some(&value)) {
            let name: String = attribute.split('.').collect();
            sections.outputs.insert(format!("{OUTPUT}{id}{name}"), object! { "Value": value });
        }
    }
    Ok(assembly)
}

/// What is deployed now, beside the templates.
#[derive(Debug, Clone, Copy)]
pub struct Known<'k> {
    /// By logical id, what AWS calls a resource.
    pub physical_ids: &'k BTreeMap<String, String>,
    /// By the path of a stack, its outputs.
    pub outputs: &'k BTreeMap<String, BTreeMap<String, String>>,
    /// The values of the root's parameters.
    pub parameters: &'k BTreeMap<String, String>,
}

/// By the paths of the stacks that are concerned, their templates once resources have moved. `templates` are those that are
/// deployed, by path, `flat` and `places` what they come to.
///
/// # Errors
/// A reference whose value is not known: `FunctionEnhancer.Arn`.
pub fn refactored(
    templates: &BTreeMap<String, Value>,
    (flat, places): (&Sections, &Places),
    moves: &Places,
    known: &Known<'_>,
) -> Result<BTreeMap<String, Value>, String> {
    let moving = Moving { templates, flat, places, moves, known };
    let stacks: BTreeSet<&str> = moves.iter().flat_map(|(id, to)| [of(places, id), to.as_str()]).collect();
    stacks.into_iter().map(|path| Ok((path.to_owned(), moving.template(path)?))).collect()
}

struct Moving<'m> {
    templates: &'m BTreeMap<String, Value>,
    flat: &'m Sections,
    places: &'m Places,
    moves: &'m Places,
    known: &'m Known<'m>,
}

impl Moving<'_> {
    fn home(&self, id: &str) -> &str {
        self.moves.get(id).map_or_else(|| of(self.places, id), String::as_str)
    }

    fn template(&self, path: &str) -> Result<Value, String> {
        let mut template = self.templates.get(path).cloned().ok_or_else(|| named(path).to_owned())?;
        let goes = |id: &str| self.moves.get(id).is_some_and(|to| to != path) && of(self.places, id) == path;
        let mut stays = |id: &str, _: Option<&str>| !goes(id);
        for section in ["Resources", "Outputs"] {
            let Some(entries) = template.get_mut(section).and_then(Value::as_object_mut) else { continue };
            entries.retain(|id, _| section != "Resources" || !goes(id));
            for (_, entry) in entries.iter_mut() {
                *entry = self.valued(entry, &mut stays)?;
                wait(entry, &goes);
            }
        }
        let parameters: BTreeSet<String> = keys(template.get("Parameters"));
        let mut is_here = |id: &str, _: Option<&str>| match self.flat.resources.contains_key(id) {
            true => self.home(id) == path,
            false => !self.flat.parameters.contains_key(id) || parameters.contains(id),
        };
        for (id, _) in self.moves.iter().filter(|(id, to)| *to == path && of(self.places, id) != path) {
            let Some(resource) = self.flat.resources.get(id) else { continue };
            let resource = json::value(&resource.clone().into());
            let mut resource = self.valued(&resource, &mut is_here)?;
            wait(&mut resource, &|id| self.home(id) != path);
            if let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) {
                resources.insert(id.clone(), resource);
            }
        }
        Ok(template)
    }

    /// A value in which references that `keeps` denies have their values beside them.
    fn valued(&self, value: &Value, keeps: &mut dyn FnMut(&str, Option<&str>) -> bool) -> Result<Value, String> {
        let mut crossing = |expr: &Expr| -> Result<Option<Value>, String> {
            let mut values = Map::new();
            let mut unknown = None;
            expr.references(&mut |id, attribute| {
                if !keeps(id, attribute) {
                    match self.value(id, attribute) {
                        Some(value) => _ = values.insert(name(id, attribute), value.into()),
                        None => unknown = Some(shown(id, attribute)),
                    }
                }
            });
            match (unknown, expr) {
                (Some(unknown), _) => Err(unknown),
                _ if values.is_empty() => Ok(None),
                (_, Expr::Ref(id)) => {
                    let text = json!({"Fn::Sub": [format!("${{{id}}}"), values]});
                    let is_list =
                        self.flat.parameters.get(id).and_then(|one| one.get("Type")?.as_str().map(str::to_owned));
                    let is_list = is_list.is_some_and(|of_type| super::split::is_list(&of_type));
                    Ok(Some(if is_list { json!({"Fn::Split": [",", text]}) } else { text }))
                }
                (_, Expr::GetAtt(id, attribute)) => {
                    Ok(Some(json!({"Fn::Sub": [format!("${{{}}}", name(id, Some(attribute))), values]})))
                }
                (_, Expr::Sub(text)) => {
                    let mut text = text.clone();
                    for key in values.keys() {
                        if let Some((id, attribute)) = key.split_once('_') {
                            let dotted = format!("${{{id}.{}}}", attribute.replace('_', "."));
                            text = text.replace(&dotted, &format!("${{{key}}}"));
                        }
                    }
                    Ok(Some(json!({"Fn::Sub": [text, values]})))
                }
                _ => Ok(None),
            }
        };
        match value {
            Value::Array(items) => items.iter().map(|item| self.valued(item, keeps)).collect::<Result<_, _>>(),
            Value::Object(map) => {
                let expr = super::sections::expr(value);
                if matches!(expr, Expr::Ref(_) | Expr::GetAtt(..) | Expr::Sub(_)) {
                    // What has a value already keeps it.
                    let is_valued = map.iter().any(|(name, argument)| restored(name, argument).is_some());
                    return Ok(if is_valued { None } else { crossing(&expr)? }.unwrap_or_else(|| value.clone()));
                }
                let entries = map.iter().map(|(key, value)| Ok((key.clone(), self.valued(value, keeps)?)));
                Ok(Value::Object(entries.collect::<Result<_, String>>()?))
            }
            _ => Ok(value.clone()),
        }
    }

    /// The value that a reference of the one template has.
    fn value(&self, id: &str, attribute: Option<&str>) -> Option<String> {
        if !self.flat.resources.contains_key(id) {
            return self.known.parameters.get(id).cloned();
        }
        let Some(attribute) = attribute else { return self.known.physical_ids.get(id).cloned() };
        let path = of(self.places, id);
        let outputs = self.templates.get(path)?.get("Outputs")?.as_object()?;
        let wanted = json!({"Fn::GetAtt": [id, attribute]});
        let (name, _) = outputs.iter().find(|(_, output)| output.get("Value") == Some(&wanted))?;
        self.known.outputs.get(path)?.get(name).cloned()
    }
}

/// Lets a resource wait for what is in its stack, and keeps beside it what it waits for elsewhere.
fn wait(resource: &mut Value, is_elsewhere: &dyn Fn(&str) -> bool) {
    let sections = Sections::read(&json!({"Resources": {"One": resource.clone()}}));
    let Some(read) = sections.resources.get("One").filter(|read| !type_of(read).is_empty()) else { return };
    let (there, here): (Vec<&str>, Vec<&str>) = depends_on(read).into_iter().partition(|id| is_elsewhere(id));
    let Some(resource) = resource.as_object_mut().filter(|_| !there.is_empty()) else { return };
    match here.as_slice() {
        [] => _ = resource.remove("DependsOn"),
        [one] => _ = resource.insert("DependsOn".to_owned(), json!(one)),
        many => _ = resource.insert("DependsOn".to_owned(), json!(many)),
    }
    let metadata = resource.entry("Metadata").or_insert_with(|| json!({})).as_object_mut();
    if let Some(after) = metadata.map(|metadata| metadata.entry(AFTER).or_insert_with(|| json!([]))) {
        let mut all: BTreeSet<&str> = after.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        all.extend(there);
        *after = json!(all);
    }
}

fn keys(section: Option<&Value>) -> BTreeSet<String> {
    section.and_then(Value::as_object).into_iter().flat_map(|entries| entries.keys().cloned()).collect()
}

fn shown(id: &str, attribute: Option<&str>) -> String {
    attribute.map_or_else(|| id.to_owned(), |attribute| format!("{id}.{attribute}"))
}

/// A reference as a variable of `Fn::Sub`.
pub(super) fn name(id: &str, attribute: Option<&str>) -> String {
    shown(id, attribute).replace('.', "_")
}

/// The reference that has its value beside it, of a function of CloudFormation; `None` where it is something else.
pub(super) fn restored(function: &str, argument: &Value) -> Option<Expr> {
    let arguments = argument.as_array()?;
    let [first, second] = arguments.as_slice() else { return None };
    if function == "Fn::Split" {
        let inner = second.as_object().filter(|inner| inner.len() == 1)?.get("Fn::Sub")?;
        return restored("Fn::Sub", inner).filter(|expr| first == "," && matches!(expr, Expr::Ref(_)));
    }
    let (text, values) = (first.as_str().filter(|_| function == "Fn::Sub")?, second.as_object()?);
    if values.is_empty() || !values.values().all(Value::is_string) {
        return None;
    }
    let mut plain = text.to_owned();
    for key in values.keys() {
        let variable = format!("${{{key}}}");
        if !plain.contains(&variable) {
            return None;
        }
        let reference = key.split_once('_').map(|(id, attribute)| (id, attribute.replace('_', ".")));
        match (reference, plain == variable) {
            (None, true) => return Some(Expr::reference(key)),
            (Some((id, attribute)), true) => return Some(Expr::GetAtt(id.to_owned(), attribute.into())),
            (None, false) => {}
            (Some((id, attribute)), false) => plain = plain.replace(&variable, &format!("${{{id}.{attribute}}}")),
        }
    }
    Some(Expr::Sub(plain))
}
