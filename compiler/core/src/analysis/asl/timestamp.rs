//! Points in time.
//!
//! Specification, "Timestamps": RFC 3339 with an upper case `T`, and an upper case `Z` where there is no offset. AWS:
//! `String does not match RFC3339 timestamp`.

/// Whether a text is a point in time.
pub(super) fn is_timestamp(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    is_date(date) && is_time(time)
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_time(text: &str) -> bool {
    let Some(at) = text.find(['Z', '+', '-']) else { return false };
    let (clock, zone) = text.split_at(at);
    let (seconds, fraction) = clock.split_once('.').map_or((clock, None), |(seconds, rest)| (seconds, Some(rest)));
    let fraction_is_digits =
        fraction.is_none_or(|part| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit()));
    let parts: Vec<&str> = seconds.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else { return false };
    let clock_is_right = below(hour, 24) && below(minute, 60) && below(second, 61);
    fraction_is_digits && clock_is_right && (zone == "Z" || is_offset(zone.get(1..).unwrap_or_default()))
}

fn is_offset(text: &str) -> bool {
    text.split_once(':').is_some_and(|(hour, minute)| below(hour, 24) && below(minute, 60))
}

fn below(text: &str, limit: u32) -> bool {
    digits(text, 2).is_some_and(|number| number < limit)
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let right = text.len() == count && text.bytes().all(|digit| digit.is_ascii_digit());
    text.parse().ok().filter(|_| right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_aws_takes_them() {
        for text in [
            "2016-03-14T01:59:00Z",
            "2024-02-29T23:59:60.123Z",
            "2016-03-14T01:59:00+05:30",
            "2016-03-14T01:59:00-08:00",
        ] {
            assert!(is_timestamp(text), "{text}");
        }
        for text in [
            "",
            "2016-03-14",
            "2016-03-14 01:59:00Z",
            "2016-03-14t01:59:00Z",
            "2016-03-14T01:59:00z",
            "2016-03-14T01:59:00",
            "2016-03-14T01:59Z",
            "2016-13-14T01:59:00Z",
            "2023-02-29T01:59:00Z",
            "1900-02-29T01:59:00Z",
            "2016-04-31T01:59:00Z",
            "2016-03-14T24:00:00Z",
            "2016-03-14T01:59:00.Z",
            "2016-03-14T01:59:00+5:30",
            "2016-03-14T01:59:00Zulu",
            "16-03-14T01:59:00Z",
            "2016-03-+4T01:59:00Z",
        ] {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}
