//! `Retry` and `Catch`: which errors an entry is for.
//!
//! Specification, "Retrying after error", "Fallback states" and "Appendix A". AWS: `States.ALL must appear alone and at
//! end of list`, `Value cannot be empty`.

use super::fields::Table;
use super::walk::{At, Walk};
use crate::diagnostic::{Diagnostic, codes::flow};
use crate::source::Node;
use crate::suggest;

const ALL: &str = "States.ALL";

/// The errors that Step Functions reports itself. Other names must not begin with `States.`.
const KNOWN: [&str; 17] = [
    ALL,
    "States.BranchFailed",
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
];

impl<'m, 'a> Walk<'m, 'a> {
    /// The entries of `Retry` or `Catch`.
    pub(super) fn handlers(&mut self, at: At<'m, 'a>, name: &str, node: &'a Node, table: &'static Table) {
        let Some(entries) = node.as_list() else {
            self.wrong(at, name, node, "a list");
            return;
        };
        for (position, entry) in entries.iter().enumerate() {
            let Some(map) = entry.as_map() else {
                let message = format!("{} of {} is a mapping, not {}", table.what, at.subject(), entry.kind());
                self.find(&flow::FIELD_TYPE, entry.span, message);
                continue;
            };
            self.object(at.inner(table, entry), map);
            let errors = map.get("ErrorEquals").and_then(Node::as_list).unwrap_or_default();
            let all = errors.iter().find(|error| error.as_str() == Some(ALL));
            if let Some(all) = all.filter(|_| position + 1 < entries.len()) {
                let message = format!("`{ALL}` takes every error, and more entries of `{name}` follow");
                let finding = Diagnostic::new(&flow::ERROR_NAMES, all.span, message);
                self.report(finding.help(format!("move the entry with `{ALL}` to the end")));
            }
        }
    }

    pub(super) fn error_names(&mut self, at: At<'m, 'a>, node: &Node) {
        let Some(errors) = node.as_list() else {
            self.wrong(at, "ErrorEquals", node, "a list of names");
            return;
        };
        if errors.is_empty() {
            let message = format!("`ErrorEquals` of {} names no error", at.subject());
            self.report(
                Diagnostic::new(&flow::ERROR_NAMES, node.span, message).help(format!("`[{ALL}]` takes every error")),
            );
        }
        for error in errors {
            match error.as_text() {
                None => {
                    let message = format!("the name of an error is a string, not {}", error.kind());
                    self.find(&flow::FIELD_TYPE, error.span, message);
                }
                Some(_) if error.as_str() == Some(ALL) && errors.len() > 1 => {
                    let message = format!("`{ALL}` stands together with other errors");
                    let finding = Diagnostic::new(&flow::ERROR_NAMES, error.span, message);
                    self.report(finding.help(format!("write an entry of its own, the last one, with `[{ALL}]` alone")));
                }
                Some(_) => self.error_name(error),
            }
        }
    }

    fn error_name(&mut self, error: &Node) {
        let Some(name) = error.as_str().filter(|name| name.starts_with("States.") && !KNOWN.contains(name)) else {
            return;
        };
        // A Fail state of a branch may give any name, and the Parallel around it take that.
        if self.machine.raised.contains(name) {
            return;
        }
        let near = suggest::nearest(name, KNOWN).map(|near| format!("did you mean `{near}`?"));
        let message = format!("Step Functions reports no error `{name}`");
        self.report(Diagnostic::new(&flow::UNKNOWN_ERROR_NAME, error.span, message).help_opt(near));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, passes};

    fn flow(fields: &str) -> String {
        format!(
            "StartAt: t\nStates:\n  t:\n    Type: Task\n    Resource: arn:aws:lambda:r:1:function:f\n    Next: z\n    {fields}\n  \
             z: {{Type: Succeed}}\n"
        )
    }

    #[test]
    fn states_all_stands_alone_and_last() {
        passes(&flow("Retry: [{ErrorEquals: [A, B]}, {ErrorEquals: [States.ALL]}]"));
        assert_eq!(
            check(&flow("Retry: [{ErrorEquals: [States.ALL]}, {ErrorEquals: [A]}]")),
            [
                "TC0219 `States.ALL` takes every error, and more entries of `Retry` follow @States.ALL; move the entry with \
              `States.ALL` to the end"
            ]
        );
        assert_eq!(
            check(&flow("Catch: [{ErrorEquals: [A, States.ALL], Next: z}]")),
            [
                "TC0219 `States.ALL` stands together with other errors @States.ALL; write an entry of its own, the last one, with \
              `[States.ALL]` alone"
            ]
        );
    }

