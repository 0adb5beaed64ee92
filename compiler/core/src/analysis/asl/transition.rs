//! Every transition names a state of its own scope.
//!
//! Specification, "Transitions", "Parallel State" and "Map State": `Next` must match the name of another state exactly,
//! and no transition enters or leaves a `States` mapping. AWS: `MISSING_TRANSITION_TARGET`.

use super::guess::Guesses;
use super::machine::{Machine, State, StateType, Target, TransitionKind};
use super::walk::list;
use crate::diagnostic::{Diagnostic, codes::flow};

pub(super) fn check(machine: &Machine<'_>, guesses: &Guesses<'_>, findings: &mut Vec<Diagnostic>) {
    for (at, scope) in machine.scopes.iter().enumerate() {
        // Without states there is a finding about that already.
        if let Some(start) = scope.start
            && !scope.states.is_empty()
            && machine.find(at, start.name).is_none()
        {
            findings.push(missing(machine, guesses, at, start, format!("`StartAt` names `{}`", start.name)));
        }
    }
    for state in &machine.states {
        for transition in &state.transitions {
            let target = transition.target;
            let Some(scope) = machine.scopes.get(state.scope) else { continue };
            if scope.names.contains_key(target.name) {
                continue;
            }
            let elsewhere = machine.names.get(target.name).and_then(|states| machine.states.get(*states.first()?));
            findings.push(match elsewhere {
                Some(elsewhere) => crossing(machine, state, elsewhere, target, transition.kind),
                None => {
                    let way = match transition.kind {
                        TransitionKind::Default => "by default ",
                        TransitionKind::Catch => "after an error ",
                        TransitionKind::Next | TransitionKind::Rule => "",
                    };
                    missing(
                        machine,
                        guesses,
                        state.scope,
                        target,
                        format!("`{}` goes {way}to `{}`", state.name, target.name),
                    )
                }
            });
        }
    }
}

/// Up to how many states of the scope are named where none is near.
const NAMES_SHOWN: usize = 12;

fn missing(machine: &Machine<'_>, guesses: &Guesses<'_>, scope: usize, target: Target<'_>, what: String) -> Diagnostic {
    let guess = guesses.find(scope, target.name).and_then(|state| machine.states.get(state));
    let names = || {
        let scope = machine.scopes.get(scope).filter(|scope| (1..=NAMES_SHOWN).contains(&scope.states.len()))?;
        let names: Vec<&str> = machine.states_of(scope).map(|(_, state)| state.name).collect();
        Some(format!("states: {}", list(&names)))
    };
    let help = guess.map(|state| format!("did you mean `{}`?", state.name)).or_else(names);
    Diagnostic::new(&flow::MISSING_TARGET, target.span, format!("{what}, and there is no such state"))
        .label("no state of this name")
        .help_opt(help)
}

fn crossing(
    machine: &Machine<'_>,
    state: &State<'_>,
    elsewhere: &State<'_>,
    target: Target<'_>,
    kind: TransitionKind,
) -> Diagnostic {
    let message = format!("`{}` goes to `{}`, which is {}", state.name, target.name, place(machine, elsewhere));
    let finding = Diagnostic::new(&flow::CROSSING_TRANSITION, target.span, message)
        .label(format!("`{}` itself is {}", state.name, place(machine, state)))
        .also(elsewhere.key_span, format!("`{}` stands here", target.name));
    let owner = machine.owner(state);
    match owner {
        Some(owner) if owner.scope == elsewhere.scope => {
            let end = match kind {
                TransitionKind::Next => "write `End: true` here",
                _ => "go to a state with `End: true` here",
            };
            finding.help(format!("{end}; where `{}` goes afterwards is its own `Next`", owner.name))
        }
        _ => match machine.owner(elsewhere) {
            Some(holder) if holder.scope == state.scope => {
                finding.help(format!("go to `{}`; it starts its inner states itself", holder.name))
            }
            _ => finding.help("a transition stays among the states of one `States`"),
        },
    }
}

/// Where a state stands, in words.
pub(super) fn place(machine: &Machine<'_>, state: &State<'_>) -> String {
    match machine.owner(state) {
        None => "at the top of the flow".to_owned(),
        Some(owner) if owner.kind == Some(StateType::Map) => format!("inside of the Map state `{}`", owner.name),
        Some(owner) => format!("inside of the Parallel state `{}`", owner.name),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, passes};

    #[test]
    fn a_target_that_does_not_exist() {
        passes("StartAt: a\nStates:\n  a: {Type: Pass, Next: b}\n  b: {Type: Succeed}\n");
        assert_eq!(
            check("StartAt: a\nStates:\n  a: {Type: Pass, Next: laod}\n  load: {Type: Succeed}\n"),
            ["TC0202 `a` goes to `laod`, and there is no such state @laod; did you mean `load`?"]
        );
        assert_eq!(
            check("StartAt: z\nStates:\n  abc: {Type: Succeed}\n"),
            ["TC0202 `StartAt` names `z`, and there is no such state @z; states: `abc`"]
        );
    }

    #[test]
    fn every_kind_of_transition_is_looked_at() {
        let text = "StartAt: c\nStates:\n  c:\n    Type: Choice\n    Choices: [{Variable: $.x, IsNull: true, Next: r}]\n    \
                    Default: d\n  t: {Type: Task, Resource: 'arn:aws:lambda:r:1:function:f', End: true, \
                    Catch: [{ErrorEquals: [E], Next: k}]}\n";
        let found = check(text);
        for wanted in ["`c` goes to `r`", "`c` goes by default to `d`", "`t` goes after an error to `k`"] {
            assert!(found.iter().any(|finding| finding.contains(wanted)), "{wanted}: {found:?}");
        }
    }

    #[test]
    fn a_transition_stays_in_its_scope() {
        let map = |inner: &str, next: &str| {
            format!(
                "StartAt: m\nStates:\n  m:\n    Type: Map\n    Next: {next}\n    ItemProcessor:\n      StartAt: i\n      \
                 States: {{i: {inner}}}\n  z: {{Type: Succeed}}\n"
            )
        };
        passes(&map("{Type: Pass, End: true}", "z"));
        assert_eq!(
            check(&map("{Type: Pass, Next: z}", "z")),
            ["TC0209 `i` goes to `z`, which is at the top of the flow @z; write `End: true` here; where `m` goes \
              afterwards is its own `Next`"]
        );
        let found = check(&map("{Type: Pass, End: true}", "i"));
        assert_eq!(
            found[0],
            "TC0209 `m` goes to `i`, which is inside of the Map state `m` @i; go to `m`; it starts its inner states itself"
        );
    }
}
