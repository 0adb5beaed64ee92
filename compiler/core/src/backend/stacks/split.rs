//! A template by its places to several: what refers across becomes an output there and a parameter here.

use super::lock::named;
use super::sections::{Sections, depends_on, rewritten_object};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id::camel;
use crate::digest::hexadecimal;
use crate::object;
use foldhash::fast::FixedState;
use indexmap::IndexMap;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The type of a nested stack.
pub(super) const STACK: &str = "AWS::CloudFormation::Stack";

/// The head of the entity that a nested stack's resource names in its metadata.
pub(super) const ENTITY: &str = "stacks/";

/// The key of a resource's metadata with the resources of other stacks that it waits for.
pub(super) const AFTER: &str = "After";

/// Templates that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Assembly {
    /// The root's.
    pub root: Sections,
    /// The nested ones, each before the one that it is in.
    pub nested: Vec<Nested>,
}

/// The template of a nested stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Nested {
    /// Its path: `functions-1`, `functions-group-1/functions-9`.
    pub path: String,
    /// The template.
    pub sections: Sections,
}

/// A template as it is written, with the counts that CloudFormation limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenTemplate {
    /// The text.
    pub text: String,
    /// How many resources it has.
    pub resources: usize,
    /// How many parameters.
    pub parameters: usize,
    /// How many outputs.
    pub outputs: usize,
}

/// The templates of an assembly as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The root's.
    pub root: WrittenTemplate,
    /// The nested ones, each before the one that it is in.
    pub nested: Vec<WrittenNested>,
}

/// The template of a nested stack as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenNested {
    /// What it is called: `functions-1`.
    pub name: String,
    /// Its template.
    pub template: WrittenTemplate,
    /// The SHA-256 of the text, 64 lower-case hexadecimal digits; with the format's extension the object's key in the
    /// artifact bucket.
    pub sha256: String,
}

/// Stacks that would need each other: their paths, and resources of the root, along the circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle(pub Vec<String>);

/// Splits a template. `stacks` are the paths of the nested stacks by the logical ids of what is in them.
///
/// # Errors
/// When stacks would need each other in a circle.
pub fn split(flat: &Sections, stacks: &BTreeMap<String, String>) -> Result<Assembly, Circle> {
    let mut splitting = Splitting::new(flat, stacks);
    splitting.place_resources();
    splitting.place_outputs();
    splitting.end()
}

/// The logical id of a nested stack's resource in its parent.
pub(super) fn logical_id(path: &str) -> String {
    format!("Stack{}", camel(leaf(path)))
}

fn leaf(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// A reference: a logical id or a parameter, and an attribute.
type Reference = (String, Option<String>);

/// A stack in the making.
struct Stack {
    path: String,
    parent: usize,
    sections: Sections,
    /// What it is given, by the name of its parameter.
    arguments: BTreeMap<String, Expr>,
    /// Resources of its parent that it waits for, beside those it is given something of.
    after: BTreeSet<String>,
}

/// An attribute of what is elsewhere, none for its name, and what stands for it.
type Known = (Option<String>, Expr);

struct Splitting<'f> {
    flat: &'f Sections,
    stacks: Vec<Stack>,
    /// By path, the number of a stack; the root's is 0.
    numbers: BTreeMap<String, usize>,
    /// By the place of a resource in the template, the number of its stack.
    home: Vec<usize>,
    /// What a reference is called as a parameter and as an output.
    names: BTreeMap<Reference, String>,
    /// The names that were made.
    taken: BTreeSet<String>,
    /// By stack and logical id, what stands there for references to what is elsewhere, by their attributes.
    known: Vec<IndexMap<String, Vec<Known>, FixedState>>,
}

