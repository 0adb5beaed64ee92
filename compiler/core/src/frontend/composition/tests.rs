use super::below;
use crate::diagnostic::render::json;
use crate::frontend::{Options, load};
use crate::graph::{Graph, logical_id};
use crate::ir::{StateMachineType, Target};
use crate::world::{MemoryWorld, SourcePath};

const FLOW: &str = "flow: {StartAt: s, States: {s: {Type: Pass, End: true}}}\n";

fn child(name: &str, more: &str) -> String {
    format!("name: {name}\n{more}")
}

/// A flow of one task that starts a state machine.
fn starts(machine: &str) -> String {
    format!(
        "flow: {{StartAt: s, States: {{s: {{Type: Task, Resource: 'arn:aws:states:::states:startExecution.sync:2', \
         Parameters: {{StateMachineArn: {machine}}}, End: true}}}}}}\n"
    )
}

/// The findings of a topology: path, line, code and message, and the help.
fn findings(world: &MemoryWorld) -> Vec<String> {
    let options = Options { sandbox: Some("bob".into()), env: Some("dev".into()), version: None };
    let loaded = load(world, &options);
    let text = |finding| json::render(finding, &loaded.sources, &ToString::to_string).unwrap();
    let values =
        loaded.findings.iter().map(|finding| serde_json::from_str::<serde_json::Value>(&text(finding)).unwrap());
    values
        .map(|value| {
            let place = loaded.findings.iter().find(|one| value["message"] == one.message.as_str());
            let place = place.and_then(|one| loaded.sources.locate(one.primary.as_ref()?.span));
            let place = place.map_or_else(String::new, |(path, at)| format!("{path}:{} ", at.line));
            format!("{place}{} {}", value["code"].as_str().unwrap(), value["message"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn a_directory_with_a_topology_is_no_function() {
    let world = MemoryWorld::new([
        ("topology.yml", "name: order\n"),
        ("payment/topology.yml", "name: payment\n"),
        ("payment/handler.py", "def handler(e, c): pass\n"),
        ("check/handler.py", "def handler(e, c): pass\n"),
    ]);
    let topology = load(&world, &Options::default()).topology.unwrap();
    assert_eq!(topology.functions.keys().collect::<Vec<_>>(), ["check"]);
}

#[test]
fn topologies_are_found_where_functions_are() {
    let world = MemoryWorld::new([
        ("topology.yml", "name: order\nnodes: {ignore: [old]}\n"),
        (".tcignore", "gone\n"),
        ("payment/topology.yml", "name: payment\nnodes: {ignore: [paypal]}\n"),
        ("payment/stripe/topology.yaml", "name: stripe\n"),
        ("payment/paypal/topology.yml", "name: paypal\n"),
        ("functions/refund/topology.yml", "name: refund\n"),
        ("docs/deep/topology.yml", "name: deep\n"),
        ("old/topology.yml", "name: old\n"),
        ("gone/topology.yml", "name: gone\n"),
        (".hidden/topology.yml", "name: hidden\n"),
    ]);
    let found: Vec<String> = below(&world).iter().map(SourcePath::to_string).collect();
    assert_eq!(found, [".", "functions/refund", "payment", "payment/stripe"]);
}

#[test]
fn routes_events_schedules_and_flows_name_other_topologies() {
    let order = format!(
        "name: order\nroutes:\n  /pay: {{method: POST, state: payment}}\nevents:\n  consumes:\n    Paid: {{state: \
         'refund_{{{{sandbox}}}}'}}\nschedules:\n  nightly: {{rate: 1 day, state: refund}}\n{}",
        starts("'arn:aws:states:{{region}}:{{account}}:stateMachine:stripe_{{sandbox}}'")
    );
    let world = MemoryWorld::new([
        ("topology.yml", order),
        ("payment/topology.yml", child("payment", &format!("mode: Express\n{FLOW}"))),
        ("payment/stripe/topology.yml", child("stripe", FLOW)),
        ("refund/topology.yml", child("refund", FLOW)),
    ]);
    assert_eq!(findings(&world), [""; 0]);
    let options = Options { sandbox: Some("bob".into()), ..Options::default() };
    let topology = load(&world, &options).topology.unwrap();
    let target = |target: &Target| match target {
        Target::Topology(name) => name.value.clone(),
        other => format!("{other:?}"),
    };
    assert_eq!(target(&topology.routes["/pay"].target), "payment");
    assert_eq!(target(&topology.consumes["Paid"].target), "refund");
    assert_eq!(target(&topology.schedules["nightly"].target), "refund");
    assert_eq!(topology.topologies["payment"].state_machine_type, StateMachineType::Express);
    assert_eq!(topology.topologies["stripe"].directory.as_str(), "payment/stripe");
    let links = Graph::build(&topology);
    let links = links.links().into_iter().filter(|link| logical_id::of(&link.to.id).starts_with("Topology"));
    let links: Vec<String> =
        links.map(|link| format!("{} {} {}", link.from.id, link.edge.kind.as_str(), link.to.id)).collect();
    assert_eq!(
        links,
        [
            "routes//pay starts topologies/payment",
            "events/Paid starts topologies/refund",
            "schedules/nightly starts topologies/refund",
            "flow runs topologies/stripe",
        ]
    );
}

#[test]
fn siblings_and_parents_are_in_the_same_tree() {
    let world = MemoryWorld::new([
        ("topology.yml", child("payment", &starts("refund"))),
        ("../topology.yml", child("order", FLOW)),
        ("../refund/topology.yml", child("refund", FLOW)),
        ("../../tc.yml", String::new()),
        // What the walk from above finds here is this topology itself.
        ("../payment/topology.yml", child("payment", &starts("refund"))),
    ])
    .within(&["payment", "order"]);
    assert_eq!(findings(&world), [""; 0]);
    let topology = load(&world, &Options::default()).topology.unwrap();
    assert_eq!(topology.topologies["refund"].directory.as_str(), "../refund");
}

#[test]
fn the_own_flow_comes_first() {
    let world = MemoryWorld::new([
        ("topology.yml", child("order", &format!("routes:\n  /a: {{state: order}}\n  /b: {{state: flow}}\n{FLOW}"))),
        ("flow/topology.yml", child("flow", FLOW)),
    ]);
    let topology = load(&world, &Options::default()).topology.unwrap();
    assert!(topology.routes.values().all(|route| matches!(route.target, Target::Flow(_))));
    assert!(topology.topologies.is_empty());
}

#[test]
fn a_name_that_is_none_is_told_at_its_place() {
    let order = |more: &str| {
        MemoryWorld::new([
            ("topology.yml", child("order", more)),
            ("payment/topology.yml", child("payment", FLOW)),
            ("ledger/topology.yml", child("ledger", "")),
        ])
    };
    for (more, expected) in [
        ("routes:\n  /a: {state: paymnet}\n", "topology.yml:3 TC0108 the state machine `paymnet` does not exist"),
        ("routes:\n  /a: {state: ledger}\n", "topology.yml:3 TC0108 the topology `ledger` has no `flow` to start"),
        ("routes:\n  /a: {function: payment}\n", "topology.yml:3 TC0107 the function `payment` does not exist"),
        (&starts("paymnet"), "topology.yml:2 TC0108 the state machine `paymnet` does not exist"),
    ] {
        assert_eq!(findings(&order(more)), [expected], "{more}");
    }
    // In full it may be anybody's.
    let foreign = "'arn:aws:states:{{region}}:{{account}}:stateMachine:paymnet_bob'";
    assert_eq!(findings(&order(&starts(foreign))), [""; 0]);
}

#[test]
fn a_topology_that_is_broken_is_not_there() {
    let world = MemoryWorld::new([
        ("topology.yml", child("order", "routes:\n  /a: {state: payment}\n")),
        ("payment/topology.yml", "name: [".to_owned()),
        ("refund/topology.yml", child("refund", FLOW)),
    ]);
    assert_eq!(findings(&world), ["topology.yml:3 TC0108 the state machine `payment` does not exist"]);
}

#[test]
fn two_of_one_name_are_told_where_one_is_named() {
    let world = MemoryWorld::new([
        ("topology.yml", child("order", "routes:\n  /a: {state: payment}\n")),
        ("payment/topology.yml", child("payment", FLOW)),
        ("refund/topology.yml", child("payment", FLOW)),
    ]);
    assert_eq!(findings(&world), ["refund/topology.yml:1 TC0115 two topologies are called `payment`"]);
}

#[test]
fn a_circle_is_told_alike_by_all_that_are_in_it() {
    let order = child("order", &starts("payment"));
    let (payment, stripe) = (child("payment", &starts("stripe")), child("stripe", &starts("order")));
    let message = "TC0116 topologies start each other: `order` -> `payment` -> `stripe` -> `order`";
    let world = MemoryWorld::new([
        ("topology.yml", order.as_str()),
        ("payment/topology.yml", &payment),
        ("payment/stripe/topology.yml", &stripe),
    ]);
    assert_eq!(findings(&world), [format!("topology.yml:2 {message}")]);
    let world = MemoryWorld::new([
        ("topology.yml", stripe.as_str()),
        ("../topology.yml", &payment),
        ("../stripe/topology.yml", &stripe),
        ("../../topology.yml", &order),
        ("../../payment/topology.yml", &payment),
        ("../../payment/stripe/topology.yml", &stripe),
    ])
    .within(&["stripe", "payment", "order"]);
    assert_eq!(findings(&world), [format!("../../topology.yml:2 {message}")]);
}

#[test]
fn a_flow_in_a_file_names_topologies_too() {
    let world = MemoryWorld::new([
        ("topology.yml", child("order", &starts("payment"))),
        ("payment/topology.yml", child("payment", "flow: flow.json\n")),
        (
            "payment/flow.json",
            r#"{"StartAt": "s", "States": {"s": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
                "Arguments": {"StateMachineArn": "order_{{sandbox}}"}, "End": true}}}"#
                .to_owned(),
        ),
    ]);
    assert_eq!(
        findings(&world),
        ["topology.yml:2 TC0116 topologies start each other: `order` -> `payment` -> `order`"]
    );
}
