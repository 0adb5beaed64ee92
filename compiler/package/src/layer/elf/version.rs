//! Versions of symbols, as libraries name and need them.

use serde::{Serialize, Serializer};
use std::fmt;

/// A version such as 2.34 or 3.4.29.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version([u16; 3]);

impl Version {
    /// From its numbers.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self([major, minor, patch])
    }

    /// From text: two or three numbers between dots.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = [0; 3];
        let mut parts = text.split('.');
        for (at, number) in numbers.iter_mut().enumerate() {
            match parts.next() {
                Some(part) if part.bytes().all(|byte| byte.is_ascii_digit()) => *number = part.parse().ok()?,
                None if at == 2 => {}
                _ => return None,
            }
        }
        parts.next().is_none().then_some(Self(numbers))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        match patch {
            0 => write!(f, "{major}.{minor}"),
            _ => write!(f, "{major}.{minor}.{patch}"),
        }
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The newest versions of the image's own libraries that a file needs. What is marked as weak is not counted: the loader
/// does without it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Versions {
    /// Of the C library (`GLIBC_`).
    pub glibc: Option<Version>,
    /// Of libstdc++ (`GLIBCXX_`).
    pub glibcxx: Option<Version>,
    /// Of the C++ ABI (`CXXABI_`).
    pub cxxabi: Option<Version>,
    /// Whether it needs what the C library keeps for itself (`GLIBC_PRIVATE`), and so works with one version of it alone.
    pub is_private: bool,
}

/// Promises of the loader that have no number, and the glibc that first made them (its NEWS, "Version 2.36" and "2.42").
const PROMISES: [(&str, Version); 2] =
    [("ABI_DT_RELR", Version::new(2, 36, 0)), ("ABI_GNU2_TLS", Version::new(2, 42, 0))];

impl Versions {
    /// Takes account of one that is needed, by its name in the file.
    pub(super) fn add(&mut self, name: &str) {
        let Some((family, rest)) = name.split_once('_') else { return };
        let (highest, version) = match family {
            "GLIBC" if rest == "PRIVATE" => {
                self.is_private = true;
                return;
            }
            "GLIBC" => {
                let promise = PROMISES.iter().find(|(name, _)| *name == rest).map(|(_, version)| *version);
                (&mut self.glibc, promise.or_else(|| Version::parse(rest)))
            }
            "GLIBCXX" => (&mut self.glibcxx, Version::parse(rest)),
            "CXXABI" => (&mut self.cxxabi, Version::parse(rest)),
            _ => return,
        };
        *highest = (*highest).max(version);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let version = |text| Version::parse(text).unwrap();
        assert!(
            version("2.9") < version("2.17") && version("2.2.5") < version("2.3") && version("3.4.9") > version("3.4")
        );
        assert_eq!([version("2.17").to_string(), version("2.2.5").to_string()], ["2.17", "2.2.5"]);
        for text in ["", "2", "2.", ".2", "2.3.4.5", "2.x", "2.-3", "2.99999", "2.+3"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_highest_of_each_family_counts() {
        let mut versions = Versions::default();
        for name in [
            "GLIBC_2.2.5",
            "GLIBC_2.28",
            "GLIBC_2.3.4",
            "GLIBCXX_3.4.21",
            "CXXABI_1.3.9",
            "CXXABI_TM_1",
            "OPENSSL_3.0.0",
        ] {
            versions.add(name);
        }
        let wanted = Versions {
            glibc: Version::parse("2.28"),
            glibcxx: Version::parse("3.4.21"),
            cxxabi: Version::parse("1.3.9"),
            is_private: false,
        };
        assert_eq!(versions, wanted);
        versions.add("GLIBC_ABI_DT_RELR");
        versions.add("GLIBC_PRIVATE");
        assert_eq!((versions.glibc, versions.is_private), (Version::parse("2.36"), true));
    }
}
