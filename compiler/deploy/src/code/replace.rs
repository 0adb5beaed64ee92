//! A function's code, replaced past CloudFormation.

use crate::bucket;
use crate::connection::Connection;
use aws_sdk_lambda::types::LastUpdateStatus;
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account;
use tokio::time::{Instant, sleep};

/// How long an update of a function may take.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(200);

/// Gives a function the code that the artifact bucket has under a digest, and waits until it runs.
///
/// The stack does not learn of it: it says so only after the next change set with this code.
///
/// # Errors
/// When Lambda refuses, or the function does not come to an end with it.
pub fn replace(connection: &Connection, function: &str, sha256: &str) -> Result<(), Box<Diagnostic>> {
    connection.block_on(async {
        // Lambda takes one update at a time.
        settle(connection, function).await?;
        let bucket = bucket::get(connection).await?;
        let request = connection.lambda.update_function_code().function_name(function);
        let replaced = request.s3_bucket(&bucket.name).s3_key(format!("{sha256}.zip")).send().await;
        replaced.map_err(|error| connection.finding("lambda:UpdateFunctionCode", &error))?;
        settle(connection, function).await
    })
}

/// Waits until nothing is under way with a function.
async fn settle(connection: &Connection, function: &str) -> Result<(), Box<Diagnostic>> {
    let deadline = Instant::now() + PATIENCE;
    let failed = |words: &str| {
        let message = format!("the code of `{function}` was not replaced: {words}");
        Err(Box::new(Diagnostic::without_place(&account::REFUSED, message)))
    };
    loop {
        let answer = connection.lambda.get_function_configuration().function_name(function).send().await;
        let answer = answer.map_err(|error| connection.finding("lambda:GetFunctionConfiguration", &error))?;
        match answer.last_update_status() {
            Some(LastUpdateStatus::InProgress) if Instant::now() > deadline => {
                return failed("an update of it is still under way");
            }
            Some(LastUpdateStatus::InProgress) => sleep(PAUSE).await,
            Some(LastUpdateStatus::Failed) => {
                return failed(answer.last_update_status_reason().unwrap_or("Lambda gives no reason"));
            }
            _ => return Ok(()),
        }
    }
}
