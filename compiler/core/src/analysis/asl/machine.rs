//! The definition as the rules see it: scopes of states with their transitions, indexed once.
//!
//! Built without recursion and without judging: what is not of the right shape is left out, and the rule about fields
//! reports it.

use crate::source::{Map, Node, Span, Value};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

/// What a state does: its `Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StateType {
    Pass,
    Task,
    Choice,
    Wait,
    Succeed,
    Fail,
    Parallel,
    Map,
}

impl StateType {
    pub(super) const ALL: [Self; 8] =
        [Self::Pass, Self::Task, Self::Choice, Self::Wait, Self::Succeed, Self::Fail, Self::Parallel, Self::Map];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::Task => "Task",
            Self::Choice => "Choice",
            Self::Wait => "Wait",
            Self::Succeed => "Succeed",
            Self::Fail => "Fail",
            Self::Parallel => "Parallel",
            Self::Map => "Map",
        }
    }

    fn of(node: &Node) -> Option<Self> {
        let name = node.as_str()?;
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The language that a state's data is selected with: its own `QueryLanguage`, else the machine's, else JSONPath.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueryLanguage {
    JsonPath,
    Jsonata,
}

impl QueryLanguage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::JsonPath => "JSONPath",
            Self::Jsonata => "JSONata",
        }
    }

    /// AWS reads any value but `JSONPath` as JSONata.
    fn of(map: &Map) -> Option<Self> {
        let node = map.get("QueryLanguage")?;
        Some(if node.as_str() == Some("JSONPath") { Self::JsonPath } else { Self::Jsonata })
    }
}

/// One `States` mapping with its `StartAt`. Transitions do not leave it.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// The mapping that holds `StartAt` and `States`.
    pub(super) map: &'a Map,
    /// The Parallel or Map state that it belongs to; `None` for the machine itself.
    pub(super) owner: Option<usize>,
    /// Where it starts, when that is a name.
    pub(super) start: Option<Target<'a>>,
    /// Its states in [`Machine::states`].
    pub(super) states: Range<usize>,
    /// Its states by name.
    pub(super) names: BTreeMap<&'a str, usize>,
}

/// One state.
#[derive(Debug)]
pub(super) struct State<'a> {
    pub(super) name: &'a str,
    pub(super) key_span: Span,
    pub(super) node: &'a Node,
    /// Its fields; `None` when it is not a mapping.
    pub(super) map: Option<&'a Map>,
    /// `None` when `Type` is absent or unknown.
    pub(super) kind: Option<StateType>,
    pub(super) language: QueryLanguage,
    /// Its scope in [`Machine::scopes`].
    pub(super) scope: usize,
    /// Where it can go, in the order of its fields.
    pub(super) transitions: Vec<Transition<'a>>,
    /// Whether an execution ends here: `End: true`, or by its type.
    pub(super) terminal: bool,
}

/// The name of a state where a transition or `StartAt` names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) name: &'a str,
    pub(super) span: Span,
}

/// A way out of a state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Transition<'a> {
    pub(super) target: Target<'a>,
    pub(super) kind: TransitionKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TransitionKind {
    /// The state's own `Next`.
    Next,
    /// `Next` of a choice rule.
    Rule,
    /// A Choice state's `Default`.
    Default,
    /// `Next` of a catcher.
    Catch,
}

/// A whole definition.
#[derive(Debug)]
pub(super) struct Machine<'a> {
    /// The machine itself first; a scope stands after the state that owns it.
    pub(super) scopes: Vec<Scope<'a>>,
    /// In the order of the scopes, and in each as they were written.
    pub(super) states: Vec<State<'a>>,
    /// All states of a name, wherever they stand.
    pub(super) names: BTreeMap<&'a str, Vec<usize>>,
    /// The errors that its Fail states give by name.
    pub(super) raised: BTreeSet<&'a str>,
    pub(super) language: QueryLanguage,
    /// The place of the definition.
    pub(super) span: Span,
}

impl<'a> Machine<'a> {
    pub(super) fn of(map: &'a Map, span: Span) -> Self {
        let language = QueryLanguage::of(map).unwrap_or(QueryLanguage::JsonPath);
        let mut machine = Self {
            scopes: Vec::new(),
            states: Vec::new(),
            names: BTreeMap::new(),
            raised: BTreeSet::new(),
            language,
            span,
        };
        let mut waiting = VecDeque::from([(None, map)]);
        while let Some((owner, map)) = waiting.pop_front() {
            for state in machine.add_scope(owner, map) {
                let nested = machine.states.get(state).and_then(|state| state.map).into_iter().flat_map(nested);
                waiting.extend(nested.map(|map| (Some(state), map)));
            }
        }
        machine
    }

