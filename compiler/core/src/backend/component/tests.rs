//! A component of a topology taken into what is deployed.

use super::{Component, Partial, Reason, entity, partial, reference, section};
use crate::backend::json;
use crate::backend::lower::testing::lower_files;
use crate::frontend::{Options, load};
use crate::graph::{EntityId, EntityKind, Graph};
use crate::world::MemoryWorld;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const HANDLER: &str = "def handler(event, context):\n    return {}\n";

fn compiled(files: &[(&str, &str)]) -> Value {
    let lowered = lower_files(files);
    serde_json::from_str(&json::write(&lowered.template.to_expr())).unwrap()
}

/// A topology with the functions `a` and `b`.
fn topology(text: &str, more: &[(&str, &str)]) -> Value {
    let text = format!("name: etl\n{text}");
    let mut files = vec![("topology.yml", text.as_str()), ("a/handler.py", HANDLER), ("b/handler.py", HANDLER)];
    files.extend(more);
    compiled(&files)
}

fn of(deployed: &Value, new: &Value, component: &str) -> Partial {
    partial(deployed, new, &[find(component, deployed, new).unwrap()])
}

/// Among what has resources.
fn find(component: &str, deployed: &Value, new: &Value) -> Result<Component, super::Unknown> {
    Component::find(component, deployed, new, &Graph::default())
}

/// The logical ids of resources that are not as they were, with the properties of those that are on both sides.
fn changed(deployed: &Value, partial: &Partial) -> Vec<String> {
    let changes = super::super::difference::differences(deployed, &partial.template);
    let line = |change: &super::super::difference::Difference| {
        let properties: BTreeSet<&str> =
            change.properties.iter().map(|one| one.path.split(['.', '[']).next().unwrap_or_default()).collect();
        let properties: Vec<&str> = properties.into_iter().collect();
        format!("{:?} {} {}", change.action, change.logical_id, properties.join(" ")).trim_end().to_owned()
    };
    changes.iter().map(line).collect()
}

fn along(partial: &Partial) -> Vec<(&str, Reason)> {
    partial.along.iter().map(|along| (along.logical_id.as_str(), along.reason)).collect()
}

#[test]
fn a_component_leaves_the_others_alone() {
    let deployed = topology("routes:\n  /x: {function: a, method: POST, timeout: 10}\n", &[]);
    let vars = r#"{"memory_size": 512, "timeout": 20}"#;
    let roles = r#"{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}"#;
    let new = topology(
        "routes:\n  /x: {function: a, method: POST, timeout: 20}\n",
        &[("infrastructure/tc/etl/vars/a.json", vars), ("infrastructure/tc/etl/roles/a.json", roles)],
    );
    let expect = |component: &str, expected: &[&str]| {
        let partial = of(&deployed, &new, component);
        assert_eq!(changed(&deployed, &partial), expected, "{component}");
        assert_eq!(along(&partial), [], "{component}");
    };
    let (function, role) = ("Modify FunctionA MemorySize Timeout", "Modify FunctionARole Policies");
    expect("routes", &["Modify RouteXIntegration TimeoutInMillis"]);
    expect("routes//x", &["Modify RouteXIntegration TimeoutInMillis"]);
    expect("roles", &[role]);
    expect("roles/a", &[role]);
    expect("roles/b", &[]);
    expect("vars", &[function]);
    expect("vars/a", &[function]);
    expect("functions", &[role, function]);
    expect("a", &[role, function]);
    expect("functions/a", &[role, function]);
    expect("b", &[]);
    expect("events", &[]);
}

#[test]
fn what_a_component_newly_needs_comes_along() {
    let deployed = topology("", &[]);
    let new = topology("routes:\n  /x: {gateway: g, function: c, method: POST}\n", &[("c/handler.py", HANDLER)]);
    let partial = of(&deployed, &new, "routes");
    let ids: Vec<&str> = partial.along.iter().map(|along| along.logical_id.as_str()).collect();
    let expected = ["FunctionC", "FunctionCLogGroup", "FunctionCRole", "GatewayG", "GatewayGLogGroup", "GatewayGStage"];
    assert_eq!(ids, expected);
    assert_eq!(partial.template, new);
    assert!(partial.template["Outputs"]["GatewayGUrl"].is_object());
}

