//! The names of states.
//!
//! Specification, "States": a name is unique in the whole machine, inner states included, and has at most 80 characters.
//! AWS: `DUPLICATE_STATE_NAME`, `INVALID_STATE_NAME`.

use super::machine::Machine;
use super::transition::place;
use crate::diagnostic::{Diagnostic, codes::flow};

/// Characters (not bytes) of a state's name.
const LONGEST: usize = 80;

pub(super) fn check(machine: &Machine<'_>, findings: &mut Vec<Diagnostic>) {
    for state in &machine.states {
        let length = state.name.chars().count();
        if length > LONGEST {
            let message = format!("the name of a state has {length} characters; at most {LONGEST} are allowed");
            findings.push(Diagnostic::new(&flow::STATE_NAME, state.key_span, message).help("shorten it"));
        } else if length == 0 {
            findings.push(Diagnostic::new(&flow::STATE_NAME, state.key_span, "a state without a name"));
        }
    }
    for (name, states) in &machine.names {
        let mut states = states.iter().filter_map(|state| machine.states.get(*state));
        let Some(first) = states.next() else { continue };
        for second in states {
            let message = format!("two states are named `{name}`");
            findings.push(
                Diagnostic::new(&flow::DUPLICATE_STATE, second.key_span, message)
                    .label(format!("second, {}", place(machine, second)))
                    .also(first.key_span, format!("first, {}", place(machine, first)))
                    .help("names are unique in the whole flow, inner states included: rename one of them"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, passes};

    #[test]
    fn eighty_characters_and_no_more() {
        let flow = |name: &str| format!("StartAt: {name}\nStates:\n  {name}: {{Type: Succeed}}\n");
        passes(&flow(&"ä".repeat(80)));
        let found = check(&flow(&"ä".repeat(81)));
        assert!(
            found[0].starts_with("TC0210 the name of a state has 81 characters; at most 80 are allowed"),
            "{found:?}"
        );
        assert_eq!(found.len(), 1);
        assert!(check("StartAt: ''\nStates:\n  '': {Type: Succeed}\n")[0].starts_with("TC0210 a state without a name"));
    }

    #[test]
    fn a_name_is_used_once_in_all_scopes() {
        let flow = |inner: &str| {
            format!(
                "StartAt: p\nStates:\n  p:\n    Type: Parallel\n    End: true\n    Branches:\n      - StartAt: a\n        \
                 States: {{a: {{Type: Succeed}}}}\n      - StartAt: {inner}\n        States: {{{inner}: {{Type: Succeed}}}}\n"
            )
        };
        passes(&flow("b"));
        assert_eq!(
            check(&flow("a")),
            [
                "TC0211 two states are named `a` @a; names are unique in the whole flow, inner states included: rename one of them"
            ]
        );
    }
}
