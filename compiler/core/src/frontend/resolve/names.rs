//! What a name in the source means.

use crate::diagnostic::{Diagnostic, codes::schema};
use crate::frontend::Session;
use crate::frontend::placeholder::Placeholders;
use crate::ir::Target;
use crate::source::{Span, Spanned};
use crate::suggest;
use std::collections::BTreeSet;

/// The names that references can have.
pub(super) struct Names<'a> {
    pub placeholders: &'a Placeholders,
    functions: BTreeSet<String>,
    faulty: BTreeSet<String>,
    queues: BTreeSet<String>,
    /// Whether the topology has a flow.
    pub has_flow: bool,
}

/// The targets that an entity names, of which one is wanted.
#[derive(Default)]
pub(super) struct Named {
    pub function: Option<Spanned<String>>,
    pub proxy: Option<Spanned<String>>,
    pub state: Option<Spanned<String>>,
    pub queue: Option<Spanned<String>>,
    pub event: Option<Spanned<String>>,
    pub mutation: Option<Spanned<String>>,
}

impl<'a> Names<'a> {
    pub fn new(
        placeholders: &'a Placeholders,
        functions: BTreeSet<String>,
        faulty: BTreeSet<String>,
        queues: BTreeSet<String>,
        has_flow: bool,
    ) -> Self {
        Self { placeholders, functions, faulty, queues, has_flow }
    }

    /// NAME of `NAMESPACE_NAME_SANDBOX`, the long spelling of a reference.
    pub fn inner<'t>(&self, text: &'t str) -> Option<&'t str> {
        ["_", "-"].into_iter().find_map(|separator| {
            text.strip_prefix(&self.placeholders.namespace)?
                .strip_prefix(separator)?
                .strip_suffix(&self.placeholders.sandbox)?
                .strip_suffix(separator)
        })
    }

    /// Whether a function of this name exists.
    pub fn has_function(&self, name: &str) -> bool {
        self.functions.contains(name)
    }

    /// A function by either spelling. `None`, with a finding, where there is none of that name.
    pub fn function(&self, session: &mut Session<'_>, text: &Spanned<String>) -> Option<Spanned<String>> {
        let name = self.inner(text).unwrap_or(text);
        if self.functions.contains(name) {
            return Some(Spanned::new(name.to_owned(), text.span));
        }
        if self.functions.contains(text.as_str()) {
            return Some(text.clone());
        }
        // A placeholder that could not be filled is a finding already.
        if !text.contains("{{") {
            self.report_unknown_function(session, name, text.span);
        }
        None
    }

    /// Says that there is no function of a name, unless there is one with a fault that was said.
    pub fn report_unknown_function(&self, session: &mut Session<'_>, name: &str, span: Span) {
        if self.faulty.contains(name) {
            return;
        }
        let finding = Diagnostic::new(&schema::UNKNOWN_FUNCTION, span, format!("the function `{name}` does not exist"));
        let help = match session.composition(self.placeholders).find(name, &self.placeholders.sandbox) {
            Some(other) => format!("`{}` is a topology: write `state: {0}` to start its flow", *other.name),
            None => suggest::help(name, "functions", self.functions.iter().map(String::as_str))
                .unwrap_or_else(|| format!("create the directory `{name}` with a `handler.py` in it")),
        };
        session.findings.push(finding.help(help));
    }

    /// Functions by either spelling; unknown ones are findings.
    pub fn functions(&self, session: &mut Session<'_>, list: &[Spanned<String>]) -> Vec<Spanned<String>> {
        list.iter().filter_map(|name| self.function(session, name)).collect()
    }

    /// Whether a queue of this name exists.
    pub fn has_queue(&self, name: &str) -> bool {
        self.queues.contains(name)
    }

    fn queue(&self, session: &mut Session<'_>, text: &Spanned<String>) -> Option<Spanned<String>> {
        let name = self.inner(text).unwrap_or(text);
        if self.has_queue(name) {
            return Some(Spanned::new(name.to_owned(), text.span));
        }
        session.findings.push(self.unknown_queue(name, text.span));
        None
    }

    pub fn unknown_queue(&self, name: &str, span: Span) -> Diagnostic {
        let finding = Diagnostic::new(&schema::UNKNOWN_REFERENCE, span, format!("the queue `{name}` does not exist"));
        let help = suggest::help(name, "queues", self.queues.iter().map(String::as_str));
        finding.help(help.unwrap_or_else(|| format!("declare it: `queues: {{{name}: {{consumer: FUNCTION}}}}`")))
    }

    /// The one target that is named; without any, the flow. `None`, with a finding, where that is not so.
    pub fn target(&self, session: &mut Session<'_>, what: &str, place: Span, named: Named) -> Option<Target> {
        let proxy = named.proxy.filter(|proxy| proxy.value != "none");
        let all = [
            ("function", &named.function),
            ("proxy", &proxy),
            ("state", &named.state),
            ("queue", &named.queue),
            ("event", &named.event),
            ("mutation", &named.mutation),
        ];
        let mut given = all.iter().filter_map(|(key, value)| value.as_ref().map(|value| (*key, value)));
        let Some((key, value)) = given.next() else {
            if self.has_flow {
                return Some(Target::Flow(place));
            }
            let finding = Diagnostic::new(&schema::NO_TARGET, place, format!("{what} leads nowhere"));
            session.findings.push(finding.help("add `function: NAME`, or a `flow` to start"));
            return None;
        };
        if let Some((other_key, other)) = given.next() {
            let message = format!("{what} names two targets");
            let finding = Diagnostic::new(&schema::TWO_TARGETS, other.span, message)
                .label(format!("`{other_key}`"))
                .also(value.span, format!("`{key}`"));
            session.findings.push(finding.help("keep one of them"));
            return None;
        }
        match key {
            "function" | "proxy" => self.function(session, value).map(Target::Function),
            "state" => self.state(session, value),
            "queue" => self.queue(session, value).map(Target::Queue),
            "event" => Some(Target::Event(value.clone())),
            _ => Some(Target::Mutation(value.clone())),
        }
    }
}
