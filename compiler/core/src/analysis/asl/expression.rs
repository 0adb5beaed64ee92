//! Strings that hold a path, an intrinsic function or a JSONata expression, where they stand in a flow.

use super::fields::Data;
use super::jsonata::{Delimited, Reference, ReferenceKind, functions};
use super::jsonpath::{Fault, Path, Root};
use super::text::{inside, readable};
use super::walk::{At, Use, Walk};
use super::{context, intrinsic, jsonata, jsonpath};
use crate::diagnostic::{Code, Diagnostic, codes::flow};
use crate::source::{Node, Span};
use crate::suggest;

/// The fields of `$states`.
const STATES: [&str; 4] = ["input", "result", "errorOutput", "context"];

/// The functions that `ErrorPath` and `CausePath` can call. Developer guide, "Fail workflow state".
const FAIL_FUNCTIONS: [&str; 7] = [
    "States.ArrayGetItem",
    "States.Base64Decode",
    "States.Base64Encode",
    "States.Format",
    "States.Hash",
    "States.JsonToString",
    "States.UUID",
];

impl<'m, 'a> Walk<'m, 'a> {
    /// A field that is a JSONPath.
    pub(super) fn path(&mut self, at: At<'m, 'a>, name: &str, node: &Node) {
        self.read_path(at, name, node);
    }

    /// A field that is a reference path. AWS: `Value is not a Reference Path`.
    pub(super) fn reference(&mut self, at: At<'m, 'a>, name: &str, node: &Node) {
        if let Some(path) = self.reference_path(at, name, node) {
            self.use_path_of(at, node, &path);
        }
    }

    fn reference_path(&mut self, at: At<'m, 'a>, name: &str, node: &Node) -> Option<Path> {
        let path = self.parse_path(at, name, node)?;
        if let Some((from, what)) = path.not_reference {
            let text = node.as_text().map(readable).unwrap_or_default();
            let message = format!("`{name}` of {} selects a single node, and has {what}", at.subject());
            let finding = Diagnostic::new(&flow::REFERENCE_PATH, inside(node, &text, (from, text.len())), message);
            self.report(finding.help("names and indices only: `$.a.b[0]`; select with a filter in a state before it"));
            return None;
        }
        Some(path)
    }

    /// Where a result is put: a reference path into the input itself.
    pub(super) fn result_path(&mut self, at: At<'m, 'a>, name: &str, node: &Node) {
        let Some(path) = self.reference_path(at, name, node) else { return };
        let (what, help) = match path.root {
            Root::Input => return,
            Root::Context => ("the context object", "write `$.name`: a field of the state's input"),
            Root::Variable(_) => ("a variable", "give a variable its value in `Assign`"),
        };
        let message = format!("`{name}` of {} cannot put a result into {what}", at.subject());
        self.report(Diagnostic::new(&flow::REFERENCE_PATH, node.span, message).help(help));
    }

    /// `ErrorPath` and `CausePath`: a reference path or one of a few functions.
    pub(super) fn fail_path(&mut self, at: At<'m, 'a>, name: &str, node: &Node) {
        let is_function = node.as_text().is_some_and(|text| !readable(text).starts_with('$'));
        if !is_function {
            self.reference(at, name, node);
            return;
        }
        let Some(functions) = self.function(at, name, node) else { return };
        let text = node.as_text().map(readable).unwrap_or_default();
        for (from, function) in functions.into_iter().filter(|(_, function)| !FAIL_FUNCTIONS.contains(function)) {
            let message = format!("`{function}` cannot be called in `{name}`");
            let span = inside(node, &text, (from, from + function.len()));
            self.report(
                Diagnostic::new(&flow::INTRINSIC, span, message)
                    .help(format!("functions: {}", super::walk::list(&FAIL_FUNCTIONS))),
            );
        }
    }

    /// The value of a key that ends with `.$`: a path or an intrinsic function.
    pub(super) fn dynamic(&mut self, at: At<'m, 'a>, key: &str, node: &Node) {
        match node.as_text().map(readable) {
            None => {
                let message = format!("`{key}` holds {}, and has to hold a path or a function", node.kind());
                let finding = Diagnostic::new(&flow::TEMPLATE_KEY, node.span, message);
                let name = key.strip_suffix(".$").unwrap_or(key);
                self.report(finding.help(format!("write `{name}` for a value that is passed as it stands")));
            }
            Some(text) if text.starts_with('$') => {
                self.read_path(at, key, node);
            }
            Some(_) => {
                self.function(at, key, node);
            }
        }
    }

    fn read_path(&mut self, at: At<'m, 'a>, name: &str, node: &Node) {
        if let Some(path) = self.parse_path(at, name, node) {
            self.use_path_of(at, node, &path);
        }
    }

    /// Notes what a path reads.
    fn use_path_of(&mut self, at: At<'m, 'a>, node: &Node, path: &Path) {
        let text = node.as_text().map(readable).unwrap_or_default();
        self.use_path(at, node, &text, 0, path);
    }

    fn parse_path(&mut self, at: At<'m, 'a>, name: &str, node: &Node) -> Option<Path> {
        let Some(text) = node.as_text().map(readable) else {
            self.wrong(at, name, node, "a path");
            return None;
        };
        match jsonpath::parse(&text) {
            Ok(path) => Some(path),
            Err(fault) => {
                self.fault(&flow::JSONPATH, node, &text, 0, fault, &format!("`{name}` is no path: "));
                None
            }
        }
    }

