//! A change set executed and followed.

use super::narration::{Expected, Narration};
use super::target::{Site, Target};
use super::{Findings, failure, one, recovery};
use crate::shell::Shell;
use std::collections::BTreeMap;
use tc_core::backend::template::Template;
use tc_deploy::Connection;
use tc_deploy::change_set::ChangeSet;
use tc_deploy::follow::End;
use tc_package::Artifact;

/// Executes a change set and tells what becomes of the stack, whose resources and artifacts are known; its outputs.
pub fn execute(
    target: &Target,
    site: &Site,
    (lowered, artifacts): (&Template, &BTreeMap<String, Artifact>),
    connection: &Connection,
    change_set: &ChangeSet,
    shell: &mut Shell,
) -> Result<BTreeMap<String, String>, Findings> {
    let Some((topology, graph)) = site.front() else { return Err(Findings::new()) };
    let watch = change_set.execute(connection).map_err(|finding| {
        // What is not executed is not left to wait either; that it could not be removed would hide why.
        let _ = change_set.discard(connection);
        one(finding)
    })?;
    let expected = change_set.changes.iter().map(Expected::from);
    let people = target.is_read_by_people();
    let mut narration = Narration::new(topology, artifacts, expected, shell, people);
    let stack = topology.stack_name().text;
    let ending = match watch.follow(connection, &mut narration).map_err(one)? {
        End::Over(ending) => ending,
        End::Detached => return Err(vec![recovery::detached(target, &stack)]),
    };
    if !ending.is_success {
        return Err(failure::findings(&stack, &ending, Some((lowered, graph))));
    }
    let kept = narration.end(if change_set.creates { "Created" } else { "Updated" });
    for (logical_id, physical_id) in &kept {
        target.say(&format!("AWS kept {physical_id} ({logical_id})"), shell);
    }
    for event in &ending.failures {
        // What an update could not delete does not make it fail.
        target.say(&format!("Left behind {}: {}", event.logical_id, event.reason), shell);
    }
    Ok(ending.outputs)
}
