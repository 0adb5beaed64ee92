//! What becomes of a stack, event by event.

mod event;

pub use event::{Event, Phase, Verb};

use crate::connection::Connection;
use crate::stack::{is_good, settle};
use aws_sdk_cloudformation::types::{StackEvent, StackStatus};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tokio::time::sleep;

/// How long it is waited between two questions: the longest where nothing happens.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A stack that is about to change. What happened to it before is not told again.
#[derive(Debug)]
pub struct Watch {
    stack: String,
    /// The ids of events that are known.
    seen: BTreeSet<String>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// CloudFormation's word for the state the stack is in; `DELETE_COMPLETE` where it is no more.
    pub status: String,
    /// Whether it is what was asked for.
    pub is_success: bool,
    /// What went wrong, the first first, without what was only cancelled because of it.
    pub failures: Vec<Event>,
    /// The outputs of the stack by their names.
    pub outputs: BTreeMap<String, String>,
}

impl Watch {
    /// Notes what has happened so far.
    pub(crate) async fn begin(connection: &Connection, stack: &str) -> Result<Self, Box<Diagnostic>> {
        // The newest come first, so what is older than the first page is never reached again.
        let page = connection.cloudformation.describe_stack_events().stack_name(stack).send().await;
        let page = page.map_err(|error| connection.finding("cloudformation:DescribeStackEvents", &error))?;
        let seen = page.stack_events.unwrap_or_default().into_iter().filter_map(|event| event.event_id).collect();
        Ok(Self { stack: stack.to_owned(), seen })
    }

    /// Tells each event as it comes, until nothing more is under way.
    ///
    /// # Errors
    /// When CloudFormation does not answer; the stack goes on without us.
    pub fn follow(
        mut self,
        connection: &Connection,
        deletes: bool,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<Ending, Box<Diagnostic>> {
        connection.block_on(async {
            let mut failures: Vec<Event> = Vec::new();
            let mut pause = FIRST_PAUSE;
            loop {
                let news = self.news(connection).await?;
                let is_over = news.iter().any(|event| event.is_of_stack && event.phase != Phase::Begun);
                let is_quiet = news.is_empty();
                for event in news {
                    tell(&event);
                    if event.phase == Phase::Failed && !event.is_of_stack {
                        failures.push(event);
                    }
                }
                if is_over {
                    return self.ending(connection, deletes, failures, tell).await;
                }
                pause = if is_quiet { (pause * 2).min(LONGEST_PAUSE) } else { FIRST_PAUSE };
                sleep(pause).await;
            }
        })
    }

    /// How it ended, once nothing more is under way: a stack that failed is undone next.
    async fn ending(
        &mut self,
        connection: &Connection,
        deletes: bool,
        mut failures: Vec<Event>,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<Ending, Box<Diagnostic>> {
        let stack = settle(connection, &self.stack).await?;
        // What happened between the last question and the end.
        for event in self.news(connection).await? {
            tell(&event);
            if event.phase == Phase::Failed && !event.is_of_stack {
                failures.push(event);
            }
        }
        let status = stack.as_ref().and_then(|stack| stack.stack_status.clone());
        let status = status.unwrap_or(StackStatus::DeleteComplete);
        let is_success = match deletes {
            true => status == StackStatus::DeleteComplete,
            false => is_good(&status) && status != StackStatus::UpdateRollbackComplete,
        };
        let outputs = stack.and_then(|stack| stack.outputs).unwrap_or_default().into_iter();
        Ok(Ending {
            status: status.as_str().to_owned(),
            is_success,
            failures,
            outputs: outputs.filter_map(|output| output.output_key.zip(output.output_value)).collect(),
        })
    }

    /// The events that are not known yet, the oldest first.
    async fn news(&mut self, connection: &Connection) -> Result<Vec<Event>, Box<Diagnostic>> {
        let request = connection.cloudformation.describe_stack_events().stack_name(&self.stack);
        let mut pages = request.into_paginator().send();
        let mut news: Vec<StackEvent> = Vec::new();
        // The newest comes first.
        'pages: while let Some(page) = pages.next().await {
            let page = page.map_err(|error| connection.finding("cloudformation:DescribeStackEvents", &error))?;
            for event in page.stack_events.unwrap_or_default() {
                if event.event_id().is_some_and(|id| self.seen.contains(id)) {
                    break 'pages;
                }
                news.push(event);
            }
        }
        self.seen.extend(news.iter().filter_map(|event| event.event_id.clone()));
        Ok(news.iter().rev().filter_map(Event::read).collect())
    }
}

/// Asks for a stack to be deleted, which can be watched.
///
/// # Errors
/// When CloudFormation refuses.
pub fn delete(connection: &Connection, stack: &str) -> Result<Watch, Box<Diagnostic>> {
    connection.block_on(async {
        let watch = Watch::begin(connection, stack).await?;
        let asked = connection.cloudformation.delete_stack().stack_name(stack).send().await;
        asked.map_err(|error| connection.finding("cloudformation:DeleteStack", &error))?;
        Ok(watch)
    })
}
