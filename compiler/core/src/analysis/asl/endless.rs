//! From every state that is reached, an end can be reached.
//!
//! AWS refuses a machine without any terminal state (`MISSING_END_STATE`: `Workflow has no terminal state`) but lets a
//! part of it go round for ever; such an execution fails once its history has 25,000 events (Standard) or after five
//! minutes (Express), so this is an error everywhere.

use super::flow::{Flow, groups};
use super::machine::Machine;
use super::reachable::quoted;
use crate::diagnostic::{Diagnostic, codes};

/// How many transitions of a cycle are shown.
const TRANSITIONS_SHOWN: usize = 4;

/// Reports the cycles that an execution cannot leave, but for those that hold a state of `blamed`.
pub(super) fn check(machine: &Machine<'_>, flow: &Flow, blamed: &[usize], findings: &mut Vec<Diagnostic>) {
    for group in groups(&flow.next, |state| flow.is_reached(state) && !flow.can_end(state)) {
        if group.left || group.states.iter().any(|state| blamed.contains(state)) {
            continue;
        }
        let states: Vec<_> = group.states.iter().filter_map(|at| machine.states.get(*at)).collect();
        let Some(first) = states.first() else { continue };
        let names = quoted(states.iter().copied());
        let (message, help) = match states.len() {
            1 => (
                format!("state `{}` goes to itself for ever", first.name),
                format!("let `{}` go on to another state, or write `End: true`", first.name),
            ),
            _ => (
                format!("{names} go round for ever"),
                "give one of them a way to a state that ends, or `End: true`".to_owned(),
            ),
        };
        let mut finding =
            Diagnostic::new(&codes::flow::ENDLESS, first.key_span, message).label("no end can be reached from here");
        let steps = states.iter().flat_map(|state| &state.transitions);
        for step in steps.take(TRANSITIONS_SHOWN) {
            finding = finding.also(step.target.span, format!("to `{}`", step.target.name));
        }
        findings.push(finding.help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, passes};

    #[test]
    fn a_cycle_needs_a_way_out() {
        let flow = |last: &str| {
            format!(
                "StartAt: a\nStates:\n  a: {{Type: Pass, Next: b}}\n  b:\n    Type: Task\n    Next: a\n    \
                 Resource: arn:aws:lambda:r:1:function:f\n{last}"
            )
        };
        passes(&flow("    Catch: [{ErrorEquals: [States.ALL], Next: f}]\n  f: {Type: Fail}\n"));
        assert_eq!(
            check(&flow("")),
            ["TC0204 `a` and `b` go round for ever @a; give one of them a way to a state that ends, or `End: true`"]
        );
    }

    #[test]
    fn a_reachable_trap_beside_an_end() {
        let text = "StartAt: c\nStates:\n  c:\n    Type: Choice\n    Choices: [{Variable: $.x, IsNull: true, Next: t}]\n    \
                    Default: e\n  t: {Type: Wait, Seconds: 1, Next: t}\n  e: {Type: Succeed}\n";
        assert_eq!(
            check(text),
            ["TC0204 state `t` goes to itself for ever @t; let `t` go on to another state, or write `End: true`"]
        );
    }

    #[test]
    fn inner_scopes_end_for_themselves() {
        let map = |inner: &str| {
            format!(
                "StartAt: m\nStates:\n  m:\n    Type: Map\n    End: true\n    ItemProcessor:\n      StartAt: i\n      States:\n        \
                 i: {inner}\n"
            )
        };
        passes(&map("{Type: Pass, End: true}"));
        assert!(check(&map("{Type: Pass, Next: i}"))[0].starts_with("TC0204 state `i` goes to itself for ever"));
    }

    #[test]
    fn a_state_that_goes_nowhere_by_mistake_is_not_endless() {
        let found = check("StartAt: a\nStates:\n  a: {Type: Pass, Next: b}\n  b: {Type: Pass, Next: zzz}\n");
        assert!(found.len() == 1 && found[0].starts_with("TC0202"), "{found:?}");
    }
}
