//! Topologies whose parts are moved on purpose.

use super::refactor::{Known, Places, batch, clean, is_unfinished, prepared, refactored, way};
use super::tests::{System, assembled, grown, nested, value};
use super::unit::units;
use super::{Assembly, Lock, Sections, join, rebalance};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A lock with everything in one stack, or in one a tier.
fn crowded(sections: &Sections, is_root: bool) -> Lock {
    let place = |tier: super::unit::Tier| match tier {
        _ if is_root => String::new(),
        super::unit::Tier::Root => String::new(),
        tier => format!("{}-1", tier.name()),
    };
    let all = units(sections);
    let all = all.iter().filter(|unit| unit.follows.is_none() && unit.tier != super::unit::Tier::Root);
    Lock { places: all.map(|unit| (unit.name.clone(), place(unit.tier))).collect() }
}

fn kept() -> BTreeSet<String> {
    BTreeSet::new()
}

/// Templates by the paths of their stacks, as they are deployed.
fn templates(assembly: &Assembly) -> BTreeMap<String, Value> {
    let nested = assembly.nested.iter().map(|one| (one.path.clone(), value(&one.sections)));
    nested.chain([(String::new(), value(&assembly.root))]).collect()
}

/// Moves all there is to move, batch by batch; `check` sees each state between.
fn moved(flat: &Sections, from: &Places, to: &Places) -> usize {
    let mut places = from.clone();
    let mut batches = 0;
    while places != *to {
        let moves = batch(flat, &places, to);
        assert!(!moves.is_empty(), "nothing can be moved");
        batches += 1;
        let assembly = prepared(flat, &places, &moves).unwrap();
        let joined = join(&value(&assembly.root), &nested(&assembly));
        assert_eq!(clean(&joined.template), *flat);
        let deployed = templates(&assembly);
        let physical_ids = flat.resources.keys().map(|id| (id.clone(), format!("physical {id}"))).collect();
        let of = |template: &Value| -> BTreeMap<String, String> {
            let outputs = template["Outputs"].as_object().cloned().unwrap_or_default();
            outputs.keys().map(|name| (name.clone(), format!("value {name}"))).collect()
        };
        let outputs = deployed.iter().map(|(path, template)| (path.clone(), of(template))).collect();
        let parameters = flat.parameters.keys().map(|name| (name.clone(), format!("given {name}"))).collect();
        let known = Known { physical_ids: &physical_ids, outputs: &outputs, parameters: &parameters };
        let new = refactored(&deployed, (flat, &places), &moves, &known).unwrap();
        assert!(new.len() <= 5);
        let mut after = deployed.clone();
        after.extend(new.clone());
        for (path, template) in &new {
            let keys = |template: &Value, section: &str| -> Vec<String> {
                template[section].as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default()
            };
            // No parameter is new, and no stack is empty.
            assert_eq!(keys(template, "Parameters"), keys(&deployed[path], "Parameters"));
            let resources = keys(template, "Resources").len();
            let before = keys(&deployed[path], "Resources").len();
            assert!(resources > 0 && (resources <= 500 || resources < before), "{path}: {before} -> {resources}");
            refers_within(path, template);
        }
        let nested: BTreeMap<String, Value> =
            after.iter().filter(|(path, _)| !path.is_empty()).map(|(path, one)| (way(path), one.clone())).collect();
        let joined = join(&after[""], &nested);
        assert_eq!(clean(&joined.template).outputs, flat.outputs);
        let resources = clean(&joined.template).resources;
        for (id, resource) in &flat.resources {
            assert_eq!(resources.get(id), Some(resource), "{id}");
        }
        for (id, to) in moves {
            match to.is_empty() {
                true => _ = places.remove(&id),
                false => _ = places.insert(id, to),
            }
        }
        let mut now = joined.stacks;
        now.retain(|id, _| flat.resources.contains_key(id));
        assert_eq!(now, places);
        assert!(after.values().any(is_unfinished));
    }
    let last = prepared(flat, &places, &Places::new()).unwrap();
    assert!(!templates(&last).values().any(is_unfinished));
    batches
}

/// What a template refers to is in it.
fn refers_within(path: &str, template: &Value) {
    let sections = Sections::read(template);
    let raw = template.to_string();
    for (id, resource) in sections.resources.iter().chain(&sections.outputs) {
        for (_, value) in resource.iter() {
            value.references(&mut |name, attribute| {
                let is_there = name.starts_with("AWS::")
                    || sections.resources.contains_key(name)
                    || sections.parameters.contains_key(name)
                    || raw.contains(&format!("\"{}\":", super::refactor::name(name, attribute)));
                assert!(is_there, "{path}: {id} refers to {name}");
            });
        }
    }
}

