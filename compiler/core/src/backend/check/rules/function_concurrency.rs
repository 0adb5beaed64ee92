//! Provisioned concurrency belongs to a published version, within what is reserved for the function.
//! "Lambda Developer Guide, Configuring provisioned concurrency": it cannot be set on $LATEST, and its sum over versions
//! and aliases may not exceed the function's reserved concurrency.

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;

const PROVISIONED: &str = "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions";

pub fn alias(alias: &Subject<'_>, faults: &mut Vec<Fault>) {
    if alias.has(PROVISIONED) && alias.text("FunctionVersion") == Some("$LATEST") {
        faults.push(combination("provisioned concurrency needs a published version, not `FunctionVersion: $LATEST`"));
    }
    reserved(alias, faults);
}

pub fn version(version: &Subject<'_>, faults: &mut Vec<Fault>) {
    reserved(version, faults);
}

fn reserved(subject: &Subject<'_>, faults: &mut Vec<Fault>) {
    let function = subject.target("FunctionName");
    let reserved = function.and_then(|function| function.integer("ReservedConcurrentExecutions"));
    if let (Some(provisioned), Some(reserved)) = (subject.integer(PROVISIONED), reserved)
        && provisioned > reserved
    {
        faults.push(combination(format!(
            "{provisioned} provisioned executions exceed the function's {reserved} reserved"
        )));
    }
}
