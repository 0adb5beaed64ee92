//! The syntax of JSONPath as Step Functions reads it.
//!
//! A path starts at the state's input (`$`), the context object (`$$`) or a variable (`$name`). Specification, "Paths"
//! and "Reference Paths"; the syntax of a plain path is that of the Jayway implementation that the specification names.

mod bracket;
mod filter;

/// How deep filters may nest; more is refused rather than followed.
const MAX_DEPTH: usize = 32;

/// A path that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) root: Root,
    pub(super) steps: Vec<Step>,
    /// The first thing in it that a reference path may not have, and where it stands.
    pub(super) not_reference: Option<(usize, &'static str)>,
    /// Variables that its filters compare with, and where they stand.
    pub(super) variables: Vec<(usize, String)>,
}

/// What a path starts at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Root {
    /// `$`: the input, or in some fields the result.
    Input,
    /// `$$`: the context object.
    Context,
    /// `$name`.
    Variable(String),
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a field of an object.
    Field(String),
    /// Into an item of an array.
    Index(i64),
    /// Anything else: wildcards, slices, filters, functions.
    Other,
}

/// What is wrong with an expression, and where in its text. Shared by the three expression languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The first byte and one past the last that are wrong.
    pub(super) span: (usize, usize),
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Fault {
    pub(super) fn new(start: usize, end: usize, message: impl Into<String>) -> Self {
        Self { span: (start, end), message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Reads a whole text as a path.
pub(super) fn parse(text: &str) -> Result<Path, Fault> {
    let mut cursor = Cursor::new(text, 0);
    let path = cursor.path(false)?;
    match cursor.peek() {
        None => Ok(path),
        Some(' ') => Err(cursor.fault("a blank in a path").help("write a name with a blank as `['my name']`")),
        Some(other) => Err(cursor.fault(format!("`{other}` cannot stand here"))),
    }
}

/// Reads the path that starts at an offset, up to where it ends by itself. Returns the offset after it.
pub(super) fn parse_at(text: &str, at: usize) -> Result<(Path, usize), Fault> {
    let mut cursor = Cursor::new(text, at);
    let path = cursor.path(false)?;
    Ok((path, cursor.at))
}

struct Cursor<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        Self { text, at, depth: 0 }
    }

    fn rest(&self) -> &'t str {
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

    fn eat(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
    }

    /// A fault at the character that comes next.
    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.at, self.at + self.peek().map_or(0, char::len_utf8), message)
    }

    /// A path from its root on. In a filter, a name also ends before `&&` and `||`.
    fn path(&mut self, in_filter: bool) -> Result<Path, Fault> {
        let start = self.at;
        let root = if in_filter && self.eat("@") {
            Root::Input
        } else if self.eat("$$") {
            Root::Context
        } else if self.eat("$") {
            self.variable()?
        } else {
            let message = "a path starts with `$`";
            return Err(self.fault(message).help("`$` is the input, `$$` the context object, `$name` a variable"));
        };
        let mut path = Path { root, steps: Vec::new(), not_reference: None, variables: Vec::new() };
        if in_filter {
            path.not_reference = Some((start, "a filter"));
        }
        while self.step(&mut path, in_filter)? {}
        Ok(path)
    }

    fn variable(&mut self) -> Result<Root, Fault> {
        let start = self.at;
        while self.peek().is_some_and(|next| next.is_alphanumeric() || next == '_') {
            self.bump();
        }
        let name = self.text.get(start..self.at).unwrap_or_default();
        match name.chars().next() {
            None => Ok(Root::Input),
            Some(first) if first.is_alphabetic() || first == '_' => Ok(Root::Variable(name.to_owned())),
            Some(_) => Err(Fault::new(start, self.at, "a path goes on with `.` or `[`")),
        }
    }

    /// One `.name`, `..name` or `[…]`; false where the path ends.
    fn step(&mut self, path: &mut Path, in_filter: bool) -> Result<bool, Fault> {
        let start = self.at;
        match self.peek() {
            Some('[') => self.bracket(path).map(|()| true),
            Some('.') => {
                self.bump();
                if self.eat(".") {
                    path.not_reference.get_or_insert((start, "`..`"));
                    path.steps.push(Step::Other);
                    if self.peek() == Some('[') {
                        return Ok(true);
                    }
                }
                self.name(path, in_filter).map(|()| true)
            }
            _ => Ok(false),
        }
    }

    fn name(&mut self, path: &mut Path, in_filter: bool) -> Result<(), Fault> {
        let start = self.at;
        if self.eat("*") {
            path.not_reference.get_or_insert((start, "`*`"));
            path.steps.push(Step::Other);
            return Ok(());
        }
        let mut name = String::new();
        while let Some(next) = self.peek() {
            match next {
                '.' | '[' | ']' | '(' | ')' | ',' | '\'' | '"' | '<' | '>' | '=' | '!' => break,
                '&' | '|' if in_filter => break,
                next if next.is_whitespace() => break,
                '\\' => {
                    self.bump();
                    match self.bump() {
                        Some(escaped) => name.push(escaped),
                        None => return Err(self.fault("a backslash with nothing after it")),
                    }
                }
                next => {
                    if matches!(next, '@' | '?' | ':') {
                        path.not_reference.get_or_insert((self.at, "an operator (`@`, `?`, `:`)"));
                    }
                    name.push(next);
                    self.bump();
                }
            }
        }
        if name.is_empty() {
            let fault = match self.peek() {
                None => Fault::new(start.saturating_sub(1), start, "the path ends with a dot"),
                Some(_) => self.fault("the name of a field is missing after the dot"),
            };
            return Err(fault);
        }
        if self.peek() == Some('(') {
            path.not_reference.get_or_insert((start, "a function"));
            path.steps.push(Step::Other);
            return self.arguments();
        }
        path.steps.push(Step::Field(name));
        Ok(())
    }

    /// `(…)` after the name of a path function such as `length`.
    fn arguments(&mut self) -> Result<(), Fault> {
        let open = self.at;
        self.bump();
        let mut depth = 1;
        while let Some(next) = self.bump() {
            match next {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
        Err(Fault::new(open, open + 1, "this parenthesis is not closed"))
    }
}

#[cfg(test)]
mod tests;
