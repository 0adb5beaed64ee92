//! The one kind of finding that every stage reports.

pub mod codes;
pub mod render;

pub use codes::Code;

use crate::source::{SourceMap, Span};
use serde::Serialize;
use std::collections::BTreeSet;

/// How much a finding weighs. Errors stop the emit; warnings and notes do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The output would be wrong or AWS would refuse it.
    Error,
    /// Accepted, but likely not what is wanted. Can be denied or allowed by code.
    Warning,
    /// Something tc did that a reader should know, such as a name it had to shorten.
    Note,
}

impl Severity {
    /// The word as it is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A place and what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words shown beside the underlined text; may be empty.
    pub text: String,
}

/// One finding: what is wrong, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that was broken.
    pub code: &'static Code,
    /// The weight; the code's own unless it was raised or lowered.
    pub severity: Severity,
    /// One line, lower case, names in backticks: "state `load` cannot be reached".
    pub message: String,
    /// The place. `None` only where there is no source to point into, such as a missing topology.yml.
    pub primary: Option<Label>,
    /// Other places that explain it: "first defined here".
    pub secondary: Vec<Label>,
    /// What to do, one line each.
    pub help: Vec<String>,
    /// Places that hold a secret. Where their line is shown, they are masked.
    pub conceal: Vec<Span>,
}

impl Diagnostic {
    /// A finding at a place.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        let primary = Some(Label { span, text: String::new() });
        Self { primary, ..Self::without_place(code, message) }
    }

    /// A finding about something that is not in any file.
    pub fn without_place(code: &'static Code, message: impl Into<String>) -> Self {
        let message = message.into();
        let severity = code.severity;
        Self { code, severity, message, primary: None, secondary: Vec::new(), help: Vec::new(), conceal: Vec::new() }
    }

    /// Words beside the underlined text.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(primary) = &mut self.primary {
            primary.text = text.into();
        }
        self
    }

    /// Another place that explains the finding.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// A place that must not be shown, since a secret stands there.
    #[must_use]
    pub fn conceal(mut self, span: Span) -> Self {
        self.conceal.push(span);
        self
    }

    /// A line that says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// A line that says what to do, where there is one.
    #[must_use]
    pub fn help_opt(mut self, text: Option<String>) -> Self {
        self.help.extend(text);
        self
    }
}

/// The findings of a run.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Adds findings.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.list.extend(diagnostics);
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many have this weight.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// The findings in their present order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Applies the user's wishes: findings whose code is in `allowed` and that are no errors are dropped; with
    /// `deny_warnings` warnings weigh as errors, and so do those named in `denied`.
    pub fn apply(&mut self, allowed: &[&'static Code], denied: &[&'static Code], deny_warnings: bool) {
        let named = |codes: &[&'static Code], code: &Code| codes.iter().any(|other| other.id == code.id);
        self.list.retain(|d| d.severity == Severity::Error || !named(allowed, d.code));
        for diagnostic in &mut self.list {
            let denied = named(denied, diagnostic.code);
            if denied || (deny_warnings && diagnostic.severity == Severity::Warning) {
                diagnostic.severity = Severity::Error;
            }
        }
    }

    /// Orders the findings by file path, place, code and message, and drops repeated ones. What one of them conceals is
    /// concealed in all, since they may show the same lines.
    pub fn sort(&mut self, sources: &SourceMap) {
        let key = |diagnostic: &Diagnostic| {
            let place = diagnostic.primary.as_ref().and_then(|label| {
                sources.get(label.span.file).map(|file| (file.path.clone(), label.span.start, label.span.end))
            });
            (place, diagnostic.code.id, diagnostic.message.clone())
        };
        self.list.sort_by_cached_key(key);
        self.list.dedup();
        let concealed: BTreeSet<Span> =
            self.list.iter().flat_map(|diagnostic| diagnostic.conceal.iter().copied()).collect();
        if !concealed.is_empty() {
            let concealed: Vec<Span> = concealed.into_iter().collect();
            self.list.iter_mut().for_each(|diagnostic| diagnostic.conceal.clone_from(&concealed));
        }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}
