//! The versions that a text allows, as intervals of releases.

/// A release of a language: major, minor and patch.
pub(super) type Release = (u64, u64, u64);

const FIRST: Release = (0, 0, 0);
/// Stands for no end.
const LAST: Release = (u64::MAX, u64::MAX, u64::MAX);

/// A set of releases: intervals from one up to, but not including, another. They may overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::frontend) struct Range(Vec<(Release, Release)>);

impl Range {
    /// Every release.
    pub fn any() -> Self {
        Self::between(FIRST, LAST)
    }

    /// From one release up to, but not including, another.
    pub fn between(from: Release, to: Release) -> Self {
        Self((from < to).then_some((from, to)).into_iter().collect())
    }

    /// This release and all that follow.
    pub fn from(first: Release) -> Self {
        Self::between(first, LAST)
    }

    /// All releases before this one.
    pub fn before(end: Release) -> Self {
        Self::between(FIRST, end)
    }

    /// All releases but those of an interval.
    pub fn except(from: Release, to: Release) -> Self {
        Self::before(from).or(Self::from(to))
    }

    /// What both allow.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let both = |one: &(Release, Release), two: &(Release, Release)| (one.0.max(two.0), one.1.min(two.1));
        let pairs = self.0.iter().flat_map(|one| other.0.iter().map(move |two| both(one, two)));
        Self(pairs.filter(|(from, to)| from < to).collect())
    }

    /// What either allows.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether no release is allowed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A version as it is written: `3`, `3.12`, `3.12.4`, `3.x`, and what stands behind the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version<'t> {
    /// One to three numbers; none for `*` alone.
    numbers: Vec<u64>,
    /// Whether a `*` or `x` ends it.
    pub is_wild: bool,
    /// What follows: `rc1`, `-nightly`, `.post2`.
    pub suffix: &'t str,
}

impl<'t> Version<'t> {
    /// Reads a version; `None` where it begins with no number or holds what versions do not. Of more than three numbers the
    /// rest is left out: no runtime is told apart by it.
    pub fn parse(text: &'t str) -> Option<Self> {
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || ".*+-_".contains(c)) {
            return None;
        }
        let mut numbers = Vec::new();
        let mut rest = text.strip_prefix(['v', 'V']).unwrap_or(text);
        loop {
            if let Some(behind) = rest.strip_prefix(['*', 'x', 'X']) {
                return Some(Self { numbers, is_wild: true, suffix: behind.trim_start_matches(['.', '*', 'x', 'X']) });
            }
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (number, behind) = rest.split_at_checked(digits)?;
            let number = number.parse().ok()?;
            if numbers.len() < 3 {
                numbers.push(number);
            }
            let next = behind
                .strip_prefix('.')
                .filter(|next| next.starts_with(|c: char| c.is_ascii_digit() || "*xX".contains(c)));
            match next {
                Some(next) => rest = next,
                None => return Some(Self { numbers, is_wild: false, suffix: behind }),
            }
        }
    }

    /// The releases of a version that stands alone: numbers and nothing behind them.
    pub fn pinned(text: &str) -> Option<Range> {
        let version = Version::parse(text)?;
        (version.suffix.is_empty() && version.precision() > 0).then(|| version.releases())
    }

    /// How many numbers it has.
    pub fn precision(&self) -> usize {
        self.numbers.len()
    }

    /// Whether it comes before the release of its numbers: `3.13.0rc1`, `22.0.0-nightly`, and not `3.12.1.post1`.
    pub fn is_before(&self) -> bool {
        let suffix = self.suffix.trim_start_matches(['.', '-', '_']);
        !suffix.is_empty() && !suffix.starts_with('+') && !suffix.starts_with("post")
    }

    fn number(&self, index: usize) -> u64 {
        self.numbers.get(index).copied().unwrap_or_default()
    }

    /// Its first release: of `3.12`, 3.12.0.
    pub fn first(&self) -> Release {
        (self.number(0), self.number(1), self.number(2))
    }

    /// The release that follows its first.
    pub fn next(&self) -> Release {
        let (major, minor, patch) = self.first();
        (major, minor, patch.saturating_add(1))
    }

    /// The first release that no longer begins with its first `count` numbers: of `3.12` and 2, 3.13.0. With 0 there is none.
    pub fn behind(&self, count: usize) -> Release {
        let (major, minor, patch) = self.first();
        match count {
            0 => LAST,
            1 => (major.saturating_add(1), 0, 0),
            2 => (major, minor.saturating_add(1), 0),
            _ => (major, minor, patch.saturating_add(1)),
        }
    }

    /// The releases that begin with its numbers.
    pub fn releases(&self) -> Range {
        Range::between(self.first(), self.behind(self.precision()))
    }

    /// The releases that a comparison allows: `>=`, `>`, `<=`, `<`, with absent numbers for 0. `None` for another operator.
    pub fn compared(&self, operator: &str) -> Option<Range> {
        // All releases of its numbers are after a pre-release.
        let end = if self.is_before() { self.first() } else { self.next() };
        match operator {
            ">=" => Some(Range::from(self.first())),
            ">" => Some(Range::from(end)),
            "<=" => Some(Range::before(end)),
            "<" => Some(Range::before(self.first())),
            _ => None,
        }
    }
}

