//! The patterns of the schemas.

mod run;

use regex::{Regex, bytes};
use run::Run;
use serde::Deserialize;
use std::sync::OnceLock;

/// A regular expression that is compiled when it is first asked.
///
/// Unicode's tables make compiling one cost up to a millisecond, and almost every text of a template is ASCII, for which
/// an expression without them says the same. Most are no more than "only such characters, from so many to so many",
/// which needs no automaton at all.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub struct Pattern {
    /// Its source.
    pub text: String,
    as_run: OnceLock<Option<Run>>,
    for_ascii: OnceLock<Option<bytes::Regex>>,
    for_any: OnceLock<Option<Regex>>,
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { text, as_run: OnceLock::new(), for_ascii: OnceLock::new(), for_any: OnceLock::new() }
    }
}

impl Pattern {
    /// Whether it matches somewhere in `text`. One that does not compile matches everything; a test holds that none is so.
    pub fn matches(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return self.regex().is_none_or(|regex| regex.is_match(text));
        }
        if let Some(run) = self.run() {
            return run.matches(text.as_bytes());
        }
        match self.ascii_regex() {
            Some(regex) => regex.is_match(text.as_bytes()),
            None => self.regex().is_none_or(|regex| regex.is_match(text)),
        }
    }

    /// What says the same of ASCII texts, where it is as simple as that.
    pub(super) fn run(&self) -> Option<&Run> {
        self.as_run.get_or_init(|| Run::parse(&self.ascii())).as_ref()
    }

    /// What says the same of ASCII texts; `None` where a character beyond them is named.
    pub(super) fn ascii_regex(&self) -> Option<&bytes::Regex> {
        let compile = || bytes::RegexBuilder::new(&self.ascii()).unicode(false).build().ok();
        self.for_ascii.get_or_init(compile).as_ref()
    }

    fn ascii(&self) -> String {
        self.text.replace(r"\p{L}", "A-Za-z").replace(r"\p{N}", "0-9").replace(r"\p{Z}", " ")
    }

    pub(super) fn regex(&self) -> Option<&Regex> {
        self.for_any.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }
}