    fn function(&mut self, at: At<'m, 'a>, name: &str, node: &Node) -> Option<Vec<(usize, &'static str)>> {
        let Some(text) = node.as_text().map(readable) else {
            self.wrong(at, name, node, "a path or a function");
            return None;
        };
        match intrinsic::parse(&text) {
            Ok(call) => {
                for (from, path) in &call.paths {
                    self.use_path(at, node, &text, *from, path);
                }
                Some(call.functions)
            }
            Err(fault) => {
                self.fault(&flow::INTRINSIC, node, &text, 0, fault, &format!("`{name}`: "));
                None
            }
        }
    }

    /// Looks at where a path starts, and notes the variables of one that stands `from` bytes into a text.
    fn use_path(&mut self, at: At<'m, 'a>, node: &Node, text: &str, from: usize, path: &Path) {
        if let Some((name, known)) = context::unknown(path) {
            let finding =
                Diagnostic::new(&flow::MISSING_DATA, node.span, format!("the context object has no `{name}` there"));
            self.report(finding.help_opt(suggest::help(name, "it has", known)));
        }
        let root = match &path.root {
            Root::Variable(name) => Some((from, name)),
            Root::Input | Root::Context => None,
        };
        for (start, name) in root.into_iter().chain(path.variables.iter().map(|(start, name)| (*start, name))) {
            let span = inside(node, text, (start, start + name.len() + 1));
            self.use_variable(at, name, span, false);
        }
    }

    fn use_variable(&mut self, at: At<'m, 'a>, name: &str, span: Span, called: bool) {
        self.uses.push(Use { name: name.to_owned(), span, scope: at.scope, called });
    }

    fn fault(&mut self, code: &'static Code, node: &Node, text: &str, from: usize, fault: Fault, before: &str) {
        let span = inside(node, text, (from + fault.span.0, from + fault.span.1));
        self.report(Diagnostic::new(code, span, format!("{before}{}", fault.message)).help_opt(fault.help));
    }

    /// A string of a JSONata state: an expression when it is delimited, else text that is passed as it stands.
    pub(super) fn jsonata_text(&mut self, at: At<'m, 'a>, node: &Node, data: Data) {
        let Some(text) = node.as_text().map(readable) else { return };
        let (from, expression) = match jsonata::delimited(&text) {
            Delimited::Plain => return,
            Delimited::Broken(fault) => return self.fault(&flow::JSONATA, node, &text, 0, fault, "JSONata: "),
            Delimited::Expression(from, expression) => (from, expression),
        };
        match jsonata::parse(expression) {
            Err(fault) => self.fault(&flow::JSONATA, node, &text, from, fault, "JSONata: "),
            Ok(references) => {
                for reference in references {
                    let span = inside(node, &text, (from + reference.span.0, from + reference.span.1));
                    self.jsonata_reference(at, reference, span, data);
                }
            }
        }
    }

    /// Specification, "JSONata Restrictions" and "Reserved states Variable with JSONata". AWS:
    /// `UNSUPPORTED_JSONATA_EXPRESSION`.
    fn jsonata_reference(&mut self, at: At<'m, 'a>, reference: Reference, span: Span, data: Data) {
        let name = reference.name.as_str();
        let finding = |message: String| Diagnostic::new(&flow::JSONATA_REFERENCE, span, message);
        let found = match reference.kind {
            ReferenceKind::Variable if name == "states" => None,
            ReferenceKind::Variable if name == "eval" => {
                Some(finding("Step Functions has no `$eval`".to_owned()).help("`$parse` reads JSON text"))
            }
            ReferenceKind::Variable => {
                if !functions::is_function(name) {
                    self.use_variable(at, name, span, reference.called);
                }
                None
            }
            ReferenceKind::Root => Some(
                finding("`$$` stands for nothing in Step Functions".to_owned())
                    .help("write `$states.input` for the state's input, `$states.context` for the context object"),
            ),
            ReferenceKind::TopLevel if reference.called => {
                let near = suggest::nearest(name, functions::FUNCTIONS).unwrap_or(name);
                Some(finding(format!("`{name}` is no function")).help(format!("did you mean `${near}(…)`?")))
            }
            ReferenceKind::TopLevel if name == "$" => Some(
                finding("`$` stands for nothing here".to_owned()).help("write `$states.input` for the state's input"),
            ),
            ReferenceKind::TopLevel => Some(finding(format!("`{name}` is a field of nothing here")).help(format!(
                "write `$states.input.{name}` for the input, `${name}` for a variable, `'{name}'` for text"
            ))),
            ReferenceKind::States => match name {
                "input" | "context" => None,
                "result" if data.result => None,
                "errorOutput" if data.error => None,
                "result" => Some(
                    finding("`$states.result` is not there yet".to_owned())
                        .help("only `Output` and `Assign` of a Task, Parallel or Map state see it"),
                ),
                "errorOutput" => Some(
                    finding("`$states.errorOutput` is not there".to_owned())
                        .help("only `Output` and `Assign` of a catcher see it"),
                ),
                _ => {
                    Some(finding(format!("`$states` has no `{name}`")).help_opt(suggest::help(name, "it has", STATES)))
                }
            },
        };
        self.findings.extend(found);
    }
}
