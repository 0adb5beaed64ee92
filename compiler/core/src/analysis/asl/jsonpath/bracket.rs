//! What stands in brackets: names, indices, slices, wildcards, filters.

use super::{Cursor, Fault, MAX_DEPTH, Path, Step};

impl Cursor<'_> {
    pub(super) fn bracket(&mut self, path: &mut Path) -> Result<(), Fault> {
        let open = self.at;
        self.bump();
        self.blanks();
        let step = match self.peek() {
            Some('\'' | '"') => self.names(path, open)?,
            Some('*') => {
                self.bump();
                path.not_reference.get_or_insert((open, "`*`"));
                Step::Other
            }
            Some('?') => self.filter(path, open)?,
            Some('(') => self.end_offset(path, open)?,
            Some('-' | ':' | '0'..='9') => self.indices(path, open)?,
            Some(']') => return Err(self.fault("nothing stands in these brackets")),
            Some(_) => return Err(self.fault("a name in brackets is quoted").help("write `['name']`, or `.name`")),
            None => Step::Other,
        };
        self.blanks();
        if !self.eat("]") {
            return Err(match self.peek() {
                None => Fault::new(open, open + 1, "this bracket is not closed"),
                Some(other) => self.fault(format!("`]` is missing before `{other}`")),
            });
        }
        path.steps.push(step);
        Ok(())
    }

    fn names(&mut self, path: &mut Path, open: usize) -> Result<Step, Fault> {
        let first = self.quoted()?;
        self.blanks();
        let mut several = false;
        while self.eat(",") {
            several = true;
            self.blanks();
            self.quoted()?;
            self.blanks();
        }
        if several {
            path.not_reference.get_or_insert((open, "several names"));
            return Ok(Step::Other);
        }
        Ok(Step::Field(first))
    }

    pub(super) fn quoted(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let Some(quote @ ('\'' | '"')) = self.bump() else {
            return Err(Fault::new(start, start + 1, "a quoted name is missing here"));
        };
        let mut text = String::new();
        while let Some(next) = self.bump() {
            match next {
                '\\' => text.extend(self.bump()),
                next if next == quote => return Ok(text),
                next => text.push(next),
            }
        }
        Err(Fault::new(start, start + 1, "this quote is not closed"))
    }

    /// `1`, `-1`, `0,2`, `1:3`, `:2`, `-2:`.
    fn indices(&mut self, path: &mut Path, open: usize) -> Result<Step, Fault> {
        let first = self.index()?;
        let mut parts = 0;
        loop {
            self.blanks();
            let what = match self.peek() {
                Some(',') => "several indices",
                Some(':') => "a slice",
                _ => break,
            };
            parts += 1;
            if what == "a slice" && parts > 2 {
                return Err(self.fault("a slice has at most three parts"));
            }
            self.bump();
            path.not_reference.get_or_insert((open, what));
            self.blanks();
            let index = self.index()?;
            if what == "several indices" && index.is_none() {
                return Err(self.fault("an index is missing here"));
            }
        }
        match first {
            Some(index) if parts == 0 => {
                if index < 0 {
                    path.not_reference.get_or_insert((open, "an index from the end"));
                }
                Ok(Step::Index(index))
            }
            None if parts == 0 => Err(self.fault("an index is missing here")),
            _ => Ok(Step::Other),
        }
    }

    fn index(&mut self) -> Result<Option<i64>, Fault> {
        let start = self.at;
        self.eat("-");
        while self.peek().is_some_and(|next| next.is_ascii_digit()) {
            self.bump();
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| Fault::new(start, self.at, "this index is not a number"))
    }

    /// `[(@.length-1)]`: counted from the end.
    fn end_offset(&mut self, path: &mut Path, open: usize) -> Result<Step, Fault> {
        path.not_reference.get_or_insert((open, "an expression"));
        self.bump();
        self.blanks();
        if !self.eat("@.length()") && !self.eat("@.length") {
            return Err(self.fault("only `(@.length-N)` can stand in parentheses here"));
        }
        self.blanks();
        if !self.eat("-") {
            return Err(self.fault("`-` and a number are missing here"));
        }
        self.blanks();
        if self.index()?.is_none() {
            return Err(self.fault("a number is missing here"));
        }
        self.blanks();
        if !self.eat(")") {
            return Err(self.fault("`)` is missing here"));
        }
        Ok(Step::Other)
    }

    fn filter(&mut self, path: &mut Path, open: usize) -> Result<Step, Fault> {
        path.not_reference.get_or_insert((open, "a filter"));
        self.bump();
        self.blanks();
        if self.peek() != Some('(') {
            return Err(self.fault("a filter is written in parentheses").help("write `[?(@.price < 10)]`"));
        }
        if self.depth >= MAX_DEPTH {
            return Err(self.fault("filters are nested too deeply"));
        }
        self.depth += 1;
        self.predicate(path)?;
        self.depth -= 1;
        Ok(Step::Other)
    }
}
