//! Patterns that are one set of characters, repeated from the beginning of a text to its end.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// A pattern such as `^[A-Za-z0-9_-]{1,64}$`.
#[derive(Debug)]
pub struct Run {
    /// Whether it may hold each ASCII character.
    set: [bool; 128],
    /// Least length.
    min: usize,
    /// Greatest length.
    max: usize,
}

impl Run {
    /// Reads a pattern that is meant for ASCII texts; `None` where it is of any other form.
    pub fn parse(pattern: &str) -> Option<Self> {
        let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).ok()?;
        let HirKind::Concat(parts) = hir.kind() else { return None };
        let [start, middle, end] = parts.as_slice() else { return None };
        let is_whole = is(start, Look::Start) && is(end, Look::End);
        let HirKind::Repetition(Repetition { min, max, sub, .. }) = middle.kind() else { return None };
        let middle = match sub.kind() {
            // Around what is repeated, parentheses change nothing.
            HirKind::Capture(capture) => capture.sub.kind(),
            other => other,
        };
        let HirKind::Class(Class::Bytes(class)) = middle else { return None };
        let mut set = [false; 128];
        for range in class.ranges() {
            for byte in range.start()..=range.end() {
                if let Some(holds) = set.get_mut(usize::from(byte)) {
                    *holds = true;
                }
            }
        }
        let length = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        is_whole.then(|| Self { set, min: length(*min), max: max.map_or(usize::MAX, length) })
    }

    /// Whether an ASCII text matches.
    pub fn matches(&self, text: &[u8]) -> bool {
        let holds = |byte: &u8| self.set.get(usize::from(*byte)).copied().unwrap_or_default();
        (self.min..=self.max).contains(&text.len()) && text.iter().all(holds)
    }
}

fn is(hir: &Hir, look: Look) -> bool {
    *hir.kind() == HirKind::Look(look)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::bytes::RegexBuilder;

    #[test]
    fn other_forms_are_left_to_the_automaton() {
        let others =
            ["[a-z]+", "^[a-z]+", "[a-z]+$", "^[a-z]+[0-9]$", "^([a-z]|[0-9]b)+$", "^a$", "^(a+)+$", "(?m)^[a-z]+$"];
        for other in others {
            assert!(Run::parse(other).is_none(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn it_says_what_the_automaton_says(
            set in "[a-cA-C0-2_.*+/-]{1,5}", least in 0u32..4, more in 0u32..4, kind in 0usize..5, text in "[a-dA-D0-3_.\\n /-]{0,8}"
        ) {
            let set: String = set.chars().map(|c| format!("\\{c}")).map(|c| if c.as_bytes()[1].is_ascii_alphanumeric() { c[1..].to_owned() } else { c }).collect();
            let times = ["*".to_owned(), "+".to_owned(), "?".to_owned(), format!("{{{least},{}}}", least + more), format!("{{{least},}}")];
            let end = if more % 2 == 0 { "$" } else { "\\z" };
            let pattern = format!("^[{set}]{}{end}", times[kind]);
            let regex = RegexBuilder::new(&pattern).unicode(false).build().unwrap();
            // A set of one character is a literal, and no run.
            if let Some(run) = Run::parse(&pattern) {
                prop_assert_eq!(run.matches(text.as_bytes()), regex.is_match(text.as_bytes()), "{} of {:?}", pattern, text);
            }
        }
    }
}
