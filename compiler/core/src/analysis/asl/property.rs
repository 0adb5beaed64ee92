//! What holds for any flow: the graph's answers are those of a naive reading, and nothing panics.

use super::flow::Flow;
use super::guess::Guesses;
use super::machine::Machine;
use super::testing::read;
use super::{intrinsic, jsonata, jsonpath};
use crate::ir::StateMachineType;
use crate::source::{Map, MapEntry, Node, Number, SourceMap, Span, Symbol, Text, Value};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A flow of Choice states, each with these targets; those without any are Succeed states.
fn choices(targets: &[Vec<usize>]) -> String {
    let mut text = "StartAt: s0\nStates:\n".to_owned();
    for (state, targets) in targets.iter().enumerate() {
        if targets.is_empty() {
            writeln!(text, "  s{state}: {{Type: Succeed}}").unwrap();
            continue;
        }
        let rules: String =
            targets.iter().map(|target| format!("{{Variable: $.x, IsPresent: true, Next: s{target}}}, ")).collect();
        writeln!(text, "  s{state}: {{Type: Choice, Choices: [{rules}]}}").unwrap();
    }
    text
}

/// Goes round until nothing changes.
fn fixpoint(
    start: impl IntoIterator<Item = usize>,
    grows: impl Fn(&BTreeSet<usize>) -> BTreeSet<usize>,
) -> BTreeSet<usize> {
    let mut found: BTreeSet<usize> = start.into_iter().collect();
    loop {
        let more = grows(&found);
        if more.is_subset(&found) {
            return found;
        }
        found.extend(more);
    }
}

fn graph() -> impl Strategy<Value = Vec<Vec<usize>>> {
    (1_usize..14).prop_flat_map(|states| prop::collection::vec(prop::collection::vec(0..states, 0..4), states))
}

const KEYS: [&str; 40] = [
    "StartAt",
    "States",
    "Type",
    "Next",
    "End",
    "Choices",
    "Default",
    "Catch",
    "Retry",
    "ErrorEquals",
    "Resource",
    "Parameters",
    "Arguments",
    "Output",
    "Assign",
    "QueryLanguage",
    "Branches",
    "ItemProcessor",
    "Iterator",
    "ProcessorConfig",
    "Mode",
    "ExecutionType",
    "And",
    "Not",
    "Variable",
    "StringMatches",
    "Condition",
    "InputPath",
    "ResultPath",
    "ResultSelector",
    "ItemReader",
    "ReaderConfig",
    "Label",
    "Timestamp",
    "Seconds",
    "Credentials",
    "a",
    "a.$",
    "Ref",
    "",
];

const TEXTS: [&str; 34] = [
    "Pass",
    "Task",
    "Choice",
    "Wait",
    "Parallel",
    "Map",
    "Succeed",
    "Fail",
    "JSONata",
    "DISTRIBUTED",
    "INLINE",
    "EXPRESS",
    "a",
    "",
    "$",
    "$.a[0]",
    "$..*",
    "$$.x",
    "$v.y",
    "$.a[?(@.b == 'c')]",
    "$.",
    "States.ALL",
    "States.UUID()",
    "States.Format('{}', $.a)",
    "{% $states.input.a %}",
    "{% $x := function($y){$y} %}",
    "{% ( %}",
    "{%",
    "${Name}",
    "arn:aws:states:::lambda:invoke.sync",
    "arn:aws:lambda:r:1:function:f:",
    "2030-01-31T09:00:00Z",
    "é{%\u{1F600}%}",
    "\\",
];

fn span() -> Span {
    Span::new(SourceMap::default().add("flow.yml".into(), String::new()), 3, 7)
}

fn tree() -> impl Strategy<Value = Node> {
    let text = prop_oneof![
        8 => prop::sample::select(&TEXTS[..]).prop_map(Text::from),
        1 => ".{0,12}".prop_map(Text::from),
        1 => prop::sample::select(&TEXTS[..]).prop_map(|text| {
            let mut filled = Text::from(text);
            filled.push_symbol(Symbol::Account);
            filled
        }),
    ];
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i64>().prop_map(|value| Value::Number(Number { spelling: value.to_string(), value: value.into() })),
        4 => text.prop_map(Value::String),
    ];
    let leaf = leaf.prop_map(|value| Node::new(value, span()));
    leaf.prop_recursive(7, 160, 7, |inner| {
        let key = prop::sample::select(&KEYS[..]);
        let map = prop::collection::btree_map(key, inner.clone(), 0..8).prop_map(|fields| {
            let entry = |(key, value): (&str, Node)| MapEntry { key: key.to_owned(), key_span: span(), value };
            Value::Map(Map::from_entries(fields.into_iter().map(entry).collect()))
        });
        let list = prop::collection::vec(inner, 0..4).prop_map(Value::List);
        prop_oneof![3 => map, 1 => list].prop_map(|value| Node::new(value, span()))
    })
}

proptest! {
    #[test]
    fn reached_and_ending_states_are_those_of_a_naive_reading(targets in graph()) {
        let node = read(&choices(&targets));
        let machine = Machine::of(node.as_map().unwrap(), node.span);
        let flow = Flow::of(&machine, &Guesses::of(&machine));
        let reached = fixpoint([0], |found| found.iter().flat_map(|state| targets[*state].clone()).collect());
        let last = (0..targets.len()).filter(|state| targets[*state].is_empty());
        let ends = fixpoint(last, |found| {
            (0..targets.len()).filter(|state| targets[*state].iter().any(|target| found.contains(target))).collect()
        });
        for state in 0..targets.len() {
            prop_assert_eq!(flow.is_reached(state), reached.contains(&state));
            prop_assert_eq!(flow.can_end(state), ends.contains(&state));
        }
        let found = super::check(&node, StateMachineType::Standard);
        let has = |id: &str| found.iter().any(|finding| finding.code.id == id);
        prop_assert_eq!(has("TC0203"), reached.len() < targets.len());
        prop_assert_eq!(has("TC0204"), reached.iter().any(|state| !ends.contains(state)));
    }

    #[test]
    fn no_tree_makes_the_check_panic(tree in tree(), express in any::<bool>()) {
        let mode = if express { StateMachineType::Express } else { StateMachineType::Standard };
        super::check(&tree, mode);
    }

    #[test]
    fn faults_lie_in_their_text(text in r"[$.@?()\[\]'a1 :,*{}%&|^~>/=é-]{0,24}") {
        for fault in [jsonpath::parse(&text).err(), intrinsic::parse(&text).err(), jsonata::parse(&text).err()] {
            let span = fault.map_or((0, 0), |fault| fault.span);
            prop_assert!(span.0 <= span.1 && span.0 <= text.len(), "{:?} in {:?}", span, text);
        }
        for reference in jsonata::parse(&text).unwrap_or_default() {
            prop_assert!(text.get(reference.span.0..reference.span.1).is_some());
        }
    }
}
