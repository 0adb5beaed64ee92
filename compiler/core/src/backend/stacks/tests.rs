//! Topologies that grow, change and shrink.

use super::lock::named;
use super::split::is_stack;
use super::{Assembly, Lock, Placement, Sections, join, place, split};
use crate::backend::expr::Expr;
use crate::backend::json;
use crate::backend::lower::testing::lower_files;
use crate::backend::stacks::load::Room;
use crate::object;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What an entity may be like, so that a change of it is another.
pub(super) type Variant = u8;

/// A topology by its entities.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct System {
    pub(super) functions: BTreeMap<u16, Variant>,
    pub(super) queues: BTreeSet<u16>,
    /// By number, the variant: what it leads to, and how.
    pub(super) routes: BTreeMap<u16, Variant>,
    pub(super) events: BTreeMap<u16, Variant>,
    pub(super) schedules: BTreeMap<u16, Variant>,
}

impl System {
    /// So many functions, each with a route and an event.
    pub(super) fn of(functions: u16) -> Self {
        let all = || (0..functions).map(|number| (number, 0));
        Self { functions: all().collect(), routes: all().collect(), events: all().collect(), ..Self::default() }
    }

    /// What something of this number and variant leads to: a function, or a queue.
    fn target(&self, number: u16, variant: Variant) -> Option<String> {
        let shifted = number.wrapping_add(u16::from(variant) * 37);
        let at = |count: usize| usize::from(shifted) % count.max(1);
        if variant % 5 == 4 && !self.queues.is_empty() {
            let queue = self.queues.iter().nth(at(self.queues.len()))?;
            return Some(format!("queue: q{queue}"));
        }
        let own = self.functions.contains_key(&number).then_some(&number).filter(|_| variant == 0);
        let function = own.or_else(|| self.functions.keys().nth(at(self.functions.len())))?;
        Some(format!("function: f{function}"))
    }

    fn files(&self) -> Vec<(String, String)> {
        let mut text = "name: etl\n".to_owned();
        let mut section = |name: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                let _ = write!(text, "{name}\n{}", lines.concat());
            }
        };
        let routes = self.routes.iter().filter_map(|(number, variant)| {
            let target = self.target(*number, *variant)?;
            Some(format!("  /r{number}: {{method: POST, gateway: api, {target}}}\n"))
        });
        section("routes:", routes.collect());
        let events = self.events.iter().filter_map(|(number, variant)| {
            Some(format!("    E{number}: {{producer: default, {}}}\n", self.target(*number, *variant)?))
        });
        section("events:\n  consumes:", events.collect());
        let schedules = self.schedules.iter().filter_map(|(number, variant)| {
            let target = self.target(*number, *variant)?;
            Some(format!("  s{number}: {{rate: 1 hour, {target}}}\n"))
        });
        section("schedules:", schedules.collect());
        let queues = self.queues.iter().map(|number| match self.functions.keys().nth(usize::from(*number) % 7) {
            Some(function) => format!("  q{number}: {{consumer: f{function}}}\n"),
            None => format!("  q{number}: {{}}\n"),
        });
        section("queues:", queues.collect());
        if let Some(first) = self.functions.keys().next() {
            let _ = write!(
                text,
                "flow:\n  StartAt: a\n  States:\n    a:\n      Type: Task\n      Resource: arn:aws:states:::lambda:invoke\n      \
                 Parameters: {{FunctionName: f{first}}}\n      End: true\n"
            );
        }
        let mut files = vec![("topology.yml".to_owned(), text)];
        for (number, variant) in &self.functions {
            files.push((format!("f{number}/handler.py"), "def handler(event, context):\n    return {}\n".to_owned()));
            let snap_start = if variant % 2 == 1 { ", \"snapstart\": true" } else { "" };
            let text = format!(
                "{{\"runtime\": {{\"lang\": \"python3.13\", \"memory\": {}{snap_start}}}}}",
                128 + u16::from(*variant)
            );
            files.push((format!("f{number}/function.json"), text));
        }
        files
    }

    pub(super) fn sections(&self) -> Sections {
        let files = self.files();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        Sections::of(&lower_files(&files).template)
    }
}

pub(super) fn value(sections: &Sections) -> Value {
    json::value(&sections.to_expr())
}

/// The nested templates as a deploy finds them: by the logical ids along the way.
pub(super) fn nested(assembly: &Assembly) -> BTreeMap<String, Value> {
    assembly.by_resource().map(|(id, one)| (id, value(one))).collect()
}