/// The operator that a text begins with, of a list that has longer ones first, and what it stands before.
pub(super) fn split_operator<'t>(text: &'t str, operators: &[&'static str]) -> (&'static str, &'t str) {
    let found = operators.iter().find_map(|operator| Some((*operator, text.strip_prefix(operator)?)));
    let (operator, rest) = found.unwrap_or(("", text));
    (operator, rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_and_what_follows() {
        let of = |text| Version::parse(text).map(|v: Version<'_>| (v.numbers, v.is_wild, v.suffix.to_owned()));
        assert_eq!(of("3.12.4"), Some((vec![3, 12, 4], false, String::new())));
        assert_eq!(of("v22"), Some((vec![22], false, String::new())));
        assert_eq!(of("3.13.0rc1"), Some((vec![3, 13, 0], false, "rc1".to_owned())));
        assert_eq!(of("1.2.3.4"), Some((vec![1, 2, 3], false, String::new())));
        assert_eq!(of("18.x.x"), Some((vec![18], true, String::new())));
        assert_eq!(of("*"), Some((vec![], true, String::new())));
        assert_eq!(of("3.12.post1"), Some((vec![3, 12], false, ".post1".to_owned())));
        for text in ["", "x3y", "pypy3.10", ".3", "99999999999999999999"] {
            assert!(of(text).is_none_or(|(_, _, suffix)| !suffix.is_empty()), "{text}");
        }
    }

    #[test]
    fn intervals_are_joined_and_cut() {
        let range = Range::from((3, 9, 0)).and(&Range::except((3, 11, 0), (3, 12, 0))).and(&Range::before((3, 13, 0)));
        let allows = |minor| !range.and(&Range::between((3, minor, 0), (3, minor + 1, 0))).is_empty();
        assert_eq!((8..14).map(allows).collect::<Vec<_>>(), [false, true, true, false, true, false]);
        assert!(Range::between((2, 0, 0), (2, 0, 0)).is_empty());
    }

    #[test]
    fn a_pre_release_is_before_its_release() {
        let compared = |text: &str, operator| Version::parse(text).unwrap().compared(operator).unwrap();
        assert_eq!(compared("3.14.0rc1", ">"), Range::from((3, 14, 0)));
        assert_eq!(compared("3.14.0rc1", "<="), Range::before((3, 14, 0)));
        assert_eq!(compared("3.14", ">"), Range::from((3, 14, 1)));
        assert_eq!(compared("3.14.0.post1", "<="), Range::before((3, 14, 1)));
    }
}
