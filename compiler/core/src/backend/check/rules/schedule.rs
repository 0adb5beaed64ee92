//! Schedules. "EventBridge Scheduler User Guide, Schedule types" and "Configuring flexible time windows".

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;

pub fn check(schedule: &Subject<'_>, faults: &mut Vec<Fault>) {
    let window = schedule.has("FlexibleTimeWindow.MaximumWindowInMinutes");
    match schedule.text("FlexibleTimeWindow.Mode") {
        Some("FLEXIBLE") if !window => {
            faults.push(combination("`FlexibleTimeWindow.Mode: FLEXIBLE` needs `MaximumWindowInMinutes`"));
        }
        Some("OFF") if window => {
            faults.push(combination("`FlexibleTimeWindow.MaximumWindowInMinutes` needs `Mode: FLEXIBLE`"));
        }
        _ => {}
    }
    if let Some(fault) = schedule.text("ScheduleExpression").and_then(expression_fault) {
        let help = "write `rate(5 minutes)`, `cron(0 2 * * ? *)` or `at(2030-01-31T12:00:00)`".to_owned();
        faults.push(combination(format!("`ScheduleExpression` {fault}")).help(help));
    }
}

/// What is wrong with the text of a schedule.
pub fn expression_fault(expression: &str) -> Option<String> {
    let inner = |name: &str| expression.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(rate) = inner("rate") {
        let (count, unit) = rate.split_once(' ').unwrap_or((rate, ""));
        let counts = count.parse::<u32>().is_ok_and(|count| count > 0);
        let units = ["minute", "minutes", "hour", "hours", "day", "days"];
        return (!counts || !units.contains(&unit))
            .then(|| format!("is `{expression}`, a rate has a count and a unit"));
    }
    if let Some(cron) = inner("cron") {
        let fields: Vec<&str> = cron.split_whitespace().collect();
        let [_, _, day, _, weekday, _] = fields.as_slice() else {
            return Some(format!("is `{expression}`, a cron has 6 fields, not {}", fields.len()));
        };
        // One of the two days must be left open.
        return (*day != "?" && *weekday != "?")
            .then(|| format!("is `{expression}`, its day of month or its day of week must be `?`"));
    }
    match inner("at") {
        Some(time) if is_time(time) => None,
        Some(_) => Some(format!("is `{expression}`, its time is not `YYYY-MM-DDThh:mm:ss`")),
        None => Some(format!("is `{expression}`, which is no rate, cron or time")),
    }
}

/// `YYYY-MM-DDThh:mm:ss`.
fn is_time(text: &str) -> bool {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let fits = |(byte, shape): (u8, &u8)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == *shape };
    text.len() == SHAPE.len() && text.bytes().zip(SHAPE).all(fits)
}

#[cfg(test)]
mod tests {
    use super::expression_fault;

    #[test]
    fn expressions_have_one_of_three_forms() {
        for expression in [
            "rate(5 minutes)",
            "rate(1 hour)",
            "cron(0 2 * * ? *)",
            "cron(0/5 8-17 ? * MON-FRI *)",
            "at(2030-01-31T12:00:00)",
        ] {
            assert_eq!(expression_fault(expression), None, "{expression}");
        }
        for expression in [
            "rate(5)",
            "rate(0 minutes)",
            "rate(5 weeks)",
            "cron(0 2 * * *)",
            "cron(0 2 1 * MON *)",
            "at(tomorrow)",
            "5 minutes",
            "",
        ] {
            assert!(expression_fault(expression).is_some(), "{expression}");
        }
    }
}