impl<'f> Splitting<'f> {
    fn new(flat: &'f Sections, places: &BTreeMap<String, String>) -> Self {
        let mut splitting = Self {
            flat,
            stacks: Vec::new(),
            numbers: BTreeMap::new(),
            home: Vec::with_capacity(flat.resources.len()),
            names: BTreeMap::new(),
            taken: BTreeSet::new(),
            known: Vec::new(),
        };
        splitting.open("");
        if let Some(root) = splitting.stacks.first_mut() {
            root.sections.head = flat.head.clone();
            root.sections.parameters.clone_from(&flat.parameters);
        }
        let paths: BTreeSet<&str> = places.values().map(String::as_str).collect();
        let mut paths: Vec<&str> = paths.into_iter().collect();
        paths.sort_by_cached_key(|path| natural(path));
        for path in paths {
            splitting.open(path);
        }
        for id in flat.resources.keys() {
            let path = places.get(id).map_or("", String::as_str);
            let number = splitting.numbers.get(path).copied().unwrap_or_default();
            splitting.home.push(number);
        }
        splitting
    }

    /// The number of a stack, which is made with those that it is in.
    fn open(&mut self, path: &str) -> usize {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        let parent = match path.rsplit_once('/') {
            _ if path.is_empty() => 0,
            Some((parent, _)) => self.open(parent),
            None => 0,
        };
        let number = self.stacks.len();
        let mut sections = Sections::default();
        for (key, value) in self.flat.head.iter() {
            let value = match (key.as_ref(), value) {
                ("Description", Expr::String(text)) => format!("{} of: {text}", leaf(path)).into(),
                (_, value) => value.clone(),
            };
            sections.head.put(key.clone(), value);
        }
        self.numbers.insert(path.to_owned(), number);
        self.known.push(IndexMap::default());
        let (arguments, after) = (BTreeMap::new(), BTreeSet::new());
        self.stacks.push(Stack { path: path.to_owned(), parent, sections, arguments, after });
        number
    }

    fn path(&self, stack: usize) -> &str {
        self.stacks.get(stack).map_or("", |stack| stack.path.as_str())
    }

    fn parent(&self, stack: usize) -> usize {
        self.stacks.get(stack).map_or(0, |stack| stack.parent)
    }

    /// The stack directly in `outer` that `inner` is or is in; `None` where it is not within.
    fn child_toward(&self, outer: usize, inner: usize) -> Option<usize> {
        let mut at = inner;
        while at != 0 {
            let parent = self.parent(at);
            if parent == outer {
                return Some(at);
            }
            at = parent;
        }
        None
    }

    /// The number of the stack that a resource is in; `None` for what is no resource.
    fn home(&self, id: &str) -> Option<usize> {
        self.home.get(self.flat.resources.get_index_of(id)?).copied()
    }

    fn place_resources(&mut self) {
        let flat = self.flat;
        for (at, (id, resource)) in flat.resources.iter().enumerate() {
            let home = self.home.get(at).copied().unwrap_or_default();
            let awaited = self.awaited(home, resource);
            let mut resource = rewritten_object(resource, &mut |id, attribute| self.crossing(home, id, attribute));
            if let Some((here, there)) = awaited {
                resource = self.waiting(home, &resource, here, there);
            }
            if let Some(stack) = self.stacks.get_mut(home) {
                stack.sections.resources.insert(id.clone(), resource);
            }
        }
    }

    /// What a resource waits for in its own stack and in others; `None` where nothing is in others.
    fn awaited(&self, home: usize, resource: &Object) -> Option<(Vec<String>, Vec<String>)> {
        let is_here = |id: &&str| self.home(id) == Some(home);
        let (here, there): (Vec<&str>, Vec<&str>) = depends_on(resource).into_iter().partition(is_here);
        let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<Vec<_>>();
        (!there.is_empty()).then(|| (owned(here), owned(there)))
    }

