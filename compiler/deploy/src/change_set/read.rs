//! What CloudFormation says of a change set.

use super::{ChangeSet, overtaken};
use crate::connection::Connection;
use crate::failure::one_line;
use crate::nested::{TYPE, below};
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::{
    Change, ChangeAction, ChangeSetStatus, Replacement as Replaced, RequiresRecreation, ResourceAttribute,
    ResourceChange,
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
    Ready(Described),
    /// It would change nothing.
    Nothing,
    /// A nested change set cannot be made before the others are executed.
    Undecided,
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
                return Ok(Settled::Ready(changes(connection, &change_set.id).await?));
            }
            Some(ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress) if Instant::now() < deadline => {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            status => {
                let told = page.status_reason().unwrap_or_default();
                let reason = innermost(connection, told).await?;
                let is_nothing = NOTHING.iter().any(|words| reason.contains(words));
                match nested_in(told) {
                    Some(_) if is_nothing || is_undecided(&reason) => return Ok(Settled::Undecided),
                    None if is_nothing => return Ok(Settled::Nothing),
                    _ => {}
                }
                let reason = reason.as_str();
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

/// Why a change set failed, where it says only that one nested in it did.
async fn innermost(connection: &Connection, reason: &str) -> Result<String, Box<Diagnostic>> {
    let mut reason = reason.to_owned();
    while let Some(nested) = nested_in(&reason) {
        let described = connection.cloudformation.describe_change_set().change_set_name(nested).send().await;
        let described = described.map_err(|error| connection.finding("cloudformation:DescribeChangeSet", &error))?;
        match described.status_reason {
            Some(inner) if inner != reason => reason = inner,
            _ => break,
        }
    }
    Ok(reason)
}

/// The change set that is to blame: "Nested change set ARN was not successfully created: Currently in FAILED.".
fn nested_in(reason: &str) -> Option<&str> {
    reason.strip_prefix("Nested change set ")?.split(' ').next().filter(|id| id.starts_with("arn:"))
}

/// Whether a nested change set was not made for a value that is known only once another stack is: one of the functions
/// that take values apart then finds too few parts
/// (aws-cloudformation/cloudformation-coverage-roadmap#759).
fn is_undecided(reason: &str) -> bool {
    ["Fn::Select", "Fn::Split", "KNOWN_AFTER_APPLY"].iter().any(|words| reason.contains(words))
}

/// What CloudFormation will do.
#[derive(Debug, Default)]
pub(super) struct Described {
    /// What to each resource, whichever stack it is in, and whether that is a nested one. Nested stacks themselves are not
    /// among them.
    resources: Vec<(ResourceChange, bool)>,
    /// The nested change sets by the paths of their stacks.
    pub nested: Vec<(String, String)>,
    /// The paths of nested stacks of which it does not say what it does in them, such as those that are removed.
    pub untold: Vec<String>,
}

/// What CloudFormation will do by a change set and those nested in it.
pub(super) async fn changes(connection: &Connection, id: &str) -> Result<Described, Box<Diagnostic>> {
    let mut described = Described::default();
    let mut next = vec![(String::new(), id.to_owned())];
    while let Some((path, id)) = next.pop() {
        let pages = connection.cloudformation.describe_change_set().change_set_name(&id).into_paginator();
        let mut pages = pages.send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| connection.finding("cloudformation:DescribeChangeSet", &error))?;
            for change in page.changes().iter().filter_map(Change::resource_change) {
                if change.resource_type() != Some(TYPE) {
                    described.resources.push((change.clone(), !path.is_empty()));
                    continue;
                }
                let path = below(&path, change.logical_resource_id().unwrap_or_default());
                match change.change_set_id() {
                    Some(id) => next.push((path, id.to_owned())),
                    None => described.untold.push(path),
                }
            }
        }
        if !path.is_empty() {
            described.nested.push((path, id));
        }
    }
    Ok(described)
}

