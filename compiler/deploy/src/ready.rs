//! A sandbox made ready to be changed: waited for, cleared away or brought back, as it needs.

use crate::connection::Connection;
use crate::follow::{self, Event, Ongoing, Silent, Watch};
use crate::nested::Contents;
use crate::operation::{Operation, token};
use crate::stack::{is_good, is_under_way, look, settle};
use crate::standing::{Standing, foreign, standing};
use aws_sdk_cloudformation::types::{Stack, StackStatus};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;

/// What can be done with a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// There is none; one can be made.
    Create,
    /// There is one, which can be changed.
    Update(Standing),
}

/// What may be done to make a sandbox ready.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The sandbox's stack.
    pub stack: &'a str,
    /// The description of the sandbox's template, by which the stack is known to be it.
    pub description: &'a str,
    /// Whether what is under way is waited for.
    pub waits: bool,
    /// The resources that are left as they are where an update that failed cannot be undone.
    pub skip: &'a [String],
}

/// What is done to make a sandbox ready.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// Something is under way, which is waited for.
    Wait(&'a Operation),
    /// What an earlier run left in this state is cleared away.
    Clear(&'a str),
    /// An update that failed is undone further.
    GoBack,
}

/// Waits until nothing is under way with a sandbox; clears away what a creation or a deletion that failed has left; undoes
/// an update whose undoing had failed. What is begun is told first.
///
/// # Errors
/// When the stack is not this sandbox's, is in use and not waited for, or is in a state that it cannot leave.
pub fn make_ready(
    connection: &Connection,
    terms: &Terms<'_>,
    tell: &mut dyn FnMut(Step<'_>),
) -> Result<Ready, Box<Diagnostic>> {
    use StackStatus::{
        CreateFailed, DeleteFailed, ReviewInProgress, RollbackComplete, RollbackFailed, UpdateRollbackFailed,
    };
    let Some(stack) = free(connection, terms, tell)? else { return Ok(Ready::Create) };
    match stack.stack_status() {
        // A change set that nobody executed; the stack has nothing in it.
        Some(ReviewInProgress) => Ok(Ready::Create),
        Some(status) if is_good(status) => Ok(Ready::Update(standing(stack))),
        Some(status @ (RollbackComplete | CreateFailed | RollbackFailed | DeleteFailed)) => {
            tell(Step::Clear(status.as_str()));
            clear(connection, terms.stack, &stack)?;
            Ok(Ready::Create)
        }
        Some(UpdateRollbackFailed) => {
            tell(Step::GoBack);
            go_back(connection, terms, &stack).map(Ready::Update)
        }
        status => Err(Box::new(stuck(terms.stack, status.map_or("unknown", StackStatus::as_str)))),
    }
}

/// The stack of a sandbox once nothing is under way with it; `None` where there is none.
///
/// # Errors
/// When the stack is not this sandbox's, is in use and not waited for, or cannot be looked at.
pub fn wait(
    connection: &Connection,
    terms: &Terms<'_>,
    tell: &mut dyn FnMut(Step<'_>),
) -> Result<Option<Standing>, Box<Diagnostic>> {
    Ok(free(connection, terms, tell)?.map(standing))
}

fn free(
    connection: &Connection,
    terms: &Terms<'_>,
    tell: &mut dyn FnMut(Step<'_>),
) -> Result<Option<Stack>, Box<Diagnostic>> {
    connection.block_on(async {
        let Some(mut stack) = look(connection, terms.stack).await? else { return Ok(None) };
        let is_empty = stack.stack_status() == Some(&StackStatus::ReviewInProgress);
        if !is_empty && stack.description() != Some(terms.description) {
            return Err(Box::new(foreign(terms.stack)));
        }
        if is_under_way(&stack) {
            let operation = Operation::of(connection, &stack).await;
            if !terms.waits {
                return Err(operation.refusal());
            }
            tell(Step::Wait(&operation));
            // By its name it may be another stack, once this one is deleted.
            let id = stack.stack_id().unwrap_or(terms.stack).to_owned();
            match settle(connection, &id).await? {
                Some(settled) if settled.stack_status() != Some(&StackStatus::DeleteComplete) => stack = settled,
                _ => return Ok(None),
            }
        }
        Ok(Some(stack))
    })
}

/// Deletes what an earlier run left.
fn clear(connection: &Connection, name: &str, stack: &Stack) -> Result<(), Box<Diagnostic>> {
    let ending = follow::delete(connection, stack.stack_id().unwrap_or(name), &[])?.follow(connection, &mut Silent)?;
    match ending {
        follow::End::Over(ending) if !ending.is_success => {
            let finding = unfinished("what an earlier run left cannot be deleted", &ending.failures);
            let keep = ids(&ending.failures);
            Err(Box::new(finding.help(format!(
                "mend that, or let AWS keep it: `tc delete --keep {keep}`; then run the same command again"
            ))))
        }
        _ => Ok(()),
    }
}

/// Undoes an update that failed, and that CloudFormation could not undo.
fn go_back(connection: &Connection, terms: &Terms<'_>, stack: &Stack) -> Result<Standing, Box<Diagnostic>> {
    let id = stack.stack_id().unwrap_or(terms.stack);
    let watch = connection.block_on(async {
        let watch = Watch::begin(connection, id, Ongoing::Update).await?;
        let skip = if terms.skip.is_empty() { None } else { Some(skipped(connection, id, terms.skip).await?) };
        let request = connection.cloudformation.continue_update_rollback().stack_name(id).set_resources_to_skip(skip);
        let asked = request.client_request_token(token(connection)).send().await;
        asked.map_err(|error| connection.finding("cloudformation:ContinueUpdateRollback", &error))?;
        Ok::<_, Box<Diagnostic>>(watch)
    })?;
    let end = watch.follow(connection, &mut Silent)?;
    let stack = connection.block_on(look(connection, id))?;
    match (stack, end) {
        (Some(stack), _) if stack.stack_status() == Some(&StackStatus::UpdateRollbackComplete) => Ok(standing(stack)),
        (_, follow::End::Over(ending)) => {
            let finding = unfinished("an update that failed cannot be undone", &ending.failures);
            let skip = ids(&ending.failures);
            Err(Box::new(finding.help(format!("mend that, or leave it as it is: `--skip {skip}`"))))
        }
        _ => Err(Box::new(stuck(terms.stack, StackStatus::UpdateRollbackFailed.as_str()))),
    }
}

/// Resources as CloudFormation wants them that are to be skipped: those of nested stacks as `NestedStackName.LogicalID`
/// ("API reference, ContinueUpdateRollback, ResourcesToSkip").
async fn skipped(connection: &Connection, id: &str, skip: &[String]) -> Result<Vec<String>, Box<Diagnostic>> {
    let contents = Contents::list(connection, id).await?;
    let named = |id: &String| match contents.place(id).and_then(|path| contents.stack(path)) {
        Some(stack) => format!("{}.{id}", stack.name()),
        None => id.clone(),
    };
    Ok(skip.iter().map(named).collect())
}

/// What kept CloudFormation from finishing.
fn unfinished(what: &str, failures: &[Event]) -> Diagnostic {
    let reasons = failures.iter().map(|event| format!("`{}`: {}", event.logical_id, event.reason));
    let reasons: Vec<String> = reasons.collect();
    let reasons = if reasons.is_empty() { "CloudFormation gives no reason".to_owned() } else { reasons.join("; ") };
    Diagnostic::without_place(&codes::STUCK_STACK, format!("{what}: {reasons}"))
}

/// Resources as an option takes them.
fn ids(failures: &[Event]) -> String {
    let ids: Vec<&str> = failures.iter().map(|event| event.logical_id.as_str()).collect();
    if ids.is_empty() { "RESOURCE".to_owned() } else { ids.join(",") }
}

fn stuck(name: &str, status: &str) -> Diagnostic {
    let message = format!("the stack `{name}` is in the state {status}, which it cannot leave by itself");
    let help = format!("`aws cloudformation describe-stack-events --stack-name {name}` says how it came there");
    Diagnostic::without_place(&codes::STUCK_STACK, message).help(help)
}