    /// A resource that waits for others by the stacks that these are in. What they are is kept beside it.
    fn waiting(&mut self, home: usize, resource: &Object, here: Vec<String>, there: Vec<String>) -> Object {
        let mut waits: BTreeSet<String> = here.into_iter().collect();
        for id in &there {
            let other = self.home(id).unwrap_or_default();
            // The innermost stack that both are in.
            let mut outer = home;
            while outer != other && self.child_toward(outer, other).is_none() && outer != 0 {
                outer = self.parent(outer);
            }
            let target = match self.child_toward(outer, other) {
                Some(child) => logical_id(self.path(child)),
                None => id.clone(),
            };
            match self.child_toward(outer, home) {
                // It is in a stack that waits as a whole.
                Some(child) => self.stacks.get_mut(child).into_iter().for_each(|stack| {
                    stack.after.insert(target.clone());
                }),
                None => _ = waits.insert(target),
            }
        }
        let mut out = Object::new();
        for (key, value) in resource.iter() {
            match (key.as_ref(), value) {
                ("DependsOn", _) => match waits.len() {
                    0 => {}
                    1 => out.put_opt("DependsOn", waits.first()),
                    _ => out.put("DependsOn", waits.iter().cloned().collect::<Vec<_>>()),
                },
                ("Metadata", Expr::Object(metadata)) => {
                    out.put("Metadata", metadata.clone().with(AFTER, there.clone()));
                }
                (_, value) => out.put(key.clone(), value.clone()),
            }
        }
        out
    }

    fn place_outputs(&mut self) {
        let flat = self.flat;
        for (id, output) in &flat.outputs {
            let output = rewritten_object(output, &mut |id, attribute| self.crossing(0, id, attribute));
            if let Some(root) = self.stacks.first_mut() {
                root.sections.outputs.insert(id.clone(), output);
            }
        }
    }

    /// What stands in a stack for a reference to what is in another; `None` where it stays as it is.
    fn crossing(&mut self, stack: usize, id: &str, attribute: Option<&str>) -> Option<Expr> {
        let home = match self.home(id) {
            Some(home) if home == stack => return None,
            Some(home) => home,
            None if self.flat.parameters.contains_key(id) => 0,
            // A pseudo parameter.
            None => return None,
        };
        match self.known(stack, id, attribute) {
            Some(known) => Some(known.clone()),
            None if home == stack => None,
            None => Some(self.reach(stack, home, (id.to_owned(), attribute.map(str::to_owned)))),
        }
    }

    fn known(&self, stack: usize, id: &str, attribute: Option<&str>) -> Option<&Expr> {
        let known = self.known.get(stack)?.get(id)?;
        known.iter().find(|(of, _)| of.as_deref() == attribute).map(|(_, expr)| expr)
    }

    /// How a reference is written in a stack.
    fn reach(&mut self, stack: usize, home: usize, reference: Reference) -> Expr {
        if stack == home {
            let (id, attribute) = reference;
            return match attribute {
                Some(attribute) => Expr::GetAtt(id, attribute.into()),
                None => Expr::Ref(id),
            };
        }
        if let Some(known) = self.known(stack, &reference.0, reference.1.as_deref()) {
            return known.clone();
        }
        let name = self.name(&reference);
        let found = match self.child_toward(stack, home) {
            Some(child) => {
                let value = self.reach(child, home, reference.clone());
                let id = logical_id(self.path(child));
                if let Some(child) = self.stacks.get_mut(child) {
                    child.sections.outputs.insert(name.clone(), object! { "Value": value });
                }
                Expr::GetAtt(id, format!("Outputs.{name}").into())
            }
            None => {
                let value = self.reach(self.parent(stack), home, reference.clone());
                let (declaration, value) = self.parameter(&reference, value);
                if let Some(stack) = self.stacks.get_mut(stack) {
                    stack.sections.parameters.insert(name.clone(), declaration);
                    stack.arguments.insert(name.clone(), value);
                }
                Expr::Ref(name)
            }
        };
        let (id, attribute) = reference;
        if let Some(known) = self.known.get_mut(stack) {
            known.entry(id).or_default().push((attribute, found.clone()));
        }
        found
    }

    /// How a parameter is declared, and how it is given its value.
    fn parameter(&self, (id, attribute): &Reference, value: Expr) -> (Object, Expr) {
        let Some(declaration) = self.flat.parameters.get(id) else {
            let of = attribute.as_ref().map_or_else(|| "What `Ref` gives".to_owned(), |name| format!("The {name}"));
            return (object! { "Type": "String", "Description": format!("{of} of {id}") }, value);
        };
        let is_list = declaration.get("Type").and_then(Expr::as_str).is_some_and(is_list);
        let given = if is_list { object! { "Fn::Join": vec![Expr::from(","), value] }.into() } else { value };
        (declaration.iter().filter(|(key, _)| key != "Default").cloned().collect(), given)
    }

