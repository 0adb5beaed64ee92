//! Goes through a machine's objects with the tables of their fields, and gathers what is found.

use super::fields::{self, Table};
use super::machine::{Machine, QueryLanguage, Scope, State, StateType};
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::source::{Map, Node, Span};
use crate::suggest;
use std::collections::BTreeMap;

/// The walk through a machine.
pub(super) struct Walk<'m, 'a> {
    pub(super) machine: &'m Machine<'a>,
    pub(super) findings: Vec<Diagnostic>,
    /// The variables that paths and expressions use.
    pub(super) uses: Vec<Use>,
    /// The variables that the states of each scope give a value to, with the first place of each.
    pub(super) assigned: Vec<BTreeMap<&'a str, Span>>,
}

/// A variable where a path or an expression uses it.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) name: String,
    pub(super) span: Span,
    /// The scope of the state that uses it.
    pub(super) scope: usize,
    /// Whether it is called as a function.
    pub(super) called: bool,
}

/// The object that is looked at.
#[derive(Clone, Copy)]
pub(super) struct At<'m, 'a> {
    pub(super) table: &'static Table,
    /// The state that it is, or stands in.
    pub(super) state: Option<&'m State<'a>>,
    pub(super) scope: usize,
    pub(super) language: QueryLanguage,
    /// What stands for the object as a whole: the key of a state, else its first key.
    pub(super) head: Span,
}

impl<'m, 'a> At<'m, 'a> {
    /// An object inside of this one.
    pub(super) fn inner(self, table: &'static Table, node: &Node) -> Self {
        Self { table, head: head(node), ..self }
    }

    /// What it is called: "state `load`", "a retrier of `load`", "the flow".
    pub(super) fn subject(&self) -> String {
        match self.state {
            None => self.table.what.to_owned(),
            Some(state) if state.kind.is_some_and(|kind| std::ptr::eq(fields::of(kind), self.table)) => {
                format!("state `{}`", state.name)
            }
            Some(state) => format!("{} of `{}`", self.table.what, state.name),
        }
    }
}

/// A short place for a whole node: the first key of a mapping, so that a finding about it is not a page long.
pub(super) fn head(node: &Node) -> Span {
    node.as_map().and_then(|map| map.iter().next()).map_or(node.span, |entry| entry.key_span)
}

