//! Reads an expression by operator precedence.
//!
//! No tree is built: what the rules need, the references with the context they are made in, is noted on the way. The
//! recursion is bounded by [`MAX_DEPTH`], since expressions come from a file.

use super::super::jsonpath::Fault;
use super::lexer::{Kind, Lexer, Token};
use std::collections::BTreeSet;

/// How deep expressions may nest.
const MAX_DEPTH: usize = 100;

/// A name that an expression uses and does not define.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Reference {
    pub(in super::super) kind: ReferenceKind,
    pub(in super::super) name: String,
    /// The bytes it takes.
    pub(in super::super) span: (usize, usize),
    /// Whether it is called.
    pub(in super::super) called: bool,
}

/// How a reference is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum ReferenceKind {
    /// `$name`.
    Variable,
    /// `$states.NAME`: the name is that of the field.
    States,
    /// `$$`: the input document, which Step Functions does not give.
    Root,
    /// `$` or the name of a field where there is no value that it could be a field of.
    TopLevel,
}

/// Reads a whole text as an expression.
pub(in super::super) fn parse(text: &str) -> Result<Vec<Reference>, Fault> {
    let mut lexer = Lexer::new(text);
    let token = lexer.next(true)?;
    let (references, bound) = (Vec::new(), BTreeSet::new());
    let parser = Parser { lexer, token, before: 0, depth: 0, nested: false, references, bound };
    parser.whole()
}

/// What the operand on the left is, as far as what may follow depends on it.
#[derive(Debug, Clone, Copy, Default)]
struct Operand<'t> {
    is: Is,
    /// Of a variable or a name.
    name: &'t str,
    /// Where its reference stands among the noted ones.
    reference: Option<usize>,
    /// It ends with a predicate; a variable cannot be bound after it.
    predicate: bool,
    /// It ends with an order-by; a variable cannot be bound after it.
    sorted: bool,
    /// It is grouped.
    grouped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Is {
    Variable,
    Name,
    Number,
    /// `true`, `false` or `null`.
    Constant,
    /// A path of more than one step.
    Path,
    #[default]
    Other,
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    /// The token that comes next.
    token: Token<'t>,
    /// Where the last token before it ends.
    before: usize,
    depth: usize,
    /// Whether there is a value that names of fields refer to: in a step, a predicate, a grouping.
    nested: bool,
    references: Vec<Reference>,
    /// Variables that the expression itself binds, anywhere.
    bound: BTreeSet<&'t str>,
}

impl<'t> Parser<'t> {
    fn whole(mut self) -> Result<Vec<Reference>, Fault> {
        self.expression(0)?;
        if self.token.kind != Kind::End {
            return Err(self.unexpected(self.token));
        }
        let bound = self.bound;
        let own = |reference: &Reference| {
            reference.kind == ReferenceKind::Variable && bound.contains(reference.name.as_str())
        };
        self.references.retain(|reference| !own(reference));
        Ok(self.references)
    }