impl Described {
    /// What CloudFormation will do, told by what is different; and the resources of the root that it only looks at, since
    /// they refer to one that changes. Of `untold` resources it does not speak.
    pub(super) fn join(&self, differences: Vec<Difference>, untold: &[&str]) -> (Vec<Difference>, Vec<String>) {
        let id = |change: &'_ ResourceChange| change.logical_resource_id().map(str::to_owned);
        let mut described: BTreeMap<String, (&ResourceChange, bool)> =
            self.resources.iter().filter_map(|(change, is_nested)| Some((id(change)?, (change, *is_nested)))).collect();
        let mut changes = Vec::new();
        for mut difference in differences {
            match described.remove(difference.logical_id.as_str()) {
                Some((change, is_nested)) => {
                    difference.replacement = match is_nested && is_guess(change, &difference) {
                        true => difference.replacement,
                        false => replacement(change, difference.replacement),
                    };
                }
                None if untold.contains(&difference.logical_id.as_str()) => {}
                // What CloudFormation leaves as it is has equal values, for all that the templates differ.
                None => continue,
            }
            changes.push(difference);
        }
        let (others, looked_at): (Vec<_>, Vec<_>) =
            described.into_values().partition(|(change, is_nested)| is_change(change, *is_nested));
        changes.extend(others.into_iter().map(|(change, _)| unknown(change)));
        // Of what is in nested stacks it takes for changed whatever refers to something of another one that changes.
        let looked_at = looked_at.into_iter().filter(|(_, is_nested)| !is_nested).filter_map(|(change, _)| id(change));
        (changes, looked_at.collect())
    }
}

/// Whether CloudFormation calls a resource of a nested stack replaced for a value alone that it does not know yet: what
/// another nested stack hands on it takes for another one while that is changed.
fn is_guess(change: &ResourceChange, difference: &Difference) -> bool {
    let is_different =
        |name: &str| difference.properties.iter().any(|one| one.path.split(['.', '[']).next() == Some(name));
    let targets = change.details().iter().filter_map(|detail| detail.target());
    let mut replacing = targets.filter(|target| target.requires_recreation() == Some(&RequiresRecreation::Always));
    !replacing.any(|target| target.name().is_some_and(is_different))
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

/// Whether something is done to a resource of which no property differs. That one in a nested stack is replaced for its
/// properties nevertheless, CloudFormation says of values that it does not know yet.
fn is_change(change: &ResourceChange, is_nested: bool) -> bool {
    let targets = change.details().iter().filter_map(|detail| detail.target());
    let mut attributes = targets.filter_map(|target| target.attribute());
    change.action() != Some(&ChangeAction::Modify)
        || (change.replacement() == Some(&Replaced::True) && !is_nested)
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
    use tc_core::backend::difference::PropertyDifference;

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
    fn what_is_not_known_yet_in_a_nested_stack_is_no_change() {
        use ChangeAction::{Add, Modify};
        use Replaced::True;
        use ResourceAttribute::Properties;
        let replaced = |id: &str, property: &str| {
            let target = ResourceTargetDefinition::builder().attribute(Properties).name(property);
            let target = target.requires_recreation(RequiresRecreation::Always).build();
            let change = ResourceChange::builder().logical_resource_id(id).action(Modify).replacement(True);
            (change.details(ResourceChangeDetail::builder().target(target).build()).build(), true)
        };
        let property = |path: &str| -> PropertyDifference {
            serde_json::from_value(serde_json::json!({"path": path, "replacement": "never"})).unwrap()
        };
        let with = |id: &str, path: &str| Difference {
            properties: vec![property(path)],
            ..difference(id, Replacement::Never)
        };
        let resources = vec![
            replaced("Echo", "ApiId"),
            replaced("Tagged", "ApiId"),
            replaced("Renamed", "RouteKey"),
            (described("New", Add, Replaced::False, Properties), true),
        ];
        let gone = |id: &str| Difference { action: Action::Remove, ..difference(id, Replacement::Never) };
        let differences = vec![
            with("Tagged", "Tags[0].Value"),
            with("Renamed", "RouteKey"),
            gone("OfRemovedStack"),
            gone("Unchanged"),
        ];
        let described = Described { resources, ..Described::default() };
        let (changes, unchanged) = described.join(differences, &["OfRemovedStack"]);
        let told: Vec<_> =
            changes.iter().map(|change| (change.logical_id.as_str(), change.action, change.replacement)).collect();
        assert_eq!(
            told,
            [
                ("Tagged", Action::Modify, Replacement::Never),
                ("Renamed", Action::Modify, Replacement::Always),
                ("OfRemovedStack", Action::Remove, Replacement::Never),
                ("New", Action::Add, Replacement::Never),
            ]
        );
        assert_eq!(unchanged, [] as [&str; 0]);
    }

    #[test]
    fn the_change_set_to_blame_is_told_by_its_root() {
        let words = "Nested change set arn:aws:x:changeSet/a/b was not successfully created: Currently in FAILED.";
        assert_eq!(nested_in(words), Some("arn:aws:x:changeSet/a/b"));
        assert_eq!(nested_in("Nested change set a was not"), None);
        assert_eq!(nested_in("Template error"), None);
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
        let resources = all.into_iter().map(|change| (change, false)).collect();
        let (changes, unchanged) = Described { resources, ..Described::default() }.join(differences, &[]);
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
