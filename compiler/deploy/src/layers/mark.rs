//! Which versions of several layers belong together.

use sha2::{Digest, Sha256};
use std::fmt;
use tc_core::digest::hexadecimal;

/// How many hexadecimal digits of a set's digest are kept: enough that two sets of one layer never share them.
const DIGITS: usize = 16;

/// The place of a layer's version in the set of zips that one layer was split into. It ends the version's description:
/// `[set 0123456789abcdef 1/2]`. A layer that was not split is a set of one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SetMark {
    /// The beginning of the set's digest, 16 hexadecimal digits.
    pub digest: String,
    /// Which zip it is, from 1.
    pub part: usize,
    /// How many there are.
    pub parts: usize,
}

impl SetMark {
    /// The marks of a set, whose digest is made from those of its zips in their order.
    pub(super) fn of_set<'a>(sha256: impl ExactSizeIterator<Item = &'a str>) -> Vec<Self> {
        let parts = sha256.len();
        let mut whole = Sha256::new();
        for zip in sha256 {
            whole.update(zip.as_bytes());
            whole.update(b"\n");
        }
        let digest = hexadecimal(whole.finalize());
        let digest: String = digest.chars().take(DIGITS).collect();
        (1..=parts).map(|part| Self { digest: digest.clone(), part, parts }).collect()
    }

    /// The mark that a description ends with; `None` where tc has not written it.
    pub fn parse(description: &str) -> Option<Self> {
        let (_, mark) = description.rsplit_once("[set ")?;
        let (digest, place) = mark.strip_suffix(']')?.split_once(' ')?;
        let (part, parts) = place.split_once('/')?;
        let (part, parts) = (part.parse().ok()?, parts.parse().ok()?);
        let is_digest = digest.len() == DIGITS && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_digest && 1 <= part && part <= parts).then(|| Self { digest: digest.to_owned(), part, parts })
    }

    /// A description of at most `limit` bytes that ends with this mark.
    pub(super) fn describe(&self, text: &str, limit: usize) -> String {
        let mark = self.to_string();
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut end = text.len().min(limit.saturating_sub(mark.len() + 1));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        match text.get(..end).unwrap_or_default().trim() {
            "" => mark,
            text => format!("{text} {mark}"),
        }
    }
}

impl fmt::Display for SetMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[set {} {}/{}]", self.digest, self.part, self.parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back() {
        let marks = SetMark::of_set(["aa", "bb"].into_iter());
        assert_eq!(marks.iter().map(|mark| mark.part).collect::<Vec<_>>(), [1, 2]);
        for mark in &marks {
            assert_eq!(SetMark::parse(&mark.describe("for [set x] etl", 256)).as_ref(), Some(mark));
            assert_eq!(SetMark::parse(&mark.describe("", 256)).as_ref(), Some(mark));
        }
        assert_ne!(SetMark::of_set(["bb", "aa"].into_iter())[0].digest, marks[0].digest);
        assert_ne!(SetMark::of_set(["aab", "b"].into_iter())[0].digest, marks[0].digest);
    }

    #[test]
    fn what_others_wrote_is_no_mark() {
        for text in ["", "etl", "[set 0123456789abcdef 3/2]", "[set 0123456789abcdef 0/2]", "[set 0 1/1]", "[set 1/1]"]
        {
            assert_eq!(SetMark::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_long_description_is_cut_before_the_mark() {
        let mark = &SetMark::of_set(["aa"].into_iter())[0];
        let text = mark.describe(&"é".repeat(300), 256);
        assert!(text.len() <= 256 && text.starts_with("éé"), "{text}");
        assert_eq!(SetMark::parse(&text).as_ref(), Some(mark));
    }
}
