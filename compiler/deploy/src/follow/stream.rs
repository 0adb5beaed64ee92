//! The events of a stack and of those nested in it, as they come.

use super::event::{Event, Phase};
use crate::connection::Connection;
use crate::nested::TYPE;
use aws_sdk_cloudformation::primitives::DateTime;
use aws_sdk_cloudformation::types::StackEvent;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};
use tc_core::diagnostic::Diagnostic;

/// How many stacks are asked for at once.
const AT_ONCE: usize = 4;

/// What a parent says of a nested stack that failed: "Embedded stack ARN was not successfully created: ...". Why, the nested
/// stack itself says.
const EMBEDDED: &str = "Embedded stack ";

/// The events of a stack and of those nested in it that are not known yet.
#[derive(Debug)]
pub(super) struct Events {
    root: String,
    /// When the first of them happened; what is older in a nested stack was there before.
    since: Option<DateTime>,
    /// The ids of the root's events that are known.
    seen: BTreeSet<String>,
    /// The nested stacks that something has been done to, by their ARNs.
    nested: BTreeMap<String, Nested>,
}

/// A nested stack.
#[derive(Debug, Default)]
struct Nested {
    seen: BTreeSet<String>,
    /// Whether what is done to it is over, as its parent says.
    is_over: bool,
}

impl Events {
    /// Notes what has happened so far to a stack.
    pub(super) async fn begin(connection: &Connection, root: &str) -> Result<Self, Box<Diagnostic>> {
        // The newest come first, so what is older than the first page is never reached again.
        let page = connection.cloudformation.describe_stack_events().stack_name(root).send().await;
        let page = page.map_err(|error| connection.finding("cloudformation:DescribeStackEvents", &error))?;
        let seen = page.stack_events.unwrap_or_default().into_iter().filter_map(|event| event.event_id).collect();
        Ok(Self { root: root.to_owned(), since: None, seen, nested: BTreeMap::new() })
    }

    /// What is not known yet, the oldest first. Of what happened to nested stacks as such only that they undo something is
    /// told, and that they failed where they say no more: `embedded`.
    pub(super) async fn news(&mut self, connection: &Connection) -> Result<News, Box<Diagnostic>> {
        let found = unknown(connection, &self.root, &self.seen, None).await?;
        if self.since.is_none() {
            self.since = found.last().and_then(|event| event.timestamp);
        }
        let mut news: Vec<(bool, StackEvent)> = Vec::new();
        let mut asked = vec![(self.root.clone(), found)];
        // A nested stack that is over is asked once more, for what it did last.
        let mut left: BTreeSet<String> = self.open();
        while !asked.is_empty() {
            for (stack, found) in asked {
                let is_root = stack == self.root;
                self.note(&stack, &found);
                for event in found.iter().rev() {
                    left.extend(self.mind(&stack, event));
                }
                news.extend(found.into_iter().rev().map(|event| (is_root, event)));
            }
            let next: Vec<String> = std::mem::take(&mut left).into_iter().collect();
            let (since, nested) = (self.since, &self.nested);
            let nothing = BTreeSet::new();
            let ask = |stack: String| {
                let seen = nested.get(&stack).map_or(&nothing, |known| &known.seen).clone();
                async move {
                    let found = unknown(connection, &stack, &seen, since).await?;
                    Ok::<_, Box<Diagnostic>>((stack, found))
                }
            };
            asked = stream::iter(next.into_iter().map(ask)).buffered(AT_ONCE).try_collect().await?;
            asked.retain(|(_, found)| !found.is_empty());
        }
        // Each stack's events are in their order already.
        news.sort_by_key(|(_, event)| event.timestamp.map(|time| (time.secs(), time.subsec_nanos())));
        Ok(News::of(&news))
    }

    /// The nested stacks that something is done to.
    fn open(&self) -> BTreeSet<String> {
        self.nested.iter().filter(|(_, nested)| !nested.is_over).map(|(id, _)| id.clone()).collect()
    }

    fn note(&mut self, stack: &str, found: &[StackEvent]) {
        let seen = match self.nested.get_mut(stack) {
            Some(nested) => &mut nested.seen,
            None => &mut self.seen,
        };
        seen.extend(found.iter().filter_map(|event| event.event_id.clone()));
    }

    /// The nested stack that an event of its parent speaks of, if it is to be asked for its own.
    fn mind(&mut self, parent: &str, event: &StackEvent) -> Option<String> {
        let id = event.physical_resource_id().filter(|id| id.starts_with("arn:") && *id != parent)?;
        if event.resource_type() != Some(TYPE) || event.stack_id() == Some(id) {
            return None;
        }
        let nested = self.nested.entry(id.to_owned()).or_default();
        nested.is_over = Event::read(event).is_some_and(|event| event.phase != Phase::Begun);
        Some(id.to_owned())
    }
}

