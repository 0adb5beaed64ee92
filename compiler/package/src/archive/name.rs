//! The names that entries may have.

use std::borrow::Borrow;
use std::fmt;

/// The longest name in bytes that the format can hold.
const MAX_BYTES: usize = u16::MAX as usize;

/// The name of a file in an archive: relative, `/` between its parts, none of them empty, `.` or `..`.
///
/// Ordered by its bytes, which is the order of the entries in an archive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName(String);

/// Why a text cannot be the name of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// It is empty or has an empty part.
    Empty,
    /// It begins with `/`.
    Absolute,
    /// A part of it is `..`: unpacked, it would leave the directory.
    Parent,
    /// A part of it is `.`.
    Current,
    /// It holds a backslash, which some programs take for a separator.
    Backslash,
    /// It holds a control character.
    Control,
    /// It is longer than 65,535 bytes.
    TooLong,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it has an empty part",
            Self::Absolute => "it is absolute",
            Self::Parent => "`..` leads out of the archive",
            Self::Current => "it has a part `.`",
            Self::Backslash => "it holds a backslash",
            Self::Control => "it holds a control character",
            Self::TooLong => "it is longer than 65,535 bytes",
        })
    }
}

impl EntryName {
    /// Checks a name.
    ///
    /// # Errors
    /// When unpacking an entry of this name could reach outside of the archive's directory, or differs from one program
    /// to the next.
    pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        if text.starts_with('/') {
            return Err(NameError::Absolute);
        }
        if text.len() > MAX_BYTES {
            return Err(NameError::TooLong);
        }
        for part in text.split('/') {
            match part {
                "" => return Err(NameError::Empty),
                "." => return Err(NameError::Current),
                ".." => return Err(NameError::Parent),
                _ if part.contains('\\') => return Err(NameError::Backslash),
                _ if part.chars().any(char::is_control) => return Err(NameError::Control),
                _ => {}
            }
        }
        Ok(Self(text))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The directories that the entry stands in, the nearest first: `a/b`, `a` for `a/b/c`.
    pub fn directories(&self) -> impl Iterator<Item = &str> {
        self.0.rmatch_indices('/').filter_map(|(at, _)| self.0.get(..at))
    }
}

impl Borrow<str> for EntryName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_stay_inside_are_taken() {
        for (text, wanted) in [
            ("", NameError::Empty),
            ("a//b", NameError::Empty),
            ("a/", NameError::Empty),
            ("/etc/passwd", NameError::Absolute),
            ("../a", NameError::Parent),
            ("a/../../b", NameError::Parent),
            ("./a", NameError::Current),
            ("a\\..\\b", NameError::Backslash),
            ("a\0b", NameError::Control),
            ("a\nb", NameError::Control),
        ] {
            assert_eq!(EntryName::new(text), Err(wanted), "{text:?}");
        }
        assert_eq!(EntryName::new("x".repeat(65_536)), Err(NameError::TooLong));
        for text in ["handler.py", "a/b.c/…", "..a/b..", "x".repeat(65_535).as_str()] {
            assert!(EntryName::new(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn directories_come_nearest_first() {
        let name = EntryName::new("a/b/c").unwrap();
        assert_eq!(name.directories().collect::<Vec<_>>(), ["a/b", "a"]);
        assert_eq!(EntryName::new("a").unwrap().directories().count(), 0);
    }
}
