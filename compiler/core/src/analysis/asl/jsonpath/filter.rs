//! What stands in a filter: comparisons joined by `&&`, `||` and `!`.

use super::{Cursor, Fault, MAX_DEPTH, Path, Root};

/// Comparisons written with signs, longer ones first.
const SIGNS: [&str; 9] = ["===", "!==", "==", "!=", "<=", ">=", "=~", "<", ">"];
/// Comparisons written as words.
const WORDS: [&str; 10] = ["in", "nin", "subsetof", "anyof", "noneof", "contains", "all", "size", "type", "empty"];

impl Cursor<'_> {
    /// `(…)`, from its open parenthesis.
    pub(super) fn predicate(&mut self, path: &mut Path) -> Result<(), Fault> {
        let open = self.at;
        if self.depth >= MAX_DEPTH {
            return Err(self.fault("filters are nested too deeply"));
        }
        self.depth += 1;
        self.bump();
        loop {
            self.condition(path)?;
            self.blanks();
            if !self.eat("&&") && !self.eat("||") {
                break;
            }
        }
        self.depth -= 1;
        if self.eat(")") {
            return Ok(());
        }
        Err(match self.peek() {
            None => Fault::new(open, open + 1, "this parenthesis is not closed"),
            Some('=') => self.fault("`=` does not compare").help("write `==`"),
            Some(other) => self.fault(format!("`{other}` cannot stand here")),
        })
    }

    fn condition(&mut self, path: &mut Path) -> Result<(), Fault> {
        self.blanks();
        while self.eat("!") {
            self.blanks();
        }
        if self.peek() == Some('(') {
            return self.predicate(path);
        }
        self.operand(path)?;
        self.blanks();
        if !self.comparison() {
            return Ok(());
        }
        self.blanks();
        self.operand(path)
    }

    fn comparison(&mut self) -> bool {
        if SIGNS.iter().any(|sign| self.eat(sign)) {
            return true;
        }
        let word: String = self.rest().chars().take_while(char::is_ascii_alphabetic).collect();
        let known = WORDS.iter().any(|known| known.eq_ignore_ascii_case(&word));
        if known {
            self.at += word.len();
        }
        known
    }

    fn operand(&mut self, path: &mut Path) -> Result<(), Fault> {
        match self.peek() {
            Some('@' | '$') => {
                let at = self.at;
                let inner = self.path(true)?;
                path.variables.extend(inner.variables);
                if let Root::Variable(name) = inner.root {
                    path.variables.push((at, name));
                }
                Ok(())
            }
            Some('\'' | '"') => self.quoted().map(|_| ()),
            Some('/') => self.regex(),
            Some('[') => self.list(path),
            Some(next) if next.is_alphanumeric() || matches!(next, '-' | '_') => {
                while self.peek().is_some_and(|next| next.is_alphanumeric() || matches!(next, '-' | '_' | '.' | '+')) {
                    self.bump();
                }
                Ok(())
            }
            Some(')') => Err(self.fault("a value is missing here")),
            Some(other) => Err(self.fault(format!("`{other}` cannot stand here"))),
            None => Err(self.fault("the filter ends here")),
        }
    }

    fn regex(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.bump();
        while let Some(next) = self.bump() {
            match next {
                '\\' => {
                    self.bump();
                }
                '/' => {
                    while self.peek().is_some_and(|next| next.is_ascii_lowercase()) {
                        self.bump();
                    }
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(Fault::new(start, start + 1, "this regular expression is not closed"))
    }

    fn list(&mut self, path: &mut Path) -> Result<(), Fault> {
        let open = self.at;
        if self.depth >= MAX_DEPTH {
            return Err(self.fault("filters are nested too deeply"));
        }
        self.depth += 1;
        self.bump();
        self.blanks();
        while !self.eat("]") {
            self.operand(path)?;
            self.blanks();
            if !self.eat(",") && self.peek() != Some(']') {
                return Err(Fault::new(open, open + 1, "this list is not closed"));
            }
            self.blanks();
        }
        self.depth -= 1;
        Ok(())
    }
}
