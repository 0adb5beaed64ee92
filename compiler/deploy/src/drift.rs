//! Drift: what was changed in a stack's resources without the stack.

use crate::connection::Connection;
use crate::nested::Contents;
use aws_sdk_cloudformation::types::{StackDriftDetectionStatus as Status, StackStatus};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;
use tokio::time::sleep;

/// The pause between two looks at a detection, which takes seconds to minutes.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How many stacks are looked at at once.
const AT_ONCE: usize = 4;

/// Whether CloudFormation detects drift of a stack in this state ("Detect drift on an entire CloudFormation stack" in its
/// user guide names these four).
pub fn is_detected(status: &str) -> bool {
    let states = [
        StackStatus::CreateComplete,
        StackStatus::UpdateComplete,
        StackStatus::UpdateRollbackComplete,
        StackStatus::UpdateRollbackFailed,
    ];
    states.iter().any(|state| state.as_str() == status)
}

/// Has CloudFormation compare the resources of stacks with their templates, and waits until it has. What it found stands
/// then beside the stacks and their resources. Nested stacks are looked at one by one, since CloudFormation looks at none of
/// them with their root ("Detect drift on an entire CloudFormation stack").
///
/// # Errors
/// When a stack cannot be looked at, or not all of its resources could be.
pub fn detect(connection: &Connection, stacks: &[&str]) -> Result<(), Box<Diagnostic>> {
    connection.block_on(async {
        let nested = stacks.iter().map(|stack| Contents::list(connection, stack));
        let nested: Vec<Contents> = stream::iter(nested).buffered(AT_ONCE).try_collect().await?;
        let nested = nested.iter().flat_map(|contents| contents.stacks.iter().map(|stack| stack.id.as_str()));
        let detections = stacks.iter().copied().chain(nested).map(|stack| detect_one(connection, stack));
        stream::iter(detections).buffer_unordered(AT_ONCE).try_collect().await
    })
}

async fn detect_one(connection: &Connection, stack: &str) -> Result<(), Box<Diagnostic>> {
    let begun = connection.cloudformation.detect_stack_drift().stack_name(stack).send().await;
    let begun = begun.map_err(|error| connection.finding("cloudformation:DetectStackDrift", &error))?;
    let id = begun.stack_drift_detection_id.unwrap_or_default();
    let mut pause = FIRST_PAUSE;
    loop {
        let request = connection.cloudformation.describe_stack_drift_detection_status();
        let answer = request.stack_drift_detection_id(&id).send().await;
        let answer =
            answer.map_err(|error| connection.finding("cloudformation:DescribeStackDriftDetectionStatus", &error))?;
        match answer.detection_status {
            Some(Status::DetectionInProgress) => {}
            Some(Status::DetectionFailed) => {
                let reason = crate::failure::one_line(&answer.detection_status_reason.unwrap_or_default());
                let message = format!("not every resource of `{stack}` could be compared with its template: {reason}");
                return Err(Box::new(Diagnostic::without_place(&codes::REFUSED, message)));
            }
            _ => return Ok(()),
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
