//! Several templates to the one that they were split from.

use super::sections::{Sections, rewritten, rewritten_object};
use super::split::{AFTER, ENTITY, is_list, is_stack};
use crate::backend::expr::{Expr, Object};
use crate::backend::json;
use serde_json::Value;
use std::collections::BTreeMap;

/// How many stacks a reference is followed through. What tc makes is three deep; what comes from elsewhere could go in a
/// circle.
const DEPTH: usize = 32;

/// The one template, and where everything in it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Joined {
    /// The template.
    pub template: Value,
    /// By logical id, the path of the nested stack that it is in: `functions-1`; what is absent is in the root.
    pub stacks: BTreeMap<String, String>,
}

/// Joins a root's template and those of its nested stacks. These are named by the logical id of their resource in the root,
/// or by those along the way: `StackFunctions1`, `StackFunctionsGroup1/StackFunctions9`. A nested stack without a template leaves
/// out what is in it.
pub fn join(root: &Value, nested: &BTreeMap<String, Value>) -> Joined {
    let mut joining = Joining::default();
    joining.read("", root, nested);
    let mut flat = Sections::default();
    let mut stacks = BTreeMap::new();
    for at in 0..joining.stacks.len() {
        let Some(stack) = joining.stacks.get(at) else { continue };
        for (id, resource) in stack.sections.resources.iter().filter(|(_, resource)| !is_stack(resource)) {
            let resource = joining.flat_object(at, &restored(resource, &stack.sections));
            flat.resources.insert(id.clone(), resource);
            if !stack.path.is_empty() {
                stacks.insert(id.clone(), stack.path.clone());
            }
        }
    }
    if let Some(root) = joining.stacks.first() {
        flat.head = root.sections.head.clone();
        flat.parameters.clone_from(&root.sections.parameters);
        let outputs = root.sections.outputs.iter().map(|(id, output)| (id.clone(), joining.flat_object(0, output)));
        flat.outputs = outputs.collect();
    }
    let template = json::value(&flat.to_expr());
    Joined { template, stacks }
}

struct Stack {
    /// `functions-group-1/functions-9`.
    path: String,
    /// The number of the stack that it is in, and its logical id there.
    parent: (usize, String),
    /// By the logical ids of those directly in it, their numbers.
    children: BTreeMap<String, usize>,
    sections: Sections,
}

#[derive(Default)]
struct Joining {
    stacks: Vec<Stack>,
}

impl Joining {
    /// Reads a stack and those in it, `at` being the logical ids along the way to it.
    fn read(&mut self, at: &str, template: &Value, nested: &BTreeMap<String, Value>) {
        // By the way to it, where to read from next: the root is as deep as any can be nested.
        let mut left = vec![(at.to_owned(), String::new(), (0, String::new()), template)];
        while let Some((way, path, parent, template)) = left.pop() {
            let sections = Sections::read(template);
            let number = self.stacks.len();
            if let Some(outer) = self.stacks.get_mut(parent.0) {
                outer.children.insert(parent.1.clone(), number);
            }
            for (id, resource) in sections.resources.iter().rev().filter(|(_, resource)| is_stack(resource)) {
                let inner = if way.is_empty() { id.clone() } else { format!("{way}/{id}") };
                let Some(template) = nested.get(&inner) else { continue };
                let name = super::sections::entity(resource);
                let name = name.strip_prefix(ENTITY).unwrap_or(id);
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
                left.push((inner, path, (number, id.clone()), template));
            }
            self.stacks.push(Stack { path, parent, children: BTreeMap::new(), sections });
        }
    }

    fn flat_object(&self, stack: usize, object: &Object) -> Object {
        rewritten_object(object, &mut |id, attribute| self.flat(stack, id, attribute, DEPTH))
    }

    /// What a reference in a stack is in the one template; `None` where it is the same.
    fn flat(&self, at: usize, id: &str, attribute: Option<&str>, depth: usize) -> Option<Expr> {
        let stack = self.stacks.get(at)?;
        let depth = depth.checked_sub(1)?;
        let (at, value) = match (attribute.and_then(|name| name.strip_prefix("Outputs.")), stack.children.get(id)) {
            (Some(output), Some(child)) => {
                let outputs = &self.stacks.get(*child)?.sections.outputs;
                (*child, outputs.get(output)?.get("Value")?)
            }
            _ if at == 0 || attribute.is_some() => return None,
            _ => {
                let declaration = stack.sections.parameters.get(id)?;
                let (parent, own) = &stack.parent;
                let resource = self.stacks.get(*parent)?.sections.resources.get(own)?;
                let arguments = resource.get("Properties")?.as_object()?.get("Parameters")?.as_object()?;
                let argument = arguments.get(id)?;
                let is_list = declaration.get("Type").and_then(Expr::as_str).is_some_and(is_list);
                (*parent, if is_list { joined(argument)? } else { argument })
            }
        };
        let changed = rewritten(value, &mut |id, attribute| self.flat(at, id, attribute, depth));
        Some(changed.unwrap_or_else(|| value.clone()))
    }
}

/// The list that is handed on as one text.
fn joined(argument: &Expr) -> Option<&Expr> {
    match argument {
        Expr::Object(function) => function.get("Fn::Join")?.as_list()?.get(1),
        Expr::Join(_, list) => list.first(),
        _ => None,
    }
}

/// A resource that waits for resources again, not for the stacks that they are in.
fn restored(resource: &Object, sections: &Sections) -> Object {
    let metadata = resource.get("Metadata").and_then(Expr::as_object);
    let Some(after) = metadata.and_then(|metadata| metadata.get(AFTER)?.as_list()) else { return resource.clone() };
    let own = super::sections::depends_on(resource).into_iter();
    let own = own.filter(|id| sections.resources.get(*id).is_some_and(|other| !is_stack(other)));
    let mut waits: Vec<&str> = own.chain(after.iter().filter_map(Expr::as_str)).collect();
    waits.sort_unstable();
    waits.dedup();
    let waits: Expr = match waits.as_slice() {
        [one] => (*one).into(),
        many => many.to_vec().into(),
    };
    let mut out = Object::new();
    for (key, value) in resource.iter() {
        match (key.as_ref(), value) {
            ("DependsOn", _) => {}
            ("Metadata", Expr::Object(metadata)) => {
                if !out.iter().any(|(key, _)| key == "DependsOn") {
                    out.put("DependsOn", waits.clone());
                }
                out.put("Metadata", metadata.iter().filter(|(key, _)| key != AFTER).cloned().collect::<Object>());
            }
            (_, value) => out.put(key.clone(), value.clone()),
        }
    }
    out
}
