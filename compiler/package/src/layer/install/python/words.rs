//! What uv says when it fails: its error, the causes, the hints, and what the programs said that it ran.

/// The frame that uv before 0.12 draws around causes.
const FRAME: [char; 7] = ['│', '├', '╰', '─', '▶', '×', ' '];
/// How far lines of other programs are indented, at least.
const QUOTED: &str = "      ";

/// What uv said when it failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Failure {
    /// The error and its causes, the outermost first; each in one line.
    pub causes: Vec<String>,
    /// What uv advises; each in one line.
    pub hints: Vec<String>,
    /// The lines of git or of a build backend; all lines where uv named no error.
    pub quoted: Vec<String>,
}

impl Failure {
    /// Reads what uv wrote to its error stream.
    pub fn parse(said: &str) -> Self {
        let mut failure = Self::default();
        let mut place = Place::Before;
        for line in said.lines() {
            if place == Place::Quoted && (line.starts_with(QUOTED) || line.starts_with("  │ ")) {
                failure.quoted.push(line.trim_start_matches(['│', ' ']).to_owned());
                continue;
            }
            let text = line.trim_matches(FRAME.as_slice());
            let begins = |words: &[&str]| words.iter().find_map(|word| text.strip_prefix(word)).map(str::trim);
            let is_framed = line.trim_start().starts_with(['×', '├', '╰']);
            if let Some(rest) = begins(&["error:"]).filter(|_| !line.starts_with(' ')) {
                failure.causes.push(rest.to_owned());
                place = Place::Cause;
            } else if is_framed {
                failure.causes.push(text.to_owned());
                place = Place::Cause;
            } else if place == Place::Before {
            } else if let Some(rest) = begins(&["cause:", "Caused by:"]) {
                failure.causes.push(rest.to_owned());
                place = Place::Cause;
            } else if let Some(rest) = begins(&["hint:"]) {
                failure.hints.push(rest.to_owned());
                place = Place::Hint;
            } else if ["--- stderr", "--- stdout", "[stderr]", "[stdout]"].contains(&text) {
                place = Place::Quoted;
            } else if !text.is_empty() {
                let last = if place == Place::Hint { failure.hints.last_mut() } else { failure.causes.last_mut() };
                if let Some(last) = last {
                    last.push(' ');
                    last.push_str(text);
                }
            }
        }
        if failure.causes.is_empty() {
            let lines = said.lines().filter(|line| !line.starts_with("DEBUG "));
            failure.quoted = lines.map(str::to_owned).collect();
        }
        failure.quoted.retain(|line| !line.trim().is_empty());
        failure
    }

    /// Whether one of these words stands in an error or a cause.
    pub fn has(&self, words: &[&str]) -> bool {
        self.causes.iter().any(|cause| words.iter().any(|word| cause.contains(word)))
    }

    /// The name in backticks behind these words in an error, a cause: `lib` of "attempted to build `lib`". Without
    /// the version or URL behind the name.
    pub fn named(&self, words: &str) -> Option<&str> {
        let after = self.causes.iter().find_map(|cause| cause.split_once(words))?.1;
        let quoted = after.trim_start().strip_prefix('`')?.split('`').next()?;
        quoted.split(['=', ' ', '[']).next().filter(|name| !name.is_empty())
    }

    /// The text in which the resolver gives its reasons.
    pub fn reasons(&self) -> Option<&str> {
        self.causes.iter().map(String::as_str).find(|cause| cause.starts_with("Because "))
    }

    /// All of it, in lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.causes.iter().chain(&self.quoted).chain(&self.hints).map(String::as_str)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Cause,
    Hint,
    Quoted,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_hints_and_quotations_are_told_apart() {
        let said = "Using CPython 3.11.7\n   Updating ssh://git@h/x.git (HEAD)\n\
            error: Failed to download and build `inner-pkg @ git+ssh://git@h/x.git`\n  cause: Git operation failed\n  \
            cause: process didn't exit successfully: `git fetch` (exit status: 128)\n         --- stderr\n         \
            error: no\n\n         hint: not uv's\nhint: uv's own\n";
        let failure = Failure::parse(said);
        assert_eq!(failure.causes.len(), 3);
        assert_eq!(failure.quoted, ["error: no", "hint: not uv's"]);
        assert_eq!(failure.hints, ["uv's own"]);
        assert_eq!(failure.named("Failed to download and build"), Some("inner-pkg"));
        assert!(failure.has(&["Git operation"]) && failure.reasons().is_none());
    }

    #[test]
    fn the_older_frame_is_read_too() {
        let said = "  × No solution found when resolving dependencies:\n  ╰─▶ Because only the following versions of lib \
            are available:\n          lib<=2.0\n      and lib==2.0 has no wheels with a matching platform tag (e.g.,\n      \
            `x`), we can conclude\n      that y.\n\n      hint: Wheels are available for `lib` (v2.0) on the following \
            platform:\n      `manylinux_2_28_x86_64`\n";
        let failure = Failure::parse(said);
        assert_eq!(failure.causes.first().unwrap(), "No solution found when resolving dependencies:");
        assert_eq!(
            failure.reasons().unwrap(),
            "Because only the following versions of lib are available: lib<=2.0 and lib==2.0 has no wheels with a matching \
             platform tag (e.g., `x`), we can conclude that y."
        );
        assert_eq!(
            failure.hints,
            ["Wheels are available for `lib` (v2.0) on the following platform: `manylinux_2_28_x86_64`"]
        );
        let said = "  × Failed to build `x @\n  │ git+file:///g`\n  ├─▶ Git operation failed\n  ╰─▶ process failed\n      \
            --- stderr\n      fatal: no\n\n";
        let failure = Failure::parse(said);
        assert_eq!(failure.causes, ["Failed to build `x @ git+file:///g`", "Git operation failed", "process failed"]);
        assert_eq!(failure.quoted, ["fatal: no"]);
    }

    #[test]
    fn without_an_error_all_is_kept() {
        let failure = Failure::parse("DEBUG x\nthread panicked\n\n  at y\n");
        assert_eq!(failure.quoted, ["thread panicked", "  at y"]);
        assert!(failure.causes.is_empty() && failure.hints.is_empty());
        assert_eq!(Failure::parse(""), Failure::default());
    }
}
