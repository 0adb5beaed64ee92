//! Every edge has its grant, or a reason why none is needed.

use super::{lowered, statements};
use crate::backend::lower::iam;
use crate::backend::lower::testing::{HANDLER, lower_files};
use crate::backend::lower::{Artifacts, Lowering};
use crate::backend::template::Template;
use crate::frontend::{Options, load};
use crate::graph::{EdgeKind, EntityKind, Graph, Link};
use crate::world::MemoryWorld;
use std::collections::BTreeSet;

/// A topology that has an edge of every kind from every kind of entity that can have it.
const TOPOLOGY: &str = "name: etl\n\
    routes: {/a: {function: f, authorizer: g}, /b: {queue: jobs}, /c: {event: Done}, /d: {state: flow}, /e: {state: refund}}\n\
    events:\n  produces: {Done: {producer: f, source: etl}}\n  \
    consumes: {E: {function: f}, Q: {queue: jobs}, S: {state: flow}, M: {mutation: done}, R: {state: refund}}\n\
    queues: {jobs: {producer: f, consumer: g}}\n\
    schedules: {s: {rate: 5 minutes, function: f}, q: {rate: 5 minutes, queue: jobs}, t: {rate: 5 minutes, state: flow}}\n\
    flow:\n  StartAt: x\n  States:\n    \
    x: {Type: Task, Resource: '{{namespace}}_f_{{sandbox}}', Next: y}\n    \
    y: {Type: Task, Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Parameters: {QueueUrl: jobs, MessageBody: m}, Next: z}\n    \
    z: {Type: Task, Resource: 'arn:aws:states:::events:putEvents', Parameters: {Entries: [{DetailType: E, Source: s}]}, Next: p}\n    \
    p: {Type: Task, Resource: 'arn:aws:states:::states:startExecution.sync:2', Parameters: {StateMachineArn: payment}, Next: r}\n    \
    r: {Type: Task, Resource: 'arn:aws:states:::states:startExecution', Parameters: {StateMachineArn: refund}, End: true}\n";
const OTHERS: [(&str, &str); 2] = [
    ("payment/topology.yml", "name: payment\nflow: {StartAt: s, States: {s: {Type: Pass, End: true}}}\n"),
    ("refund/topology.yml", "name: refund\nflow: {StartAt: s, States: {s: {Type: Pass, End: true}}}\n"),
];
const METADATA: &str = "runtime: {layers: [common]}\nassets: {MODEL_PATH: /mnt/assets/m}\n";

/// What must give an edge its right.
#[derive(Debug, PartialEq)]
enum Means {
    /// The role of the entity it leaves.
    Tail,
    /// The role of the entity it reaches.
    Head,
    /// A permission or a policy of what it reaches, or no right is needed.
    Other,
}

/// Exhaustive, so that a new kind of edge has to be thought of.
fn means(link: &Link<'_>) -> Means {
    use EntityKind::{Event, Route};
    match (link.edge.kind, link.from.id.kind) {
        // The function's permission and the queue's policy.
        (EdgeKind::Invokes, Route | Event) | (EdgeKind::Sends, Event) | (EdgeKind::Authorizes, _) => Means::Other,
        (EdgeKind::Invokes | EdgeKind::Starts | EdgeKind::Runs | EdgeKind::Sends | EdgeKind::Puts, _) => Means::Tail,
        (EdgeKind::Calls | EdgeKind::Mounts | EdgeKind::Answers, _) => Means::Tail,
        (EdgeKind::Delivers, _) => Means::Head,
        // Parts, and what Lambda reads by the layer's own permission.
        (EdgeKind::Exposes | EdgeKind::Uses, _) => Means::Other,
    }
}

#[test]
fn every_edge_has_its_grant_or_needs_none() {
    let handler = [("f/handler.py", HANDLER), ("g/handler.py", HANDLER), ("f/function.yml", METADATA)];
    let world = MemoryWorld::new([("topology.yml", TOPOLOGY)].into_iter().chain(handler).chain(OTHERS));
    let topology = load(&world, &Options { sandbox: Some("bob".into()), ..Options::default() }).topology.unwrap();
    let (graph, artifacts) = (Graph::build(&topology), Artifacts::new());
    let cx = Lowering::new(&topology, &graph, &artifacts);
    let mut seen = BTreeSet::new();
    for link in graph.links() {
        seen.insert(link.edge.kind);
        let of_tail = iam::grant(&cx, &link).is_some();
        let head = iam::grants(&cx, &link.to.id);
        let of_head = head.iter().any(|grant| grant.sid == "ReceiveMessages") && link.edge.kind == EdgeKind::Delivers;
        let found = match (of_tail, of_head) {
            (true, false) => Means::Tail,
            (false, true) => Means::Head,
            (false, false) => Means::Other,
            (true, true) => panic!("two grants for one edge"),
        };
        assert_eq!(found, means(&link), "{} {} {}", link.from.id, link.edge.kind.as_str(), link.to.id);
    }
    let all = "answers authorizes calls delivers exposes invokes mounts puts runs sends starts uses";
    let mut seen: Vec<_> = seen.into_iter().map(EdgeKind::as_str).collect();
    seen.sort_unstable();
    assert_eq!(seen.join(" "), all);
}

#[test]
fn edges_without_a_role_have_a_permission_or_a_policy() {
    let handlers = [("f/handler.py", HANDLER), ("g/handler.py", HANDLER), ("f/function.yml", METADATA)];
    let files: Vec<_> = [("topology.yml", TOPOLOGY)].into_iter().chain(handlers).chain(OTHERS).collect();
    let template: Template = lower_files(&files).template;
    for id in ["RouteAPermission", "EventEPermission"] {
        assert_eq!(template.resources[id].resource_type, "AWS::Lambda::Permission", "{id}");
    }
    let authorizer = template
        .resources
        .iter()
        .find(|(id, resource)| id.contains("Authorizer") && resource.resource_type == "AWS::Lambda::Permission");
    assert!(authorizer.is_some());
    assert_eq!(template.resources["QueueJobsPolicy"].resource_type, "AWS::SQS::QueuePolicy");
}

#[test]
fn nothing_is_granted_without_an_edge() {
    let template = lowered("name: etl\nqueues: {jobs: {consumer: g}}\n", &[("f", ""), ("g", "")]).template;
    let sids = |role: &str| {
        let text = statements(&template, role);
        text.lines().filter_map(|line| line.strip_prefix("- Sid: ").map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(sids("FunctionFRole"), ["WriteLog"]);
    assert_eq!(sids("FunctionGRole"), ["WriteLog", "ReceiveMessages"]);
}
