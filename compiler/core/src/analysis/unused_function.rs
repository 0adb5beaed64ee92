//! Every function is invoked by something, once the topology has anything that invokes.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::function as codes};
use crate::graph::{EdgeKind, EntityId, EntityKind};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let topology = subject.topology;
    let begins = |kind| matches!(kind, EntityKind::Route | EntityKind::Schedule | EntityKind::Queue | EntityKind::Flow);
    let has_trigger = !topology.consumes.is_empty() || subject.graph.entities().any(|entity| begins(entity.id.kind));
    // What could not be resolved might have been the mention.
    if !has_trigger || topology.is_partial {
        return;
    }
    for function in topology.functions.values() {
        let invokes = |kind: EdgeKind| kind.triggers() || kind == EdgeKind::Authorizes;
        let incoming = subject.graph.incoming(&EntityId::function(&function.name));
        if incoming.iter().any(|link| invokes(link.edge.kind)) || topology.used_elsewhere.contains(&function.name) {
            continue;
        }
        let message = format!("nothing invokes the function `{}`", function.name);
        findings.push(
            Diagnostic::new(&codes::UNUSED_FUNCTION, function.span, message)
                .help("name it in a route, an event, a queue, a schedule or the flow")
                .help(format!(
                    "if it is no function of this topology, list `{}` under `nodes.ignore`",
                    function.directory
                )),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn a_topology_without_triggers_is_a_beginning() {
        assert_eq!(check_topology(check, ""), [""; 0]);
    }

    #[test]
    fn every_way_of_being_invoked_counts() {
        let text = "routes:\n  /x: {function: a, authorizer: b}\nqueues:\n  jobs: {consumer: c}\n";
        assert_eq!(check_topology(check, text), [""; 0]);
        let text = "schedules:\n  s: {rate: 1 day, function: a}\nevents: {consumes: {E: {function: b}}}\nflow:\n  StartAt: s\n  \
                    States: {s: {Type: Task, Resource: 'arn:aws:lambda:us-east-1:1:function:etl_c_bob', End: true}}\n";
        assert_eq!(check_topology(check, text), [""; 0]);
    }

    #[test]
    fn an_event_of_another_sandbox_counts() {
        let text = "routes:\n  /x: {function: a}\n  /y: {function: b}\nevents:\n  consumes:\n    E: {function: c, \
                    sandboxes: [stable]}\n";
        assert_eq!(check_topology(check, text), [""; 0]);
    }

    #[test]
    fn a_producer_is_not_invoked() {
        let text = "routes:\n  /x: {function: a}\n  /y: {function: c}\nevents: {produces: {E: {producer: b}}}\n";
        assert_eq!(
            check_topology(check, text),
            [
                "TC0515 warning nothing invokes the function `b` @; name it in a route, an event, a queue, a schedule or the \
              flow; if it is no function of this topology, list `b` under `nodes.ignore`"
            ]
        );
    }
}
