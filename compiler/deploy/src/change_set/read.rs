//! What CloudFormation says of a change set.

use super::{ChangeSet, overtaken};
use crate::connection::Connection;
use crate::failure::one_line;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::{
    Change, ChangeAction, ChangeSetStatus, Replacement as Replaced, ResourceAttribute, ResourceChange,
};
use std::collections::BTreeMap;
use std::time::Duration;
use tc_core::backend::difference::{Action, Difference, Replacement};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tokio::time::{Instant, sleep};

/// How long a change set may take to be made.
const PATIENCE: Duration = Duration::from_secs(600);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What CloudFormation says where a change set would change nothing ("AWS CloudFormation User Guide, Create change sets":
/// such a change set fails, and only its reason tells it from others).
const NOTHING: [&str; 2] = ["didn't contain changes", "No updates are to be performed"];

/// What became of a change set that was asked for.
pub(super) enum Settled {
    /// It can be executed.
    Ready(Vec<ResourceChange>),
    /// It would change nothing.
    Nothing,
    /// CloudFormation does not take it.
    Refused(Box<Diagnostic>),
}

/// Waits until a change set is made.
pub(super) async fn settle(connection: &Connection, change_set: &ChangeSet) -> Result<Settled, Box<Diagnostic>> {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = FIRST_PAUSE;
    loop {
        let request = connection.cloudformation.describe_change_set().change_set_name(&change_set.id);
        let page = match request.send().await {
            Ok(page) => page,
            // "When you execute a change set, CloudFormation deletes all other change sets associated with the stack" ("API
            // reference, ExecuteChangeSet").
            Err(error) if error.code().is_some_and(|code| code.starts_with("ChangeSetNotFound")) => {
                let name = change_set.stack.split('/').nth(1).unwrap_or(&change_set.stack);
                return Err(Box::new(overtaken(name)));
            }
            Err(error) => return Err(connection.finding("cloudformation:DescribeChangeSet", &error)),
        };
        match page.status() {
            Some(ChangeSetStatus::CreateComplete) => {
                let mut changes: Vec<ResourceChange> = page.changes().iter().filter_map(of_resource).collect();
                further(connection, change_set, page.next_token, &mut changes).await?;
                return Ok(Settled::Ready(changes));
            }
            Some(ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress) if Instant::now() < deadline => {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            status => {
                let reason = page.status_reason().unwrap_or_default();
                if NOTHING.iter().any(|words| reason.contains(words)) {
                    return Ok(Settled::Nothing);
                }
                let reason = match reason {
                    "" => format!("it is {}", status.map_or("in no state", ChangeSetStatus::as_str)),
                    reason => one_line(reason),
                };
                let message = format!("CloudFormation does not take the change set: {reason}");
                let finding = Diagnostic::without_place(&codes::CHANGE_SET_REFUSED, message);
                return Ok(Settled::Refused(Box::new(finding.help("the stack is as it was"))));
            }
        }
    }
}

/// Adds the changes that did not fit into the first answer.
async fn further(
    connection: &Connection,
    change_set: &ChangeSet,
    mut next: Option<String>,
    changes: &mut Vec<ResourceChange>,
) -> Result<(), Box<Diagnostic>> {
    while let Some(token) = next {
        let request = connection.cloudformation.describe_change_set().change_set_name(&change_set.id);
        let page = request.next_token(token).send().await;
        let page = page.map_err(|error| connection.finding("cloudformation:DescribeChangeSet", &error))?;
        changes.extend(page.changes().iter().filter_map(of_resource));
        next = page.next_token;
    }
    Ok(())
}

fn of_resource(change: &Change) -> Option<ResourceChange> {
    change.resource_change().cloned()
}

/// What CloudFormation will do, told by what is different; and the resources that it only looks at, since they refer to
/// one that changes.
pub(super) fn join(described: &[ResourceChange], differences: Vec<Difference>) -> (Vec<Difference>, Vec<String>) {
    let mut described: BTreeMap<&str, &ResourceChange> =
        described.iter().filter_map(|change| Some((change.logical_resource_id()?, change))).collect();
    let mut changes = Vec::new();
    for mut difference in differences {
        // What CloudFormation leaves as it is has equal values, for all that the templates differ.
        let Some(change) = described.remove(difference.logical_id.as_str()) else { continue };
        difference.replacement = replacement(change, difference.replacement);
        changes.push(difference);
    }
    let (others, looked_at): (Vec<_>, Vec<_>) = described.into_values().partition(|change| is_change(change));
    changes.extend(others.into_iter().map(unknown));
    let looked_at = looked_at.into_iter().filter_map(|change| change.logical_resource_id().map(str::to_owned));
    (changes, looked_at.collect())
}

/// CloudFormation knows the resource and we the values: it is sure of what it says is replaced or not, and where it is
/// not, the difference tells.
fn replacement(change: &ResourceChange, told: Replacement) -> Replacement {
    match change.replacement() {
        Some(Replaced::True) => Replacement::Always,
        Some(Replaced::Conditional) => told,
        _ => Replacement::Never,
    }
}

/// Whether something is done to a resource of which no property differs.
fn is_change(change: &ResourceChange) -> bool {
    let targets = change.details().iter().filter_map(|detail| detail.target());
    let mut attributes = targets.filter_map(|target| target.attribute());
    change.action() != Some(&ChangeAction::Modify)
        || change.replacement() == Some(&Replaced::True)
        || attributes.any(|attribute| *attribute != ResourceAttribute::Properties)
}

/// What is done to a resource of which the templates say nothing different.
fn unknown(change: &ResourceChange) -> Difference {
    Difference {
        action: match change.action() {
            Some(ChangeAction::Add) => Action::Add,
            Some(ChangeAction::Modify) => Action::Modify,
            Some(ChangeAction::Remove) => Action::Remove,
            _ => Action::Other,
        },
        logical_id: change.logical_resource_id().unwrap_or_default().to_owned(),
        resource_type: change.resource_type().unwrap_or_default().to_owned(),
        entity: String::new(),
        replacement: replacement(change, Replacement::Perhaps),
        is_kept: false,
        properties: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudformation::types::{ResourceChangeDetail, ResourceTargetDefinition};

    fn described(id: &str, action: ChangeAction, replaced: Replaced, attribute: ResourceAttribute) -> ResourceChange {
        let target = ResourceTargetDefinition::builder().attribute(attribute).build();
        let change = ResourceChange::builder().logical_resource_id(id).action(action).replacement(replaced);
        change.details(ResourceChangeDetail::builder().target(target).build()).build()
    }

    fn difference(id: &str, replacement: Replacement) -> Difference {
        let change = described(id, ChangeAction::Modify, Replaced::Conditional, ResourceAttribute::Properties);
        Difference { replacement, ..unknown(&change) }
    }

    #[test]
    fn what_cloudformation_only_looks_at_is_no_change() {
        use ChangeAction::{Modify, Remove};
        use Replaced::{Conditional, False, True};
        use ResourceAttribute::{Metadata, Properties};
        let all = [
            described("Echo", Modify, Conditional, Properties),
            described("Known", Modify, Conditional, Properties),
            described("Sure", Modify, True, Properties),
            described("Stays", Modify, False, Properties),
            described("Attribute", Modify, False, Metadata),
            described("Gone", Remove, False, Properties),
        ];
        let differences = vec![
            difference("Stays", Replacement::Perhaps),
            difference("Known", Replacement::Never),
            difference("NotDescribed", Replacement::Always),
        ];
        let (changes, unchanged) = join(&all, differences);
        let told: Vec<_> = changes.iter().map(|change| (change.logical_id.as_str(), change.replacement)).collect();
        assert_eq!(
            told,
            [
                ("Stays", Replacement::Never),
                ("Known", Replacement::Never),
                ("Attribute", Replacement::Never),
                ("Gone", Replacement::Never),
                ("Sure", Replacement::Always),
            ]
        );
        assert_eq!(unchanged, ["Echo"]);
    }
}
