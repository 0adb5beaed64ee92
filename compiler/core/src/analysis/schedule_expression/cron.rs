//! Cron expressions of six fields ("EventBridge Scheduler User Guide, Schedule types, cron-based schedules").

use super::Fault;

struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Names of the values from `least` on.
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const MINUTE: Field = Field { name: "minute", least: 0, most: 59, names: &[] };
const HOUR: Field = Field { name: "hour", least: 0, most: 23, names: &[] };
const DAY: Field = Field { name: "day of month", least: 1, most: 31, names: &[] };
const MONTH: Field = Field { name: "month", least: 1, most: 12, names: &MONTHS };
const WEEKDAY: Field = Field { name: "day of week", least: 1, most: 7, names: &WEEKDAYS };
const YEAR: Field = Field { name: "year", least: 1970, most: 2199, names: &[] };

/// What is wrong with the text between the parentheses of `cron( )`.
pub(super) fn fault(text: &str) -> Option<Fault> {
    let fields: Vec<_> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday, year] = fields.as_slice() else {
        return Some(count_fault(text, &fields));
    };
    let plain = [(MINUTE, minute), (HOUR, hour), (MONTH, month), (YEAR, year)];
    let of_plain = plain.into_iter().find_map(|(field, text)| field_fault(&field, text, |_| false));
    let days = || {
        let of_day = (*day != "?").then(|| field_fault(&DAY, day, is_day));
        let of_weekday = (*weekday != "?").then(|| field_fault(&WEEKDAY, weekday, is_weekday));
        of_day.flatten().or(of_weekday.flatten())
    };
    of_plain.or_else(days).or_else(|| open_day_fault(&fields))
}

/// A cron of Unix has five fields and no `?`, one of Quartz begins with seconds.
fn count_fault(text: &str, fields: &[&str]) -> Fault {
    let message = format!("`{text}` has {} fields, but a schedule's cron has 6", fields.len());
    let help = match fields {
        [minute, hour, day, month, weekday] => {
            let (day, weekday) = open_one(day, weekday);
            format!("write `{minute} {hour} {day} {month} {weekday} *`: the year comes last")
        }
        [_, rest @ ..] if rest.len() == 6 => format!("write `{}`: there are no seconds", rest.join(" ")),
        _ => "the fields are minute, hour, day of month, month, day of week and year: `0 12 * * ? *`".to_owned(),
    };
    Fault { message, help }
}

/// The days with `?` for the one that says nothing.
fn open_one<'t>(day: &'t str, weekday: &'t str) -> (&'t str, &'t str) {
    match (day, weekday) {
        ("?", _) | (_, "?") => (day, weekday),
        (_, "*") => (day, "?"),
        _ => ("?", weekday),
    }
}

/// Of the two days one is given and the other one left open.
fn open_day_fault(fields: &[&str]) -> Option<Fault> {
    let [minute, hour, day, month, weekday, year] = fields else { return None };
    let (message, day, weekday) = match (*day == "?", *weekday == "?") {
        (true, true) => ("neither the day of month nor the day of week is given".to_owned(), "*", "?"),
        (false, false) => {
            let (open_day, open_weekday) = open_one(day, weekday);
            ("both the day of month and the day of week are given".to_owned(), open_day, open_weekday)
        }
        _ => return None,
    };
    let help = format!("one of them must be `?`: `{minute} {hour} {day} {month} {weekday} {year}`");
    Some(Fault { message, help })
}

/// A field is a list of values, ranges and steps; `special` knows what only this field takes.
fn field_fault(field: &Field, text: &str, special: impl Fn(&str) -> bool) -> Option<Fault> {
    let wrong = text.split(',').find(|item| !is_item(field, item) && !special(item))?;
    let Field { name, least, most, names } = field;
    let message = format!("`{wrong}` is no {name}");
    let named = match (names.first(), names.last()) {
        (Some(first), Some(last)) => format!(" or `{first}` to `{last}`"),
        _ => String::new(),
    };
    let help = match (*name, wrong) {
        ("day of week", "0") => "Sunday is `1` or `SUN`".to_owned(),
        (_, "?") => "`?` is for the day of month or the day of week".to_owned(),
        _ => format!("it has {least} to {most}{named}, with `*`, `,`, `-` and `/`"),
    };
    Some(Fault { message, help })
}

/// `*`, a value or a range, with or without a step.
fn is_item(field: &Field, item: &str) -> bool {
    let (base, step) = match item.split_once('/') {
        Some((base, step)) => (base, Some(step)),
        None => (item, None),
    };
    let steps = step.is_none_or(|step| number(step).is_some_and(|step| step > 0 && step <= field.most));
    // `/5` is `*/5` to the parser that the syntax comes from.
    let is_base = base == "*" || (base.is_empty() && step.is_some()) || is_value(field, base);
    let is_range = || base.split_once('-').is_some_and(|(from, to)| is_value(field, from) && is_value(field, to));
    steps && (is_base || is_range())
}

