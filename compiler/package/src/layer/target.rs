//! What dependencies are built for: never for the machine that tc runs on.

use tc_core::ir::{Architecture, Family, Runtime};

/// A runtime and a processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The function's runtime.
    pub runtime: Runtime,
    /// The function's processor.
    pub architecture: Architecture,
}

impl Target {
    /// The version of the language as its tools name it: `3.10` of `python3.10`, `22` of `nodejs22.x`, `3.3` of
    /// `ruby3.3`; `None` where the runtime has none.
    pub fn version(&self) -> Option<&'static str> {
        let id = self.runtime.id();
        match self.runtime.family {
            Family::Python => id.strip_prefix("python"),
            Family::Ruby => id.strip_prefix("ruby"),
            Family::Node => id.strip_prefix("nodejs").map(|version| version.trim_end_matches(".x")),
            Family::Java => id.strip_prefix("java"),
            Family::Dotnet => id.strip_prefix("dotnet"),
            Family::Rust | Family::Go | Family::Provided => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_languages_tools() {
        for (spelling, wanted) in
            [("python3.10", Some("3.10")), ("nodejs22.x", Some("22")), ("ruby3.4", Some("3.4")), ("rust", None)]
        {
            let runtime = Runtime::parse(spelling).unwrap();
            assert_eq!(Target { runtime, architecture: Architecture::Arm64 }.version(), wanted);
        }
    }
}
