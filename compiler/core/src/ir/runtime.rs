//! Lambda's managed runtimes: spelling, and the dates AWS gives them.
//!
//! Source: AWS Lambda Developer Guide, "Lambda runtimes" (supported runtimes and deprecation schedule), as of
//! [`AS_OF`]. Compile has no clock: a runtime counts as deprecated when its date had passed on that day, so a newer tc
//! is needed to learn of newer dates, and equal versions of tc judge alike on any day.

use serde::{Serialize, Serializer};

/// The day, `YYYY-MM-DD`, that the table speaks of.
pub const AS_OF: &str = "2026-11-22";

/// The language a runtime runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// `pythonX.Y`.
    Python,
    /// `rubyX.Y`.
    Ruby,
    /// `nodejsX.x`.
    Node,
    /// `javaX`.
    Java,
    /// `dotnetX`.
    Dotnet,
    /// Rust on an OS-only runtime.
    Rust,
    /// Go on an OS-only runtime.
    Go,
    /// Anything that brings its own `bootstrap`.
    Provided,
}

impl Family {
    /// The family that a spelling without a version names, of those whose runtimes have one.
    pub fn parse(spelling: &str) -> Option<Self> {
        Some(match spelling.to_ascii_lowercase().as_str() {
            "python" => Self::Python,
            "ruby" => Self::Ruby,
            "node" | "nodejs" => Self::Node,
            "java" => Self::Java,
            "dotnet" => Self::Dotnet,
            _ => return None,
        })
    }

    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::Ruby => "Ruby",
            Self::Node => "Node.js",
            Self::Java => "Java",
            Self::Dotnet => ".NET",
            Self::Rust => "Rust",
            Self::Go => "Go",
            Self::Provided => "a runtime of its own",
        }
    }
}

/// One managed runtime.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The identifier as CloudFormation wants it.
    pub id: &'static str,
    /// The language.
    pub family: Family,
    /// The day of deprecation, `YYYY-MM-DD`, where AWS has named one.
    pub deprecated: Option<&'static str>,
    /// The day from which AWS refuses to create functions with it, `YYYY-MM-DD`, where AWS has named one.
    pub create_block: Option<&'static str>,
    /// Whether SnapStart is offered for it ("Improving startup performance with Lambda SnapStart": Java 11 and later,
    /// Python 3.12 and later, .NET 8 and later).
    pub snap_start: bool,
}

const fn entry(
    id: &'static str,
    family: Family,
    deprecated: Option<&'static str>,
    create_block: Option<&'static str>,
    snap_start: bool,
) -> Entry {
    Entry { id, family, deprecated, create_block, snap_start }
}

/// The runtimes that AWS still documents, oldest first within a family. All of them run on both architectures.
pub const TABLE: &[Entry] = &[
    entry("python3.8", Family::Python, Some("2024-10-14"), Some("2027-02-01"), false),
    entry("python3.9", Family::Python, Some("2025-12-15"), Some("2027-02-01"), false),
    entry("python3.10", Family::Python, Some("2026-10-31"), Some("2027-02-01"), false),
    entry("python3.11", Family::Python, Some("2027-06-30"), Some("2027-07-31"), false),
    entry("python3.12", Family::Python, Some("2028-10-31"), Some("2028-11-30"), true),
    entry("python3.13", Family::Python, Some("2029-06-30"), Some("2029-07-31"), true),
    entry("python3.14", Family::Python, Some("2029-06-30"), Some("2029-07-31"), true),
    entry("ruby2.7", Family::Ruby, Some("2023-12-07"), Some("2024-01-09"), false),
    entry("ruby3.2", Family::Ruby, Some("2026-03-31"), Some("2027-02-01"), false),
    entry("ruby3.3", Family::Ruby, Some("2027-03-31"), Some("2027-04-30"), false),
    entry("ruby3.4", Family::Ruby, Some("2028-03-31"), Some("2028-04-30"), false),
    entry("ruby4.0", Family::Ruby, Some("2029-03-31"), Some("2029-04-30"), false),
    entry("nodejs16.x", Family::Node, Some("2024-06-12"), Some("2027-02-01"), false),
    entry("nodejs18.x", Family::Node, Some("2025-09-01"), Some("2027-02-01"), false),
    entry("nodejs20.x", Family::Node, Some("2026-04-30"), Some("2027-02-01"), false),
    entry("nodejs22.x", Family::Node, Some("2027-04-30"), Some("2027-06-01"), false),
    entry("nodejs24.x", Family::Node, Some("2028-04-30"), Some("2028-06-01"), false),
    entry("java8.al2", Family::Java, Some("2027-06-30"), Some("2027-07-31"), false),
    entry("java11", Family::Java, Some("2027-06-30"), Some("2027-07-31"), true),
    entry("java17", Family::Java, Some("2027-06-30"), Some("2027-07-31"), true),
    entry("java21", Family::Java, Some("2029-06-30"), Some("2029-07-31"), true),
    entry("java25", Family::Java, Some("2029-06-30"), Some("2029-07-31"), true),
    entry("dotnet6", Family::Dotnet, Some("2024-12-20"), Some("2027-02-01"), false),
    entry("dotnet8", Family::Dotnet, Some("2026-11-10"), Some("2027-02-01"), true),
    entry("dotnet10", Family::Dotnet, Some("2028-11-14"), Some("2028-12-14"), true),
    entry("provided.al2", Family::Provided, Some("2026-07-31"), Some("2027-02-01"), false),
    entry("provided.al2023", Family::Provided, Some("2029-06-30"), Some("2029-07-31"), false),
];