impl<'m, 'a> Walk<'m, 'a> {
    pub(super) fn new(machine: &'m Machine<'a>) -> Self {
        let assigned = vec![BTreeMap::new(); machine.scopes.len()];
        Self { machine, findings: Vec::new(), uses: Vec::new(), assigned }
    }

    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    pub(super) fn find(&mut self, code: &'static Code, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.findings.push(Diagnostic::new(code, span, message));
        let last = self.findings.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "one was pushed just now")]
        &mut self.findings[last]
    }

    /// Looks at every object of the machine.
    pub(super) fn machine(&mut self) {
        let machine = self.machine;
        for (at, scope) in machine.scopes.iter().enumerate() {
            self.scope(at, scope);
        }
        for state in &machine.states {
            self.state(state);
        }
    }

    fn scope(&mut self, at: usize, scope: &Scope<'a>) {
        let owner = scope.owner.and_then(|owner| self.machine.states.get(owner));
        let table = match owner.map(|owner| owner.kind) {
            None => &fields::MACHINE,
            Some(Some(StateType::Map)) => &fields::PROCESSOR,
            Some(_) => &fields::BRANCH,
        };
        let first = scope.map.iter().next().map(|entry| entry.key_span);
        let head = first.or_else(|| owner.map(|owner| owner.key_span)).unwrap_or(self.machine.span);
        let at = At { table, state: owner, scope: at, language: self.machine.language, head };
        self.object(at, scope.map);
    }

    fn state(&mut self, state: &'m State<'a>) {
        let Some(map) = state.map else {
            let message = format!("state `{}` is {}, not a mapping", state.name, state.node.kind());
            self.find(&codes::flow::FIELD_TYPE, state.node.span, message);
            return;
        };
        let Some(kind) = state.kind else {
            self.unknown_type(state, map);
            return;
        };
        self.query_language(state);
        let table = fields::of(kind);
        let at = At { table, state: Some(state), scope: state.scope, language: state.language, head: state.key_span };
        self.object(at, map);
        match kind {
            StateType::Task => self.task(at, map),
            StateType::Map => self.map(at, map),
            _ => {}
        }
        if !matches!(kind, StateType::Choice | StateType::Succeed | StateType::Fail) {
            self.next_or_end(state, map);
        }
    }

    fn unknown_type(&mut self, state: &State<'a>, map: &Map) {
        let names = StateType::ALL.map(StateType::name);
        match map.get("Type") {
            None => {
                let message = format!("state `{}` needs `Type`", state.name);
                let like = suggest::nearest("Type", map.iter().map(|entry| entry.key.as_str()));
                let help = match like {
                    Some(like) => format!("write `Type` for `{like}`"),
                    None => format!("one of {}", list(&names)),
                };
                self.report(Diagnostic::new(&codes::flow::MISSING_FIELD, state.key_span, message).help(help));
            }
            Some(node) => {
                let given = node.as_text().map(ToString::to_string);
                let message = match &given {
                    Some(given) => format!("`{given}` is no type of a state"),
                    None => format!("the type of state `{}` is {}, not a string", state.name, node.kind()),
                };
                let help = suggest::help(given.as_deref().unwrap_or_default(), "types", names);
                self.report(Diagnostic::new(&codes::flow::FIELD_VALUE, node.span, message).help_opt(help));
            }
        }
    }

    /// A JSONata machine has JSONata states only: AWS answers `'QueryLanguage' can not be 'JSONPath' if set to 'JSONata'
    /// for whole state machine`.
    fn query_language(&mut self, state: &State<'a>) {
        let own = state.map.and_then(|map| map.get("QueryLanguage"));
        if let Some(own) = own
            && self.machine.language == QueryLanguage::Jsonata
            && state.language == QueryLanguage::JsonPath
        {
            let message = format!("state `{}` cannot be JSONPath in a JSONata flow", state.name);
            let finding = Diagnostic::new(&codes::flow::QUERY_LANGUAGE, own.span, message);
            self.report(finding.help("set JSONata state by state in a JSONPath flow, not the other way round"));
        }
    }

    /// Either `Next` or `End: true`. AWS: `This object should have only one of the following fields: [Next, End]`.
    fn next_or_end(&mut self, state: &State<'a>, map: &Map) {
        match (map.entry("Next"), state.terminal) {
            (Some(next), true) => {
                let end = map.entry("End").map_or(state.key_span, |end| end.key_span);
                let message = format!("state `{}` both goes on and ends", state.name);
                self.report(
                    Diagnostic::new(&codes::flow::EXCLUSIVE_FIELDS, end, message)
                        .label("it ends here")
                        .also(next.key_span, "it goes on here")
                        .help("remove `Next` or `End`"),
                );
            }
            (None, false) => {
                let scope = self.machine.scopes.get(state.scope);
                let after = self.machine.find(state.scope, state.name).map(|at| at + 1);
                let after = after.filter(|after| scope.is_some_and(|scope| scope.states.contains(after)));
                let after = after.and_then(|after| self.machine.states.get(after));
                let next = after.map_or("Next: …".to_owned(), |after| format!("Next: {}", after.name));
                let message = format!("state `{}` neither goes on nor ends", state.name);
                let finding = Diagnostic::new(&codes::flow::MISSING_FIELD, state.key_span, message);
                self.report(finding.help(format!("write `{next}` or `End: true`")));
            }
            _ => {}
        }
    }
}

/// Names as people list them: `a`, `b`, `c`.
pub(super) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
