//! Intrinsic functions: `States.Format('{} of {}', $.n, $.total)`.
//!
//! Specification, "Intrinsic Functions" and "Appendix B"; the developer guide allows ten of them inside of each other.

mod functions;

use super::jsonpath::{self, Fault, Path};
use crate::suggest;
use functions::{FUNCTIONS, Function};

/// How many functions may stand in each other.
const MAX_NESTED: usize = 10;

/// A call that was read: the functions and paths in it, with the places where they stand.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) functions: Vec<(usize, &'static str)>,
    pub(super) paths: Vec<(usize, Path)>,
}

/// An argument, as far as it is known before the flow runs.
#[derive(Debug, PartialEq)]
enum Argument {
    Text(String),
    Number(f64),
    Flag(bool),
    Null,
    Path,
    Call(&'static Function),
}

/// An argument with the bytes it takes.
type Placed = ((usize, usize), Argument);

/// Reads a whole text as a call.
pub(super) fn parse(text: &str) -> Result<Call, Fault> {
    let mut reader = Reader { text, at: 0, call: Call::default() };
    reader.function(0)?;
    reader.blanks();
    match reader.peek() {
        None => Ok(reader.call),
        Some(other) => Err(reader.fault(format!("`{other}` cannot stand after the function"))),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    call: Call,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
    }

    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.at, self.at + self.peek().map_or(0, char::len_utf8), message)
    }

    fn function(&mut self, depth: usize) -> Result<&'static Function, Fault> {
        self.blanks();
        let start = self.at;
        while self.peek().is_some_and(|next| next.is_ascii_alphanumeric() || matches!(next, '.' | '_')) {
            self.bump();
        }
        let name = self.text.get(start..self.at).unwrap_or_default();
        let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) else {
            return Err(unknown(self.text, name, start, self.peek() == Some('(')));
        };
        if depth >= MAX_NESTED {
            return Err(Fault::new(start, self.at, format!("more than {MAX_NESTED} functions stand in each other")));
        }
        let end = self.at;
        self.call.functions.push((start, function.name));
        if self.peek() != Some('(') {
            return Err(Fault::new(start, end, format!("`{name}` is not called")).help(format!("write `{name}(…)`")));
        }
        let arguments = self.arguments(depth)?;
        function.check(&arguments, (start, end))?;
        Ok(function)
    }

    /// `(…)`, from its open parenthesis, with where each argument stands.
    fn arguments(&mut self, depth: usize) -> Result<Vec<Placed>, Fault> {
        let open = self.at;
        self.bump();
        self.blanks();
        let mut arguments = Vec::new();
        if self.peek() == Some(')') {
            self.bump();
            return Ok(arguments);
        }
        loop {
            self.blanks();
            let start = self.at;
            let argument = self.argument(depth)?;
            arguments.push(((start, self.at), argument));
            self.blanks();
            match self.peek() {
                Some(',') => self.bump(),
                Some(')') => {
                    self.bump();
                    return Ok(arguments);
                }
                Some(other) => return Err(self.fault(format!("`,` or `)` is missing before `{other}`"))),
                None => return Err(Fault::new(open, open + 1, "this parenthesis is not closed")),
            };
        }
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, Fault> {
        let start = self.at;
        match self.peek() {
            Some('$') => {
                let (path, end) = jsonpath::parse_at(self.text, start)?;
                self.call.paths.push((start, path));
                self.at = end;
                Ok(Argument::Path)
            }
            Some('\'') => self.quoted().map(Argument::Text),
            Some('"') => Err(self.fault("text is written in single quotes").help("write `'…'`")),
            Some('-' | '0'..='9') => self.number(),
            Some(next) if next.is_ascii_alphabetic() => match self.word() {
                "true" => Ok(Argument::Flag(true)),
                "false" => Ok(Argument::Flag(false)),
                "null" => Ok(Argument::Null),
                _ => {
                    self.at = start;
                    self.function(depth + 1).map(Argument::Call)
                }
            },
            Some(',' | ')') | None => Err(self.fault("an argument is missing here")),
            Some(other) => Err(self
                .fault(format!("`{other}` cannot stand here"))
                .help("an argument is a path, `'text'`, a number, `true`, `false`, `null` or another function")),
        }
    }

    fn word(&mut self) -> &str {
        let start = self.at;
        while self.peek().is_some_and(|next| next.is_ascii_alphanumeric() || matches!(next, '.' | '_')) {
            self.bump();
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn number(&mut self) -> Result<Argument, Fault> {
        let start = self.at;
        while self.peek().is_some_and(|next| next.is_ascii_alphanumeric() || matches!(next, '-' | '+' | '.')) {
            self.bump();
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.map(Argument::Number).ok_or_else(|| Fault::new(start, self.at, format!("`{text}` is not a number")))
    }

    /// The text between quotes as it is written, so that escaped braces can be told from placeholders.
    fn quoted(&mut self) -> Result<String, Fault> {
        let open = self.at;
        self.bump();
        let start = self.at;
        while let Some(next) = self.bump() {
            match next {
                '\'' => return Ok(self.text.get(start..self.at - 1).unwrap_or_default().to_owned()),
                '\\' if !matches!(self.bump(), Some('\'' | '{' | '}' | '\\')) => {
                    let fault = Fault::new(self.at.saturating_sub(2), self.at, "this backslash escapes nothing");
                    return Err(fault.help("only `\\'`, `\\{`, `\\}` and `\\\\` are escapes"));
                }
                _ => {}
            }
        }
        Err(Fault::new(open, open + 1, "this quote is not closed"))
    }
}

fn unknown(text: &str, name: &str, start: usize, called: bool) -> Fault {
    let end = start + name.len();
    if !called && !name.starts_with("States.") {
        let fault = Fault::new(start, text.len(), "neither a path nor a function");
        return fault.help("a path starts with `$`, a function with `States.`");
    }
    let fault = Fault::new(start, end.max(start + 1), format!("there is no function `{name}`"));
    match suggest::nearest(name, FUNCTIONS.iter().map(|function| function.name)) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault,
    }
}

#[cfg(test)]
mod tests;