/// The events of a stack that are not known and not older than a time, the newest first.
async fn unknown(
    connection: &Connection,
    stack: &str,
    seen: &BTreeSet<String>,
    since: Option<DateTime>,
) -> Result<Vec<StackEvent>, Box<Diagnostic>> {
    let request = connection.cloudformation.describe_stack_events().stack_name(stack);
    let mut pages = request.into_paginator().send();
    let mut found: Vec<StackEvent> = Vec::new();
    // The newest comes first.
    'pages: while let Some(page) = pages.next().await {
        let page = page.map_err(|error| connection.finding("cloudformation:DescribeStackEvents", &error))?;
        for event in page.stack_events.unwrap_or_default() {
            let is_known = event.event_id().is_some_and(|id| seen.contains(id));
            let is_old = since.is_some_and(|since| event.timestamp().is_some_and(|time| *time < since));
            if is_known || is_old {
                break 'pages;
            }
            found.push(event);
        }
    }
    Ok(found)
}

/// What has happened.
#[derive(Debug, Default)]
pub(super) struct News {
    /// What is told, the oldest first.
    pub events: Vec<Event>,
    /// Nested stacks that failed, which is told where nothing in them says why.
    pub embedded: Vec<Event>,
    /// Whether the root has come to an end.
    pub is_over: bool,
}

impl News {
    fn of(news: &[(bool, StackEvent)]) -> Self {
        let mut told = Self::default();
        for (is_root, event) in news {
            let Some(read) = Event::read(event) else { continue };
            let is_nested = event.resource_type() == Some(TYPE) && !(*is_root && read.is_of_stack);
            match is_nested {
                false => {
                    told.is_over |= read.is_of_stack && read.phase != Phase::Begun;
                    told.events.push(read);
                }
                // A nested stack undoes what was done in it before its parent begins to.
                true if read.is_of_stack && read.is_undoing() => told.events.push(read),
                true if read.is_of_stack => {}
                true if read.phase == Phase::Failed && !read.reason.starts_with(EMBEDDED) => told.events.push(read),
                true if read.phase == Phase::Failed => told.embedded.push(read),
                true => {}
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "arn:aws:cloudformation:r:1:stack/etl-bob/0a";
    const NESTED: &str = "arn:aws:cloudformation:r:1:stack/etl-bob-StackFunctions1-1X/0b";

    fn event(stack: &str, id: &str, physical_id: &str, status: &str, reason: &str) -> StackEvent {
        let kind = if physical_id.contains(":stack/") { TYPE } else { "AWS::SQS::Queue" };
        let event = StackEvent::builder().stack_id(stack).logical_resource_id(id).physical_resource_id(physical_id);
        event.resource_type(kind).resource_status(status.into()).resource_status_reason(reason).build()
    }

    #[test]
    fn a_failure_is_told_where_it_happened() {
        let embedded = format!("Embedded stack {NESTED} was not successfully created: failed: [Q].");
        let all = [
            (false, event(NESTED, "Q", "", "CREATE_FAILED", "no")),
            (false, event(NESTED, "etl-bob-StackFunctions1-1X", NESTED, "CREATE_FAILED", "failed: [Q].")),
            (true, event(ROOT, "StackFunctions1", NESTED, "CREATE_FAILED", &embedded)),
            (true, event(ROOT, "etl-bob", ROOT, "ROLLBACK_IN_PROGRESS", "failed: [StackFunctions1].")),
        ];
        let News { events, embedded, is_over } = News::of(&all);
        let told: Vec<_> = events.iter().map(|event| (event.logical_id.as_str(), event.phase)).collect();
        assert_eq!(told, [("Q", Phase::Failed), ("etl-bob", Phase::Begun)]);
        assert_eq!(embedded.len(), 1);
        assert!(!is_over);
    }

    #[test]
    fn the_end_is_that_of_the_root() {
        let nested = (false, event(NESTED, "etl-bob-StackFunctions1-1X", NESTED, "CREATE_COMPLETE", ""));
        assert!(!News::of(std::slice::from_ref(&nested)).is_over);
        let all = [nested, (true, event(ROOT, "etl-bob", ROOT, "CREATE_COMPLETE", ""))];
        assert!(News::of(&all).is_over);
    }

    #[test]
    fn what_a_stack_could_not_be_made_for_itself_is_told() {
        let all = [(true, event(ROOT, "StackFunctions1", NESTED, "CREATE_FAILED", "S3 error: Access Denied"))];
        let News { events, .. } = News::of(&all);
        assert_eq!(events.first().map(|event| event.reason.as_str()), Some("S3 error: Access Denied"));
    }

    #[test]
    fn a_nested_stack_is_asked_while_something_is_done_to_it() {
        let mut events = Events { root: ROOT.to_owned(), since: None, seen: BTreeSet::new(), nested: BTreeMap::new() };
        let mut mind = |status: &str, id: &str| events.mind(ROOT, &event(ROOT, "StackFunctions1", id, status, ""));
        // CloudFormation has not asked for it yet.
        assert_eq!(mind("CREATE_IN_PROGRESS", ""), None);
        assert_eq!(mind("CREATE_IN_PROGRESS", NESTED).as_deref(), Some(NESTED));
        assert_eq!(mind("CREATE_IN_PROGRESS", ROOT), None);
        assert_eq!(events.open(), BTreeSet::from([NESTED.to_owned()]));
        events.mind(ROOT, &event(ROOT, "StackFunctions1", NESTED, "CREATE_COMPLETE", ""));
        assert!(events.open().is_empty());
    }
}
