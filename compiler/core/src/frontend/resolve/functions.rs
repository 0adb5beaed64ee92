//! The functions of a topology: those discovered, and those it names elsewhere.

use crate::diagnostic::{Diagnostic, codes::schema};
use crate::frontend::Session;
use crate::frontend::discover;
use crate::frontend::function::{Declared, Parts};
use crate::frontend::input::{Entries, FunctionEntryInput};
use crate::ir::Function;
use crate::source::{Span, Spanned};
use crate::world::SourcePath;
use std::collections::{BTreeMap, BTreeSet};

/// What became of the functions.
pub(super) struct Functions {
    pub resolved: BTreeMap<String, Function>,
    /// The names of those that are declared, but with a fault that is a finding: to name one is no fault of its own.
    pub faulty: BTreeSet<String>,
}

pub(super) fn resolve(
    session: &mut Session<'_>,
    parts: &Parts<'_, '_>,
    ignored: &[Spanned<String>],
    entries: Entries<Option<FunctionEntryInput>>,
) -> Functions {
    let mut faulty = BTreeSet::new();
    let mut candidates: BTreeMap<SourcePath, _> = BTreeMap::new();
    for candidate in discover::discover(session, ignored) {
        candidates.insert(candidate.directory.clone(), candidate);
    }
    let mut declared: Vec<Declared> = Vec::new();
    for (key, entry) in entries.0 {
        let entry = entry.unwrap_or_default();
        // Until it is known to be without a fault.
        faulty.insert(key.value.clone());
        let Some(directory) = directory(session, &key, &entry, &candidates) else { continue };
        let span = entry.uri.as_ref().map_or(key.span, |uri| uri.span);
        let candidate = match candidates.remove(&directory) {
            Some(candidate) => Some(candidate),
            None if session.list_referenced(&directory, "the directory", span).is_none() => continue,
            None => discover::candidate(session, &directory),
        };
        match candidate {
            Some(candidate) => declared.extend(parts.declare(session, candidate, Some((key, entry)))),
            None => {
                let message = format!("`{directory}` is no function: it has neither a handler nor a function.json");
                let finding = Diagnostic::new(&schema::UNKNOWN_REFERENCE, span, message);
                session
                    .findings
                    .push(finding.help(format!("set `uri` of `{}` to the function's directory", key.value)));
            }
        }
    }
    for candidate in candidates.into_values() {
        let name = candidate.directory.file_name().to_owned();
        match parts.declare(session, candidate, None) {
            Some(function) => declared.push(function),
            None => _ = faulty.insert(name),
        }
    }
    let mut functions: BTreeMap<String, Function> = BTreeMap::new();
    let mut places: BTreeMap<String, Span> = BTreeMap::new();
    for function in declared {
        if let Some(first) = places.get(&function.name) {
            let message = format!("two functions are called `{}`", function.name);
            let help = "set `name` in the function.json of one, or list its directory under `nodes.ignore`";
            session.findings.push(
                Diagnostic::new(&schema::DUPLICATE_FUNCTION, function.name_span, message)
                    .label("second")
                    .also(*first, "first")
                    .help(help),
            );
            continue;
        }
        places.insert(function.name.clone(), function.name_span);
        let function = parts.function(session, function);
        functions.insert(function.name.clone(), function);
    }
    faulty.retain(|name| !functions.contains_key(name));
    Functions { resolved: functions, faulty }
}

/// Where a function that the topology names lives.
fn directory(
    session: &mut Session<'_>,
    key: &Spanned<String>,
    entry: &FunctionEntryInput,
    candidates: &BTreeMap<SourcePath, discover::Candidate>,
) -> Option<SourcePath> {
    let Some(uri) = &entry.uri else {
        let found = candidates.keys().find(|directory| directory.file_name() == key.as_str());
        return Some(found.cloned().unwrap_or_else(|| SourcePath::new(key)));
    };
    if let Some(remote) = uri.strip_prefix("git+").or_else(|| uri.starts_with("git@").then_some(uri.as_str())) {
        return remote_directory(session, key, uri, remote);
    }
    Some(SourcePath::new(uri))
}

/// Where the checkout of a git URL is expected: compile has no network, so what the URL names has been brought before.
fn remote_directory(
    session: &mut Session<'_>,
    key: &Spanned<String>,
    uri: &Spanned<String>,
    remote: &str,
) -> Option<SourcePath> {
    let pinned = remote.split_once('#').map(|(_, rest)| rest.split_once(':').unwrap_or((rest, "")));
    let Some((reference, path)) = pinned.filter(|(reference, _)| !reference.is_empty()) else {
        let message = format!("the git URL of `{}` is not pinned", key.value);
        let help = "add the ref to take, and the path in the repository: `git+https://HOST/REPO.git#v1.2.0:path`";
        session.findings.push(Diagnostic::new(&schema::WRONG_VALUE, uri.span, message).help(help));
        return None;
    };
    let checkout = SourcePath::new(".tc/git").join(&format!("{}@{}", key.value, reference.replace('/', "-")));
    if session.list(&checkout).is_none() {
        let url = remote.split('#').next().unwrap_or_default();
        let message = format!("the function `{}` has not been fetched", key.value);
        let help = format!("git clone --depth 1 --branch {reference} {url} {checkout}");
        session.findings.push(Diagnostic::new(&schema::NOT_FETCHED, uri.span, message).help(help));
        return None;
    }
    Some(checkout.join(path))
}