    /// What a reference is called: a parameter of the template has its own name.
    fn name(&mut self, reference: &Reference) -> String {
        let (id, attribute) = reference;
        if self.flat.parameters.contains_key(id) {
            return id.clone();
        }
        if let Some(name) = self.names.get(reference) {
            return name.clone();
        }
        let attribute: String = attribute.as_deref().unwrap_or("Ref").split('.').collect();
        let mut name = format!("{id}{attribute}");
        let flat = self.flat;
        if self.taken.contains(&name) || flat.parameters.contains_key(&name) || flat.resources.contains_key(&name) {
            let digest = hexadecimal(Sha256::digest(format!("{id}.{attribute}")));
            name.extend(digest.chars().take(8));
        }
        self.taken.insert(name.clone());
        self.names.insert(reference.clone(), name.clone());
        name
    }

    fn end(mut self) -> Result<Assembly, Circle> {
        let mut nested = Vec::new();
        // Those that a stack is in have lower numbers.
        for number in (1..self.stacks.len()).rev() {
            let Some(mut stack) = self.stacks.pop() else { break };
            debug_assert_eq!(self.stacks.len(), number);
            stack.sections.parameters.sort_keys();
            stack.sections.outputs.sort_keys();
            let (id, resource) = (logical_id(&stack.path), resource(&stack));
            if let Some(parent) = self.stacks.get_mut(stack.parent) {
                parent.sections.resources.insert(id, resource);
            }
            nested.push(Nested { path: stack.path, sections: stack.sections });
        }
        let mut root = self.stacks.pop().map(|root| root.sections).unwrap_or_default();
        order(&mut root);
        nested.iter_mut().for_each(|one| order(&mut one.sections));
        let assembly = Assembly { root, nested };
        match assembly.circle() {
            Some(circle) => Err(circle),
            None => Ok(assembly),
        }
    }
}

/// A nested stack as a resource of its parent. Its template gets its address when that is written.
fn resource(stack: &Stack) -> Object {
    let mut resource = object! { "Type": STACK };
    match stack.after.len() {
        0 => {}
        1 => resource.put_opt("DependsOn", stack.after.first()),
        _ => resource.put("DependsOn", stack.after.iter().cloned().collect::<Vec<_>>()),
    }
    resource.put("Metadata", object! { "Entity": format!("{ENTITY}{}", leaf(&stack.path)) });
    let mut properties = object! { "TemplateURL": "" };
    if !stack.arguments.is_empty() {
        properties.put("Parameters", stack.arguments.clone().into_iter().collect::<Object>());
    }
    resource.put("Properties", properties);
    resource
}

/// Puts nested stacks behind what is a template's own, in the order of their numbers.
fn order(sections: &mut Sections) {
    let (mut stacks, own): (Vec<_>, Vec<_>) =
        std::mem::take(&mut sections.resources).into_iter().partition(|(_, resource)| is_stack(resource));
    stacks.sort_by_cached_key(|(id, _)| natural(id));
    sections.resources = own.into_iter().chain(stacks).collect();
}

/// Whether a resource is a nested stack.
pub(super) fn is_stack(resource: &Object) -> bool {
    super::sections::type_of(resource) == STACK
}

/// Whether a parameter's type is a list.
pub(super) fn is_list(parameter_type: &str) -> bool {
    parameter_type == "CommaDelimitedList" || parameter_type.contains("List<")
}

/// A name so that `functions-2` comes before `functions-10`.
fn natural(name: &str) -> Vec<(String, usize)> {
    let part = |part: &str| {
        let text = part.trim_end_matches(|character: char| character.is_ascii_digit());
        let number = part.get(text.len()..).and_then(|number| number.parse().ok());
        (text.to_owned(), number.unwrap_or_default())
    };
    name.split('/').map(part).collect()
}

