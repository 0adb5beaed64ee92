//! What a check finds wrong with one resource.

use crate::diagnostic::Code;

/// A finding about a resource, before it is given its place in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The rule that was broken.
    pub code: &'static Code,
    /// What is wrong, with the path of the property: "`Timeout` is 901, at most 900 is allowed".
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Fault {
    /// A finding without help.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None }
    }

    /// With a line that says what to do, where there is one.
    #[must_use]
    pub fn help(mut self, help: impl Into<Option<String>>) -> Self {
        self.help = help.into();
        self
    }
}