/// Splits, and checks what must hold of any assembly.
pub(super) fn assembled(sections: &Sections, placement: &Placement) -> Assembly {
    let assembly = split(sections, &placement.stacks).unwrap();
    let all = assembly.nested.iter().map(|one| (one.path.as_str(), &one.sections)).chain([("", &assembly.root)]);
    for (path, template) in all {
        let bytes = json::write(&template.to_expr()).len();
        let room = Room::ALLOWED;
        assert!(template.resources.len() <= room.resources, "{path}: {} resources", template.resources.len());
        assert!(template.parameters.len() <= room.parameters, "{path}: {} parameters", template.parameters.len());
        assert!(template.outputs.len() <= room.outputs, "{path}: {} outputs", template.outputs.len());
        assert!(bytes <= room.bytes, "{path}: {bytes} bytes");
        for (id, resource) in &template.resources {
            for (_, value) in resource.iter() {
                value.references(&mut |name, attribute| {
                    let is_there = name.starts_with("AWS::")
                        || template.resources.contains_key(name)
                        || (attribute.is_none() && template.parameters.contains_key(name));
                    assert!(is_there, "{path}: {id} refers to {name}");
                });
            }
        }
        let used: BTreeSet<String> = references(template);
        let idle: Vec<&String> = template.parameters.keys().filter(|name| !used.contains(*name)).collect();
        assert!(idle.is_empty() || path.is_empty(), "{path}: {idle:?}");
    }
    let joined = join(&value(&assembly.root), &nested(&assembly));
    assert_eq!(joined.template, value(sections));
    assert_eq!(joined.stacks, placement.stacks);
    assembly
}

fn references(template: &Sections) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let entries = template.resources.values().chain(template.outputs.values());
    for (_, value) in entries.flat_map(|entry| entry.iter()) {
        value.references(&mut |name, _| _ = used.insert(name.to_owned()));
    }
    used
}

pub(super) fn grown(sections: &Sections, lock: Option<&Lock>) -> Placement {
    place(sections, lock, &BTreeSet::new())
}

/// By resource, the stack that it is in.
fn whereabouts(sections: &Sections, placement: &Placement) -> BTreeMap<String, String> {
    let of = |id: &String| named(placement.stacks.get(id).map_or("", String::as_str)).to_owned();
    sections.resources.keys().map(|id| (id.clone(), of(id))).collect()
}

#[test]
fn a_small_topology_has_no_lock() {
    assert_eq!(grown(&System::of(19).sections(), None), Placement::default());
}

#[test]
fn one_that_comes_near_the_limit_has_all_in_the_root() {
    let placement = grown(&System::of(30).sections(), None);
    assert!(!placement.is_split());
    assert!(placement.lock.unwrap().places.values().all(String::is_empty));
}

#[test]
fn one_that_grows_past_the_limit_keeps_what_was_there_in_the_root() {
    let old = System::of(39).sections();
    let first = grown(&old, None);
    let new = System::of(60).sections();
    let second = grown(&new, first.lock.as_ref());
    assert!(second.is_split());
    let (before, after) = (whereabouts(&old, &first), whereabouts(&new, &second));
    assert!(before.iter().all(|(id, place)| after[id] == *place));
    assembled(&new, &second);
}

#[test]
fn a_function_stands_with_what_belongs_to_it() {
    let sections = System::of(60).sections();
    let placement = grown(&sections, None);
    let assembly = assembled(&sections, &placement);
    let function = |number: u16| {
        let ids = ["", "Role", "LogGroup"].map(|suffix| format!("FunctionF{number}{suffix}"));
        ids.into_iter()
            .chain([format!("RouteR{number}Permission")])
            .map(|id| placement.stacks[&id].clone())
            .collect::<BTreeSet<_>>()
    };
    assert!((0..60).all(|number| function(number).len() == 1));
    let names: Vec<&str> = assembly.nested.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(names, ["triggers-2", "triggers-1", "functions-1"]);
    assert!(assembly.root.resources.values().filter(|resource| is_stack(resource)).count() == 3);
}

#[test]
fn a_root_without_room_gets_groups() {
    let sections = System::of(60).sections();
    // Four hundred resources that are nobody's, as of a topology whose root is full.
    let mut full = sections.clone();
    for number in 0..449 {
        let metadata = object! { "Entity": format!("others/o{number}") };
        full.resources.insert(format!("Other{number}"), object! { "Type": "AWS::X::Y", "Metadata": metadata });
    }
    let placement = grown(&full, None);
    let assembly = assembled(&full, &placement);
    let groups: Vec<&str> =
        assembly.root.resources.keys().map(String::as_str).filter(|id| id.starts_with("Stack")).collect();
    assert_eq!(groups, ["StackFunctionsGroup1", "StackGatewaysGroup1", "StackTriggersGroup1"]);
    assert!(assembly.nested.iter().any(|one| one.path == "functions-group-1/functions-1"));
    assert_eq!(grown(&full, placement.lock.as_ref()).stacks, placement.stacks);
}

#[test]
fn what_a_lock_puts_on_another_tier_is_told() {
    let sections = System::of(60).sections();
    let mut lock = grown(&sections, None).lock.unwrap();
    lock.places.insert("routes//r1".to_owned(), "functions-1".to_owned());
    lock.places.insert("functions/f1".to_owned(), "triggers-1".to_owned());
    let placement = grown(&sections, Some(&lock));
    let told: Vec<(&str, &str)> = placement.misplaced.iter().map(|(name, place)| (&**name, &**place)).collect();
    assert_eq!(told, [("functions/f1", "triggers-1"), ("routes//r1", "functions-1")]);
}

