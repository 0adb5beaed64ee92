//! What functions log.

use crate::connection::Connection;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::SdkError;
use aws_sdk_cloudwatchlogs::primitives::{DateTime, DateTimeFormat as Format};
use std::collections::BTreeSet;
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tokio::time::sleep;

/// The pause between two looks for what is new.
const PAUSE: Duration = Duration::from_secs(1);

/// How long after its time an event may come into sight, in milliseconds: so far back each look goes again.
const LATE: i64 = 10_000;

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it was written, in milliseconds since the beginning of 1970.
    pub time: i64,
    /// The log group's id in the list that was asked for.
    pub group: usize,
    /// What was written.
    pub text: String,
}

impl Line {
    /// When it was written, in UTC: `2024-01-15T19:57:03.865Z`.
    pub fn shown_time(&self) -> String {
        let time = DateTime::from_millis(self.time);
        let shown = time.fmt(Format::DateTime).unwrap_or_default();
        // Zeros at the end are left out, which would shift what follows.
        let (second, fraction) =
            shown.trim_end_matches('Z').split_once('.').unwrap_or((shown.trim_end_matches('Z'), ""));
        format!("{second}.{fraction:0<3}Z")
    }
}

/// Log groups, and what was read of them.
#[derive(Debug)]
pub struct Logs<'a> {
    connection: &'a Connection,
    client: Client,
    groups: Vec<String>,
    /// From where on is looked, in milliseconds since the beginning of 1970.
    since: i64,
    /// The ids of the lines that another look finds again.
    seen: BTreeSet<(i64, String)>,
}

impl<'a> Logs<'a> {
    /// Log groups by their names, from a time on in milliseconds since the beginning of 1970.
    pub fn new(connection: &'a Connection, groups: Vec<String>, since: i64) -> Self {
        let client = Client::new(&connection.config);
        Self { connection, client, groups, since, seen: BTreeSet::new() }
    }

    /// The lines that were not read before, in the order of their times. A group that is not there has none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read(&mut self) -> Result<Vec<Line>, Box<Diagnostic>> {
        let mut lines = Vec::new();
        for (group, name) in self.groups.iter().enumerate() {
            let pages = self.client.filter_log_events().log_group_name(name).start_time(self.since).into_paginator();
            let pages = match self.connection.block_on(pages.send().collect::<Result<Vec<_>, _>>()) {
                Ok(pages) => pages,
                Err(SdkError::ServiceError(error)) if error.err().is_resource_not_found_exception() => continue,
                Err(error) => return Err(self.connection.finding("logs:FilterLogEvents", &error)),
            };
            for event in pages.into_iter().flat_map(|page| page.events.unwrap_or_default()) {
                let (time, id) = (event.timestamp.unwrap_or_default(), event.event_id.unwrap_or_default());
                if self.seen.insert((time, format!("{group} {id}"))) {
                    lines.push(Line { time, group, text: event.message.unwrap_or_default() });
                }
            }
        }
        // Those of one time stay as CloudWatch gives them.
        lines.sort_by_key(|line| line.time);
        if let Some((newest, _)) = self.seen.last() {
            self.since = self.since.max(newest - LATE);
            self.seen = self.seen.split_off(&(self.since, String::new()));
        }
        Ok(lines)
    }

    /// Waits until there may be something new.
    pub fn wait(&self) {
        self.connection.block_on(async { sleep(PAUSE).await });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_equally_long() {
        let shown = |time| Line { time, group: 0, text: String::new() }.shown_time();
        assert_eq!(shown(1_705_348_623_865), "2024-01-15T19:57:03.865Z");
        assert_eq!(shown(1_705_348_623_020), "2024-01-15T19:57:03.020Z");
        assert_eq!(shown(1_705_348_623_000), "2024-01-15T19:57:03.000Z");
    }
}
