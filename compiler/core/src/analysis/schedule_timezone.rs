//! A time zone is written like a name of the IANA database: `Europe/Berlin`. Whether there is one of that name is for
//! Scheduler to say; the database changes several times a year.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::event as codes};

/// Characters of a time zone ("EventBridge Scheduler API, CreateSchedule, ScheduleExpressionTimezone").
const LIMIT: usize = 50;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for zone in subject.topology.schedules.values().filter_map(|schedule| schedule.timezone.as_ref()) {
        if !is_name(zone) {
            let message = format!("`{}` is no time zone", zone.value);
            let finding = Diagnostic::new(&codes::TIME_ZONE, zone.span, message);
            findings.push(finding.help("write a name of the IANA database, such as `Europe/Berlin` or `UTC`"));
        }
    }
}

/// Up to three parts of letters, digits, `_`, `-` and `+`, the first of which begins with a letter.
fn is_name(zone: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+');
    let parts: Vec<_> = zone.split('/').collect();
    zone.len() <= LIMIT
        && zone.starts_with(|c: char| c.is_ascii_alphabetic())
        && parts.len() <= 3
        && parts.iter().all(|part| !part.is_empty() && part.chars().all(fits))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::{check, is_name};

    #[test]
    fn zones_look_like_names() {
        for fine in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "America/Port-au-Prince"] {
            assert!(is_name(fine), "{fine}");
        }
        for wrong in ["", "+02:00", "Europe/", "Europe/New York", "a/b/c/d"] {
            assert!(!is_name(wrong), "{wrong}");
        }
        assert_eq!(
            check_topology(check, "schedules:\n  s: {cron: '0 3 * * ? *', timezone: '+02:00', function: a}\n"),
            [
                "TC0417 error `+02:00` is no time zone @'+02:00'; write a name of the IANA database, such as `Europe/Berlin` or \
              `UTC`"
            ]
        );
    }
}