    fn add_scope(&mut self, owner: Option<usize>, map: &'a Map) -> Range<usize> {
        let scope = self.scopes.len();
        let first = self.states.len();
        let mut names = BTreeMap::new();
        let entries = map.get("States").and_then(Node::as_map).into_iter().flatten();
        for (at, entry) in (first..).zip(entries) {
            let fields = entry.value.as_map();
            let kind = fields.and_then(|fields| fields.get("Type")).and_then(StateType::of);
            if kind == Some(StateType::Fail) {
                self.raised.extend(fields.and_then(|fields| fields.get("Error")).and_then(Node::as_str));
            }
            let ends = fields.and_then(|fields| fields.get("End")).and_then(Node::as_bool) == Some(true);
            self.states.push(State {
                name: &entry.key,
                key_span: entry.key_span,
                node: &entry.value,
                map: fields,
                kind,
                language: fields.and_then(QueryLanguage::of).unwrap_or(self.language),
                scope,
                transitions: fields.map(transitions).unwrap_or_default(),
                terminal: ends || matches!(kind, Some(StateType::Succeed | StateType::Fail)),
            });
            names.insert(entry.key.as_str(), at);
            self.names.entry(&entry.key).or_default().push(at);
        }
        let states = first..self.states.len();
        let start = map.get("StartAt").and_then(target);
        self.scopes.push(Scope { map, owner, start, states: states.clone(), names });
        states
    }

    /// The states of a scope with their places in [`Machine::states`].
    pub(super) fn states_of<'m>(&'m self, scope: &Scope<'a>) -> impl Iterator<Item = (usize, &'m State<'a>)> {
        self.states.iter().enumerate().take(scope.states.end).skip(scope.states.start)
    }

    /// The state that a name stands for in a scope.
    pub(super) fn find(&self, scope: usize, name: &str) -> Option<usize> {
        self.scopes.get(scope)?.names.get(name).copied()
    }

    /// `ProcessorConfig` of the Map state that a scope belongs to.
    pub(super) fn config(&self, scope: usize) -> Option<&'a Node> {
        let owner = self.scopes.get(scope)?.owner?;
        processor(self.states.get(owner)?.map?)?.get("ProcessorConfig")
    }

    /// Whether the states of a scope run as executions of their own.
    pub(super) fn is_distributed(&self, scope: usize) -> bool {
        self.config(scope).and_then(|config| config.get("Mode")).and_then(Node::as_str) == Some("DISTRIBUTED")
    }

    /// The scope around a scope.
    pub(super) fn around(&self, scope: usize) -> Option<usize> {
        let owner = self.scopes.get(scope)?.owner?;
        self.states.get(owner).map(|owner| owner.scope)
    }

    /// The state that owns a state's scope; `None` at the top.
    pub(super) fn owner(&self, state: &State<'a>) -> Option<&State<'a>> {
        let owner = self.scopes.get(state.scope)?.owner?;
        self.states.get(owner)
    }
}

fn target(node: &Node) -> Option<Target<'_>> {
    node.as_str().map(|name| Target { name, span: node.span })
}

fn transitions<'a>(map: &'a Map) -> Vec<Transition<'a>> {
    let mut found = Vec::new();
    let mut add = |kind, node: Option<&'a Node>| {
        found.extend(node.and_then(target).map(|target| Transition { target, kind }));
    };
    for entry in map {
        let items = entry.value.as_list().unwrap_or_default();
        match entry.key.as_str() {
            "Next" => add(TransitionKind::Next, Some(&entry.value)),
            "Default" => add(TransitionKind::Default, Some(&entry.value)),
            "Choices" => items.iter().for_each(|rule| add(TransitionKind::Rule, rule.get("Next"))),
            "Catch" => items.iter().for_each(|catcher| add(TransitionKind::Catch, catcher.get("Next"))),
            _ => {}
        }
    }
    found
}

/// The item processor of a Map state, under its present or its former name.
pub(super) fn processor(map: &Map) -> Option<&Map> {
    map.get("ItemProcessor").or_else(|| map.get("Iterator")).and_then(Node::as_map)
}

/// The machines inside of a Parallel or Map state.
fn nested(map: &Map) -> impl Iterator<Item = &Map> {
    map.iter().flat_map(|entry| {
        let nodes = match (entry.key.as_str(), &entry.value.value) {
            ("Branches", Value::List(branches)) => branches.as_slice(),
            ("ItemProcessor" | "Iterator", Value::Map(_)) => std::slice::from_ref(&entry.value),
            _ => &[],
        };
        nodes.iter().filter_map(Node::as_map)
    })
}
