//! What a compiler says, as findings in the function's own source.

use crate::layer::install::local::{lexical, relative};
use crate::layer::install::transcript::{Transcript, mask};
use crate::layer::install::{Ran, Request};
use crate::staging::End;
use std::fs;
use std::path::Path;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::diagnostic::{Code, Diagnostic};
use tc_core::source::{FileId, Span};
use tc_core::world::SourcePath;

/// How many errors of a compiler are shown.
pub(super) const SHOWN: usize = 10;
/// The largest source file that is shown, in bytes.
const LARGEST: u64 = 4 << 20;

/// A source file of the function, for findings that point into it: its text and id.
pub(super) fn source(request: &Request<'_>, path: &Path) -> Option<(FileId, String)> {
    let path = lexical(path);
    if fs::metadata(&path).ok()?.len() > LARGEST {
        return None;
    }
    let text = fs::read_to_string(&path).ok()?;
    let name = SourcePath::new(&relative(&lexical(request.root), &path));
    Some((request.sources.add(name, text.clone()), text))
}

/// The place of a line and a column of bytes, both from 1: to the end of the word that stands there.
pub(super) fn place(file: FileId, text: &str, line: usize, column: usize) -> Span {
    let start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let at = (start + column.saturating_sub(1)).min(text.len());
    let rest = text.get(at..).unwrap_or_default();
    let word = rest.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(rest.len());
    Span::new(file, at, at + word)
}

/// What a compiler found in the source.
pub(super) fn error(request: &Request<'_>, at: Option<Span>, message: &str) -> Diagnostic {
    let message = mask(message.lines().next().unwrap_or_default());
    Diagnostic::new(&codes::NOT_COMPILED, at.unwrap_or(request.function.span), message)
}

/// The finding of a compiler that failed without naming a place in the source.
pub(super) fn failed(request: &Request<'_>, program: &str, at: Span, ran: &Ran) -> Diagnostic {
    let function = &request.function.name;
    if let End::Signal(signal) = ran.end {
        let message = format!("{program} was ended by signal {signal} while it compiled function `{function}`");
        return Diagnostic::new(&codes::TOOL_FAILED, at, message).help("run `tc build` again");
    }
    let said = Transcript::of_text(&ran.stderr, &[(request.directory, function.as_str())]);
    match said.outside_fault() {
        Some((code, line)) => {
            let message = format!("{program} could not fetch what function `{function}` depends on: {}", line.trim());
            Diagnostic::new(code, at, message)
        }
        None => {
            said.quote(Diagnostic::new(&codes::TOOL_FAILED, at, format!("{program} could not compile `{function}`")))
        }
    }
}

/// A finding about a dependency.
pub(super) fn dependency(code: &'static Code, at: Span, line: &str) -> Diagnostic {
    let message = mask(line.trim_start_matches("error: ").trim());
    Diagnostic::new(code, at, message)
}
