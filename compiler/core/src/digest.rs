//! Digests as they are written.

use std::fmt::Write;

/// Bytes as lower-case hexadecimal digits, two for each.
pub fn hexadecimal(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    let mut digits = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::hexadecimal;

    #[test]
    fn each_byte_has_two_digits() {
        assert_eq!(hexadecimal([0, 9, 16, 255]), "000910ff");
        assert_eq!(hexadecimal([]), "");
    }
}
