//! "Did you mean": the nearest of the names that would have been right.

/// The candidate nearest to `given`, if it is near enough to be a slip: at most one edit for every three characters
/// (transpositions count as one), letter case aside. Among equals the first in order wins.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = given.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let longer = given.chars().count().max(candidate.chars().count());
        let limit = (longer / 3).max(1);
        let distance = strsim::damerau_levenshtein(&folded, &candidate.to_lowercase());
        if distance <= limit && distance < longer && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// A help text for an unknown name: the nearest candidate, else the list of them when it is short enough to read.
pub fn help<'a>(given: &str, what: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(near) = nearest(given, candidates.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let all: Vec<_> = candidates.into_iter().map(|name| format!("`{name}`")).collect();
    match all.len() {
        0 => None,
        1..=12 => Some(format!("{what}: {}", all.join(", "))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let names = ["enhancer", "transformer", "loader"];
        assert_eq!(nearest("enhancr", names), Some("enhancer"));
        assert_eq!(nearest("laoder", names), Some("loader"));
        assert_eq!(nearest("LOADER", names), Some("loader"));
        assert_eq!(nearest("billing", names), None);
        assert_eq!(nearest("a", ["b"]), None);
        assert_eq!(help("x", "functions", names).unwrap(), "functions: `enhancer`, `transformer`, `loader`");
    }
}
