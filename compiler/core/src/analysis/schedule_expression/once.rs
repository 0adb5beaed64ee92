//! One-time schedules: `yyyy-mm-ddThh:mm:ss`, in the schedule's time zone.

use super::Fault;

/// What is wrong with a time.
pub(super) fn fault(text: &str) -> Option<Fault> {
    let help = "write `yyyy-mm-ddThh:mm:ss`, such as `2030-01-31T12:00:00`, and the zone under `timezone`".to_owned();
    let message = match parts(text) {
        None => format!("`{text}` is no time"),
        Some(parts) if !exists(parts) => format!("`{text}` does not exist"),
        Some(_) => return None,
    };
    Some(Fault { message, help })
}

/// Year, month, day, hour, minute and second.
fn parts(text: &str) -> Option<[u32; 6]> {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let fits = |(byte, shape): (u8, &u8)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == *shape };
    if text.len() != SHAPE.len() || !text.bytes().zip(SHAPE).all(fits) {
        return None;
    }
    let mut parts = [0; 6];
    for (part, digits) in parts.iter_mut().zip(text.split(['-', 'T', ':'])) {
        *part = digits.parse().ok()?;
    }
    Some(parts)
}

fn exists([year, month, day, hour, minute, second]: [u32; 6]) -> bool {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day) && hour < 24 && minute < 60 && second < 60
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn times_exist() {
        for fine in ["2030-01-31T12:00:00", "2028-02-29T00:00:00", "2000-02-29T23:59:59"] {
            assert_eq!(fault(fine), None, "{fine}");
        }
        let message = |text: &str| fault(text).map(|fault| fault.message).unwrap_or_default();
        for wrong in ["tomorrow", "2030-01-31", "2030-01-31T12:00:00Z", "2030-01-31 12:00:00", "２030-01-31T12:00:0"] {
            assert_eq!(message(wrong), format!("`{wrong}` is no time"));
        }
        for wrong in ["2030-02-29T12:00:00", "2100-02-29T12:00:00", "2030-13-01T00:00:00", "2030-01-01T24:00:00"] {
            assert_eq!(message(wrong), format!("`{wrong}` does not exist"));
        }
    }
}