    #[test]
    fn error_equals_holds_names() {
        assert_eq!(
            check(&flow("Catch: [{ErrorEquals: [], Next: z}]")),
            ["TC0219 `ErrorEquals` of a catcher of `t` names no error @[]; `[States.ALL]` takes every error"]
        );
        assert_eq!(
            check(&flow("Catch: [{ErrorEquals: [true], Next: z}]")),
            ["TC0206 the name of an error is a string, not a boolean @true"]
        );
        assert_eq!(
            check(&flow("Catch: [{ErrorEquals: States.ALL, Next: z}]")),
            ["TC0206 `ErrorEquals` of a catcher of `t` is a list of names, not a string @States.ALL"]
        );
        assert_eq!(
            check(&flow("Catch: [{Error Equals: [A], Next: z}]")),
            ["TC0201 a catcher of `t` has no field `Error Equals` @Error Equals; did you mean `ErrorEquals`?"]
        );
        assert_eq!(check(&flow("Catch: [{Next: z}]")), ["TC0205 a catcher of `t` needs `ErrorEquals` @Next"]);
    }

    #[test]
    fn reserved_names_are_known() {
        passes(&flow("Retry: [{ErrorEquals: [States.Timeout, Lambda.TooManyRequestsException]}]"));
        assert_eq!(
            check(&flow("Retry: [{ErrorEquals: [States.TimeOut.Task]}]")),
            [
                "TC0229 Step Functions reports no error `States.TimeOut.Task` @States.TimeOut.Task; did you mean `States.Timeout`?"
            ]
        );
    }

    #[test]
    fn an_error_that_a_fail_state_gives_is_known() {
        let parallel = |error: &str| {
            format!(
                "StartAt: p\nStates:\n  p:\n    Type: Parallel\n    End: true\n    \
                 Catch: [{{ErrorEquals: [States.QuorumMet], Next: z}}]\n    \
                 Branches: [{{StartAt: f, States: {{f: {{Type: Fail, Error: {error}}}}}}}]\n  z: {{Type: Succeed}}\n"
            )
        };
        passes(&parallel("States.QuorumMet"));
        assert_eq!(
            check(&parallel("QuorumMet")),
            ["TC0229 Step Functions reports no error `States.QuorumMet` @States.QuorumMet"]
        );
    }

    #[test]
    fn ranges_of_a_retrier() {
        passes(&flow(
            "Retry: [{ErrorEquals: [A], IntervalSeconds: 1, MaxAttempts: 0, BackoffRate: 1.0, MaxDelaySeconds: 31622400, \
             JitterStrategy: FULL}]",
        ));
        for (field, wanted) in [
            ("IntervalSeconds: 0", "TC0207 `IntervalSeconds` of a retrier of `t` is from 1 to 99999999, not 0 @0"),
            ("IntervalSeconds: 1.5", "TC0206 `IntervalSeconds` of a retrier of `t` is an integer, not a number @1.5"),
            ("MaxAttempts: -1", "TC0207 `MaxAttempts` of a retrier of `t` is from 0 to 99999999, not -1 @-1"),
            ("BackoffRate: 0.5", "TC0207 `BackoffRate` of a retrier of `t` is at least 1, not 0.5 @0.5"),
            (
                "MaxDelaySeconds: 31622401",
                "TC0207 `MaxDelaySeconds` of a retrier of `t` is from 1 to 31622400, not 31622401 @31622401",
            ),
            (
                "JitterStrategy: full",
                "TC0207 `JitterStrategy` of a retrier of `t` is one of `FULL`, `NONE`, not `full` @full; did you mean `FULL`?",
            ),
        ] {
            assert_eq!(check(&flow(&format!("Retry: [{{ErrorEquals: [A], {field}}}]"))), [wanted]);
        }
    }

    #[test]
    fn entries_are_mappings_in_a_list() {
        assert_eq!(
            check(&flow("Retry: {ErrorEquals: [A]}")),
            ["TC0206 `Retry` of state `t` is a list, not a mapping @{ErrorEquals: [A]}"]
        );
        assert_eq!(check(&flow("Retry: [A]")), ["TC0206 a retrier of state `t` is a mapping, not a string @A"]);
    }
}
