//! JavaScript and TypeScript as tokens: words, string literals and single signs; comments, numbers' parts and regular
//! expressions are left out or run together. Good enough to see what is exported, no more.

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name, a keyword or a number.
    Word(&'a str),
    /// What stands in a string literal, escapes as written. A template gives one empty text for each of its parts.
    Text(&'a str),
    /// Any other character.
    Sign(char),
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { rest: text, tokens: Vec::new(), templates: Vec::new() };
    while let Some(c) = lexer.rest.chars().next() {
        lexer.token(c);
    }
    lexer.tokens
}

struct Lexer<'a> {
    rest: &'a str,
    tokens: Vec<Token<'a>>,
    /// For each template whose `${ }` the text is in: how many braces are open in it.
    templates: Vec<usize>,
}

impl<'a> Lexer<'a> {
    /// Goes on by a number of bytes.
    fn skip(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn token(&mut self, c: char) {
        if is_word(c) {
            let length = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
            let word = self.skip(length);
            self.tokens.push(Token::Word(word));
            return;
        }
        match c {
            _ if c.is_whitespace() => {
                self.skip(c.len_utf8());
            }
            '\'' | '"' => self.string(c),
            '`' => self.template(1),
            '/' if self.rest.starts_with("//") => {
                self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
            }
            '/' if self.rest.starts_with("/*") => {
                let length = self.rest.get(2..).and_then(|rest| rest.find("*/")).map(|end| end + 4);
                self.skip(length.unwrap_or(self.rest.len()));
            }
            '/' if self.expects_value() => self.regular_expression(),
            '}' if self.templates.last() == Some(&0) => {
                self.templates.pop();
                self.template(1);
            }
            _ => {
                if let Some(open) = self.templates.last_mut() {
                    match c {
                        '{' => *open += 1,
                        '}' => *open -= 1,
                        _ => {}
                    }
                }
                self.skip(c.len_utf8());
                self.tokens.push(Token::Sign(c));
            }
        }
    }

    /// A literal in quotes; it ends at the latest with its line.
    fn string(&mut self, quote: char) {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let ends = !escaped && (*c == quote || *c == '\n');
            escaped = !escaped && *c == '\\';
            ends
        });
        let (end, closed) = end.map_or((self.rest.len(), false), |(at, c)| (at, c == quote));
        let literal = self.skip(end + usize::from(closed));
        let inner = literal.get(1..end).unwrap_or_default();
        self.tokens.push(Token::Text(inner));
    }

    /// A template's text up to its end or its next `${`, from behind `opening` bytes.
    fn template(&mut self, opening: usize) {
        self.skip(opening);
        self.tokens.push(Token::Text(""));
        let mut escaped = false;
        let mut dollar = false;
        for (at, c) in self.rest.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '`' => {
                    self.skip(at + 1);
                    return;
                }
                '{' if dollar => {
                    self.skip(at + 1);
                    self.templates.push(0);
                    return;
                }
                _ => {}
            }
            dollar = c == '$' && !escaped;
        }
        self.skip(self.rest.len());
    }

    /// Whether a value may stand here, so that a `/` begins a regular expression and is no division.
    fn expects_value(&self) -> bool {
        match self.tokens.last() {
            None => true,
            Some(Token::Sign(sign)) => !matches!(sign, ')' | ']' | '}'),
            Some(Token::Word(word)) => matches!(
                *word,
                "await"
                    | "case"
                    | "delete"
                    | "do"
                    | "else"
                    | "in"
                    | "instanceof"
                    | "new"
                    | "of"
                    | "return"
                    | "throw"
                    | "typeof"
                    | "void"
                    | "yield"
            ),
            Some(Token::Text(_)) => false,
        }
    }

    /// A regular expression; it ends at the latest with its line.
    fn regular_expression(&mut self) {
        let (mut escaped, mut in_class) = (false, false);
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '\n' || (*c == '/' && !escaped && !in_class);
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => in_class = true,
                ']' => in_class = false,
                _ => {}
            }
            ends
        });
        self.skip(end.map_or(self.rest.len(), |(at, _)| at + 1));
        self.tokens.push(Token::Text(""));
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}
