//! The names that a Python file binds at its top, as far as its text tells.

use super::Symbols;

/// What makes a file bind names that cannot be told from it.
const DYNAMIC: [&str; 6] = ["__getattr__", "exec", "globals", "locals", "setattr", "vars"];

/// Keywords that begin a block whose body belongs to the same scope.
const BLOCKS: [&str; 11] = ["if", "elif", "else", "try", "except", "finally", "with", "for", "while", "match", "case"];

pub(super) fn symbols(text: &str) -> Symbols {
    let mut symbols = Symbols::default();
    // The indent of a definition whose body is being skipped.
    let mut inside: Option<usize> = None;
    let mut logical = Logical::default();
    for line in code_only(text.trim_start_matches('\u{feff}')).lines() {
        if !logical.is_open() {
            inside = logical.take(&mut symbols).or(inside);
            let indent = indent(line);
            if !line.trim().is_empty() && inside.is_some_and(|level| indent <= level) {
                inside = None;
            }
            logical.begin(indent, inside.is_some());
        }
        logical.add(line);
    }
    logical.take(&mut symbols);
    symbols
}

/// A statement: physical lines, joined where a bracket is open or a line ends in a backslash.
#[derive(Default)]
struct Logical {
    indent: usize,
    /// Whether it belongs to a definition, so that its text does not matter.
    is_inner: bool,
    text: String,
    /// How many brackets are open.
    depth: usize,
    continues: bool,
}

impl Logical {
    fn is_open(&self) -> bool {
        self.depth > 0 || self.continues
    }

    fn begin(&mut self, indent: usize, is_inner: bool) {
        (self.indent, self.is_inner) = (indent, is_inner);
    }

    fn add(&mut self, line: &str) {
        let line = line.trim_end();
        let (line, continues) = line.strip_suffix('\\').map_or((line, false), |line| (line, true));
        self.continues = continues;
        for byte in line.bytes() {
            match byte {
                b'(' | b'[' | b'{' => self.depth += 1,
                b')' | b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        if !self.is_inner {
            self.text.push_str(line.trim_start());
            self.text.push(' ');
        }
    }

    /// Reads the statement, which is complete. Its indent, if it begins a definition.
    fn take(&mut self, symbols: &mut Symbols) -> Option<usize> {
        let begins_definition = !self.text.is_empty() && statement(self.text.trim(), symbols);
        self.text.clear();
        begins_definition.then_some(self.indent)
    }
}

/// How far right a line begins.
fn indent(line: &str) -> usize {
    line.bytes().take_while(u8::is_ascii_whitespace).map(|byte| if byte == b'\t' { 8 } else { 1 }).sum()
}

/// Reads a statement; tells whether it begins a definition, whose body is another scope.
fn statement(line: &str, symbols: &mut Symbols) -> bool {
    let mut line = line;
    loop {
        line = line.strip_prefix("async ").unwrap_or(line).trim_start();
        let keyword = first_word(line);
        if keyword == "def" || keyword == "class" {
            let name = first_word(line.get(keyword.len()..).unwrap_or_default().trim_start());
            symbols.is_open |= name == "__getattr__";
            symbols.names.insert(name.to_owned());
            return true;
        }
        let colon = if BLOCKS.contains(&keyword) { at_top(line, ':').next() } else { None };
        let Some((header, body)) = colon.and_then(|colon| line.split_at_checked(colon)) else { break };
        bind_header(keyword, header, symbols);
        // What stands behind the colon is a statement again.
        line = body.trim_start_matches(':').trim();
    }
    let mut from = 0;
    for semicolon in at_top(line, ';').chain([line.len()]) {
        simple(line.get(from..semicolon).unwrap_or_default().trim(), symbols);
        from = semicolon + 1;
    }
    false
}

/// The names that `for NAME in`, `with X as NAME` and `except E as NAME` bind.
fn bind_header(keyword: &str, header: &str, symbols: &mut Symbols) {
    if keyword == "for" {
        let target =
            header.strip_prefix("for").and_then(|rest| rest.split_once(" in ")).map_or("", |(target, _)| target);
        bind(target, symbols);
    } else {
        header.split(" as ").skip(1).for_each(|rest| {
            symbols.names.insert(first_word(rest.trim_start_matches([' ', '('])).to_owned());
        });
    }
}

fn simple(line: &str, symbols: &mut Symbols) {
    let words = line.split(|c: char| !is_word(c));
    symbols.is_open |= words.into_iter().any(|word| DYNAMIC.contains(&word));
    if let Some(rest) = line.strip_prefix("from ") {
        let names = rest.split_once(" import").map_or("", |(_, names)| names);
        symbols.is_open |= names.trim() == "*";
        imports(names.trim_matches([' ', '(', ')']), symbols);
    } else if let Some(rest) = line.strip_prefix("import ") {
        imports(rest, symbols);
    } else {
        assignment(line, symbols);
    }
}

/// `a, b as c` binds `a` and `c`; `a.b` binds `a`.
fn imports(names: &str, symbols: &mut Symbols) {
    for name in names.split(',') {
        let bound = name.rsplit(" as ").next().unwrap_or(name).trim();
        // Behind a trailing comma there is none.
        if !bound.is_empty() {
            symbols.names.insert(first_word(bound).to_owned());
        }
    }
}

/// `a = b, c = ...` binds `a`, `b` and `c`; so does `a: int = ...`.
fn assignment(line: &str, symbols: &mut Symbols) {
    let is_single = |at: usize| {
        let after = line.get(at + 1..).unwrap_or_default();
        let before = line.get(..at).unwrap_or_default();
        !after.starts_with('=')
            && !before.ends_with(['=', '!', '<', '>', ':', '+', '-', '*', '/', '%', '&', '|', '^', '@'])
    };
    let mut from = 0;
    for sign in at_top(line, '=').filter(|at| is_single(*at)) {
        bind(line.get(from..sign).unwrap_or_default(), symbols);
        from = sign + 1;
    }
}

/// The names of a target: `(a, *b)`, `a: int`.
fn bind(target: &str, symbols: &mut Symbols) {
    let target = target.split(':').next().unwrap_or_default();
    for name in target.split(',') {
        let name = name.trim_matches([' ', '(', ')', '[', ']', '*']);
        // An attribute or an item is no name of the module.
        if !name.is_empty() && name.chars().all(is_word) {
            symbols.names.insert(name.to_owned());
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn first_word(text: &str) -> &str {
    text.find(|c| !is_word(c)).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The offsets of a character outside of brackets.
fn at_top(line: &str, sought: char) -> impl Iterator<Item = usize> {
    let mut depth = 0_usize;
    line.char_indices().filter_map(move |(at, c)| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => return (depth == 0 && c == sought).then_some(at),
        }
        None
    })
}

/// The text without comments and without what stands in strings. Line breaks of triple-quoted strings become spaces.
fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['#', '"', '\'']) {
        let (before, literal) = rest.split_at_checked(at).unwrap_or((rest, ""));
        code.push_str(before);
        let skipped = match literal.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                // Something stands there: `x = "..."` is not `x =`.
                code.push('0');
                string_length(literal, quote)
            }
            _ => literal.find('\n').unwrap_or(literal.len()),
        };
        rest = literal.get(skipped..).unwrap_or_default();
    }
    code.push_str(rest);
    code
}