fn is_value(field: &Field, text: &str) -> bool {
    let is_name = field.names.iter().any(|name| name.eq_ignore_ascii_case(text));
    is_name || number(text).is_some_and(|value| (field.least..=field.most).contains(&value))
}

/// Digits alone: no sign.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// `L` is the last day of the month, `L-3` the third before it, `15W` the weekday next to the 15th, `LW` the last weekday.
fn is_day(item: &str) -> bool {
    let before_last = || item.strip_prefix("L-").and_then(number).is_some_and(|days| days < DAY.most);
    let weekday = || item.strip_suffix('W').is_some_and(|day| is_value(&DAY, day));
    matches!(item, "L" | "LW") || before_last() || weekday()
}

/// `L` is the last day of the week, `6L` the last Friday of the month, `6#3` its third.
fn is_weekday(item: &str) -> bool {
    let last = || item.strip_suffix('L').is_some_and(|day| is_value(&WEEKDAY, day));
    let nth = || {
        item.split_once('#')
            .is_some_and(|(day, nth)| is_value(&WEEKDAY, day) && number(nth).is_some_and(|nth| (1..=5).contains(&nth)))
    };
    item == "L" || last() || nth()
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn what_scheduler_documents_passes() {
        for fine in [
            "0 3 * * ? *",
            "15 10 ? * 6L 2022-2023",
            "0/15 8-17 ? * MON-FRI *",
            "*/5 * * * ? *",
            "0 8 1 * ? *",
            "0 18 ? * mon,WED 2030",
            "0 0 L * ? *",
            "0 0 15W JAN,JUN ? *",
            "0 9 ? * 2#1 *",
            "5,35 14 * * ? *",
        ] {
            assert_eq!(fault(fine), None, "{fine}");
        }
    }

    #[test]
    fn faults_say_what_to_write() {
        for (cron, message, help) in [
            (
                "0 9 * * 1-5",
                "`0 9 * * 1-5` has 5 fields, but a schedule's cron has 6",
                "write `0 9 ? * 1-5 *`: the year comes last",
            ),
            (
                "0 0 9 * * ? *",
                "`0 0 9 * * ? *` has 7 fields, but a schedule's cron has 6",
                "write `0 9 * * ? *`: there are no seconds",
            ),
            (
                "",
                "`` has 0 fields, but a schedule's cron has 6",
                "the fields are minute, hour, day of month, month, day of week and year: `0 12 * * ? *`",
            ),
            ("60 9 * * ? *", "`60` is no minute", "it has 0 to 59, with `*`, `,`, `-` and `/`"),
            ("0 24 * * ? *", "`24` is no hour", "it has 0 to 23, with `*`, `,`, `-` and `/`"),
            ("0 9 32 * ? *", "`32` is no day of month", "it has 1 to 31, with `*`, `,`, `-` and `/`"),
            ("0 9 * FOO ? *", "`FOO` is no month", "it has 1 to 12 or `JAN` to `DEC`, with `*`, `,`, `-` and `/`"),
            ("0 9 ? * 0 *", "`0` is no day of week", "Sunday is `1` or `SUN`"),
            ("0 9 ? * 2#6 *", "`2#6` is no day of week", "it has 1 to 7 or `SUN` to `SAT`, with `*`, `,`, `-` and `/`"),
            ("0 9 * * ? 1900", "`1900` is no year", "it has 1970 to 2199, with `*`, `,`, `-` and `/`"),
            ("? 9 * * ? *", "`?` is no minute", "`?` is for the day of month or the day of week"),
            ("0/0 9 * * ? *", "`0/0` is no minute", "it has 0 to 59, with `*`, `,`, `-` and `/`"),
            ("0,,5 9 * * ? *", "`` is no minute", "it has 0 to 59, with `*`, `,`, `-` and `/`"),
            (
                "0 9 * * * *",
                "both the day of month and the day of week are given",
                "one of them must be `?`: `0 9 * * ? *`",
            ),
            (
                "0 9 * * MON *",
                "both the day of month and the day of week are given",
                "one of them must be `?`: `0 9 ? * MON *`",
            ),
            (
                "0 9 ? * ? *",
                "neither the day of month nor the day of week is given",
                "one of them must be `?`: `0 9 * * ? *`",
            ),
        ] {
            let found = fault(cron).unwrap_or_else(|| panic!("`{cron}` passes"));
            assert_eq!((found.message.as_str(), found.help.as_str()), (message, help), "{cron}");
        }
    }
}
