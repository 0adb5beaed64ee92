//! A schedule says when in words that Scheduler knows ("EventBridge Scheduler User Guide, Schedule types").

mod cron;
mod once;

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};
use crate::ir::Recurrence;

/// What is wrong with an expression, and what to write.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    message: String,
    help: String,
}

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for schedule in subject.topology.schedules.values() {
        let (text, fault) = match &schedule.recurrence {
            Recurrence::Cron(text) => (text, cron::fault(text)),
            Recurrence::Rate(text) => (text, rate_fault(text)),
            Recurrence::At(text) => (text, once::fault(text)),
        };
        if let Some(Fault { message, help }) = fault {
            findings.push(Diagnostic::new(&codes::SCHEDULE_EXPRESSION, text.span, message).help(help));
        }
    }
}

/// A rate is a positive number and a unit; Scheduler takes either form of the unit with any number.
fn rate_fault(text: &str) -> Option<Fault> {
    const UNITS: [&str; 6] = ["minute", "minutes", "hour", "hours", "day", "days"];
    let fault = |message: String| {
        Some(Fault { message, help: "write a number and a unit: `5 minutes`, `1 hour`, `7 days`".into() })
    };
    let parts: Vec<_> = text.split_whitespace().collect();
    let [count, unit] = parts.as_slice() else { return fault(format!("`{text}` is no rate")) };
    if !count.parse::<u32>().is_ok_and(|count| count > 0) {
        return fault(format!("`{count}` is no number of {unit}"));
    }
    if !UNITS.contains(unit) {
        return fault(format!("`{unit}` is no unit of a rate"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::{check, rate_fault};

    #[test]
    fn a_rate_is_a_number_and_a_unit() {
        for fine in ["5 minutes", "1 hour", "1 hours", "7 days"] {
            assert_eq!(rate_fault(fine), None, "{fine}");
        }
        let message = |text: &str| rate_fault(text).map(|fault| fault.message);
        assert_eq!(message("0 minutes").unwrap(), "`0` is no number of minutes");
        assert_eq!(message("1.5 hours").unwrap(), "`1.5` is no number of hours");
        assert_eq!(message("5 fortnights").unwrap(), "`fortnights` is no unit of a rate");
        assert_eq!(message("often").unwrap(), "`often` is no rate");
    }

    #[test]
    fn findings_stand_at_the_expression() {
        assert_eq!(
            check_topology(check, "schedules:\n  s: {function: a, cron: '0 3 * * *'}\n"),
            [
                "TC0416 error `0 3 * * *` has 5 fields, but a schedule's cron has 6 @'0 3 * * *'; write `0 3 * * ? *`: the year \
              comes last"
            ]
        );
        assert_eq!(
            check_topology(check, "schedules:\n  s: {function: a, rate: rate(5 fortnights)}\n"),
            [
                "TC0416 error `fortnights` is no unit of a rate @rate(5 fortnights); write a number and a unit: `5 minutes`, \
              `1 hour`, `7 days`"
            ]
        );
    }
}
