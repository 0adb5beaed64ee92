//! The names that a JavaScript or TypeScript file exports, as far as its text tells.

mod lexer;

use super::Symbols;
use lexer::{Token, tokens};
use std::cell::Cell;

pub(super) fn symbols(text: &str) -> Symbols {
    let tokens = tokens(text);
    let reader = Reader { fuel: Cell::new(tokens.len().saturating_mul(FUEL)), tokens };
    let mut symbols = Symbols::default();
    for at in 0..reader.tokens.len() {
        match reader.word(at) {
            Some("exports") => reader.common(at, &mut symbols),
            Some("export") if !reader.is(at.wrapping_sub(1), '.') && !reader.is(at + 1, ':') => {
                reader.module(at + 1, &mut symbols);
            }
            _ => {}
        }
    }
    symbols.is_open |= reader.fuel.get() == 0;
    symbols
}

/// How often a token may be looked at on the average, so that nesting without end costs no time without end.
const FUEL: usize = 32;

struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    /// How many tokens may still be looked at.
    fuel: Cell<usize>,
}

impl<'a> Reader<'a> {
    fn word(&self, at: usize) -> Option<&'a str> {
        match self.tokens.get(at) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn string(&self, at: usize) -> Option<&'a str> {
        match self.tokens.get(at) {
            Some(Token::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn is(&self, at: usize, sign: char) -> bool {
        self.tokens.get(at) == Some(&Token::Sign(sign))
    }

    /// The tokens from a place on, as long as there is fuel.
    fn scan(&self, from: usize) -> impl Iterator<Item = (usize, &Token<'a>)> {
        let burn = || self.fuel.replace(self.fuel.get().saturating_sub(1)) > 0;
        self.tokens.iter().enumerate().skip(from).take_while(move |_| burn())
    }

    /// Whether an assignment stands there: `=` and neither `==` nor `=>`.
    fn assigns(&self, at: usize) -> bool {
        self.is(at, '=') && !self.is(at + 1, '=') && !self.is(at + 1, '>')
    }

    /// CommonJS: what is done with `exports`.
    fn common(&self, at: usize, symbols: &mut Symbols) {
        let is_member = self.is(at.wrapping_sub(1), '.');
        if is_member && self.word(at.wrapping_sub(2)) != Some("module") {
            return;
        }
        let next = at + 1;
        if self.is(next, '.') {
            symbols.names.extend(self.word(next + 1).filter(|_| self.assigns(next + 2)).map(str::to_owned));
        } else if self.is(next, '[') {
            match self.string(next + 1).filter(|_| self.is(next + 2, ']')) {
                Some(name) => symbols.names.extend(self.assigns(next + 3).then(|| name.to_owned())),
                None => symbols.is_open = true,
            }
        } else if self.assigns(next) {
            self.exported(next + 1, symbols);
        } else if self.word(at.wrapping_sub(2)) == Some("defineProperty") && self.is(next, ',') {
            // What compilers write: `Object.defineProperty(exports, "__esModule", { value: true })`.
            match self.string(next + 1) {
                Some(name) => symbols.names.extend(Some(name.to_owned())),
                None => symbols.is_open = true,
            }
        } else {
            symbols.is_open = true;
        }
    }

    /// The value that is assigned to `module.exports`.
    fn exported(&self, at: usize, symbols: &mut Symbols) {
        match self.word(at) {
            _ if self.is(at, '{') => self.properties(at + 1, symbols),
            // A function has no properties yet; `module.exports.NAME = ...` gives it some.
            Some("async" | "function") => {}
            // `exports = module.exports = ...`: the next one tells.
            Some("module" | "exports") => {}
            _ => symbols.is_open = true,
        }
    }

    /// The keys of an object literal, from behind its `{`.
    fn properties(&self, from: usize, symbols: &mut Symbols) {
        let mut at = from;
        while at < self.tokens.len() && !self.is(at, '}') {
            let modifier = matches!(self.word(at), Some("async" | "get" | "set" | "static"));
            let has_key = self.word(at + 1).is_some() || self.string(at + 1).is_some() || self.is(at + 1, '*');
            if self.is(at, '*') || (modifier && has_key) {
                at += 1;
                continue;
            }
            match self.word(at).or_else(|| self.string(at)) {
                Some(name) => symbols.names.extend(Some(name.to_owned())),
                // A computed key or a spread.
                None => symbols.is_open = true,
            }
            at = self.behind_comma(at);
        }
    }

    /// The place behind the next comma on this level, or that of the bracket that closes it.
    fn behind_comma(&self, from: usize) -> usize {
        let mut depth = 0_usize;
        for (at, token) in self.scan(from) {
            match token {
                Token::Sign('{' | '(' | '[') => depth += 1,
                Token::Sign('}' | ')' | ']') if depth == 0 => return at,
                Token::Sign('}' | ')' | ']') => depth -= 1,
                Token::Sign(',') if depth == 0 => return at + 1,
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// ECMAScript modules: what stands behind `export`.
    fn module(&self, from: usize, symbols: &mut Symbols) {
        let mut at = from;
        while matches!(self.word(at), Some("async" | "declare" | "abstract")) {
            at += 1;
        }
        match self.word(at) {
            Some("default") => symbols.names.extend(Some("default".to_owned())),
            Some("function") => {
                let name = if self.is(at + 1, '*') { at + 2 } else { at + 1 };
                symbols.names.extend(self.word(name).map(str::to_owned));
            }
            Some("const" | "let" | "var") if self.word(at + 1) == Some("enum") => {
                symbols.names.extend(self.word(at + 2).map(str::to_owned));
            }
            Some("const" | "let" | "var") => self.declarations(at + 1, symbols),
            Some("class" | "enum" | "namespace") => symbols.names.extend(self.word(at + 1).map(str::to_owned)),
            // Types are gone when the code runs.
            Some("type" | "interface") => {}
            _ if self.is(at, '{') => self.list(at + 1, symbols),
            _ if self.is(at, '*') && self.word(at + 1) == Some("as") => {
                let name = self.word(at + 2).or_else(|| self.string(at + 2));
                symbols.names.extend(name.map(str::to_owned));
            }
            // `export * from`, and TypeScript's `export =` and `export import`.
            _ => symbols.is_open = true,
        }
    }

    /// `{ a, b as c }`, from behind the `{`: the last name of each item.
    fn list(&self, from: usize, symbols: &mut Symbols) {
        for (at, _) in self.scan(from) {
            let ends = |at| self.is(at, ',') || self.is(at, '}');
            if ends(at + 1) {
                let name = self.word(at).or_else(|| self.string(at));
                symbols.names.extend(name.map(str::to_owned));
            }
            if self.is(at, '}') {
                break;
            }
        }
    }

    /// The names that `const` declares: `a = 1, b = 2`, `{ a, b: c } = d`.
    fn declarations(&self, from: usize, symbols: &mut Symbols) {
        let mut at = from;
        loop {
            match self.word(at) {
                Some(name) => symbols.names.extend(Some(name.to_owned())),
                None if self.is(at, '{') || self.is(at, '[') => {
                    let closing = self.closing(at);
                    let inner = self.scan(at + 1).take_while(|(inner, _)| *inner < closing);
                    symbols.names.extend(inner.filter_map(|(inner, _)| self.word(inner)).map(str::to_owned));
                }
                None => return,
            }
            match self.next_declaration(at) {
                Some(next) => at = next,
                None => return,
            }
        }
    }

    /// The bracket that closes the one at `open`.
    fn closing(&self, open: usize) -> usize {
        let mut at = open + 1;
        loop {
            let behind = self.behind_comma(at);
            if behind >= self.tokens.len() || !self.is(behind.wrapping_sub(1), ',') {
                return behind;
            }
            at = behind;
        }
    }

    /// The place behind the comma before the next name of the same statement.
    fn next_declaration(&self, from: usize) -> Option<usize> {
        let mut depth = 0_usize;
        // Up to the `=` a type may stand, in which `<` is a bracket.
        let mut in_type = true;
        for (at, token) in self.scan(from) {
            match token {
                Token::Sign('{' | '(' | '[') => depth += 1,
                Token::Sign('<') if in_type => depth += 1,
                Token::Sign('>') if in_type && !self.is(at.wrapping_sub(1), '=') => depth = depth.checked_sub(1)?,
                Token::Sign('}' | ')' | ']') => depth = depth.checked_sub(1)?,
                Token::Sign('=') if depth == 0 && self.assigns(at) => in_type = false,
                Token::Sign(';') if depth == 0 => return None,
                Token::Word("export" | "const" | "let" | "var" | "import" | "return") if depth == 0 => return None,
                Token::Sign(',') if depth == 0 => return Some(at + 1),
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn exports(text: &str, names: &[&str]) {
        symbols(text).assert_are(names, text);
    }

    #[test]
    fn commonjs() {
        exports("exports.handler = async (event) => {\n  const exports_ = 1\n}\n", &["handler"]);
        exports("module.exports.a = exports.b = f\nif (exports.c == 1) exports.d()\n", &["a", "b"]);
        exports(
            "module.exports = { a, b: f(1, 2), async c(x, y) { return {z: 1} }, 'd': 1, get e() {} }\n",
            &["a", "b", "c", "d", "e"],
        );
        exports("module.exports = async function (event) {}\n", &[]);
        exports("exports['handler'] = f\n", &["handler"]);
        exports("exports = module.exports = { a }\n", &["a"]);
        exports("console.log(foo.exports)\n", &[]);
        exports(
            "Object.defineProperty(exports, \"__esModule\", { value: true });\nexports.a = a\n",
            &["__esModule", "a"],
        );
    }

    #[test]
    fn modules() {
        exports("export const handler = async (event, context) => ({ a: 1, b: 2 })\n", &["handler"]);
        exports("export async function a() {}\nexport function* b() {}\nexport class C {}\n", &["C", "a", "b"]);
        exports("export default async function handler() {}\n", &["default"]);
        exports("export { a, b as c, d as default } from './x'\n", &["a", "c", "default"]);
        exports("export const { a, b: c } = x, d = [1, 2], e = 3\nexport let f\n", &["a", "b", "c", "d", "e", "f"]);
        exports("export * as api from './api'\n", &["api"]);
        exports("export type A = { b: 1 }\nexport interface C { handler: 1 }\nexport const enum D { x }\n", &["D"]);
        exports("export const handler: Handler<Event, A<Result, B>> = async (event) => 1, x = 1\n", &["handler", "x"]);
        exports("export const f: (a: A<B, C>) => Promise<D, E> = g, x = 1 < 2, y = 2\n", &["f", "x", "y"]);
    }

    #[test]
    fn comments_and_strings_do_not_count() {
        exports(
            "// exports.a = 1\n/* exports.b = 1 */ 'exports.c = 1'\n`exports.d = ${ { x: `}` } } exports.e = 1`\n",
            &[],
        );
        exports("const r = /exports['\"`{]/g, d = 1 / 2 / 3\nexports.f = '\\'' // '\n", &["f"]);
    }

    #[test]
    fn what_comes_from_elsewhere_cannot_be_told() {
        for text in [
            "module.exports = require('./main')\n",
            "module.exports = app\n",
            "module.exports = { ...base, a: 1 }\n",
            "module.exports = { [name]: 1 }\n",
            "exports[name] = 1\n",
            "Object.assign(exports, base)\n",
            "export * from './main'\n",
            "export = app\n",
        ] {
            assert!(symbols(text).is_open, "{text}");
        }
    }

    #[test]
    fn nesting_costs_no_time_without_end() {
        for part in ["exports={", "export{", "export const [", "export const a=", "exports={a:"] {
            assert!(tokens(part).len() > 1);
            symbols(&part.repeat(50_000));
        }
        assert!(symbols(&"exports={a:".repeat(50_000)).is_open);
    }

    #[test]
    fn any_text_is_read() {
        for text in [
            "",
            "{",
            "}",
            "`",
            "`${",
            "`${`${",
            "/",
            "/*",
            "'",
            "export",
            "export {",
            "export const {",
            "exports",
            "exports.",
            "exports = {",
            "export const a, ",
            "module.exports = { async",
            "é",
            "}}`",
            "exports['a",
        ] {
            symbols(text);
        }
    }
}
