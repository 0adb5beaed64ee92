//! Executions of a state machine.

use super::Failure;
use crate::connection::Connection;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::{HistoryEvent, HistoryEventType, SyncExecutionStatus};
use std::collections::BTreeMap;
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tokio::time::sleep;

/// The pause between two looks at an execution: short where something has just happened.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// An execution that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Its name, which AWS chose.
    pub name: String,
    arn: String,
}

/// What an execution came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its output, JSON; else why it failed.
    pub result: Result<String, Failure>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// Starts an execution.
///
/// # Errors
/// When AWS refuses it.
pub fn start(connection: &Connection, machine: &str, input: &str) -> Result<Execution, Box<Diagnostic>> {
    let client = Client::new(&connection.config);
    let started = connection.block_on(client.start_execution().state_machine_arn(machine).input(input).send());
    let started = started.map_err(|error| connection.finding("states:StartExecution", &error))?;
    // `arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME`, and for Express flows one more part.
    let name = started.execution_arn.split(':').nth(7).unwrap_or_default().to_owned();
    Ok(Execution { name, arn: started.execution_arn })
}

/// Follows the execution of a standard flow to its end. `entered` is told each state that is entered, and when: in seconds
/// since the beginning.
///
/// # Errors
/// When its history cannot be read.
pub fn follow(
    connection: &Connection,
    execution: &Execution,
    entered: &mut dyn FnMut(&str, f64),
) -> Result<Outcome, Box<Diagnostic>> {
    let client = Client::new(&connection.config);
    connection.block_on(async {
        let mut history = History::default();
        let mut pause = FIRST_PAUSE;
        loop {
            let pages = client.get_execution_history().execution_arn(&execution.arn).into_paginator();
            let events = pages.items().send().collect::<Result<Vec<_>, _>>().await;
            let events = events.map_err(|error| connection.finding("states:GetExecutionHistory", &error))?;
            let known = history.last;
            for event in &events {
                if let Some(outcome) = history.take(event, entered) {
                    return Ok(outcome);
                }
            }
            pause = if history.last > known { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
            sleep(pause).await;
        }
    })
}

/// Runs an Express flow and waits for its end. AWS does not tell its states.
///
/// # Errors
/// When AWS refuses it.
pub fn run_express(connection: &Connection, machine: &str, input: &str) -> Result<Outcome, Box<Diagnostic>> {
    let client = Client::new(&connection.config);
    // The SDK puts `sync-` before the host, which no address on this machine is called.
    let host = connection.endpoint().and_then(|endpoint| endpoint.split_once("://")).map(|(_, host)| host.to_owned());
    let request = client.start_sync_execution().state_machine_arn(machine).input(input).customize();
    let request = request.mutate_request(move |request| {
        if let Some(host) = &host {
            let uri = request.uri().replacen(&format!("//sync-{host}"), &format!("//{host}"), 1);
            // It was a URI before, and only a part of its host was taken away.
            let _ = request.set_uri(uri);
        }
    });
    let ended = connection.block_on(request.send());
    let ended = ended.map_err(|error| connection.finding("states:StartSyncExecution", &error))?;
    let seconds = ended.stop_date.as_secs_f64() - ended.start_date.as_secs_f64();
    let result = match ended.status {
        SyncExecutionStatus::Succeeded => Ok(ended.output.unwrap_or_default()),
        _ => Err(Failure::new(None, &ended.error.unwrap_or_default(), &ended.cause.unwrap_or_default())),
    };
    Ok(Outcome { result, seconds })
}

/// What is known of an execution.
#[derive(Debug, Default)]
struct History {
    /// The id of the last event that was told.
    last: i64,
    /// When it began, in seconds since the beginning of 1970.
    began: f64,
    /// The event that each event follows, and the state that it enters.
    events: BTreeMap<i64, (i64, Option<String>)>,
}

impl History {
    /// Takes an event. What the execution came to, if it is the last.
    fn take(&mut self, event: &HistoryEvent, entered: &mut dyn FnMut(&str, f64)) -> Option<Outcome> {
        if event.id <= self.last {
            return None;
        }
        let time = event.timestamp.as_secs_f64();
        if self.last == 0 {
            self.began = time;
        }
        self.last = event.id;
        let state = event.state_entered_event_details().map(|details| details.name.clone());
        if let Some(state) = &state {
            entered(state, time - self.began);
        }
        self.events.insert(event.id, (event.previous_event_id, state));
        let result = self.result(event)?;
        Some(Outcome { result, seconds: time - self.began })
    }

    fn result(&self, event: &HistoryEvent) -> Option<Result<String, Failure>> {
        let failed = |error: Option<&str>, cause: Option<&str>| {
            Some(Err(Failure::new(self.state_of(event.id), error.unwrap_or_default(), cause.unwrap_or_default())))
        };
        match event.r#type {
            HistoryEventType::ExecutionSucceeded => {
                let output = event.execution_succeeded_event_details().and_then(|details| details.output());
                Some(Ok(output.unwrap_or_default().to_owned()))
            }
            HistoryEventType::ExecutionFailed => {
                let details = event.execution_failed_event_details();
                failed(details.and_then(|details| details.error()), details.and_then(|details| details.cause()))
            }
            HistoryEventType::ExecutionTimedOut => {
                let details = event.execution_timed_out_event_details();
                let error = details.and_then(|details| details.error()).or(Some("States.Timeout"));
                failed(error, details.and_then(|details| details.cause()))
            }
            HistoryEventType::ExecutionAborted => {
                let details = event.execution_aborted_event_details();
                let cause = details.and_then(|details| details.cause()).or(Some("it was stopped"));
                failed(details.and_then(|details| details.error()), cause)
            }
            _ => None,
        }
    }

    /// The state that an event came from: the last one that was entered on the way to it. Stand-ins for AWS do not tell the
    /// way; then the last one of all, since one after the other they are entered.
    fn state_of(&self, event: i64) -> Option<String> {
        let mut at = event;
        while let Some((before, state)) = self.events.get(&at) {
            if state.is_some() {
                return state.clone();
            }
            // An event follows one before it, so this ends.
            if *before >= at {
                break;
            }
            at = *before;
        }
        self.events.values().rev().find_map(|(_, state)| state.clone())
    }
}
