//! What becomes of a stack, event by event, with all that is nested in it.

mod event;
mod listener;
mod patience;
mod stream;

pub use event::{Event, Phase, Verb};
pub(crate) use listener::Silent;
pub use listener::{Answer, Interruption, Listener, Ongoing};

use crate::connection::Connection;
use crate::nested::Contents;
use crate::operation::token;
use crate::stack::{is_good, settle};
use aws_sdk_cloudformation::types::StackStatus;
use patience::Patience;
use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;
use stream::{Events, News};
use tc_core::diagnostic::Diagnostic;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::sleep;

/// How long it is waited between two questions: the longest where nothing happens.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A stack that is about to change. What happened to it before is not told again.
#[derive(Debug)]
pub struct Watch {
    stack: String,
    ongoing: Ongoing,
    events: Events,
    failures: Vec<Event>,
    /// Nested stacks that failed.
    embedded: Vec<Event>,
    is_cancelled: bool,
}

/// How a stack was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Nothing more is under way with it.
    Over(Ending),
    /// The user does not wait for its end.
    Detached,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// CloudFormation's word for the state the stack is in; `DELETE_COMPLETE` where it is no more.
    pub status: String,
    /// Whether it is what was asked for.
    pub is_success: bool,
    /// Whether the user cancelled it.
    pub is_cancelled: bool,
    /// What went wrong, the first first, without what was only cancelled because of it.
    pub failures: Vec<Event>,
    /// The outputs of the stack by their names.
    pub outputs: BTreeMap<String, String>,
}

impl Watch {
    /// Notes what has happened so far.
    pub(crate) async fn begin(connection: &Connection, stack: &str, ongoing: Ongoing) -> Result<Self, Box<Diagnostic>> {
        let events = Events::begin(connection, stack).await?;
        let (failures, embedded) = (Vec::new(), Vec::new());
        Ok(Self { stack: stack.to_owned(), ongoing, events, failures, embedded, is_cancelled: false })
    }

    /// Tells each event as it comes, until nothing more is under way or the user leaves. From here on an interruption
    /// (Ctrl-C) does not end the process; the listener says what it does.
    ///
    /// # Errors
    /// When CloudFormation does not answer for long, or does not know us any more; the stack goes on without us.
    pub fn follow(mut self, connection: &Connection, listener: &mut dyn Listener) -> Result<End, Box<Diagnostic>> {
        connection.block_on(async {
            // Where there is no such signal, the user interrupts as if nobody listened.
            let mut interruptions = signal(SignalKind::interrupt()).ok();
            let mut answer: Option<oneshot::Receiver<Interruption>> = None;
            let mut patience = Patience::new(connection);
            let mut pause = Duration::ZERO;
            loop {
                tokio::select! {
                    () = interrupted(&mut interruptions) => {
                        if answer.is_some() {
                            // Who interrupts twice wants to go.
                            return Ok(End::Detached);
                        }
                        let (sender, receiver) = oneshot::channel();
                        listener.interrupted(self.ongoing, Answer(sender));
                        answer = Some(receiver);
                        continue;
                    }
                    given = given(&mut answer) => {
                        answer = None;
                        match given {
                            Interruption::GoOn => {}
                            Interruption::Cancel => self.cancel(connection, listener).await,
                            Interruption::Detach => return Ok(End::Detached),
                        }
                    }
                    // What happens while the user is asked is told afterwards.
                    () = sleep(pause), if answer.is_none() => {}
                }
                let news = match self.events.news(connection).await {
                    Ok(news) => news,
                    Err(reason) => {
                        patience.bear(reason, listener).await?;
                        continue;
                    }
                };
                patience.renew();
                let is_over = news.is_over;
                pause =
                    if news.events.is_empty() { (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE) } else { FIRST_PAUSE };
                self.tell(news, listener);
                if is_over {
                    return self.ending(connection, &mut patience, listener).await.map(End::Over);
                }
            }
        })
    }

    fn tell(&mut self, news: News, listener: &mut dyn Listener) {
        self.embedded.extend(news.embedded);
        for event in news.events {
            listener.event(&event);
            // What is tried again and fails again has failed once.
            let is_same = |known: &Event| (&known.logical_id, &known.reason) == (&event.logical_id, &event.reason);
            if event.phase == Phase::Failed && !event.is_of_stack && !self.failures.iter().any(is_same) {
                self.failures.push(event);
            }
        }
    }

