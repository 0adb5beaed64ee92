//! The runtime of a function: the one that `runtime.lang` names, else one that fits what the files of its language ask for.
//!
//! | language | what a developer's tools are to run | what the function itself needs |
//! |---|---|---|
//! | Python | `.python-version` | `requires-python` in `pyproject.toml` |
//! | Node.js | `.nvmrc`, `.node-version` | `engines.node` in `package.json` |
//! | Ruby | `.ruby-version` | `ruby` in `Gemfile` |
//!
//! The first kind is looked for upwards from the function's directory to the project's root and the nearest one counts, as
//! pyenv, uv, nvm and rbenv have it; the second kind stands in the function's directory. A runtime fits where any of its
//! patch releases does, since it is Lambda that chooses the patch. Of those that fit, the default of the language is taken,
//! else the newest that is not deprecated.

mod node;
mod python;
mod range;
mod ruby;

use super::Session;
use super::discover::Candidate;
use crate::diagnostic::{Diagnostic, codes::function as codes, codes::reading};
use crate::ir::{Family, Runtime, RuntimeBasis, VersionConstraint};
use crate::source::{FileId, Node, Span, Spanned};
use crate::suggest;
use crate::world::SourcePath;
use range::{Range, Version};

/// Bytes of a constraint that is read. None that a person writes is longer, and reading one takes time by its square.
const LONGEST: usize = 256;

/// How the text of a constraint is read.
type Reader = fn(&str) -> Option<Range>;

/// What a file asks of the version of its language.
struct Constraint {
    file: SourcePath,
    text: Spanned<String>,
    range: Range,
}

/// A file that is there.
type Found = (SourcePath, FileId);

/// The files of a language.
struct Files {
    /// Those that name the version for a developer's tools, the ones that are looked at first before the others.
    pins: &'static [&'static str],
    pinned: Reader,
    /// That in which the function says what it needs.
    manifest: &'static str,
}

fn files(family: Family) -> Option<Files> {
    Some(match family {
        Family::Python => Files { pins: &[".python-version"], pinned: python::pinned, manifest: "pyproject.toml" },
        Family::Node => Files { pins: &[".nvmrc", ".node-version"], pinned: node::pinned, manifest: "package.json" },
        Family::Ruby => Files { pins: &[".ruby-version"], pinned: ruby::pinned, manifest: "Gemfile" },
        Family::Java | Family::Dotnet | Family::Rust | Family::Go | Family::Provided => return None,
    })
}

/// The runtime of a function with this `runtime.lang`, and why it is that. `None`, with a finding, where there is none.
pub(super) fn resolve(
    session: &mut Session<'_>,
    candidate: &Candidate,
    lang: Option<&Spanned<String>>,
    place: Span,
) -> Option<(Spanned<Runtime>, RuntimeBasis)> {
    match lang {
        None => match candidate.family() {
            Some(family) => infer(session, candidate, family, place),
            None => {
                let message =
                    format!("the runtime of the function in `{}` cannot be told from its files", candidate.directory);
                let help =
                    "add a `handler.py` (or .rb, .js, .mjs, .ts, .rs, .go), or set `runtime.lang` in function.json";
                session.findings.push(Diagnostic::new(&codes::NO_RUNTIME, place, message).help(help));
                None
            }
        },
        // A language without a version.
        Some(lang) if Family::parse(lang).is_some() => {
            Family::parse(lang).and_then(|family| infer(session, candidate, family, lang.span))
        }
        Some(lang) => named(session, candidate, lang).map(|runtime| (runtime, RuntimeBasis::Written)),
    }
}

