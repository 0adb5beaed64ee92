//! A queue hides a message for as long as its consumer may work on it.
//!
//! Lambda refuses the event source mapping otherwise: `Queue visibility timeout: 10 seconds is less than Function timeout:
//! 60 seconds` (InvalidParameterValueException of CreateEventSourceMapping). Less than six times the time-out is against
//! AWS's advice only ("Using Lambda with Amazon SQS") and no finding.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for queue in subject.topology.queues.values() {
        let consumer = queue.consumer.as_ref().and_then(|name| subject.topology.functions.get(&name.value));
        let Some(function) = consumer.filter(|function| queue.visibility_timeout.value < function.timeout.value) else {
            continue;
        };
        let (hidden, timeout) = (queue.visibility_timeout.value, function.timeout.value);
        let message = format!(
            "the queue `{}` hides a message for {hidden} s, but `{}` may work on it for {timeout} s",
            queue.name, function.name
        );
        findings.push(
            Diagnostic::new(&codes::QUEUE_VISIBILITY, queue.visibility_timeout.span, message)
                .also(function.timeout.span, format!("may run {timeout} s"))
                .help(format!(
                    "leave `visibility_timeout` out, which means six times the time-out, or lower the time-out of `{}` to \
                     {hidden}",
                    function.name
                )),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::check;

    #[test]
    fn a_message_stays_hidden_while_it_is_worked_on() {
        for fine in ["", ", visibility_timeout: 30", ", visibility_timeout: 31"] {
            assert_eq!(check_topology(check, &format!("queues:\n  jobs: {{consumer: a{fine}}}\n")), [""; 0], "{fine}");
        }
        assert_eq!(check_topology(check, "queues:\n  jobs: {producer: a, visibility_timeout: 0}\n"), [""; 0]);
        assert_eq!(
            check_topology(check, "queues:\n  jobs: {consumer: a, visibility_timeout: 10}\n"),
            ["TC0401 error the queue `jobs` hides a message for 10 s, but `a` may work on it for 30 s @10; leave \
              `visibility_timeout` out, which means six times the time-out, or lower the time-out of `a` to 10"]
        );
    }
}
