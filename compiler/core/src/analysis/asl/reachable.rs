//! Every state is reached from where its scope starts.
//!
//! AWS refuses a state that nothing leads to (`MISSING_TRANSITION_TARGET`: `State "C" is not reachable.`). A cycle whose
//! states lead only to each other is not reached either. One finding stands for all states that one missing
//! transition cuts off.

use super::flow::{Flow, Group, closure, groups};
use super::machine::{Machine, State, StateType, Transition, TransitionKind};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Node;

/// How many of the states that follow an unreachable one are shown with it.
const FOLLOWERS_SHOWN: usize = 3;
/// How many states of a cycle are named.
const NAMES_SHOWN: usize = 5;
/// For how many findings the cause is looked for: that takes a look at every state, and more than so many are not read.
const EXPLAINED: usize = 100;

/// Reports states that cannot be reached. Returns the states that are to blame because they go to themselves where they
/// should have gone on: they are not worth a second finding.
pub(super) fn check(machine: &Machine<'_>, flow: &Flow, findings: &mut Vec<Diagnostic>) -> Vec<usize> {
    let mut blamed = Vec::new();
    for group in groups(&flow.next, |state| !flow.is_reached(state)) {
        if group.entered {
            continue;
        }
        let Some((at, state)) = group.states.first().and_then(|at| Some((*at, machine.states.get(*at)?))) else {
            continue;
        };
        let finding = Diagnostic::new(
            &codes::flow::UNREACHABLE_STATE,
            state.key_span,
            format!("state `{}` cannot be reached", state.name),
        );
        let finding = finding.label(label(machine, flow, &group, state));
        if findings.len() >= EXPLAINED {
            findings.push(finding);
            continue;
        }
        let (finding, culprit) = blame(machine, flow, at, state, group.states.len() > 1, finding);
        blamed.extend(culprit);
        findings.push(followers(machine, flow, &group, finding));
    }
    blamed
}

fn label(machine: &Machine<'_>, flow: &Flow, group: &Group, state: &State<'_>) -> String {
    let names = quoted(group.states.iter().filter_map(|at| machine.states.get(*at)));
    match group.states.as_slice() {
        [only] if flow.goes_to(*only, *only) => format!("only `{}` itself goes to it", state.name),
        [_] => "no state goes to it".to_owned(),
        _ => format!("{names} only lead to each other"),
    }
}

/// The states that could be reached only through the group.
fn followers(machine: &Machine<'_>, flow: &Flow, group: &Group, mut finding: Diagnostic) -> Diagnostic {
    let after = closure(&flow.next, group.states.iter().copied());
    let after = machine.states.iter().enumerate().filter(|(at, _)| {
        after.get(*at) == Some(&true) && !flow.is_reached(*at) && group.states.binary_search(at).is_err()
    });
    let after: Vec<_> = after.map(|(_, state)| state).collect();
    for state in after.iter().take(FOLLOWERS_SHOWN) {
        finding = finding.also(state.key_span, format!("nor can `{}`", state.name));
    }
    match after.len().saturating_sub(FOLLOWERS_SHOWN) {
        0 => finding,
        1 => finding.help("one more state is cut off with it"),
        more => finding.help(format!("{more} more states are cut off with it")),
    }
}

/// Looks for the transition that was likely meant to lead to the state, and says so.
fn blame(
    machine: &Machine<'_>,
    flow: &Flow,
    at: usize,
    state: &State<'_>,
    cycle: bool,
    finding: Diagnostic,
) -> (Diagnostic, Option<usize>) {
    let wanted = format!("`Next: {}`", state.name);
    if let Some((culprit, transition)) = self_loop(machine, flow, at, state) {
        let name = transition.target.name;
        let finding = finding
            .also(transition.target.span, format!("`{name}` goes to itself"))
            .help(format!("`{name}` goes to itself: did you mean {wanted}?"));
        return (finding, Some(culprit));
    }
    let before = at.checked_sub(1).and_then(|before| Some((before, machine.states.get(before)?)));
    let before =
        before.filter(|(at, before)| before.scope == state.scope && flow.is_reached(*at)).map(|(_, state)| state);
    let finding = match before {
        Some(before) => after(before, state, cycle, finding),
        None => finding.help(anywhere(state, cycle)),
    };
    (finding, None)
}

/// A reached state of the scope whose `Next` is itself: the one written nearest before the state, else the nearest after.
fn self_loop<'m, 'a>(
    machine: &'m Machine<'a>,
    flow: &Flow,
    at: usize,
    state: &State<'a>,
) -> Option<(usize, &'m Transition<'a>)> {
    let scope = machine.scopes.get(state.scope)?;
    let loops =
        machine.states_of(scope).filter(|(other, _)| flow.is_reached(*other)).filter_map(|(other, candidate)| {
            let own = |transition: &&Transition<'_>| {
                transition.kind == TransitionKind::Next && transition.target.name == candidate.name
            };
            Some((other, candidate.transitions.iter().find(own)?))
        });
    loops.min_by_key(|(other, _)| (*other > at, other.abs_diff(at)))
}

