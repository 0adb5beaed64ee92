//! A flow waits for the functions it invokes as long as they may run.

use super::Subject;
use super::route_timeout::seconds;
use crate::diagnostic::{Diagnostic, codes::route as codes};
use crate::ir::{Function, StateMachineType, Topology};
use crate::source::{Node, Piece, Span, Symbol, Value};
use std::collections::BTreeSet;

/// Seconds that an Express execution can last ("Step Functions Developer Guide, Choosing workflow type": five minutes).
const EXPRESS_LIMIT: u32 = 300;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(flow) = &subject.topology.flow else { return };
    let is_express = flow.state_machine_type == StateMachineType::Express;
    let timeout = flow.definition.get("TimeoutSeconds");
    let given = timeout.and_then(|node| seconds(node).map(|seconds| (seconds, node.span)));
    if let Some((seconds, span)) = given.filter(|(seconds, _)| is_express && *seconds > EXPRESS_LIMIT) {
        let message = format!("an Express flow ends after {EXPRESS_LIMIT} s, and not after {seconds} s");
        let help = format!("write `TimeoutSeconds: {EXPRESS_LIMIT}` or less, or `mode: Standard`");
        findings.push(Diagnostic::new(&codes::EXPRESS_TIMEOUT, span, message).help(help));
    }
    // When the flow ends, and where that is written.
    let end = match given {
        Some((seconds, span)) if !is_express || seconds <= EXPRESS_LIMIT => Some((seconds, Some(span))),
        _ => is_express.then_some((EXPRESS_LIMIT, None)),
    };
    let mut reported = BTreeSet::new();
    for task in tasks(&flow.definition, subject.topology) {
        let function = task.function;
        if let Some(node) = task.timeout
            && let Some(wait) = seconds(node).filter(|wait| *wait < function.timeout.value)
        {
            let message = format!("{}, but the state `{}` gives up after {wait} s", may_run(function), task.state);
            findings.push(
                Diagnostic::new(&codes::FLOW_OUTLASTED, node.span, message)
                    .also(function.timeout.span, format!("may run {} s", function.timeout.value))
                    .help(format!(
                        "write `TimeoutSeconds: {}` or more, or lower the time-out of `{}`",
                        function.timeout.value, function.name
                    )),
            );
        } else if let Some((wait, span)) = end.filter(|(wait, _)| *wait < function.timeout.value)
            && reported.insert(&function.name)
        {
            let message = format!("{}, but the flow ends after {wait} s", may_run(function));
            findings.push(
                Diagnostic::new(&codes::FLOW_OUTLASTED, span.unwrap_or(task.place), message)
                    .also(function.timeout.span, format!("may run {} s", function.timeout.value))
                    .help(format!("lower the time-out of `{}` to {wait}, or give the flow more time", function.name)),
            );
        }
    }
}

fn may_run(function: &Function) -> String {
    format!("`{}` may run {} s", function.name, function.timeout.value)
}

/// A state that invokes a function with a time-out of its own, and waits for it.
struct Task<'a> {
    state: &'a str,
    function: &'a Function,
    /// Where the function is named.
    place: Span,
    timeout: Option<&'a Node>,
}

