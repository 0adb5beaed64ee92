//! An event put on a bus.

use crate::connection::Connection;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;

/// What is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its `detail-type`.
    pub detail_type: &'a str,
    /// Its `source`.
    pub source: &'a str,
    /// Its `detail`, a JSON object.
    pub detail: &'a str,
    /// The bus; the account's default bus where none is named.
    pub bus: Option<&'a str>,
}

/// Puts an event: its id.
///
/// # Errors
/// When AWS refuses it.
pub fn put(connection: &Connection, event: Event<'_>) -> Result<String, Box<Diagnostic>> {
    let client = Client::new(&connection.config);
    let entry = PutEventsRequestEntry::builder()
        .detail_type(event.detail_type)
        .source(event.source)
        .detail(event.detail)
        .set_event_bus_name(event.bus.map(str::to_owned))
        .build();
    let answer = connection.block_on(client.put_events().entries(entry).send());
    let answer = answer.map_err(|error| connection.finding("events:PutEvents", &error))?;
    // A request may be taken and its only event refused.
    let result = answer.entries.unwrap_or_default().into_iter().next();
    match result.as_ref().and_then(|result| result.event_id()) {
        Some(id) => Ok(id.to_owned()),
        None => {
            let code = result.as_ref().and_then(|result| result.error_code()).unwrap_or("no reason");
            let words = result.as_ref().and_then(|result| result.error_message()).unwrap_or_default();
            let message = format!("`events:PutEvents` failed with `{code}`: {words}");
            Err(Box::new(Diagnostic::without_place(&codes::REFUSED, message)))
        }
    }
}
