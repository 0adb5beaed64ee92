//! The patterns of the schemas.

mod trial;

use regex::{Regex, bytes};
use serde::Deserialize;
use std::sync::OnceLock;
use trial::Trial;

/// A regular expression that is read when it is first asked, and compiled only where it must be.
///
/// Unicode's tables make compiling one cost up to a millisecond, and almost every text of a template is ASCII, for which
/// an expression without them says the same; and that can nearly always be tried without compiling it.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub struct Pattern {
    /// Its source.
    pub text: String,
    trial: OnceLock<Option<Trial>>,
    for_ascii: OnceLock<Option<bytes::Regex>>,
    for_any: OnceLock<Option<Regex>>,
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { text, trial: OnceLock::new(), for_ascii: OnceLock::new(), for_any: OnceLock::new() }
    }
}

impl Pattern {
    /// Whether it matches somewhere in `text`. One that does not compile matches everything; a test holds that none is so.
    pub fn matches(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return self.regex().is_none_or(|regex| regex.is_match(text));
        }
        if let Some(matches) = self.trial().and_then(|trial| trial.matches(text.as_bytes())) {
            return matches;
        }
        match self.ascii_regex() {
            Some(regex) => regex.is_match(text.as_bytes()),
            None => self.regex().is_none_or(|regex| regex.is_match(text)),
        }
    }

    /// What says the same of ASCII texts, of most without an automaton.
    pub(super) fn trial(&self) -> Option<&Trial> {
        self.trial.get_or_init(|| Trial::parse(&self.ascii())).as_ref()
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
