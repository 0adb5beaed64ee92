//! Provisioned concurrency is part of what is reserved.
//!
//! Source: Lambda Developer Guide, "Configuring provisioned concurrency": the provisioned concurrency of all versions and
//! aliases cannot exceed the function's reserved concurrency.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::function as codes};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for function in subject.topology.functions.values() {
        let (Some(provisioned), Some(reserved)) = (&function.provisioned_concurrency, &function.reserved_concurrency)
        else {
            continue;
        };
        if provisioned.value <= reserved.value {
            continue;
        }
        let (warm, kept) = (provisioned.value, reserved.value);
        let message = format!("`{}` has a provisioned concurrency of {warm}, but {kept} reserved", function.name);
        findings.push(
            Diagnostic::new(&codes::CONCURRENCY, provisioned.span, message)
                .also(reserved.span, "reserved here")
                .help(format!("write `provisioned_concurrency: {kept}` or less, or reserve {warm}")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_function;
    use super::check;

    #[test]
    fn no_more_is_provisioned_than_reserved() {
        let json = |reserved: u32, provisioned: u32| {
            format!(
                "{{\"runtime\": {{\"reserved_concurrency\": {reserved}, \"provisioned_concurrency\": {provisioned}}}}}"
            )
        };
        assert_eq!(check_function(check, &json(5, 5)), [""; 0]);
        assert_eq!(check_function(check, r#"{"runtime": {"provisioned_concurrency": 5}}"#), [""; 0]);
        assert_eq!(
            check_function(check, &json(4, 5)),
            [
                "TC0514 error `a` has a provisioned concurrency of 5, but 4 reserved @5; write `provisioned_concurrency: 4` or \
              less, or reserve 5"
            ]
        );
    }
}
