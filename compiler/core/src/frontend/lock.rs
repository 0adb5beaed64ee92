//! `topology.lock`: which stack each part of the topology is in.

use super::Session;
use crate::backend::stacks::{Lock, lock};
use crate::diagnostic::{Diagnostic, codes::template as codes};
use crate::source::Span;
use crate::world::SourcePath;

/// Reads the lock beside the topology; `None` where there is none, or with findings where it cannot be read.
pub(super) fn read(session: &mut Session<'_>) -> Option<Lock> {
    let file = session.read(&SourcePath::new(lock::FILE))?;
    let faults = match Lock::read(&session.sources.get(file)?.text) {
        Ok(lock) => return Some(lock),
        Err(faults) => faults,
    };
    session.findings.extend(faults.into_iter().map(|fault| {
        let span = Span::new(file, fault.range.start, fault.range.end);
        Diagnostic::new(&codes::BAD_LOCK, span, fault.message).help(fault.help)
    }));
    None
}