#[test]
fn a_full_root_is_emptied_as_far_as_needed() {
    let sections = System::of(60).sections();
    let lock = crowded(&sections, true);
    let before = grown(&sections, Some(&lock));
    assert!(!before.is_split());
    let after = rebalance(&sections, &lock, &kept(), false);
    let assembly = assembled(&sections, &after);
    assert!(assembly.root.resources.len() <= 400, "{}", assembly.root.resources.len());
    let moved_ones = after.stacks.len();
    assert!(moved_ones < 300, "no more than needed moves: {moved_ones} of {}", sections.resources.len());
    assert_eq!(moved(&sections, &before.stacks, &after.stacks), 1);
    // With room nothing moves.
    let again = rebalance(&sections, after.lock.as_ref().unwrap(), &kept(), false);
    assert_eq!(again.lock, after.lock);
}

#[test]
fn what_is_too_much_for_once_goes_in_several_batches() {
    let mut system = System::of(90);
    system.queues = (0..10).collect();
    let sections = system.sections();
    let before = grown(&sections, Some(&crowded(&sections, true)));
    let after = rebalance(&sections, before.lock.as_ref().unwrap(), &kept(), false);
    assert!(moved(&sections, &before.stacks, &after.stacks) > 1);
}

#[test]
fn everything_is_placed_anew_on_request() {
    let mut system = System::of(41);
    system.queues = (0..9).collect();
    let sections = system.sections();
    let before = grown(&sections, Some(&crowded(&sections, true)));
    let after = rebalance(&sections, before.lock.as_ref().unwrap(), &kept(), true);
    assert_eq!(after.lock, grown(&sections, None).lock);
    moved(&sections, &before.stacks, &after.stacks);
    // And back: stacks that are emptied are there until nothing is in them.
    moved(&sections, &after.stacks, &before.stacks);
}

#[test]
fn a_value_beside_a_reference_is_read_as_that() {
    let read = |value: Value| super::sections::expr(&value);
    use crate::backend::expr::Expr;
    use serde_json::json;
    assert_eq!(read(json!({"Fn::Sub": ["${A}", {"A": "v"}]})), Expr::Ref("A".into()));
    assert_eq!(read(json!({"Fn::Sub": ["${A_B_C}", {"A_B_C": "v"}]})), Expr::GetAtt("A".into(), "B.C".into()));
    let text = json!({"Fn::Sub": ["x${A_Arn}/${B}/${AWS::Region}", {"A_Arn": "v", "B": "w"}]});
    assert_eq!(read(text), Expr::Sub("x${A.Arn}/${B}/${AWS::Region}".into()));
    assert_eq!(read(json!({"Fn::Split": [",", {"Fn::Sub": ["${A}", {"A": "v,w"}]}]})), Expr::Ref("A".into()));
    // What is not of this kind stays what it is.
    for other in [json!({"Fn::Sub": ["${A}", {"B": "v"}]}), json!({"Fn::Sub": ["${A}", {"A": {"Ref": "B"}}]})] {
        assert!(matches!(read(other), Expr::Object(_)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Whatever is crowded together: afterwards no stack is too full, everything is on its tier, what is not in the way has
    /// stayed, the same lock gives the same places, and the way there is one that CloudFormation allows.
    #[test]
    fn what_is_crowded_gets_room(functions in 30..110u16, queues in 0..20u16, is_root: bool, all: bool) {
        let mut system = System::of(functions);
        system.queues = (0..queues).collect();
        let sections = system.sections();
        let before = grown(&sections, Some(&crowded(&sections, is_root)));
        let after = rebalance(&sections, before.lock.as_ref().unwrap(), &kept(), all);
        assembled(&sections, &after);
        prop_assert!(after.misplaced.is_empty() && after.removed.is_empty());
        let again = grown(&sections, after.lock.as_ref());
        prop_assert_eq!(&again.lock, &after.lock);
        prop_assert_eq!(&again.stacks, &after.stacks);
        let once_more = rebalance(&sections, after.lock.as_ref().unwrap(), &kept(), all);
        prop_assert_eq!(&once_more.stacks, &after.stacks);
        moved(&sections, &before.stacks, &after.stacks);
    }
}
