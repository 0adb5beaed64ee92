//! Ruby without its comments and without what stands in literals.

/// The text with each literal replaced by `0`. Line breaks in literals are gone, so that no line of one is taken for code.
pub(super) fn code_only(text: &str) -> String {
    let mut reader = Reader { rest: text, code: String::with_capacity(text.len()), documents: Vec::new() };
    while let Some(c) = reader.rest.chars().next() {
        let at_line_start = reader.code.is_empty() || reader.code.ends_with('\n');
        if at_line_start && reader.rest.starts_with("__END__") {
            break;
        }
        if at_line_start && reader.rest.starts_with("=begin") {
            reader.skip_to("\n=end");
        } else {
            reader.step(c);
        }
    }
    reader.code
}

struct Reader<'a> {
    rest: &'a str,
    code: String,
    /// The end marks of here-documents that begin with the next line.
    documents: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn skip_to(&mut self, mark: &str) {
        self.skip(self.rest.find(mark).map_or(self.rest.len(), |at| at + mark.len()));
    }

    fn step(&mut self, c: char) {
        match c {
            '#' => {
                self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
            }
            '\n' => {
                self.skip(1);
                self.skip_documents();
                self.code.push('\n');
            }
            '"' | '\'' | '`' => self.literal(1, c, c),
            '/' if self.expects_value() => self.literal(1, '/', '/'),
            '%' if self.expects_value() => self.percent(),
            // A character such as `?"`, a global such as `$'`.
            '?' | '$' if c == '$' || self.expects_value() => {
                let next = self.rest.chars().nth(1).filter(|next| next.is_ascii_punctuation());
                self.skip(1 + next.map_or(0, char::len_utf8));
                self.code.push('0');
            }
            '<' if self.rest.starts_with("<<") => self.document(),
            _ => {
                self.skip(c.len_utf8());
                self.code.push(c);
            }
        }
    }

    /// Skips a literal that begins with `opening` bytes and ends with `close`; `open` nests where it is another character,
    /// and `#{ }` does in all.
    fn literal(&mut self, opening: usize, open: char, close: char) {
        self.skip(opening);
        self.code.push('0');
        let (mut depth, mut braces) = (0_usize, 0_usize);
        let (mut escaped, mut hash) = (false, false);
        for (at, c) in self.rest.char_indices() {
            let is_interpolated = braces > 0;
            match c {
                _ if escaped => {}
                '{' if hash || is_interpolated => braces += 1,
                '}' if is_interpolated => braces -= 1,
                _ if is_interpolated => {}
                _ if c == close && depth == 0 => {
                    self.skip(at + c.len_utf8());
                    return;
                }
                _ if c == close => depth -= 1,
                _ if c == open => depth += 1,
                _ => {}
            }
            escaped = c == '\\' && !escaped;
            hash = c == '#';
        }
        self.skip(self.rest.len());
    }

    /// `%w[...]`, `%q(...)`, `%{...}` and their like.
    fn percent(&mut self) {
        let mut chars = self.rest.chars().skip(1);
        let next = chars.next();
        let (length, open) = match next {
            Some(c) if "wWiIqQrsx".contains(c) => (3, chars.next()),
            other => (2, other),
        };
        let close = match open {
            Some('(') => ')',
            Some('[') => ']',
            Some('{') => '}',
            Some('<') => '>',
            Some(c @ ('|' | '!' | '/')) => c,
            _ => {
                self.skip(1);
                return;
            }
        };
        self.literal(length, open.unwrap_or(close), close);
    }

    /// `<<~MARK`, `<<-MARK`, `<<MARK`, the mark perhaps in quotes; any other `<<` is an operator.
    fn document(&mut self) {
        let rest = self.rest;
        let behind = rest.get(2..).unwrap_or_default();
        let bare = behind.strip_prefix(['~', '-']).unwrap_or(behind);
        let quote = bare.chars().next().filter(|c| "'\"`".contains(*c));
        let mark = match quote {
            Some(quote) => bare.get(1..).and_then(|rest| rest.split(quote).next()).unwrap_or_default(),
            None => bare.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default(),
        };
        let is_mark = mark.starts_with(|c: char| c.is_ascii_uppercase() || c == '_') && !mark.contains('\n');
        if is_mark {
            let length = rest.len() - bare.len() + mark.len() + if quote.is_some() { 2 } else { 0 };
            self.skip(length);
            self.code.push('0');
            self.documents.push(mark);
        } else {
            self.skip(2);
            self.code.push_str("<<");
        }
    }

    fn skip_documents(&mut self) {
        for mark in std::mem::take(&mut self.documents) {
            while !self.rest.is_empty() {
                let line = self.skip(self.rest.find('\n').map_or(self.rest.len(), |at| at + 1));
                if line.trim() == mark {
                    break;
                }
            }
        }
    }

    /// Whether a value may stand here, so that `/` or `%` begins a literal and is no operator.
    fn expects_value(&self) -> bool {
        let before = self.code.trim_end_matches([' ', '\t']);
        let word = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        let is_keyword = matches!(word, "if" | "unless" | "when" | "and" | "or" | "not" | "return" | "while" | "until");
        is_keyword || before.is_empty() || before.ends_with(|c: char| "\n(,=~!|&{;[?:<>+-*".contains(c))
    }
}
