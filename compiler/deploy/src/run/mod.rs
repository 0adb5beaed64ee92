//! What was deployed is started: the flow, a function, a route, an event.
//!
//! ```text
//! flow      executions of the state machine, followed state by state
//! function  an invocation of one function
//! route     a request to a gateway
//! event     an event put on a bus
//! payload   what is handed to them, where it is an object of a bucket
//! ```

pub mod event;
pub mod flow;
pub mod function;
pub mod payload;
pub mod route;

/// Why something that ran did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The state it failed in, where it is a flow that tells it.
    pub state: Option<String>,
    /// The name of the error: `ValueError`, `States.Timeout`. Empty where none was given.
    pub error: String,
    /// Its cause, for people.
    pub cause: String,
}

impl Failure {
    /// With the cause that is in AWS's text: the object that a function's error is reported as, else the text.
    fn new(state: Option<String>, error: &str, cause: &str) -> Self {
        let report: Option<serde_json::Value> = serde_json::from_str(cause).ok();
        let part = |name: &str| report.as_ref()?.get(name)?.as_str().map(str::to_owned);
        let error = if error.is_empty() { part("errorType").unwrap_or_default() } else { error.to_owned() };
        Self { state, error, cause: part("errorMessage").unwrap_or_else(|| cause.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_taken_out_of_a_report() {
        let failure = Failure::new(None, "", r#"{"errorMessage": "no", "errorType": "ValueError"}"#);
        assert_eq!((failure.error.as_str(), failure.cause.as_str()), ("ValueError", "no"));
        let failure = Failure::new(None, "States.Timeout", "too long");
        assert_eq!((failure.error.as_str(), failure.cause.as_str()), ("States.Timeout", "too long"));
    }
}
