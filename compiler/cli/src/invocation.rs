//! Commands that a message tells the user to run.

/// An argument as it is typed: quoted where a shell would read it otherwise.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./@:=+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn only_what_needs_it_is_quoted() {
        assert_eq!(word("services/etl"), "services/etl");
        assert_eq!(word("my etl"), "'my etl'");
        assert_eq!(word("it's"), r"'it'\''s'");
        assert_eq!(word(""), "''");
    }
}
