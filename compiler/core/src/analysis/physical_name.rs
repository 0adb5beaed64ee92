//! The names that become part of AWS's names hold only characters that AWS takes there. Their length is no fault: a name
//! that is too long is cut.
//!
//! Sources: Lambda API, CreateFunction, FunctionName (`[a-zA-Z0-9-_]+`); CloudFormation API, CreateStack, StackName
//! (`[a-zA-Z][-a-zA-Z0-9]*`; `_` becomes `-` there); SQS Developer Guide, "Amazon SQS message quotas", queue name
//! (alphanumeric characters, hyphens and underscores); EventBridge Scheduler API, CreateSchedule, Name (`[0-9a-zA-Z-_.]+`);
//! CloudWatch Logs API, CreateLogGroup, logGroupName (`[.\-_/#A-Za-z0-9]+`), after which a gateway's access log is called.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::template as codes};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let sandbox = &subject.topology.sandbox;
    if let Some(help) = fault(sandbox, "-_") {
        let message = format!("the sandbox `{sandbox}` cannot be part of AWS's names");
        findings.push(Diagnostic::without_place(&codes::PHYSICAL_NAME, message).help(help));
    }
    for gateway in subject.topology.gateways.values().filter(|gateway| gateway.shared.is_none()) {
        if let Some(help) = fault(&gateway.name, "-_.") {
            let message = format!("`{}` cannot be a gateway's name", gateway.name);
            findings.push(Diagnostic::new(&codes::PHYSICAL_NAME, gateway.span, message).help(help));
        }
    }
    for queue in subject.topology.queues.values() {
        if let Some(help) = fault(&queue.name, "-_") {
            let message = format!("`{}` cannot be a queue's name", queue.name);
            findings.push(Diagnostic::new(&codes::PHYSICAL_NAME, queue.span, message).help(help));
        }
    }
    for schedule in subject.topology.schedules.values() {
        if let Some(help) = fault(&schedule.name, "-_.") {
            let message = format!("`{}` cannot be a schedule's name", schedule.name);
            findings.push(Diagnostic::new(&codes::PHYSICAL_NAME, schedule.span, message).help(help));
        }
    }
}

/// What to write where a name holds anything but ASCII letters, digits and the `others`.
fn fault(name: &str, others: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    if !name.is_empty() && name.chars().all(fits) {
        return None;
    }
    let mended: String = name.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let mended = mended.trim_matches('-');
    let such_as = if mended.is_empty() { String::new() } else { format!(", such as `{mended}`") };
    Some(format!("it holds letters, digits and `{others}`{such_as}"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::{check, fault};

    #[test]
    fn names_that_aws_takes_pass() {
        let text = "queues: {jobs_1-a: {consumer: a}}\nschedules: {nightly.x: {rate: 1 day, function: a}}\n";
        assert_eq!(check_topology(check, text), [""; 0]);
    }

    #[test]
    fn others_are_mended() {
        let text = "routes: {/x: {gateway: my api!, function: b}}\nqueues: {jobs.1: {consumer: a}}\n\
                    schedules: {every night: {rate: 1 day, function: a}}\n";
        assert_eq!(
            check_topology(check, text),
            [
                "TC0610 error `my api!` cannot be a gateway's name @my api!; it holds letters, digits and `-_.`, such as \
                 `my-api`",
                "TC0610 error `jobs.1` cannot be a queue's name @jobs.1; it holds letters, digits and `-_`, such as \
                 `jobs-1`",
                "TC0610 error `every night` cannot be a schedule's name @every night; it holds letters, digits and `-_.`, \
                 such as `every-night`",
            ]
        );
        assert_eq!(fault("feature/x", "-_").unwrap(), "it holds letters, digits and `-_`, such as `feature-x`");
        assert_eq!(fault("", "-_").unwrap(), "it holds letters, digits and `-_`");
    }
}