/// Bytes of the string literal that `text` begins with; a string of one quote ends at the latest with its line.
fn string_length(text: &str, quote: char) -> usize {
    let triple = if quote == '"' { "\"\"\"" } else { "'''" };
    let is_triple = text.starts_with(triple);
    let opening = if is_triple { 3 } else { 1 };
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(opening) {
        let ends = if is_triple { text.get(at..).is_some_and(|rest| rest.starts_with(triple)) } else { c == quote };
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if ends => return at + opening,
            '\n' if !is_triple => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn defines(text: &str, names: &[&str]) {
        symbols(text).assert_are(names, text);
    }

    #[test]
    fn definitions_at_the_top() {
        defines(
            "def handler(event, context):\n    inner = 1\n    def x(): pass\nasync def other(e,\n   c): ...\n",
            &["handler", "other"],
        );
        defines("@tracer\ndef handler(event, context): return 1\n", &["handler"]);
        defines("class A:\n    def handler(self): pass\n    b = 1\nC = A\n", &["A", "C"]);
        defines(
            "if x:\n    def a(): pass\nelse:\n    b = 1\ntry:\n  c = 1\nexcept E as d:\n  pass\n",
            &["a", "b", "c", "d"],
        );
        defines("if x: a = 1\nwith open(p) as f, g(1) as h: pass\nfor i, j in x: pass\n", &["a", "f", "h", "i", "j"]);
    }

    #[test]
    fn assignments_and_imports() {
        defines("handler = middleware(main)\nx.y = 1\nz[0] = 2\na == b\nf(c=1)\nd += 1\n", &["handler"]);
        defines("a = b = c\nd, (e, *f) = g\nh: int = 1; i = 2\n", &["a", "b", "d", "e", "f", "h", "i"]);
        defines(
            "from app import (\n    main as handler,\n    other,\n)\nimport os.path, json as j\n",
            &["handler", "j", "os", "other"],
        );
        defines("handler = \\\n    f(1)\n", &["handler"]);
        defines("handler = lambda e, c: {'a': 1}\n", &["handler"]);
    }

    #[test]
    fn comments_and_strings_do_not_count() {
        defines(
            "# def a(): pass\n\"\"\"\ndef b(): pass\n\"\"\"\nx = '''\nc = 1\n'''\ny = 'it\\'s' # '\nz = 1\n",
            &["x", "y", "z"],
        );
        defines("s = \"unterminated\ndef handler(): pass\n", &["handler", "s"]);
    }

    #[test]
    fn what_is_bound_elsewhere_cannot_be_told() {
        for text in [
            "from app import *\n",
            "def __getattr__(name): pass\n",
            "globals()['handler'] = 1\n",
            "exec(code)\n",
            "setattr(sys.modules[__name__], 'handler', 1)\n",
        ] {
            assert!(symbols(text).is_open, "{text}");
        }
        assert!(!symbols("def f():\n    setattr(a, 'b', 1)\n").is_open);
    }

    #[test]
    fn any_text_is_read() {
        for text in
            ["", "(", "\\", "'", "'''", "def", "from", "=", ":", "if :", "async", "é = 1", "x = '\\", "\u{feff}"]
        {
            symbols(text);
        }
    }
}
