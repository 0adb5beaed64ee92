//! What an Express flow, and an Express item of a Distributed Map state, cannot do.
//!
//! Developer guide, "Choosing workflow type in Step Functions". AWS: `Express state machine does not support '.sync'
//! service integration`, `… Activity ARN`, `The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS'
//! state machines`.

use super::integration::Pattern;
use super::machine::{Machine, StateType, processor};
use super::resource::{self, Resource};
use crate::diagnostic::{Diagnostic, codes::flow};
use crate::ir::StateMachineType;
use crate::source::Node;

/// Seconds that an Express execution lasts at most.
const LONGEST: i64 = 300;

pub(super) fn check(machine: &Machine<'_>, mode: StateMachineType, findings: &mut Vec<Diagnostic>) {
    for state in &machine.states {
        let Some((what, way_out)) = express(machine, state.scope, mode) else { continue };
        let Some(map) = state.map else { continue };
        match state.kind {
            Some(StateType::Task) => {
                let Some(node) = map.get("Resource") else { continue };
                let parsed = node.as_str().and_then(|text| resource::parse(text).ok());
                let cannot = match parsed {
                    Some(Resource::Activity) => "run an activity".to_owned(),
                    Some(Resource::Integration { pattern: Pattern::Job { .. }, .. }) => {
                        "wait for a job (`.sync`)".to_owned()
                    }
                    Some(Resource::Integration { pattern: Pattern::Callback, .. }) => {
                        "wait for a callback (`.waitForTaskToken`)".to_owned()
                    }
                    _ => continue,
                };
                findings
                    .push(Diagnostic::new(&flow::EXPRESS, node.span, format!("{what} cannot {cannot}")).help(way_out));
            }
            Some(StateType::Wait) => {
                let Some(node) = map.get("Seconds") else { continue };
                let seconds = node.as_number().and_then(serde_json::Number::as_i64);
                if let Some(seconds) = seconds.filter(|seconds| *seconds >= LONGEST) {
                    let message = format!("{what} cannot wait for {seconds} s: it ends after {LONGEST} s");
                    findings.push(Diagnostic::new(&flow::EXPRESS, node.span, message).help(way_out));
                }
            }
            Some(StateType::Map) => {
                let config = processor(map).and_then(|processor| processor.get("ProcessorConfig"));
                let mode =
                    config.and_then(|config| config.get("Mode")).filter(|mode| mode.as_str() == Some("DISTRIBUTED"));
                if let Some(mode) = mode {
                    let message = format!("{what} cannot have a Distributed Map state");
                    findings.push(Diagnostic::new(&flow::EXPRESS, mode.span, message).help(way_out));
                }
            }
            _ => {}
        }
    }
}

/// What is Express about a scope, if something is, and how to have it Standard.
fn express(machine: &Machine<'_>, scope: usize, mode: StateMachineType) -> Option<(&'static str, &'static str)> {
    let mut scope = Some(scope);
    while let Some(inner) = scope {
        if machine.is_distributed(inner) {
            let own = machine.config(inner).and_then(|config| config.get("ExecutionType")).and_then(Node::as_str);
            return (own == Some("EXPRESS")).then_some(("an Express item", "write `ExecutionType: STANDARD`"));
        }
        scope = machine.around(inner);
    }
    (mode == StateMachineType::Express).then_some(("an Express flow", "write `mode: Standard` in the topology"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, express, passes};

    fn task(resource: &str) -> String {
        format!(
            "StartAt: t\nStates:\n  t: {{Type: Task, End: true, Resource: '{resource}', Parameters: {{StateMachineArn: a, Input.$: $$}}}}\n"
        )
    }

    #[test]
    fn what_only_a_standard_flow_can_do() {
        for (resource, wanted) in [
            ("arn:aws:states:::states:startExecution.sync:2", "TC0221 an Express flow cannot wait for a job (`.sync`)"),
            (
                "arn:aws:states:::states:startExecution.waitForTaskToken",
                "TC0221 an Express flow cannot wait for a callback (`.waitForTaskToken`)",
            ),
            ("arn:aws:states:us-east-1:1:activity:a", "TC0221 an Express flow cannot run an activity"),
        ] {
            passes(&task(resource));
            let wanted = format!("{wanted} @'{resource}'; write `mode: Standard` in the topology");
            assert_eq!(express(&task(resource)), [wanted]);
        }
        assert_eq!(express(&task("arn:aws:states:::states:startExecution")), [""; 0]);
    }

    #[test]
    fn five_minutes_are_all_there_is() {
        let wait = |seconds: u32| format!("StartAt: w\nStates:\n  w: {{Type: Wait, Seconds: {seconds}, End: true}}\n");
        passes(&wait(300));
        assert_eq!(express(&wait(299)), [""; 0]);
        assert_eq!(
            express(&wait(300)),
            [
                "TC0221 an Express flow cannot wait for 300 s: it ends after 300 s @300; write `mode: Standard` in the topology"
            ]
        );
    }

    #[test]
    fn distributed_items_have_a_type_of_their_own() {
        let flow = |execution: &str| {
            format!(
                "StartAt: m\nStates:\n  m:\n    Type: Map\n    End: true\n    ItemProcessor:\n      ProcessorConfig: {{Mode: \
                 DISTRIBUTED, ExecutionType: {execution}}}\n      StartAt: t\n      States:\n        t: {{Type: Task, End: true, \
                 Resource: 'arn:aws:states:::glue:startJobRun.sync', Parameters: {{JobName: j}}}}\n"
            )
        };
        passes(&flow("STANDARD"));
        assert_eq!(
            check(&flow("EXPRESS")),
            [
                "TC0221 an Express item cannot wait for a job (`.sync`) @'arn:aws:states:::glue:startJobRun.sync'; write \
              `ExecutionType: STANDARD`"
            ]
        );
        assert_eq!(
            express(&flow("STANDARD")),
            [
                "TC0221 an Express flow cannot have a Distributed Map state @DISTRIBUTED; write `mode: Standard` in the topology"
            ]
        );
    }
}