#[test]
fn a_rest_api_is_deployed_after_methods_in_other_stacks() {
    let mut system = System::of(60);
    system.queues = (0..3).collect();
    let mut files = system.files();
    files[0].1 = files[0].1.replace("gateway: api,", "gateway: api, kind: rest, cors: {origins: ['*']},");
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let sections = Sections::of(&lower_files(&files).template);
    let placement = grown(&sections, None);
    let assembly = assembled(&sections, &placement);
    let deployment = assembly.root.resources.iter().find(|(id, _)| id.starts_with("GatewayApiDeployment"));
    let waits = deployment.unwrap().1.get("DependsOn").and_then(Expr::as_list).unwrap();
    assert!(waits.iter().any(|id| id.as_str() == Some("StackTriggers1")), "{waits:?}");
}

#[test]
fn stacks_are_in_groups_where_the_root_has_no_room() {
    let sections = System::of(70).sections();
    let placement = grown(&sections, None);
    // As if each stack of the root were in a group.
    let stacks = placement
        .stacks
        .iter()
        .map(|(id, path)| (id.clone(), format!("{}-group-1/{path}", path.rsplit_once('-').unwrap().0)))
        .collect();
    let placement = Placement { stacks, ..placement };
    let assembly = assembled(&sections, &placement);
    let group = assembly.nested.iter().find(|one| one.path == "functions-group-1").unwrap();
    assert!(group.sections.resources.values().all(is_stack));
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Add(u8, u16, Variant),
    Remove(u8, u16),
    Change(u8, u16, Variant),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..5u8, 0..200u16, 0..10u8).prop_map(|(kind, number, variant)| Step::Add(kind, number, variant)),
        2 => (0..5u8, 0..200u16).prop_map(|(kind, number)| Step::Remove(kind, number)),
        3 => (0..5u8, 0..200u16, 0..10u8).prop_map(|(kind, number, variant)| Step::Change(kind, number, variant)),
    ]
}

impl System {
    fn take(&mut self, step: Step) {
        let (kind, number) = match step {
            Step::Add(kind, number, _) | Step::Remove(kind, number) | Step::Change(kind, number, _) => (kind, number),
        };
        if kind == 4 {
            match step {
                Step::Remove(..) => self.queues.remove(&(number % 60)),
                Step::Add(..) | Step::Change(..) => self.queues.insert(number % 60),
            };
            return;
        }
        let entities = match kind {
            0 => &mut self.functions,
            1 => &mut self.routes,
            2 => &mut self.events,
            _ => &mut self.schedules,
        };
        match step {
            Step::Add(_, _, variant) => _ = entities.insert(number, variant),
            Step::Remove(..) => _ = entities.remove(&number),
            Step::Change(_, _, variant) => {
                entities.entry(number).and_modify(|old| *old = variant);
            }
        }
        if self.functions.is_empty() {
            self.functions.insert(0, 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever is added, removed or changed, in steps of many at once, no other entity moves, no template passes a limit,
    /// and no stacks need each other in a circle.
    #[test]
    fn nothing_moves(first in 20..90u16, steps in proptest::collection::vec(proptest::collection::vec(step(), 1..60), 1..6)) {
        let mut system = System::of(first);
        let mut sections = system.sections();
        let mut placement = grown(&sections, None);
        assembled(&sections, &placement);
        for batch in steps {
            let before = (whereabouts(&sections, &placement), sections.clone());
            batch.into_iter().for_each(|step| system.take(step));
            sections = system.sections();
            placement = grown(&sections, placement.lock.as_ref());
            let after = whereabouts(&sections, &placement);
            for (id, place) in &before.0 {
                let (Some(now), Some(resource)) = (after.get(id), sections.resources.get(id)) else { continue };
                // Who may invoke a function is with the function, so what leads to another function now is with that.
                let is_changed = before.1.resources.get(id) != Some(resource);
                let follows = id.ends_with("Permission") || id.ends_with("Consumer");
                prop_assert!(now == place || (is_changed && follows), "{id}: {place} -> {now}");
            }
            assembled(&sections, &placement);
            // What the lock says is the same when nothing changes.
            let again = grown(&sections, placement.lock.as_ref());
            prop_assert_eq!(&again.lock, &placement.lock);
            prop_assert_eq!(&again.stacks, &placement.stacks);
        }
    }
}

#[test]
fn what_is_too_large_for_any_stack_is_told() {
    let mut text = "name: etl\nroutes:\n".to_owned();
    (0..510).for_each(|n| _ = writeln!(text, "  /r{n}: {{gateway: api, kind: rest, method: POST, function: f}}"));
    let files = [("topology.yml", text.as_str()), ("f/handler.py", "def handler(event, context):\n    return {}\n")];
    let sections = Sections::of(&lower_files(&files).template);
    assert_eq!(grown(&sections, None).too_large, ["gateways/api"]);
}