impl Assembly {
    /// Resources of one template that need each other, if there are any; nested stacks among them.
    fn circle(&self) -> Option<Circle> {
        let documents = self.nested.iter().map(|nested| (nested.path.as_str(), &nested.sections));
        std::iter::once(("", &self.root)).chain(documents).find_map(|(_, sections)| circle(sections))
    }

    /// The nested templates by the logical ids of their resources along the way, as [`super::join`] takes them.
    pub fn by_resource(&self) -> impl Iterator<Item = (String, &Sections)> {
        let way = |path: &str| path.split('/').map(logical_id).collect::<Vec<_>>().join("/");
        self.nested.iter().map(move |one| (way(&one.path), &one.sections))
    }

    /// Writes the templates, those that are within others first, since a stack names the template of one within it by its
    /// digest. `extension` is that of the objects in the artifact bucket, `bucket` the parameter that names it.
    pub fn write(mut self, extension: &str, bucket: &str, write: impl Fn(&Expr) -> String) -> Written {
        let mut written: Vec<WrittenNested> = Vec::new();
        let mut nested = std::mem::take(&mut self.nested);
        nested.sort_by_key(|one| std::cmp::Reverse(one.path.matches('/').count()));
        let mut addresses: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for Nested { path, mut sections } in nested {
            address(&mut sections, addresses.remove(&path), extension, bucket);
            let template = WrittenTemplate::of(&sections, &write);
            let sha256 = hexadecimal(Sha256::digest(&template.text));
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            addresses.entry(parent.to_owned()).or_default().push((logical_id(&path), sha256.clone()));
            written.push(WrittenNested { name: leaf(&path).to_owned(), template, sha256 });
        }
        address(&mut self.root, addresses.remove(""), extension, bucket);
        Written { root: WrittenTemplate::of(&self.root, &write), nested: written }
    }
}

impl WrittenTemplate {
    fn of(sections: &Sections, write: &impl Fn(&Expr) -> String) -> Self {
        Self {
            text: write(&sections.to_expr()),
            resources: sections.resources.len(),
            parameters: sections.parameters.len(),
            outputs: sections.outputs.len(),
        }
    }
}

/// Gives nested stacks the addresses of their templates. With the bucket's name in the path, so that one with dots in it
/// has a certificate ("Amazon S3 User Guide, Virtual hosting of general purpose buckets").
fn address(sections: &mut Sections, digests: Option<Vec<(String, String)>>, extension: &str, bucket: &str) {
    for (id, sha256) in digests.into_iter().flatten() {
        let Some(resource) = sections.resources.get_mut(&id) else { continue };
        let url = format!("https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/${{{bucket}}}/{sha256}.{extension}");
        let Some(properties) = resource.get("Properties").and_then(Expr::as_object) else { continue };
        let properties = properties.clone().with("TemplateURL", Expr::Sub(url));
        resource.put("Properties", properties);
    }
}

fn circle(sections: &Sections) -> Option<Circle> {
    if !sections.resources.values().any(is_stack) {
        return None;
    }
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(sections.resources.len(), sections.resources.len());
    sections.resources.iter().for_each(|_| _ = graph.add_node(()));
    for (at, resource) in sections.resources.values().enumerate() {
        let mut add = |id: &str| {
            if let Some(other) = sections.resources.get_index_of(id) {
                graph.update_edge(NodeIndex::new(at), NodeIndex::new(other), ());
            }
        };
        resource.iter().for_each(|(_, value)| value.references(&mut |id, _| add(id)));
        depends_on(resource).into_iter().for_each(&mut add);
    }
    let mut nodes = tarjan_scc(&graph).into_iter().find(|nodes| nodes.len() > 1)?;
    nodes.sort_unstable();
    let name = |node: NodeIndex| {
        let (id, resource) = sections.resources.get_index(node.index())?;
        let entity = super::sections::entity(resource);
        Some(entity.strip_prefix(ENTITY).map_or_else(|| id.clone(), |path| named(path).to_owned()))
    };
    Some(Circle(nodes.into_iter().filter_map(name).collect()))
}