#[test]
fn rights_on_what_is_new_come_along() {
    let deployed = topology("", &[("infrastructure/tc/etl/vars/a.json", r#"{"memory_size": 256}"#)]);
    let queues = "queues:\n  jobs: {producer: a, consumer: b}\n";
    let new = topology(queues, &[("infrastructure/tc/etl/vars/a.json", r#"{"memory_size": 512}"#)]);
    let partial = of(&deployed, &new, "queues");
    assert_eq!(
        changed(&deployed, &partial),
        [
            "Add QueueJobs",
            "Add QueueJobsDeadLetter",
            "Add QueueJobsPolicy",
            "Add QueueJobsConsumer",
            "Modify FunctionARole Policies",
            "Modify FunctionA Environment",
            "Modify FunctionBRole Policies",
        ]
    );
    let rights = ["FunctionA", "FunctionARole", "FunctionBRole"].map(|id| (id, Reason::Rights));
    assert_eq!(along(&partial), rights);
    // And what refers to a queue that goes lets go of it.
    let back = of(&partial.template, &deployed, "queues");
    assert_eq!(back.template, deployed);
    let orphaned = ["FunctionA", "FunctionARole", "FunctionBRole"].map(|id| (id, Reason::Orphaned));
    assert_eq!(along(&back), orphaned);
}

#[test]
fn a_produced_event_brings_the_right_to_put_it() {
    let deployed = topology("", &[]);
    let new = topology("events:\n  produces:\n    Done: {producer: a}\n", &[]);
    let there = of(&deployed, &new, "events");
    assert_eq!(changed(&deployed, &there), ["Modify FunctionARole Policies", "Modify FunctionA Environment"]);
    assert_eq!(of(&new, &deployed, "events").template, deployed);
    // It has no resource, and is known from the graph.
    assert!(find("events/Done", &deployed, &new).is_err());
    let event = EntityId::new(EntityKind::Event, "Done");
    let text = "name: etl\nevents:\n  produces:\n    Done: {producer: a}\n";
    let world = MemoryWorld::new([("topology.yml", text), ("a/handler.py", HANDLER)]);
    let loaded = load(&world, &Options { sandbox: Some("bob".into()), env: Some("dev".into()), version: None });
    let graph = Graph::build(&loaded.topology.unwrap());
    assert!(graph.entity(&event).is_some());
    let component = Component::find("events/Done", &deployed, &new, &graph).unwrap();
    assert_eq!(partial(&deployed, &new, &[component]), there);
}

#[test]
fn what_refers_to_a_removed_function_goes_with_it() {
    let routes =
        "routes:\n  /x: {gateway: g, function: c, method: POST}\n  /y: {gateway: g, function: a, method: POST}\n";
    let deployed = topology(routes, &[("c/handler.py", HANDLER)]);
    let new = topology("routes:\n  /y: {gateway: g, function: a, method: POST}\n", &[]);
    let partial = of(&deployed, &new, "functions");
    assert_eq!(partial.template, new);
    assert!(along(&partial).contains(&("RouteX", Reason::Orphaned)), "{:?}", along(&partial));
}

#[test]
fn a_layer_that_others_share_changes_for_the_component_alone() {
    let function = r#"{"runtime": {"lang": "python3.13", "layers": ["shared"]}}"#;
    let files = [("a/function.json", function), ("b/function.json", function)];
    let (deployed, new) = (topology("", &files), topology("", &files));
    let mut partial = of(&deployed, &new, "a");
    assert_eq!(partial.parameters(), ["ArtifactBucket", "LayerShared"].map(str::to_owned).into());
    let values = |bucket: &str, layer: &str| {
        BTreeMap::from([("ArtifactBucket".to_owned(), bucket.to_owned()), ("LayerShared".to_owned(), layer.to_owned())])
    };
    let (before, after) = (values("x", "l:1"), values("x", "l:2"));
    assert_eq!(partial.bind(&before, &after), after);
    let layers = |id: &str| partial.template["Resources"][id]["Properties"]["Layers"].clone();
    assert_eq!(layers("FunctionA"), json!({ "Fn::Split": [",", { "Ref": "LayerShared" }] }));
    assert_eq!(layers("FunctionB"), json!({ "Fn::Split": [",", "l:1"] }));
    // What does not concern layers keeps them.
    let mut vars = of(&deployed, &new, "vars");
    assert_eq!(vars.parameters(), BTreeSet::new());
    assert_eq!(vars.bind(&before, &BTreeMap::new()), before);
    assert_eq!(vars.template, deployed);
    // A layer is named by itself or by its function.
    assert_eq!(of(&deployed, &new, "layers/shared").parameters(), ["LayerShared".to_owned()].into());
    assert_eq!(of(&deployed, &new, "layers/a").parameters(), ["LayerShared".to_owned()].into());
    assert!(find("layers/other", &deployed, &new).is_err());
}

#[test]
fn a_part_of_a_function_publishes_a_version_of_its_own() {
    let handler = |memory: u32| format!(r#"{{"provisioned_concurrency": 1, "memory_size": {memory}}}"#);
    let (small, large) = (handler(256), handler(512));
    let vars = "infrastructure/tc/etl/vars/a.json";
    let deployed = topology("", &[(vars, &small)]);
    let described = |template: &Value| template["Resources"]["FunctionAVersion"]["Properties"]["Description"].clone();
    // The memory alone: the function is then as the new one.
    let new = topology("", &[(vars, &large)]);
    assert_eq!(described(&of(&deployed, &new, "vars").template), described(&new));
    // The memory, and not the description.
    let other = topology("", &[(vars, &large), ("a/function.json", r#"{"description": "x"}"#)]);
    let partial = of(&deployed, &other, "vars");
    let own = described(&partial.template);
    assert!(own.is_string() && own != described(&deployed) && own != described(&other), "{own}");
    // Then all of it is new again, and nothing where nothing differs.
    assert_eq!(described(&of(&partial.template, &other, "a").template), described(&other));
    assert_eq!(described(&of(&partial.template, &partial.template, "vars").template), own);
}

#[test]
fn a_rest_api_is_deployed_as_a_whole() {
    let route = |name: &str, timeout: u32| {
        format!("  /{name}: {{gateway: g, kind: rest, function: a, method: POST, timeout: {timeout}}}\n")
    };
    let deployed = topology(&format!("routes:\n{}{}", route("x", 10), route("y", 10)), &[]);
    let new = topology(&format!("routes:\n{}{}", route("x", 20), route("y", 20)), &[]);
    let partial = of(&deployed, &new, "routes//x");
    // The deployment copies the other route as well.
    assert_eq!(partial.template, new);
    assert!(along(&partial).contains(&("RouteY", Reason::Deployed)), "{:?}", along(&partial));
    let same = of(&deployed, &deployed, "routes//x");
    assert_eq!((same.template, same.along), (deployed, Vec::new()));
}

#[test]
fn an_unknown_component_has_a_suggestion() {
    let one = topology("routes:\n  /x: {function: a, method: POST}\n", &[("enhancer/handler.py", HANDLER)]);
    let help = |text: &str| find(text, &one, &one).unwrap_err().help.unwrap_or_default();
    assert_eq!(help("enhancr"), "did you mean `enhancer`?");
    assert_eq!(help("route"), "did you mean `routes`?");
    assert_eq!(help("functions/enhancr"), "did you mean `functions/enhancer`?");
    assert_eq!(help("roles/enhancr"), "did you mean `roles/enhancer`?");
    assert_eq!(help("functions/zzz"), "`functions` has: `a`, `b`, `enhancer`");
    assert!(help("zzz").starts_with("there are: `gateways`, `routes`, "), "{}", help("zzz"));
    assert!(help("").starts_with("there are: "));
}

/// What a topology may say in parts: each on, off, or on in another way.
fn spec() -> impl Strategy<Value = Value> {
    let files = (0..3_u8, 0..3_u8, 0..3_u8, 0..3_u8).prop_map(|(c, memory, role, layer)| (c, memory, role, layer));
    let parts = (0..3_u8, 0..3_u8, 0..3_u8, 0..3_u8, 0..3_u8, 0..3_u8);
    (files, parts).prop_map(|((c, memory, role, layer), (http, rest, event, queue, schedule, flow))| {
        let on = |level: u8, one: &str, other: &str| match level {
            0 => String::new(),
            1 => one.to_owned(),
            _ => other.to_owned(),
        };
        // What names `c` needs it.
        let last = if c > 0 { "c" } else { "b" };
        let mut text = String::from("routes:\n  /always: {gateway: g, function: a, method: GET}\n");
        text += &on(http, "  /x: {gateway: g, function: b, method: POST}\n", &format!("  /x: {{gateway: g, function: {last}, method: PUT}}\n"));
        text += &on(
            rest,
            "  /r: {gateway: h, kind: rest, function: b, method: POST}\n",
            "  /r: {gateway: h, kind: rest, function: a, method: POST, timeout: 9}\n  /s: {gateway: h, kind: rest, function: a, method: PUT}\n",
        );
        text += &on(event, "events: {consumes: {E: {producer: default, function: a}}}\n", &format!("events: {{consumes: {{E: {{producer: x, function: {last}}}}}}}\n"));
        text += &on(queue, "queues: {q: {producer: a, consumer: b}}\n", "queues: {q: {producer: b, consumer: a}, p: {consumer: b}}\n");
        text += &on(schedule, "schedules: {n: {rate: 1 hour, function: a}}\n", &format!("schedules: {{n: {{rate: 2 hours, function: {last}}}}}\n"));
        let state = |function: &str| format!("{{Type: Task, Resource: 'arn:aws:states:::lambda:invoke', Parameters: {{FunctionName: '{{{{namespace}}}}_{function}_{{{{sandbox}}}}'}}, End: true}}");
        text += &on(flow, &format!("flow: {{StartAt: s, States: {{s: {}}}}}\n", state("a")), &format!("flow: {{StartAt: s, States: {{s: {}}}}}\n", state(last)));
        let mut more: Vec<(&str, String)> = Vec::new();
        if c > 0 {
            more.push(("c/handler.py", HANDLER.to_owned()));
        }
        let vars = |memory: u32, more: &str| format!(r#"{{"memory_size": {memory}{more}}}"#);
        match memory {
            0 => {}
            1 => more.push(("infrastructure/tc/etl/vars/a.json", vars(512, r#", "provisioned_concurrency": 2"#))),
            _ => more.push(("infrastructure/tc/etl/vars/a.json", vars(1024, r#", "environment": {"K": "secret:s"}"#))),
        }
        if role > 0 {
            let statement = format!(r#"{{"Statement": [{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b{role}/*"}}]}}"#);
            more.push(("infrastructure/tc/etl/roles/b.json", statement));
        }
        if layer > 0 {
            more.push(("b/function.json", format!(r#"{{"runtime": {{"lang": "python3.13", "layers": ["l{layer}"]}}}}"#)));
        }
        let more: Vec<(&str, &str)> = more.iter().map(|(path, text)| (*path, text.as_str())).collect();
        topology(&text, &more)
    })
}

fn assert_whole(template: &Value, component: &str) {
    let (resources, parameters) = (section(template, "Resources"), section(template, "Parameters"));
    let check = |id: &str| assert!(resources.contains_key(id) || parameters.contains_key(id), "{component}: {id}");
    for (_, resource) in &resources {
        reference::each(resource, &mut |id| check(id));
        let order = resource.get("DependsOn").cloned().unwrap_or_default();
        let order = if order.is_string() { vec![order] } else { order.as_array().cloned().unwrap_or_default() };
        order.iter().for_each(|id| assert!(resources.contains_key(id.as_str().unwrap()), "{component}: {id}"));
    }
    for output in section(template, "Outputs").values() {
        reference::each(output, &mut |id| check(id));
    }
    let mut used = BTreeSet::new();
    template["Resources"]
        .as_object()
        .unwrap()
        .values()
        .for_each(|one| reference::each(one, &mut |id| _ = used.insert(id.to_owned())));
    parameters.keys().for_each(|id| assert!(used.contains(*id), "{component}: {id} is not used"));
}

const ALL: [&str; 7] = ["gateways", "routes", "events", "schedules", "queues", "flow", "functions"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_partial_update_holds_together(deployed in spec(), new in spec()) {
        let find = |name: &str| find(name, &deployed, &new).unwrap();
        let everything = partial(&deployed, &new, &ALL.map(find));
        prop_assert_eq!(&everything.template, &new);
        prop_assert!(everything.along.is_empty(), "{:?}", everything.along);

        let entities = [&deployed, &new].into_iter().flat_map(|template| section(template, "Resources").into_values());
        let entities: BTreeSet<&str> = entities.map(entity).collect();
        let names = ALL.into_iter().chain(["roles", "vars", "layers"]).chain(entities);
        for name in names {
            let component = find(name);
            let partial = partial(&deployed, &new, std::slice::from_ref(&component));
            assert_whole(&partial.template, name);
            // Nothing else has changed but what is told.
            let (before, after) = (section(&deployed, "Resources"), section(&partial.template, "Resources"));
            let wanted = section(&new, "Resources");
            let pair = super::Pair { deployed: before.clone(), new: wanted.clone() };
            for id in pair.ids().filter(|id| before.get(id) != after.get(id)) {
                let is_told = partial.along.iter().any(|along| along.logical_id == id);
                // The version of a function goes with it.
                let is_version = id.ends_with("Version");
                prop_assert!(is_told || is_version || component.part(id, &pair).is_some(), "{}: {}", name, id);
            }
            // The same again changes nothing.
            let again = super::partial(&partial.template, &new, std::slice::from_ref(&component));
            prop_assert_eq!(&again.template, &partial.template, "{}", name);
        }

        // One kind after the other comes to the same as all at once.
        let mut template = deployed.clone();
        for name in ALL {
            template = of(&template, &new, name).template;
        }
        prop_assert_eq!(&template, &new);
    }
}