/// The tasks of a definition, those inside of Map and Parallel states included, in the order they are written.
fn tasks<'a>(definition: &'a Node, topology: &'a Topology) -> Vec<Task<'a>> {
    let mut found = Vec::new();
    let mut waiting = vec![definition];
    while let Some(node) = waiting.pop() {
        match &node.value {
            Value::List(list) => waiting.extend(list),
            Value::Map(map) => {
                for entry in map {
                    waiting.push(&entry.value);
                    if entry.key == "States" {
                        let states = entry.value.as_map().into_iter().flatten();
                        found.extend(states.filter_map(|state| task(&state.key, &state.value, topology)));
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found.sort_by_key(|task| task.place);
    found
}

fn task<'a>(name: &'a str, state: &'a Node, topology: &'a Topology) -> Option<Task<'a>> {
    let resource = state.get("Resource")?;
    // What waits for a token waits for someone else than the function.
    if resource.as_str().is_some_and(|resource| resource.ends_with(".waitForTaskToken")) {
        return None;
    }
    let payload = state.get("Arguments").or_else(|| state.get("Parameters"));
    let argument = |key: &str| payload.and_then(|payload| payload.get(key));
    if argument("InvocationType").and_then(Node::as_str) == Some("Event") {
        return None;
    }
    let named = [Some(resource), argument("FunctionName")].into_iter().flatten().find_map(function_of);
    let (function, place) = named?;
    let function = topology.functions.get(function).filter(|function| function.timeout_is_explicit)?;
    Some(Task { state: name, function, place, timeout: state.get("TimeoutSeconds") })
}

fn function_of(node: &Node) -> Option<(&str, Span)> {
    match node.as_text()?.pieces().first()? {
        Piece::Symbol(Symbol::FunctionArn(name)) => Some((name.as_str(), node.span)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::check;

    fn run(mode: &str, machine: &str, state: &str) -> Vec<String> {
        let topology = format!(
            "name: etl\nmode: {mode}\nflow:\n  StartAt: s\n  {machine}\n  States:\n    s:\n      Type: Task\n      \
             End: true\n      Resource: 'arn:aws:states:::lambda:invoke'\n      {state}\n      \
             Parameters: {{FunctionName: a}}\n"
        );
        let handler = "def handler(event, context): pass\n";
        let function = "{\"runtime\": {\"timeout\": 600}}";
        testing::check(check, &[("topology.yml", &topology), ("a/handler.py", handler), ("a/function.json", function)])
    }

    #[test]
    fn a_state_waits_for_its_function() {
        assert_eq!(run("Standard", "Comment: c", "TimeoutSeconds: 600"), [""; 0]);
        assert_eq!(run("Standard", "TimeoutSeconds: 1200", "Comment: c"), [""; 0]);
        assert_eq!(
            run("Standard", "Comment: c", "TimeoutSeconds: 10"),
            [
                "TC0304 warning `a` may run 600 s, but the state `s` gives up after 10 s @10; write `TimeoutSeconds: 600` or \
              more, or lower the time-out of `a`"
            ]
        );
        assert_eq!(
            run("Standard", "TimeoutSeconds: 300", "Comment: c"),
            [
                "TC0304 warning `a` may run 600 s, but the flow ends after 300 s @300; lower the time-out of `a` to 300, or \
              give the flow more time"
            ]
        );
    }

    #[test]
    fn an_express_flow_lasts_five_minutes() {
        let found = run("Express", "TimeoutSeconds: 301", "TimeoutSeconds: 600");
        assert_eq!(
            found[1],
            "TC0304 warning `a` may run 600 s, but the flow ends after 300 s @a; lower the time-out of `a` to 300, or give \
             the flow more time"
        );
        assert_eq!(
            found[0],
            "TC0305 warning an Express flow ends after 300 s, and not after 301 s @301; write `TimeoutSeconds: 300` or \
             less, or `mode: Standard`"
        );
    }

    #[test]
    fn nested_states_are_looked_at_and_tokens_are_not() {
        let inner = "Type: Task, Resource: 'arn:aws:states:::lambda:invoke";
        let text = |resource: &str| {
            format!(
                "name: etl\nflow:\n  StartAt: m\n  States:\n    m:\n      Type: Map\n      End: true\n      ItemProcessor:\n        \
                 StartAt: i\n        States:\n          i: {{{inner}{resource}', TimeoutSeconds: 5, End: true, \
                 Parameters: {{FunctionName: a}}}}\n"
            )
        };
        let files = |topology: &str| {
            let function = "{\"runtime\": {\"timeout\": 600}}";
            testing::check(check, &[("topology.yml", topology), ("a/handler.py", ""), ("a/function.json", function)])
        };
        assert_eq!(files(&text("")).len(), 1);
        assert_eq!(files(&text(".waitForTaskToken")), [""; 0]);
    }
}
