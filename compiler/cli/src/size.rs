//! Sizes as people read them.

/// `bytes` in the largest binary unit of which there is at least one: "214 B", "13.9 KiB", "241 MiB".
pub fn human(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes.saturating_mul(10) / 1024;
    let mut unit = 0;
    while tenths >= 10 * 1024 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let unit = UNITS.get(unit).copied().unwrap_or_default();
    if tenths < 1000 { format!("{}.{} {unit}", tenths / 10, tenths % 10) } else { format!("{} {unit}", tenths / 10) }
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn sizes_keep_two_or_three_digits() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (14_234, "13.9 KiB"),
            (102_400, "100 KiB"),
            (1 << 20, "1.0 MiB"),
            (252_706_816, "241 MiB"),
            (u64::MAX, "1677721 TiB"),
        ] {
            assert_eq!(human(bytes), text);
        }
    }
}
