//! The patterns of the schemas.

use regex::{Regex, bytes};
use serde::Deserialize;
use std::sync::OnceLock;

/// A regular expression that is compiled when it is first asked.
///
/// Unicode's tables make compiling one cost up to a millisecond, and almost every text of a template is ASCII, for which
/// an expression without them says the same.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub struct Pattern {
    /// Its source.
    pub text: String,
    for_ascii: OnceLock<Option<bytes::Regex>>,
    for_any: OnceLock<Option<Regex>>,
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { text, for_ascii: OnceLock::new(), for_any: OnceLock::new() }
    }
}

impl Pattern {
    /// Whether it matches somewhere in `text`. One that does not compile matches everything; a test holds that none is so.
    pub fn matches(&self, text: &str) -> bool {
        match self.ascii_regex().filter(|_| text.is_ascii()) {
            Some(regex) => regex.is_match(text.as_bytes()),
            None => self.regex().is_none_or(|regex| regex.is_match(text)),
        }
    }

    /// What says the same of ASCII texts; `None` where a character beyond them is named.
    pub(super) fn ascii_regex(&self) -> Option<&bytes::Regex> {
        let compile = || {
            let ascii = self.text.replace(r"\p{L}", "A-Za-z").replace(r"\p{N}", "0-9").replace(r"\p{Z}", " ");
            bytes::RegexBuilder::new(&ascii).unicode(false).build().ok()
        };
        self.for_ascii.get_or_init(compile).as_ref()
    }

    pub(super) fn regex(&self) -> Option<&Regex> {
        self.for_any.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }
}
