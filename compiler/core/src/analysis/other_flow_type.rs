//! A task runs the flow of another topology in the way that its type has.
//!
//! Step Functions API, StartSyncExecution: "not available for STANDARD workflows"; DescribeExecution, by which a job is
//! waited for, is not supported by Express state machines.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::flow as codes};
use crate::ir::{StateMachineType, Until};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for start in subject.topology.flow.iter().flat_map(|flow| &flow.starts) {
        let name = &start.topology;
        let Some(other) = subject.topology.topologies.get(&name.value) else { continue };
        let (message, help) = match (other.state_machine_type, start.until) {
            (StateMachineType::Standard, Until::Answered) => (
                format!("`{}` is a Standard flow, `startSyncExecution` runs Express flows alone", **name),
                "write `Resource: arn:aws:states:::states:startExecution.sync:2`",
            ),
            (StateMachineType::Express, Until::Over) => (
                format!("`{}` is an Express flow, the end of which `startExecution.sync` never hears of", **name),
                "write `Resource: arn:aws:states:::aws-sdk:sfn:startSyncExecution`",
            ),
            _ => continue,
        };
        findings.push(Diagnostic::new(&codes::OTHER_FLOW_TYPE, name.span, message).help(help));
    }
}
