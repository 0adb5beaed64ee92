//! The words of a command that needs no shell.

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// Text that stands for itself.
    Literal(String),
    /// A pattern of file names, with `*`, `?` or `[...]` outside of quotes.
    Pattern(String),
}

impl Word {
    /// The word as it was written, without quotes.
    pub fn text(&self) -> &str {
        match self {
            Self::Literal(text) | Self::Pattern(text) => text,
        }
    }
}

/// Splits a command into words. `None` where it holds more than words, quotes and patterns of file names: operators,
/// variables, substitutions, escapes, comments, several lines.
pub(super) fn split(command: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = command.trim();
    while !rest.is_empty() {
        let (word, after) = next_word(rest)?;
        words.push(word);
        rest = after.trim_start_matches([' ', '\t']);
    }
    Some(words)
}

/// The word that `text` begins with, and what follows it.
fn next_word(text: &str) -> Option<(Word, &str)> {
    let mut word = String::new();
    let (mut is_pattern, mut is_quoted) = (false, false);
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            ' ' | '\t' => return finish(word, is_pattern, is_quoted).zip(text.get(at..)),
            '\'' | '"' => {
                is_quoted = true;
                loop {
                    match chars.next()?.1 {
                        close if close == char => break,
                        '$' | '`' | '\\' if char == '"' => return None,
                        '\n' => return None,
                        inner => word.push(inner),
                    }
                }
            }
            '*' | '?' | '[' | ']' => {
                is_pattern = true;
                word.push(char);
            }
            '~' | '#' if word.is_empty() => return None,
            _ if char.is_alphanumeric() || "_-./+,:@%=~#!^".contains(char) => word.push(char),
            _ => return None,
        }
    }
    finish(word, is_pattern, is_quoted).map(|word| (word, ""))
}

fn finish(word: String, is_pattern: bool, is_quoted: bool) -> Option<Word> {
    match (is_pattern, is_quoted) {
        (false, _) => Some(Word::Literal(word)),
        (true, false) => Some(Word::Pattern(word)),
        // Which of the characters are quoted is for the shell to keep apart.
        (true, true) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_quotes_are_understood() {
        let literal = |text: &str| Word::Literal(text.to_owned());
        assert_eq!(
            split("  zip -r 'my lambda.zip'  \"a b\".py *.py\t[a-c]?.txt '*.x' ").unwrap(),
            [
                literal("zip"),
                literal("-r"),
                literal("my lambda.zip"),
                literal("a b.py"),
                Word::Pattern("*.py".to_owned()),
                Word::Pattern("[a-c]?.txt".to_owned()),
                literal("*.x"),
            ]
        );
        assert_eq!(split("").unwrap(), []);
    }

    #[test]
    fn what_only_a_shell_knows_is_left_to_it() {
        for command in [
            "zip a.zip b && ls",
            "a | b",
            "a; b",
            "a > b",
            "a < b",
            "$A",
            "\"$A\"",
            "`a`",
            "(a)",
            "{a,b}",
            "a\\ b",
            "~/a",
            "# a",
            "a\nb",
            "'a",
            "\"a\\\"b\"",
            "'a'*",
            "a &",
            "a 'b\nc'",
        ] {
            assert_eq!(split(command), None, "{command}");
        }
    }
}
