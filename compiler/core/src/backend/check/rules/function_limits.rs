//! How much one invocation may take. "Lambda Developer Guide, Lambda quotas": AWS's schema has the greater limits of
//! functions on managed instances.

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;

/// Property, greatest value and unit.
const LIMITS: [(&str, i64, &str); 3] =
    [("EphemeralStorage.Size", 10_240, "MB"), ("MemorySize", 10_240, "MB"), ("Timeout", 900, "s")];

pub fn check(function: &Subject<'_>, faults: &mut Vec<Fault>) {
    if function.has("CapacityProviderConfig") {
        return;
    }
    for (path, most, unit) in LIMITS {
        if let Some(given) = function.integer(path).filter(|given| *given > most) {
            faults.push(combination(format!("`{path}` is {given} {unit}, at most {most} are allowed")));
        }
    }
}