/// The OS-only runtime that compiled languages run on.
const OS_ONLY: &str = "provided.al2023";

/// A function's runtime in its one spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runtime {
    /// The language; for Rust and Go it says more than the identifier does.
    pub family: Family,
    /// Its row in the table.
    pub entry: &'static Entry,
}

impl Serialize for Runtime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.spelling())
    }
}

impl Runtime {
    /// The runtime of a spelling: AWS's identifier, `node22` for `nodejs22.x`, `rust`, `go`, or a bare family name for
    /// its default.
    pub fn parse(spelling: &str) -> Option<Self> {
        let lower = spelling.to_ascii_lowercase();
        let of = |family: Family, id: &str| {
            let entry = TABLE.iter().find(|entry| entry.id == id)?;
            Some(Self { family, entry })
        };
        match lower.as_str() {
            "rust" => return of(Family::Rust, OS_ONLY),
            "go" | "golang" | "go1.x" => return of(Family::Go, OS_ONLY),
            "provided" | "custom" => return of(Family::Provided, OS_ONLY),
            _ => {}
        }
        if let Some(family) = Family::parse(&lower) {
            return Self::default_of(family);
        }
        let node = lower.strip_prefix("nodejs").or_else(|| lower.strip_prefix("node"));
        let id = match node {
            Some(version) => format!("nodejs{}.x", version.trim_end_matches(".x")),
            None => lower,
        };
        let entry = TABLE.iter().find(|entry| entry.id == id)?;
        Some(Self { family: entry.family, entry })
    }

    /// The runtimes of a family, of which the first that fits is taken: its default, then from the newest on those that
    /// are not deprecated, then the others.
    pub fn by_preference(family: Family) -> Vec<Self> {
        let Some(default) = Self::default_of(family) else { return Vec::new() };
        let others = TABLE.iter().rev().filter(|entry| entry.family == default.entry.family && *entry != default.entry);
        let mut all: Vec<Self> = others.map(|entry| Self { family, entry }).collect();
        all.sort_by_key(|runtime| runtime.deprecated().is_some());
        all.insert(0, default);
        all
    }

    /// The runtime of a family where no version is asked for: the one tc's own templates are tested with.
    pub fn default_of(family: Family) -> Option<Self> {
        let id = match family {
            Family::Python => "python3.13",
            Family::Ruby => "ruby3.4",
            Family::Node => "nodejs22.x",
            Family::Java => "java21",
            Family::Dotnet => "dotnet10",
            Family::Rust | Family::Go | Family::Provided => OS_ONLY,
        };
        TABLE.iter().find(|entry| entry.id == id).map(|entry| Self { family, entry })
    }

    /// The identifier as CloudFormation wants it.
    pub fn id(self) -> &'static str {
        self.entry.id
    }

    /// The one spelling of the IR: `rust` and `go` for those, else the identifier.
    pub fn spelling(self) -> String {
        match self.family {
            Family::Rust => "rust".to_owned(),
            Family::Go => "go".to_owned(),
            _ => self.entry.id.to_owned(),
        }
    }

    /// The day of deprecation, if it had passed on [`AS_OF`].
    pub fn deprecated(self) -> Option<&'static str> {
        self.entry.deprecated.filter(|date| *date <= AS_OF)
    }

    /// The newest runtimes of the same language that are not deprecated, newest last.
    pub fn successors(self) -> Vec<&'static str> {
        let current =
            |entry: &&Entry| entry.family == self.entry.family && entry.deprecated.is_none_or(|date| date > AS_OF);
        TABLE.iter().filter(current).map(|entry| entry.id).collect()
    }

    /// Whether AWS runs the language itself, so that the handler names a file; else a `bootstrap` is run.
    pub fn is_os_only(self) -> bool {
        matches!(self.family, Family::Rust | Family::Go | Family::Provided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_come_to_one() {
        for (given, wanted) in [
            ("python3.10", "python3.10"),
            ("node22", "nodejs22.x"),
            ("nodejs22.x", "nodejs22.x"),
            ("node", "nodejs22.x"),
            ("Ruby3.2", "ruby3.2"),
            ("rust", "rust"),
            ("java21", "java21"),
        ] {
            assert_eq!(Runtime::parse(given).unwrap().spelling(), wanted, "{given}");
        }
        assert_eq!(Runtime::parse("rust").unwrap().id(), "provided.al2023");
        assert!(Runtime::parse("python2.6").is_none() && Runtime::parse("cobol").is_none());
    }

    #[test]
    fn runtimes_that_are_not_deprecated_come_before_others() {
        let ids = |family| Runtime::by_preference(family).into_iter().map(Runtime::id).collect::<Vec<_>>();
        assert_eq!(ids(Family::Node), ["nodejs22.x", "nodejs24.x", "nodejs20.x", "nodejs18.x", "nodejs16.x"]);
        assert_eq!(ids(Family::Ruby), ["ruby3.4", "ruby4.0", "ruby3.3", "ruby3.2", "ruby2.7"]);
        assert_eq!(ids(Family::Go), ["provided.al2023", "provided.al2"]);
    }

    #[test]
    fn the_tutorials_runtimes_are_deprecated_and_have_successors() {
        assert_eq!(Runtime::parse("python3.10").unwrap().deprecated(), Some("2026-10-31"));
        assert_eq!(Runtime::parse("ruby3.2").unwrap().successors(), ["ruby3.3", "ruby3.4", "ruby4.0"]);
        assert_eq!(Runtime::parse("python3.12").unwrap().deprecated(), None);
    }
}