fn named(session: &mut Session<'_>, candidate: &Candidate, lang: &Spanned<String>) -> Option<Spanned<Runtime>> {
    let Some(runtime) = Runtime::parse(lang) else {
        let known = crate::ir::runtime::TABLE.iter().map(|entry| entry.id);
        let help = suggest::nearest(lang, known).map(|near| format!("did you mean `{near}`?"));
        let message = format!("the runtime `{}` is not known", lang.value);
        let help = help
            .unwrap_or_else(|| "such as `python3.13`, `nodejs22.x`, `ruby3.4`, `java21`, `rust` or `go`".to_owned());
        session.findings.push(Diagnostic::new(&codes::UNKNOWN_RUNTIME, lang.span, message).help(help));
        return None;
    };
    // What the function itself does not run with; a developer may well use another version. Where that cannot be read, the
    // word of who wrote the runtime counts.
    let manifest = files(runtime.family).and_then(|files| manifest(session, candidate, &files));
    let before = session.findings.len();
    let need = manifest.and_then(|manifest| need(session, candidate, runtime.family, &manifest));
    session.findings.truncate(before);
    if let Some(need) = need.filter(|need| !fits(runtime, &need.range)) {
        let message = format!("the function does not run with `{}`, as `{}` has it", runtime.id(), need.file);
        let fitting = Runtime::by_preference(runtime.family).into_iter().find(|other| fits(*other, &need.range));
        let help = match fitting {
            Some(other) => format!("write `{}`, or change what the file asks for", other.id()),
            None => "change what the file asks for".to_owned(),
        };
        let wants = format!("it needs {} `{}`", runtime.family.title(), need.text.value);
        let finding = Diagnostic::new(&codes::EXCLUDED_RUNTIME, lang.span, message);
        session.findings.push(finding.also(need.text.span, wants).help(help));
    }
    Some(Spanned::new(runtime, lang.span))
}

/// The runtime that fits what the files ask for.
fn infer(
    session: &mut Session<'_>,
    candidate: &Candidate,
    family: Family,
    place: Span,
) -> Option<(Spanned<Runtime>, RuntimeBasis)> {
    let constraints = constraints(session, candidate, family)?;
    let wanted = constraints.iter().fold(Range::any(), |all, constraint| all.and(&constraint.range));
    let runtime = Runtime::by_preference(family).into_iter().find(|runtime| fits(*runtime, &wanted));
    let Some((first, others)) = constraints.split_first() else {
        return runtime.map(|runtime| (Spanned::new(runtime, place), RuntimeBasis::Default));
    };
    let Some(runtime) = runtime else {
        report(session, nothing_fits(family, first, others));
        return None;
    };
    let place = first.text.span;
    let kept = |Constraint { file, text, .. }| VersionConstraint { file, text };
    let basis = RuntimeBasis::Constrained(constraints.into_iter().map(kept).collect());
    Some((Spanned::new(runtime, place), basis))
}

fn nothing_fits(family: Family, first: &Constraint, others: &[Constraint]) -> Diagnostic {
    let wanted = std::iter::once(first).chain(others).map(|constraint| format!("`{}`", constraint.text.value));
    let wanted = wanted.collect::<Vec<_>>().join(" and ");
    let message = format!("Lambda has no runtime that is {} {wanted}", family.title());
    let finding = Diagnostic::new(&codes::NO_RUNTIME, first.text.span, message);
    let finding = others.iter().fold(finding, |found, other| found.also(other.text.span, "and this"));
    let current = Runtime::by_preference(family).into_iter().filter(|runtime| runtime.deprecated().is_none());
    let mut current: Vec<&str> = current.map(Runtime::id).collect();
    current.sort_unstable();
    finding.help(format!("it has {}: ask for one of them, or name one in `runtime.lang`", current.join(", ")))
}

/// Reports what is found again for each function below the file unless it has been.
fn report(session: &mut Session<'_>, finding: Diagnostic) {
    if !session.findings.contains(&finding) {
        session.findings.push(finding);
    }
}

/// Whether any patch release of a runtime is allowed.
fn fits(runtime: Runtime, range: &Range) -> bool {
    !releases(runtime).and(range).is_empty()
}

/// The releases that a runtime may run: those of `3.12` in `python3.12`, of `22.x` in `nodejs22.x`.
fn releases(runtime: Runtime) -> Range {
    let version = runtime.id().trim_start_matches(|c: char| c.is_ascii_alphabetic());
    Version::parse(version).map_or_else(Range::any, |version| version.releases())
}

/// What the files of a language ask for. `None`, with findings, where one of them cannot be read.
fn constraints(session: &mut Session<'_>, candidate: &Candidate, family: Family) -> Option<Vec<Constraint>> {
    let Some(files) = files(family) else { return Some(Vec::new()) };
    let before = session.findings.len();
    let mut found: Vec<Constraint> = nearest_pin(session, candidate, family, &files).into_iter().collect();
    if let Some(manifest) = manifest(session, candidate, &files) {
        found.extend(need(session, candidate, family, &manifest));
    }
    // A Gemfile may name the other file.
    found.dedup_by(|one, other| one.file == other.file);
    (session.findings.len() == before).then_some(found)
}

fn manifest(session: &mut Session<'_>, candidate: &Candidate, files: &Files) -> Option<Found> {
    let path = candidate.directory.join(files.manifest);
    let file = if candidate.has(files.manifest) { session.read_once(&path) } else { None };
    file.map(|file| (path, file))
}

