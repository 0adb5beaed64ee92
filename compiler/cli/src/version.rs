//! Versions of a topology, and the tags that are called after them.

use clap::ValueEnum;
use std::fmt;
use std::str::FromStr;

/// A semantic version without a pre-release: `0.2.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// What changes in a way that breaks.
    pub major: u64,
    /// What changes otherwise.
    pub minor: u64,
    /// What mends.
    pub patch: u64,
}

/// Which part of a version is raised by a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Bump {
    /// What breaks
    Major,
    /// What is new
    Minor,
    /// What mends
    Patch,
}

impl Version {
    /// The first version of a topology.
    pub const FIRST: Self = Self { major: 0, minor: 1, patch: 0 };

    /// The version after this one. A number that cannot be raised stays.
    pub fn bump(self, bump: Bump) -> Self {
        match bump {
            Bump::Major => Self { major: self.major.saturating_add(1), minor: 0, patch: 0 },
            Bump::Minor => Self { minor: self.minor.saturating_add(1), patch: 0, ..self },
            Bump::Patch => Self { patch: self.patch.saturating_add(1), ..self },
        }
    }

    /// The version in a tag `PREFIX-X.Y.Z`; releases only, as `tc release` makes them.
    pub fn of_tag(tag: &str, prefix: &str) -> Option<Self> {
        tag.strip_prefix(prefix)?.strip_prefix('-')?.parse().ok()
    }

    /// The tag of this version of a topology.
    pub fn tag(self, topology: &str) -> String {
        format!("{topology}-{self}")
    }
}

impl FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |part: &str| {
            let plain = part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
            if plain { part.parse().ok() } else { None }
        };
        let mut parts = text.split('.').map(number);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => Ok(Self { major, minor, patch }),
            _ => Err(()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_less_begins_anew() {
        let version = Version { major: 1, minor: 2, patch: 3 };
        assert_eq!(version.bump(Bump::Major), Version { major: 2, minor: 0, patch: 0 });
        assert_eq!(version.bump(Bump::Minor), Version { major: 1, minor: 3, patch: 0 });
        assert_eq!(version.bump(Bump::Patch), Version { major: 1, minor: 2, patch: 4 });
    }

    #[test]
    fn only_plain_versions_count() {
        let version = Version { major: 1, minor: 10, patch: 0 };
        assert_eq!(Version::of_tag("etl-1.10.0", "etl"), Some(version));
        assert_eq!(version.tag("etl"), "etl-1.10.0");
        for tag in [
            "etl-1.10",
            "etl-1.10.0.1",
            "etl-1.10.0-rc1",
            "etl-01.0.0",
            "etl-+1.0.0",
            "etl1.0.0",
            "x-etl-1.0.0",
            "etl-..",
            "etl-99999999999999999999.0.0",
        ] {
            assert_eq!(Version::of_tag(tag, "etl"), None, "{tag}");
        }
    }
}
