//! Runtimes that AWS has deprecated, by the table of [`crate::ir::runtime`].

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::function as codes};
use crate::ir::runtime::AS_OF;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for function in subject.topology.functions.values() {
        let Some(runtime) = &function.runtime else { continue };
        let Some(date) = runtime.deprecated() else { continue };
        let message = format!("the runtime `{}` of `{}` is deprecated since {date}", runtime.id(), function.name);
        let blocked = runtime.entry.create_block.map(|date| match date <= AS_OF {
            true => format!("AWS refuses to create functions with it since {date}"),
            false => format!("from {date} AWS refuses to create functions with it"),
        });
        let successors: Vec<_> = runtime.successors().iter().rev().map(|id| format!("`{id}`")).collect();
        findings.push(
            Diagnostic::new(&codes::DEPRECATED_RUNTIME, runtime.span, message)
                .help_opt(blocked)
                .help(format!("write {}", one_of(&successors))),
        );
    }
}

/// `a`, `b or c` and so on.
fn one_of(words: &[String]) -> String {
    match words {
        [] => "one of another language".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_function;
    use super::check;

    #[test]
    fn a_deprecated_runtime_is_named_with_its_successors() {
        assert_eq!(check_function(check, r#"{"runtime": {"lang": "python3.12"}}"#), [""; 0]);
        assert_eq!(check_function(check, "{}"), [""; 0]);
        assert_eq!(
            check_function(check, r#"{"runtime": {"lang": "python3.10"}}"#),
            [
                "TC0503 warning the runtime `python3.10` of `a` is deprecated since 2026-10-31 @\"python3.10\"; from 2027-02-01 \
              AWS refuses to create functions with it; write `python3.14`, `python3.13`, `python3.12` or `python3.11`"
            ]
        );
        let found = check_function(check, r#"{"runtime": {"lang": "ruby2.7"}}"#);
        assert!(
            found[0].contains("; AWS refuses to create functions with it since 2024-01-09; write `ruby4.0`"),
            "{found:?}"
        );
    }
}