    /// Asks CloudFormation to undo what is done: a stack that is made is deleted.
    async fn cancel(&mut self, connection: &Connection, listener: &mut dyn Listener) {
        let cloudformation = &connection.cloudformation;
        let asked = match self.ongoing {
            Ongoing::Creation => {
                let request = cloudformation.delete_stack().stack_name(&self.stack);
                let sent = request.client_request_token(token(connection)).send().await;
                sent.map(drop).map_err(|error| connection.finding("cloudformation:DeleteStack", &error))
            }
            Ongoing::Update => {
                let request = cloudformation.cancel_update_stack().stack_name(&self.stack);
                let sent = request.client_request_token(token(connection)).send().await;
                sent.map(drop).map_err(|error| connection.finding("cloudformation:CancelUpdateStack", &error))
            }
            Ongoing::Deletion => return,
        };
        match asked {
            Ok(()) => self.is_cancelled = true,
            Err(reason) => listener.not_cancelled(&reason),
        }
    }

    /// How it ended, once nothing more is under way: a stack that failed is undone next.
    async fn ending(
        &mut self,
        connection: &Connection,
        patience: &mut Patience,
        listener: &mut dyn Listener,
    ) -> Result<Ending, Box<Diagnostic>> {
        let stack = loop {
            match settle(connection, &self.stack).await {
                Ok(stack) => break stack,
                Err(reason) => patience.bear(reason, listener).await?,
            }
        };
        // What happened between the last question and the end.
        let news = self.events.news(connection).await?;
        self.tell(news, listener);
        let status = stack.as_ref().and_then(|stack| stack.stack_status.clone());
        let status = status.unwrap_or(StackStatus::DeleteComplete);
        let is_success = match self.ongoing {
            Ongoing::Deletion => status == StackStatus::DeleteComplete,
            Ongoing::Creation | Ongoing::Update => is_good(&status) && status != StackStatus::UpdateRollbackComplete,
        };
        let failures = std::mem::take(&mut self.failures);
        let outputs = stack.and_then(|stack| stack.outputs).unwrap_or_default().into_iter();
        Ok(Ending {
            status: status.as_str().to_owned(),
            is_success,
            is_cancelled: self.is_cancelled,
            failures: if failures.is_empty() { std::mem::take(&mut self.embedded) } else { failures },
            outputs: outputs.filter_map(|output| output.output_key.zip(output.output_value)).collect(),
        })
    }
}

/// Waits for an interruption.
async fn interrupted(interruptions: &mut Option<Signal>) {
    let came = match interruptions {
        Some(signal) => signal.recv().await,
        None => None,
    };
    if came.is_none() {
        pending().await
    }
}

/// Waits for the answer of a user who was asked.
async fn given(answer: &mut Option<oneshot::Receiver<Interruption>>) -> Interruption {
    match answer {
        Some(answer) => answer.await.unwrap_or(Interruption::Detach),
        None => pending().await,
    }
}

/// Asks for a stack to be deleted, which can be watched. Of a stack whose deletion has failed, AWS keeps the resources in
/// `keep`.
///
/// # Errors
/// When CloudFormation refuses.
pub fn delete(connection: &Connection, stack: &str, keep: &[String]) -> Result<Watch, Box<Diagnostic>> {
    connection.block_on(async {
        let own = if keep.is_empty() { Vec::new() } else { delete_nested(connection, stack, keep).await? };
        let watch = Watch::begin(connection, stack, Ongoing::Deletion).await?;
        let keep = (!own.is_empty()).then_some(own);
        let request = connection.cloudformation.delete_stack().stack_name(stack).set_retain_resources(keep);
        let asked = request.client_request_token(token(connection)).send().await;
        asked.map_err(|error| connection.finding("cloudformation:DeleteStack", &error))?;
        Ok(watch)
    })
}

/// Deletes the nested stacks that have something to keep, since who deletes a stack can keep nothing of those nested in it
/// ("API reference, DeleteStack, RetainResources"); what of it is the stack's own. One that fails again does so once more
/// with its root, and says why.
async fn delete_nested(connection: &Connection, stack: &str, keep: &[String]) -> Result<Vec<String>, Box<Diagnostic>> {
    let contents = Contents::list(connection, stack).await?;
    let mut own = Vec::new();
    let mut nested: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for id in keep {
        match contents.place(id).and_then(|path| contents.stack(path)) {
            Some(stack) => nested.entry(&stack.id).or_default().push(id.clone()),
            None => own.push(id.clone()),
        }
    }
    // Those nested deepest come first.
    for stack in contents.stacks.iter().rev() {
        let Some(kept) = nested.remove(stack.id.as_str()) else { continue };
        let request = connection.cloudformation.delete_stack().stack_name(&stack.id).set_retain_resources(Some(kept));
        let asked = request.client_request_token(token(connection)).send().await;
        asked.map_err(|error| connection.finding("cloudformation:DeleteStack", &error))?;
        settle(connection, &stack.id).await?;
    }
    Ok(own)
}
