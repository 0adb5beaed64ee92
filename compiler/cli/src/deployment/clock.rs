//! The time as the lines of a deployment begin with it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Now, in UTC: `2024-01-15T19:57:03.865`.
#[expect(clippy::disallowed_methods, reason = "it is only shown")]
pub fn now() -> String {
    shown(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// A time since the beginning of 1970.
fn shown(since: Duration) -> String {
    const DAY: u64 = 86_400;
    let (days, seconds) = (since.as_secs() / DAY, since.as_secs() % DAY);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}", since.subsec_millis())
}

/// The date of a day, counted from the beginning of 1970: years begin in March here, so that the day that some of them
/// have more is their last, and 400 of them always have as many days.
fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_TO_MARCH_OF_YEAR_0: u64 = 719_468;
    const DAYS_OF_400_YEARS: u64 = 146_097;
    let days = days + DAYS_TO_MARCH_OF_YEAR_0;
    let (era, day) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        for (days, wanted) in [
            (0, (1970, 1, 1)),
            (58, (1970, 2, 28)),
            (59, (1970, 3, 1)),
            (789, (1972, 2, 29)),
            (11_016, (2000, 2, 29)),
            (19_737, (2024, 1, 15)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(date(days), wanted, "{days}");
        }
    }

    #[test]
    fn the_time_has_milliseconds() {
        assert_eq!(shown(Duration::from_millis(1_705_348_623_865)), "2024-01-15T19:57:03.865");
    }
}
