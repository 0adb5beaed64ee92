//! Log levels are filtered in JSON logs alone. "Lambda Developer Guide, Configuring advanced logging controls".

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;

pub fn check(function: &Subject<'_>, faults: &mut Vec<Fault>) {
    // The default format is text.
    if function.has("LoggingConfig.LogFormat") && function.text("LoggingConfig.LogFormat") != Some("Text") {
        return;
    }
    for level in ["ApplicationLogLevel", "SystemLogLevel"] {
        if function.has(&format!("LoggingConfig.{level}")) {
            faults.push(combination(format!("`LoggingConfig.{level}` needs `LoggingConfig.LogFormat: JSON`")));
        }
    }
}