/// What the nearest file for a developer's tools asks for, from the function's directory to the project's root.
fn nearest_pin(session: &mut Session<'_>, candidate: &Candidate, family: Family, files: &Files) -> Option<Constraint> {
    let depth = session.world.depth();
    let steps_out = |path: &SourcePath| path.as_str().split('/').filter(|part| *part == "..").count();
    let mut directory = candidate.directory.clone();
    while steps_out(&directory) <= depth {
        for name in files.pins {
            // What is in the function's own directory is known.
            if directory == candidate.directory && !candidate.has(name) {
                continue;
            }
            let path = directory.join(name);
            if let Some(file) = session.read_once(&path) {
                return pin(session, family, files.pinned, &(path, file));
            }
        }
        directory = directory.parent();
    }
    None
}

/// What a file asks for that holds a version and nothing else, but for comments.
fn pin(session: &mut Session<'_>, family: Family, reader: Reader, (path, file): &Found) -> Option<Constraint> {
    let text = &session.sources.get(*file)?.text;
    let mut start = 0;
    let mut lines = text.split_inclusive('\n').map(|line| {
        let code = line.split('#').next().unwrap_or_default();
        let at = start + code.len() - code.trim_start().len();
        start += line.len();
        (at, code.trim())
    });
    let (at, version) = lines.find(|(_, version)| !version.is_empty())?;
    let text = Spanned::new(version.to_owned(), Span::new(*file, at, at + version.len()));
    // pyenv's and rbenv's word for no choice.
    if text.value == "system" { None } else { constraint(session, family, reader, path, text) }
}

/// What a manifest says that the function needs.
fn need(session: &mut Session<'_>, candidate: &Candidate, family: Family, (path, file): &Found) -> Option<Constraint> {
    let file = *file;
    match family {
        Family::Python => match python::requires_python(&session.sources.get(file)?.text) {
            Ok(found) => {
                let (text, bytes) = found?;
                let text = Spanned::new(text, Span::new(file, bytes.start, bytes.end));
                constraint(session, family, python::specifiers, path, text)
            }
            Err((message, bytes)) => {
                let place = Span::new(file, bytes.start, bytes.end);
                let finding = Diagnostic::new(&reading::SYNTAX, place, format!("`{path}` is no TOML: {message}"));
                session.findings.push(finding);
                None
            }
        },
        Family::Node => {
            let node = session.parse(file)?;
            let node = node.get("engines").and_then(|engines| engines.get("node"))?;
            let text = Spanned::new(Node::as_str(node)?.to_owned(), node.span);
            constraint(session, family, node::range, path, text)
        }
        _ => match ruby::directive(&session.sources.get(file)?.text)? {
            ruby::Directive::Requirements(list, bytes) => {
                let mut ranges = list.iter().map(|text| ruby::requirement(text));
                let range = ranges.try_fold(Range::any(), |all, one| Some(all.and(&one?)));
                let range = range.filter(|_| bytes.len() <= LONGEST);
                let text = Spanned::new(list.join(", "), Span::new(file, bytes.start, bytes.end));
                checked(session, family, range, path, text)
            }
            ruby::Directive::File(name) => {
                let path = candidate.directory.join(&name);
                let file = session.read_once(&path)?;
                pin(session, family, ruby::pinned, &(path, file))
            }
        },
    }
}

fn constraint(
    session: &mut Session<'_>,
    family: Family,
    reader: Reader,
    file: &SourcePath,
    text: Spanned<String>,
) -> Option<Constraint> {
    let range = if text.len() > LONGEST { None } else { reader(&text) };
    checked(session, family, range, file, text)
}

/// A constraint whose text could be read; else that is a finding.
fn checked(
    session: &mut Session<'_>,
    family: Family,
    range: Option<Range>,
    file: &SourcePath,
    text: Spanned<String>,
) -> Option<Constraint> {
    let Some(range) = range else {
        let shown: String = text.chars().take(LONGEST).collect();
        let message = format!("`{shown}` is no version of {} that Lambda could run", family.title());
        let default = Runtime::default_of(family).map_or("", Runtime::id);
        let help = format!("write a version, or name the runtime in `runtime.lang`, such as `{default}`");
        report(session, Diagnostic::new(&codes::NO_RUNTIME, text.span, message).help(help));
        return None;
    };
    Some(Constraint { file: file.clone(), text, range })
}

#[cfg(test)]
mod tests;
