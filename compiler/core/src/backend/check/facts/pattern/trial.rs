//! Patterns tried character by character, without an automaton.
//!
//! To make an automaton of a pattern takes longer than all that a template has to ask it: a hundred names of some ten
//! characters. A trial goes through the pattern itself and turns back where it leads nowhere. That may take exponentially
//! many steps, so that they are counted, and a text that takes too many is left to the automaton.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassBytes, Hir, HirKind, Look, Repetition};

/// How many steps a trial may take. Each may need its own frame of the stack, of some hundred bytes.
const STEPS: usize = 1_000;

/// A pattern that is meant for ASCII texts.
#[derive(Debug)]
pub struct Trial(Hir);

impl Trial {
    /// Reads a pattern; `None` where it is not for bytes.
    pub fn parse(pattern: &str) -> Option<Self> {
        ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).ok().map(Self)
    }

    /// Whether the pattern matches somewhere in an ASCII text; `None` where that is not known after all steps.
    pub fn matches(&self, text: &[u8]) -> Option<bool> {
        let mut going = Going { text, steps: STEPS, is_known: true };
        let found = (0..=text.len()).any(|start| going.on(&self.0, start, &mut |_, _| true));
        (found || going.is_known).then_some(found)
    }
}

/// What is to match after a part of the pattern.
type Rest<'r, 't> = dyn FnMut(&mut Going<'t>, usize) -> bool + 'r;

struct Going<'t> {
    text: &'t [u8],
    steps: usize,
    is_known: bool,
}

impl<'t> Going<'t> {
    /// Whether a part of the pattern matches at a place, and what is left of the pattern where that part ends.
    fn on(&mut self, part: &Hir, at: usize, rest: &mut Rest<'_, 't>) -> bool {
        if self.steps == 0 {
            self.is_known = false;
            return false;
        }
        self.steps -= 1;
        let ahead = self.text.get(at..).unwrap_or_default();
        match part.kind() {
            HirKind::Empty => rest(self, at),
            HirKind::Literal(literal) => ahead.starts_with(&literal.0) && rest(self, at + literal.0.len()),
            HirKind::Class(Class::Bytes(class)) => {
                ahead.first().is_some_and(|byte| holds(class, *byte)) && rest(self, at + 1)
            }
            HirKind::Look(Look::Start) => at == 0 && rest(self, at),
            HirKind::Look(Look::End) => ahead.is_empty() && rest(self, at),
            HirKind::Class(Class::Unicode(_)) | HirKind::Look(_) => {
                self.is_known = false;
                false
            }
            HirKind::Repetition(repetition) => match class_of(&repetition.sub) {
                Some(class) => self.run(repetition, class, at, rest),
                None => self.again(repetition, 0, at, rest),
            },
            HirKind::Capture(capture) => self.on(&capture.sub, at, rest),
            HirKind::Concat(parts) => self.all(parts, at, rest),
            HirKind::Alternation(parts) => parts.iter().any(|part| self.on(part, at, rest)),
        }
    }

    fn all(&mut self, parts: &[Hir], at: usize, rest: &mut Rest<'_, 't>) -> bool {
        match parts.split_first() {
            Some((first, [])) => self.on(first, at, rest),
            Some((first, parts)) => self.on(first, at, &mut |going, at| going.all(parts, at, rest)),
            None => rest(self, at),
        }
    }

    /// A repetition of one character out of a set: as many as there are, then fewer.
    fn run(&mut self, repetition: &Repetition, class: &ClassBytes, at: usize, rest: &mut Rest<'_, 't>) -> bool {
        let most = repetition.max.map_or(usize::MAX, count);
        let ahead = self.text.get(at..).unwrap_or_default();
        let there = ahead.iter().take(most).take_while(|byte| holds(class, **byte)).count();
        (count(repetition.min)..=there).rev().any(|length| {
            self.steps = self.steps.saturating_sub(1);
            rest(self, at + length)
        })
    }

    /// A repetition of anything else, of which there are `done`.
    fn again(&mut self, repetition: &Repetition, done: u32, at: usize, rest: &mut Rest<'_, 't>) -> bool {
        let is_enough = done >= repetition.min;
        let may_go_on = repetition.max.is_none_or(|max| done < max);
        let goes_on = may_go_on
            && self.on(&repetition.sub, at, &mut |going, end| {
                // One that takes no character could go on forever, and changes nothing.
                (end > at || !is_enough) && going.again(repetition, done + 1, end, rest)
            });
        goes_on || (is_enough && rest(self, at))
    }
}

/// The set of which a part is one character; parentheses change nothing.
fn class_of(part: &Hir) -> Option<&ClassBytes> {
    match part.kind() {
        HirKind::Class(Class::Bytes(class)) => Some(class),
        HirKind::Capture(capture) => class_of(&capture.sub),
        _ => None,
    }
}

fn holds(class: &ClassBytes, byte: u8) -> bool {
    class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&byte))
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::bytes::RegexBuilder;

    #[test]
    fn what_would_take_too_long_or_looks_elsewhere_is_left_to_the_automaton() {
        let trial = Trial::parse("^(a+b?)+$").unwrap();
        assert_eq!(trial.matches(b"aaba"), Some(true));
        assert_eq!(trial.matches(format!("{}c", "a".repeat(40)).as_bytes()), None);
        assert_eq!(Trial::parse(r"a\b").unwrap().matches(b"a"), None);
        assert_eq!(Trial::parse("(?m)^b").unwrap().matches(b"a\nb"), None);
        assert_eq!(Trial::parse("(a*)*b").unwrap().matches(b"aac"), Some(false), "an empty repetition ends");
        let long = "a".repeat(1_000_000);
        assert_eq!(Trial::parse("^[a-z]+$").unwrap().matches(long.as_bytes()), Some(true));
        assert_eq!(Trial::parse("^(ab?)+$").unwrap().matches(long.as_bytes()), None);
    }

    fn pattern() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "[abc01]{1,3}",
            "\\[[a-c0-1_-]{1,3}[a]\\]",
            Just("()".to_owned()),
            Just(".".to_owned()),
            Just(r"\S".to_owned()),
            Just("^".to_owned()),
            Just("$".to_owned()),
        ];
        leaf.prop_recursive(4, 16, 3, |inner| {
            let times = proptest::sample::select(vec!["", "?", "*", "+", "{2}", "{1,3}", "{2,}", "*?"]);
            prop_oneof![
                (inner.clone(), times).prop_map(|(inner, times)| format!("({inner}){times}")),
                proptest::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                proptest::collection::vec(inner, 2..4).prop_map(|parts| format!("({})", parts.join("|"))),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_says_what_the_automaton_says(pattern in pattern(), text in "[a-c0-1_.\n-]{0,10}") {
            let regex = RegexBuilder::new(&pattern).unicode(false).build();
            if let (Ok(regex), Some(trial)) = (regex, Trial::parse(&pattern)) {
                let found = trial.matches(text.as_bytes());
                prop_assert!(found.is_none_or(|found| found == regex.is_match(text.as_bytes())), "{pattern} of {text:?}");
            }
        }
    }
}
