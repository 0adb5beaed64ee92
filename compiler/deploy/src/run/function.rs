//! An invocation of one function.

use super::Failure;
use crate::connection::Connection;
use aws_sdk_lambda::operation::RequestId;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use tc_core::diagnostic::Diagnostic;

/// Invokes a function and waits for its answer: JSON, else why it failed.
///
/// # Errors
/// When AWS refuses it.
pub fn call(connection: &Connection, name: &str, payload: &str) -> Result<Result<String, Failure>, Box<Diagnostic>> {
    let request = connection.lambda.invoke().function_name(name).payload(Blob::new(payload));
    let answer = connection.block_on(request.send());
    let answer = answer.map_err(|error| connection.finding("lambda:InvokeFunction", &error))?;
    let text = answer.payload.map(|payload| String::from_utf8_lossy(payload.as_ref()).into_owned()).unwrap_or_default();
    match answer.function_error {
        None => Ok(Ok(text)),
        Some(_) => Ok(Err(Failure::new(None, "", &text))),
    }
}

/// Hands an event to a function and does not wait: the id of the request, which stands in the function's log.
///
/// # Errors
/// When AWS refuses it.
pub fn hand_over(connection: &Connection, name: &str, payload: &str) -> Result<String, Box<Diagnostic>> {
    let request = connection.lambda.invoke().function_name(name).payload(Blob::new(payload));
    let answer = connection.block_on(request.invocation_type(InvocationType::Event).send());
    let answer = answer.map_err(|error| connection.finding("lambda:InvokeFunction", &error))?;
    Ok(answer.request_id().unwrap_or_default().to_owned())
}