    /// Goes to the next token and returns the one before.
    fn advance(&mut self, operand: bool) -> Result<Token<'t>, Fault> {
        let next = self.lexer.next(operand)?;
        if self.token.kind != Kind::End {
            self.before = self.token.end;
        }
        Ok(std::mem::replace(&mut self.token, next))
    }

    /// Goes past an operator that has to stand here.
    fn expect(&mut self, operator: &str, operand: bool) -> Result<(), Fault> {
        if self.token.is(operator) {
            return self.advance(operand).map(|_| ());
        }
        let (start, end) = (self.token.start, self.token.end);
        Err(match self.token.kind {
            Kind::End => {
                Fault::new(self.before.saturating_sub(1), self.before, format!("`{operator}` is missing at the end"))
            }
            _ => Fault::new(start, end, format!("`{operator}` is missing before `{}`", self.shown(self.token))),
        })
    }

    fn shown(&self, token: Token<'t>) -> String {
        match token.kind {
            Kind::Variable => format!("${}", token.text),
            _ => token.text.to_owned(),
        }
    }

    fn unexpected(&self, token: Token<'t>) -> Fault {
        let (start, end) = (token.start, token.end);
        match token.kind {
            Kind::End => {
                let last = self.before;
                Fault::new(last.saturating_sub(1), last, "the expression ends where a value should follow")
            }
            _ => {
                let fault = Fault::new(start, end, format!("`{}` cannot stand here", self.shown(token)));
                match token.text {
                    "?" | ":" => fault.help("`??` and `?:` came after JSONata 2.0, which Step Functions runs"),
                    "!" => fault.help("write `$not(…)`, or `!=`"),
                    "=" => fault.help("equality is a single `=`"),
                    "|" => fault.help("write `or`"),
                    "&" => fault.help("write `and`; a single `&` joins strings"),
                    _ => fault,
                }
            }
        }
    }

    fn expression(&mut self, binding: u8) -> Result<Operand<'t>, Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::new(self.token.start, self.token.end, "nested too deeply"));
        }
        self.depth += 1;
        let mut binding = binding;
        let mut chosen = false;
        let first = self.advance(false)?;
        let mut left = self.prefix(first)?;
        while binding < strength(&self.token) {
            let operator = self.advance(true)?;
            if operator.is("?") {
                self.expression(0)?;
                if !self.token.is(":") {
                    left = Operand::default();
                    continue;
                }
                // The alternative takes all that follows; going round here keeps long chains flat.
                self.advance(true)?;
                (binding, chosen) = (0, true);
                let first = self.advance(false)?;
                left = self.prefix(first)?;
                continue;
            }
            left = self.infix(operator, left)?;
        }
        self.depth -= 1;
        Ok(if chosen { Operand::default() } else { left })
    }

    /// What begins with this token, which is already taken.
    fn prefix(&mut self, token: Token<'t>) -> Result<Operand<'t>, Fault> {
        let is = match token.kind {
            Kind::Variable => return Ok(self.variable(token)),
            Kind::Name => return Ok(self.name(token)),
            Kind::Number => Is::Number,
            Kind::Value => Is::Constant,
            Kind::String | Kind::Regex => Is::Other,
            Kind::End => return Err(self.unexpected(token)),
            Kind::Operator => match token.text {
                "and" | "or" | "in" => return Ok(self.name(token)),
                "-" => match self.expression(70)?.is {
                    Is::Number => Is::Number,
                    _ => Is::Other,
                },
                "*" | "**" => Is::Other,
                "%" => {
                    if !self.nested {
                        self.note(ReferenceKind::TopLevel, "%", (token.start, token.end));
                    }
                    Is::Other
                }
                "(" => return self.block(),
                "[" => return self.array(),
                "{" => return self.pairs().map(|()| Operand::default()),
                "|" => return self.transform(),
                _ => return Err(self.unexpected(token)),
            },
        };
        Ok(Operand { is, ..Operand::default() })
    }

    fn note(&mut self, kind: ReferenceKind, name: &str, span: (usize, usize)) -> Option<usize> {
        self.references.push(Reference { kind, name: name.to_owned(), span, called: false });
        Some(self.references.len() - 1)
    }

    fn variable(&mut self, token: Token<'t>) -> Operand<'t> {
        let span = (token.start, token.end);
        let reference = match token.text {
            "" if self.nested => None,
            "" => self.note(ReferenceKind::TopLevel, "$", span),
            "$" => self.note(ReferenceKind::Root, "$$", span),
            name => self.note(ReferenceKind::Variable, name, span),
        };
        Operand { is: Is::Variable, name: token.text, reference, ..Operand::default() }
    }

    fn name(&mut self, token: Token<'t>) -> Operand<'t> {
        let span = (token.start, token.end);
        let reference = if self.nested { None } else { self.note(ReferenceKind::TopLevel, token.text, span) };
        Operand { is: Is::Name, name: token.text, reference, ..Operand::default() }
    }

    /// `(a; b)`.
    fn block(&mut self) -> Result<Operand<'t>, Fault> {
        while !self.token.is(")") {
            self.expression(0)?;
            if !self.token.is(";") {
                break;
            }
            self.advance(true)?;
        }
        self.expect(")", false)?;
        Ok(Operand::default())
    }

    /// `[a, b..c]`.
    fn array(&mut self) -> Result<Operand<'t>, Fault> {
        if !self.token.is("]") {
            loop {
                self.expression(0)?;
                if self.token.is("..") {
                    self.advance(true)?;
                    self.expression(0)?;
                }
                if !self.token.is(",") {
                    break;
                }
                self.advance(true)?;
            }
        }
        self.expect("]", false)?;
        Ok(Operand::default())
    }

    /// `{k: v}`.
    fn pairs(&mut self) -> Result<(), Fault> {
        if !self.token.is("}") {
            loop {
                self.expression(0)?;
                self.expect(":", true)?;
                self.expression(0)?;
                if !self.token.is(",") {
                    break;
                }
                self.advance(true)?;
            }
        }
        self.expect("}", false)
    }

    /// `|where|update|` or `|where|update,delete|`.
    fn transform(&mut self) -> Result<Operand<'t>, Fault> {
        self.within(|parser| {
            parser.expression(0)?;
            parser.expect("|", true)?;
            parser.expression(0)?;
            if parser.token.is(",") {
                parser.advance(true)?;
                parser.expression(0)?;
            }
            parser.expect("|", true)
        })?;
        Ok(Operand::default())
    }

    /// Reads what is about a value that names of fields refer to.
    fn within<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let outer = std::mem::replace(&mut self.nested, true);
        let result = read(self);
        self.nested = outer;
        result
    }

    /// What an operator makes of the operand on its left.
    fn infix(&mut self, operator: Token<'t>, left: Operand<'t>) -> Result<Operand<'t>, Fault> {
        match operator.text {
            "." => self.step(operator, left),
            "[" => self.filter(operator, left),
            "(" => self.call(left),
            "{" => {
                if left.grouped {
                    return Err(Fault::new(operator.start, operator.end, "a step is grouped only once"));
                }
                self.within(Self::pairs)?;
                let is = match left.is {
                    Is::Name => Is::Path,
                    Is::Variable => Is::Other,
                    other => other,
                };
                Ok(Operand { is, grouped: true, predicate: left.predicate, sorted: left.sorted, ..Operand::default() })
            }
            "^" => self.order(),
            ":=" => {
                if left.is != Is::Variable {
                    let fault = Fault::new(operator.start, operator.end, "only a variable can be assigned");
                    return Err(fault.help("write `$name := …`"));
                }
                self.bind(left);
                self.expression(9)?;
                Ok(Operand::default())
            }
            "@" | "#" => {
                if operator.text == "@" && (left.predicate || left.sorted) {
                    let message = "a variable is bound before predicates and orders, not after them";
                    return Err(Fault::new(operator.start, operator.end, message));
                }
                let bound = self.expression(80)?;
                if bound.is != Is::Variable {
                    let message = format!("`{}` binds a variable, and none follows", operator.text);
                    return Err(Fault::new(operator.start, operator.end, message));
                }
                self.bind(bound);
                let is = if matches!(left.is, Is::Number | Is::Constant) { left.is } else { Is::Path };
                Ok(Operand { is, ..Operand::default() })
            }
            _ => {
                self.expression(strength(&operator))?;
                Ok(Operand::default())
            }
        }
    }

    /// A variable that the expression gives a value to is not a reference to an outer one.
    fn bind(&mut self, variable: Operand<'t>) {
        self.bound.insert(variable.name);
    }

    /// `left.right`.
    fn step(&mut self, operator: Token<'t>, left: Operand<'t>) -> Result<Operand<'t>, Fault> {
        let of_states = left.is == Is::Variable && left.name == "states" && self.token.kind == Kind::Name;
        if of_states && let Some(reference) = left.reference.and_then(|at| self.references.get_mut(at)) {
            reference.kind = ReferenceKind::States;
            reference.name = self.token.text.to_owned();
            reference.span.1 = self.token.end;
        }
        let right = self.within(|parser| parser.expression(75))?;
        if [left.is, right.is].iter().any(|is| matches!(is, Is::Number | Is::Constant)) {
            let fault = Fault::new(operator.start, operator.end, "a number or constant is no step of a path");
            return Err(fault.help("an item of an array is `[0]`"));
        }
        Ok(Operand { is: Is::Path, predicate: right.predicate, sorted: right.sorted, ..Operand::default() })
    }

    /// `left[predicate]`, or `left[]`.
    fn filter(&mut self, operator: Token<'t>, left: Operand<'t>) -> Result<Operand<'t>, Fault> {
        if self.token.is("]") {
            self.advance(true)?;
            return Ok(left);
        }
        if left.grouped && left.is != Is::Path {
            return Err(Fault::new(operator.start, operator.end, "a predicate cannot follow a grouping"));
        }
        self.within(|parser| parser.expression(0))?;
        self.expect("]", false)?;
        let is = if left.is == Is::Name { Is::Path } else { left.is };
        let is = if is == Is::Variable { Is::Other } else { is };
        Ok(Operand { is, predicate: true, grouped: left.grouped, ..Operand::default() })
    }

    /// `left(a, ?)`, or the definition of a function.
    fn call(&mut self, left: Operand<'t>) -> Result<Operand<'t>, Fault> {
        let definition = left.is == Is::Name && matches!(left.name, "function" | "λ");
        match left.reference {
            Some(at) if definition => self.references.truncate(at),
            Some(at) => self.references.get_mut(at).into_iter().for_each(|reference| reference.called = true),
            None => {}
        }
        if !self.token.is(")") {
            loop {
                let start = self.token.start;
                if self.token.is("?") {
                    self.advance(true)?;
                } else {
                    let argument = self.expression(0)?;
                    if definition && argument.is != Is::Variable {
                        let message = "a parameter of a function is a variable";
                        return Err(Fault::new(start, self.token.start.max(start + 1), message).help("write `$name`"));
                    }
                    if definition {
                        self.bind(argument);
                    }
                }
                if !self.token.is(",") {
                    break;
                }
                self.advance(true)?;
            }
        }
        self.expect(")", false)?;
        if definition {
            self.signature()?;
            self.expect("{", true)?;
            self.expression(0)?;
            self.expect("}", true)?;
        }
        Ok(Operand::default())
    }

    /// `<s-:n>` after the parameters of a function.
    fn signature(&mut self) -> Result<(), Fault> {
        if !self.token.is("<") {
            return Ok(());
        }
        let mut depth = 1;
        while depth > 0 && self.token.kind != Kind::End && !self.token.is("{") {
            self.advance(true)?;
            if self.token.is(">") {
                depth -= 1;
            } else if self.token.is("<") {
                depth += 1;
            }
        }
        self.expect(">", true)
    }

    /// `left^(<a, >b)`.
    fn order(&mut self) -> Result<Operand<'t>, Fault> {
        self.expect("(", true)?;
        self.within(|parser| {
            loop {
                if parser.token.is("<") || parser.token.is(">") {
                    parser.advance(true)?;
                }
                parser.expression(0)?;
                if !parser.token.is(",") {
                    break;
                }
                parser.advance(true)?;
            }
            parser.expect(")", true)
        })?;
        Ok(Operand { is: Is::Path, sorted: true, ..Operand::default() })
    }
}

/// How strongly an operator binds what is on its left; 0 for what is no operator between two operands.
fn strength(token: &Token<'_>) -> u8 {
    if token.kind != Kind::Operator {
        return 0;
    }
    match token.text {
        "." => 75,
        "[" | "(" | "@" | "#" => 80,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "!=" | "<" | "<=" | ">" | ">=" | "^" | "~>" | "in" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    }
}
