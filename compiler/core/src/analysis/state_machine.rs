//! The flow follows the Amazon States Language.

use super::{Subject, asl};
use crate::diagnostic::Diagnostic;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    if let Some(flow) = &subject.topology.flow {
        findings.extend(asl::check(&flow.definition, flow.state_machine_type));
    }
}