/// What the state written before the unreachable one does instead of going to it.
fn after(before: &State<'_>, state: &State<'_>, cycle: bool, finding: Diagnostic) -> Diagnostic {
    let wanted = format!("`Next: {}`", state.name);
    let end =
        before.map.and_then(|map| map.get("End")).filter(|end| end.as_bool() == Some(true)).map(|end: &Node| end.span);
    let next = before.transitions.iter().find(|transition| transition.kind == TransitionKind::Next);
    match (before.kind, end, next) {
        (Some(StateType::Choice), _, _) => {
            let has_default = before.transitions.iter().any(|transition| transition.kind == TransitionKind::Default);
            let or = if has_default { "" } else { &format!(" or `Default: {}`", state.name) };
            finding.help(format!("no rule of `{}` leads to it: add one with {wanted}{or}", before.name))
        }
        (_, Some(end), _) => finding
            .also(end, format!("`{}` ends here", before.name))
            .help(format!("`{}` ends the flow before it: did you mean {wanted} there?", before.name)),
        (_, _, Some(next)) => finding
            .also(next.target.span, format!("`{}` goes to `{}`", before.name, next.target.name))
            .help(format!("`{}` goes to `{}`: did you mean {wanted} there?", before.name, next.target.name)),
        _ => finding.help(anywhere(state, cycle)),
    }
}

/// What to do where no transition seems to be meant for the state.
fn anywhere(state: &State<'_>, cycle: bool) -> String {
    match cycle {
        true => "let a state that is reached go to one of them, or remove them".to_owned(),
        false => format!("let a state that is reached go to `{}`, or remove it", state.name),
    }
}

/// Names as people list them: `a`, `b` and `c`.
pub(super) fn quoted<'m, 'a: 'm>(states: impl Iterator<Item = &'m State<'a>>) -> String {
    let mut names: Vec<String> = states.map(|state| format!("`{}`", state.name)).collect();
    let more = names.len().saturating_sub(NAMES_SHOWN);
    if more > 1 {
        names.truncate(NAMES_SHOWN);
        names.push(format!("{more} more"));
    }
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, diagnostics, passes, slice};

    const TUTORIAL: &str = "\
Comment: ETL
StartAt: enhance
TimeoutSeconds: 1200
States:
  enhance: {Type: Pass, Next: transform}
  transform: {Type: Pass, Next: transform}
  load: {Type: Pass, End: true}
";

    #[test]
    fn the_state_that_goes_to_itself_is_to_blame() {
        passes(&TUTORIAL.replace("Next: transform}\n  load", "Next: load}\n  load"));
        assert_eq!(
            check(TUTORIAL),
            ["TC0203 state `load` cannot be reached @load; `transform` goes to itself: did you mean `Next: load`?"]
        );
        let found = diagnostics(TUTORIAL);
        assert_eq!(slice(TUTORIAL, found[0].secondary[0].span), "transform");
        assert_eq!(found[0].secondary[0].text, "`transform` goes to itself");
    }

    #[test]
    fn a_cycle_that_only_refers_to_itself_is_not_reached() {
        let text = "StartAt: a\nStates:\n  a: {Type: Pass, Next: z}\n  b: {Type: Pass, Next: c}\n  c: {Type: Pass, Next: b}\n  \
                    z: {Type: Succeed}\n";
        assert_eq!(
            check(text),
            ["TC0203 state `b` cannot be reached @b; `a` goes to `z`: did you mean `Next: b` there?"]
        );
        assert_eq!(diagnostics(text)[0].primary.as_ref().unwrap().text, "`b` and `c` only lead to each other");
        let alone = "StartAt: a\nStates:\n  a: {Type: Succeed}\n  b: {Type: Pass, Next: b}\n";
        assert_eq!(
            check(alone),
            ["TC0203 state `b` cannot be reached @b; let a state that is reached go to `b`, or remove it"]
        );
    }

    #[test]
    fn one_finding_for_all_that_one_transition_cuts_off() {
        let text = "StartAt: a\nStates:\n  a: {Type: Pass, End: true}\n  b: {Type: Pass, Next: c}\n  c: {Type: Pass, Next: d}\n  \
                    d: {Type: Pass, Next: e}\n  e: {Type: Pass, Next: f}\n  f: {Type: Succeed}\n";
        let found = diagnostics(text);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].help,
            ["`a` ends the flow before it: did you mean `Next: b` there?", "one more state is cut off with it"]
        );
        let others: Vec<_> = found[0].secondary.iter().map(|label| label.text.as_str()).collect();
        assert_eq!(others, ["`a` ends here", "nor can `c`", "nor can `d`", "nor can `e`"]);
    }

    #[test]
    fn choices_and_catchers_lead_on() {
        let flow = |default: &str| {
            format!(
                "StartAt: c\nStates:\n  c:\n    Type: Choice\n    Choices: [{{Variable: $.x, IsNull: true, Next: a}}]\n{default}  \
                 b: {{Type: Succeed}}\n  a:\n    Type: Task\n    Resource: arn:aws:lambda:r:1:function:f\n    End: true\n    \
                 Catch: [{{ErrorEquals: [E], Next: f}}]\n  f: {{Type: Fail}}\n"
            )
        };
        passes(&flow("    Default: b\n"));
        assert_eq!(
            check(&flow("")),
            [
                "TC0203 state `b` cannot be reached @b; no rule of `c` leads to it: add one with `Next: b` or `Default: b`"
            ]
        );
    }

    #[test]
    fn inner_scopes_are_looked_at_for_themselves() {
        let text = "StartAt: m\nStates:\n  m:\n    Type: Map\n    End: true\n    ItemProcessor:\n      StartAt: a\n      States:\n        \
                    a: {Type: Succeed}\n        b: {Type: Succeed}\n";
        assert_eq!(
            check(text),
            ["TC0203 state `b` cannot be reached @b; let a state that is reached go to `b`, or remove it"]
        );
    }

    #[test]
    fn a_misspelt_target_does_not_cut_off_what_follows() {
        let found = check("StartAt: a\nStates:\n  a: {Type: Pass, Next: transfrom}\n  transform: {Type: Succeed}\n");
        assert!(found.len() == 1 && found[0].starts_with("TC0202"), "{found:?}");
    }
}
