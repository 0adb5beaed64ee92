//! Splits an expression into tokens.

use super::super::jsonpath::Fault;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The name of a field, in backticks or not.
    Name,
    /// `$name`, with the name in [`Token::text`]; empty for `$`, and `$` for `$$`.
    Variable,
    String,
    Number,
    /// `true`, `false` and `null`.
    Value,
    Regex,
    /// A sign, or one of `and`, `or` and `in`.
    Operator,
    End,
}

/// A token with the bytes it takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token<'_> {
    pub(super) fn is(&self, operator: &str) -> bool {
        self.kind == Kind::Operator && self.text == operator
    }
}

/// Signs of two characters, which are looked for first.
const DOUBLE: [&str; 7] = ["..", ":=", "!=", ">=", "<=", "**", "~>"];
/// Signs of one character; each of them ends a name.
const SINGLE: &str = ".[]{}(),@#;:?+-*/%|=<>^&!~";

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn token(&mut self, kind: Kind, start: usize, length: usize) -> Token<'t> {
        self.at = start + length;
        Token { kind, text: self.text.get(start..self.at).unwrap_or_default(), start, end: self.at }
    }

    /// The next token. Where an operand is due (`operand`), `/` begins a regular expression, else it divides.
    pub(super) fn next(&mut self, operand: bool) -> Result<Token<'t>, Fault> {
        self.blanks()?;
        let start = self.at;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(self.token(Kind::End, start, 0)) };
        if operand && first == '/' {
            return self.regex();
        }
        if let Some(sign) = DOUBLE.iter().find(|sign| rest.starts_with(**sign)) {
            return Ok(self.token(Kind::Operator, start, sign.len()));
        }
        match first {
            sign if SINGLE.contains(sign) => Ok(self.token(Kind::Operator, start, 1)),
            '"' | '\'' => self.string(first),
            '0'..='9' => self.number(),
            '`' => self.quoted_name(),
            _ => Ok(self.name()),
        }
    }

    fn blanks(&mut self) -> Result<(), Fault> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(is_blank).len();
            let Some(comment) = self.rest().strip_prefix("/*") else { return Ok(()) };
            let Some(length) = comment.find("*/") else {
                return Err(Fault::new(self.at, self.at + 2, "this comment is not closed").help("close it with `*/`"));
            };
            self.at += length + 4;
        }
    }

    fn name(&mut self) -> Token<'t> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find(|next: char| is_blank(next) || SINGLE.contains(next)).unwrap_or(rest.len());
        let mut token = self.token(Kind::Name, start, length);
        match token.text {
            "and" | "or" | "in" => token.kind = Kind::Operator,
            "true" | "false" | "null" => token.kind = Kind::Value,
            text => {
                if let Some(variable) = text.strip_prefix('$') {
                    (token.kind, token.text) = (Kind::Variable, variable);
                }
            }
        }
        token
    }

    fn quoted_name(&mut self) -> Result<Token<'t>, Fault> {
        let start = self.at;
        let inner = self.rest().get(1..).unwrap_or_default();
        let Some(length) = inner.find('`') else {
            return Err(Fault::new(start, start + 1, "this backtick is not closed"));
        };
        let token = self.token(Kind::Name, start, length + 2);
        Ok(Token { text: inner.get(..length).unwrap_or_default(), ..token })
    }

    fn number(&mut self) -> Result<Token<'t>, Fault> {
        let start = self.at;
        let rest = self.rest().as_bytes();
        let digits = |from: usize| rest.iter().skip(from).take_while(|next| next.is_ascii_digit()).count();
        let mut length = if rest.first() == Some(&b'0') { 1 } else { digits(0) };
        if rest.get(length) == Some(&b'.') {
            let fraction = digits(length + 1);
            length += if fraction > 0 { fraction + 1 } else { 0 };
        }
        if matches!(rest.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(rest.get(length + 1), Some(b'+' | b'-')));
            let exponent = digits(length + 1 + sign);
            length += if exponent > 0 { exponent + sign + 1 } else { 0 };
        }
        let token = self.token(Kind::Number, start, length);
        match token.text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(token),
            _ => Err(Fault::new(start, token.end, format!("`{}` is too large a number", token.text))),
        }
    }

    fn string(&mut self, quote: char) -> Result<Token<'t>, Fault> {
        let start = self.at;
        let mut signs = self.rest().char_indices().skip(1);
        while let Some((at, sign)) = signs.next() {
            if sign == quote {
                return Ok(self.token(Kind::String, start, at + 1));
            }
            if sign != '\\' {
                continue;
            }
            let escape = signs.next().map(|(_, sign)| sign);
            let known = match escape {
                Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => true,
                Some('u') => (0..4).all(|_| signs.next().is_some_and(|(_, digit)| digit.is_ascii_hexdigit())),
                _ => false,
            };
            if !known {
                let end = start + at + 1 + escape.map_or(0, char::len_utf8);
                let fault = Fault::new(start + at, end, "an escape that JSONata does not have");
                return Err(fault.help("escapes are those of JSON; a `'` stands in a string of `\"…\"`"));
            }
        }
        Err(Fault::new(start, start + 1, "this string is not closed"))
    }

    /// The end of a regular expression is a `/` outside of brackets and not after a backslash.
    fn regex(&mut self) -> Result<Token<'t>, Fault> {
        let start = self.at;
        let mut depth = 0i64;
        let mut backslashes = 0usize;
        for (at, sign) in self.rest().char_indices().skip(1) {
            match sign {
                '/' if depth == 0 && backslashes.is_multiple_of(2) => {
                    if at == 1 {
                        return Err(Fault::new(start, start + 2, "an empty regular expression"));
                    }
                    let after = self.rest().get(at + 1..).unwrap_or_default();
                    let flags = after.len() - after.trim_start_matches(['i', 'm']).len();
                    return Ok(self.token(Kind::Regex, start, at + 1 + flags));
                }
                '(' | '[' | '{' if backslashes == 0 => depth += 1,
                ')' | ']' | '}' if backslashes == 0 => depth -= 1,
                _ => {}
            }
            backslashes = if sign == '\\' { backslashes + 1 } else { 0 };
        }
        let fault = Fault::new(start, start + 1, "this regular expression is not closed");
        Err(fault.help("`/` begins a regular expression here; to divide, put a value before it"))
    }
}

fn is_blank(sign: char) -> bool {
    matches!(sign, ' ' | '\t' | '\n' | '\r' | '\u{b}')
}
