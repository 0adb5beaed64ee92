//! Environment variables are texts, 4 KB together, and some names are Lambda's own.
//! "Lambda Developer Guide, Lambda quotas" and "Working with Lambda environment variables, Defined runtime environment
//! variables". A dynamic reference to a SecureString is refused here ("CloudFormation User Guide, Get a secure string
//! value from Systems Manager Parameter Store").

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;
use crate::backend::expr::Expr;
use crate::ir::function::RESERVED_ENVIRONMENT;

/// Bytes of all names and values together.
const LIMIT: usize = 4_096;

pub fn check(function: &Subject<'_>, faults: &mut Vec<Fault>) {
    let Some(Expr::Object(variables)) = function.get("Environment.Variables") else { return };
    let mut size = 0;
    for (name, value) in variables.iter() {
        size += name.len() + function.index.known_text(value).map_or(0, str::len);
        // The value may be a secret, so no message repeats it.
        let place = format!("Environment.Variables.{name}");
        if RESERVED_ENVIRONMENT.contains(&name.as_ref()) {
            faults.push(combination(format!("`{place}` is a name that Lambda keeps for itself")));
        }
        if matches!(value, Expr::List(_) | Expr::Object(_) | Expr::Split(..) | Expr::Zones) {
            faults.push(combination(format!("`{place}` must be a text")));
        }
        if function.index.known_text(value).is_some_and(|text| text.contains("{{resolve:ssm-secure:")) {
            let help = "give the function the parameter's name and let it read the value".to_owned();
            faults.push(
                combination(format!("`{place}` refers to a secure string, which is not resolved there")).help(help),
            );
        }
    }
    if size > LIMIT {
        faults.push(combination(format!(
            "`Environment.Variables` have at least {size} bytes, at most {LIMIT} are allowed"
        )));
    }
}
