//! Why dependencies were not installed, in our words and at the line that they come from.

use super::super::transcript::quote;
use super::conflict::{Conflict, Kind};
use super::facts::{Wanted, facts};
use super::lock::Pin;
use super::plan::List;
use super::session::{Failed, Session};
use super::trace::Trace;
use super::words::Failure;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::diagnostic::{Code, Diagnostic};
use tc_core::ir::Architecture;
use tc_core::source::Span;

/// Words of uv and of what it runs that mean that the other side did not answer, beyond those that all programs share.
const UNREACHABLE: [&str; 9] = [
    "dns error",
    "tcp connect error",
    "client error (Connect)",
    "error sending request",
    "operation timed out",
    "HTTP status server error",
    "invalid peer certificate",
    "network was disabled",
    "Failed to establish a new connection",
];
/// Lines of git that say nothing by themselves.
const EMPTY_WORDS: [&str; 3] =
    ["Please make sure you have the correct access rights", "and the repository exists", "Git operation failed"];

/// The finding about a failure.
pub(super) fn explain(session: &Session<'_>, failed: &Failed, pins: &[Pin]) -> Diagnostic {
    let (failure, trace) = match failed {
        Failed::Io(error) => return session.io(error),
        Failed::Uv(failure, trace) => (failure.as_ref(), trace),
    };
    outside(session, failure, trace)
        .or_else(|| without_wheel_in_lock(session, failure, pins))
        .or_else(|| about_one(session, failure, trace))
        .or_else(|| unsatisfied(session, failure, trace))
        .unwrap_or_else(|| unknown(session, failure))
}

/// The disk, the network, a refusal.
fn outside(session: &Session<'_>, failure: &Failure, trace: &Trace) -> Option<Diagnostic> {
    let text: Vec<&str> = failure.lines().collect();
    let said = session.shown(&text.join("\n"));
    let (code, line) = match said.outside_fault() {
        Some((code, line)) => (code, line),
        None => (&codes::UNREACHABLE, said.line_with(&UNREACHABLE)?),
    };
    // A build backend can fail for want of a network too; that is still its failure.
    let name = named(failure);
    let who = match (&name, host(line).or_else(|| said.lines().find_map(host))) {
        (Some(name), _) if failure.has(&["Git operation failed"]) => format!("the git repository of `{name}`"),
        (_, Some(host)) => format!("the registry at `{host}`"),
        (_, None) => "the registry".to_owned(),
    };
    let message = match code.id {
        id if id == codes::NO_ROOM.id => "no room on the disk to install dependencies".to_owned(),
        id if id == codes::ACCESS_REFUSED.id => format!("{who} refuses access"),
        _ => format!("{who} cannot be reached"),
    };
    let place = name.map_or_else(|| session.plan.start(), |name| session.place(&name, trace));
    let finding = quote(Diagnostic::new(code, place, message), telling(&said, line));
    Some(match code.id {
        id if id == codes::NO_ROOM.id => finding.help("make room; `uv cache prune` removes old downloads"),
        id if id == codes::ACCESS_REFUSED.id && failure.has(&["Git operation failed"]) => finding.help(
            "git asks for no password here: give it an ssh key, an agent or a credential helper that can read it",
        ),
        id if id == codes::ACCESS_REFUSED.id => finding
            .help("set the credentials of the registry, such as `UV_INDEX_NAME_USERNAME` and `UV_INDEX_NAME_PASSWORD`"),
        _ => finding.help("try again later; behind a proxy, set `HTTPS_PROXY`"),
    })
}

/// The line that tells the fault, and the last of those around it.
fn telling<'a>(said: &'a super::super::transcript::Transcript, line: &'a str) -> Vec<&'a str> {
    let is_telling = |other: &&str| {
        *other != line && (other.starts_with("fatal: ") || other.starts_with("ssh: ") || other.starts_with("remote: "))
    };
    let is_empty = |other: &str| EMPTY_WORDS.iter().any(|words| other.contains(words));
    std::iter::once(line).chain(said.lines().filter(is_telling)).filter(|line| !is_empty(line)).take(3).collect()
}

/// A pin of a lock that has no wheel for the target.
fn without_wheel_in_lock(session: &Session<'_>, failure: &Failure, pins: &[Pin]) -> Option<Diagnostic> {
    let name = failure.named("Package ").filter(|_| failure.has(&["no binary distribution", "no-build"]))?;
    let name = super::name::normalised(name);
    let pin = pins.iter().find(|pin| pin.name == name)?;
    let version = pin.version.as_deref().unwrap_or_default();
    let place = session.place(&name, &Trace::default());
    let version_of_python = super::version(session.request).unwrap_or_default();
    let is_floor = pin.has_wheel_of_any_age(version_of_python, session.request.target.architecture);
    let target = if is_floor { target_and_floor(session) } else { target(session) };
    let message = format!("`{name}` {version}, which the lock pins, has no wheel for {target}");
    let finding = Diagnostic::new(&codes::NO_WHEEL, place, message);
    let platforms: std::collections::BTreeSet<_> = pin
        .wheels
        .iter()
        .filter_map(|wheel| wheel.strip_suffix(".whl")?.rsplit_once('-'))
        .map(|(_, tag)| tag)
        .collect();
    let finding = match platforms.is_empty() {
        true => finding.help("it comes as source only"),
        false => {
            let shown: Vec<_> = platforms.iter().take(4).map(|tag| format!("`{tag}`")).collect();
            finding.help(format!("its wheels are for {}", shown.join(", ")))
        }
    };
    Some(finding.help("lock an older version, or move the function to a newer runtime or the other processor"))
}

/// A fault of one dependency that is known by name.
fn about_one(session: &Session<'_>, failure: &Failure, trace: &Trace) -> Option<Diagnostic> {
    let text: Vec<&str> = failure.causes.iter().map(String::as_str).collect();
    let said = session.shown(&text.join("\n"));
    if let Some(line) = said.line_with(&["No interpreter found", "No Python interpreter"]) {
        let message = "uv needs a Python on this machine, of any version, and finds none";
        let finding = Diagnostic::new(&codes::TOOL_ABSENT, session.plan.start(), message);
        return Some(quote(finding, [line]).help("install Python, or let uv do it: `uv python install`"));
    }
    if failure.has(&["Git executable not found"]) {
        let message = "`git` is needed for a dependency from a repository, and is not on `PATH`";
        return Some(Diagnostic::new(&codes::TOOL_ABSENT, session.plan.start(), message).help("install git"));
    }
    if failure.has(&["Couldn't parse requirement", "Error parsing included file", "Failed to parse", "Invalid URL"]) {
        let message = format!("`{}` says what uv does not understand", session.plan.name);
        let finding = Diagnostic::new(&codes::UNUSABLE_LIST, unreadable_line(session, failure), message);
        return Some(quote(finding, said.lines()));
    }
    let name = named(failure)?;
    let at = |code: &'static Code, message: String| Diagnostic::new(code, session.place(&name, trace), message);
    if failure.has(&["Hash mismatch"]) {
        let message = format!("the download of `{name}` has another SHA-256 than your list says");
        return Some(at(&codes::WRONG_HASH, message).help("was it replaced? if that is meant, write its hashes anew"));
    }
    if failure.has(&["The built wheel", "is not compatible with the target"]) && failure.has(&["built wheel"]) {
        let message =
            format!("`{name}` has compiled code, and was built for this machine instead of {}", target(session));
        let line = said.line_with(&["built wheel"]);
        return Some(
            quote(at(&codes::BUILT_HERE, message), line)
                .help("depend on a wheel of it that was built for the function's runtime"),
        );
    }
    if failure.has(&["Git operation failed"]) {
        let missing =
            failure.quoted.iter().any(|line| line.contains("couldn't find remote ref") || line.contains("not found"));
        let code = if missing { &codes::NOT_FOUND } else { &codes::TOOL_FAILED };
        let message = match failure.quoted.iter().any(|line| line.contains("couldn't find remote ref")) {
            true => format!("the repository of `{name}` has no such branch, tag or commit"),
            false if missing => format!("the repository of `{name}` is not there, or you may not read it"),
            false => format!("git cannot fetch `{name}`"),
        };
        let quoted = session.shown(&failure.quoted.join("\n"));
        return Some(quoted.quote(at(code, message)));
    }
    if failure.has(&["Failed to build", "build backend", "Failed to resolve requirements from"]) {
        let quoted = session.shown(&failure.quoted.join("\n"));
        let finding = at(&codes::SOURCE_FAILED, format!("`{name}` cannot be built from its source"));
        // Without words of the backend, uv's own.
        return Some(if quoted.lines().next().is_some() { quoted.quote(finding) } else { said.quote(finding) });
    }
    None
}

/// What the resolver could not satisfy.
fn unsatisfied(session: &Session<'_>, failure: &Failure, trace: &Trace) -> Option<Diagnostic> {
    let conflict = Conflict::find(&facts(failure.reasons()?), trace)?;
    let name = &conflict.culprit;
    let is_floor = conflict.kind == Kind::NoWheel && is_for_newer_images(session, name, "");
    let wheels_for = || if is_floor { target_and_floor(session) } else { target(session) };
    let spoken = |versions: &[Wanted]| versions.first().map(spoken_of).unwrap_or_default();
    let (code, message): (&'static Code, String) = match conflict.kind {
        Kind::Unknown => (&codes::NOT_FOUND, format!("no registry has `{name}`")),
        Kind::NoVersion => {
            let wanted = conflict.chains.first().and_then(|chain| chain.last()).cloned();
            let wanted = wanted.unwrap_or_else(|| Wanted { name: name.clone(), specifiers: String::new() });
            (&codes::NOT_FOUND, format!("there is no version of `{name}` that satisfies `{wanted}`"))
        }
        Kind::Python => {
            let python = conflict.versions.first().map(|what| what.specifiers.as_str()).unwrap_or_default();
            let runtime = session.request.target.runtime.id();
            (&codes::CONFLICT, format!("`{name}` needs Python {python}, and the function runs on {runtime}"))
        }
        Kind::NoWheel if conflict.versions.len() == 1 => {
            (&codes::NO_WHEEL, format!("{} has no wheel for {}", spoken(&conflict.versions), wheels_for()))
        }
        Kind::NoWheel => {
            (&codes::NO_WHEEL, format!("no version of `{name}` that is wanted has a wheel for {}", wheels_for()))
        }
        Kind::Versions => (&codes::CONFLICT, format!("no version of `{name}` satisfies all that need it")),
    };
    let roots: Vec<_> = conflict.chains.iter().filter_map(|chain| session.plan.place(&chain.first()?.name)).collect();
    let place = roots.first().copied().unwrap_or_else(|| session.place(name, trace));
    let mut finding = Diagnostic::new(code, place, message);
    for root in roots.iter().filter(|root| **root != place) {
        finding = finding.also(*root, "and this");
    }
    if conflict.chains.iter().any(|chain| chain.len() > 1) || conflict.kind == Kind::Versions {
        finding = conflict.words().into_iter().take(6).fold(finding, Diagnostic::help);
    }
    let hints =
        failure.hints.iter().filter(|hint| hint.starts_with("Wheels are available") || hint.starts_with("You require"));
    for hint in hints.take(2) {
        finding = finding.help(session.shown(&lower(hint)).lines().collect::<Vec<_>>().join(" "));
    }
    Some(advice(session, &conflict).into_iter().fold(finding, Diagnostic::help))
}

/// What to do about a conflict.
fn advice(session: &Session<'_>, conflict: &Conflict) -> Vec<String> {
    let can_fix = super::fix::applies(conflict);
    let is_list = session.plan.list == List::Project;
    let mut advice = Vec::new();
    match conflict.kind {
        Kind::Unknown => {
            advice.push("mind the spelling; a private registry is set by `[[tool.uv.index]]` or `UV_INDEX`, as uv does not read pip.conf".to_owned());
        }
        Kind::NoVersion => advice.push("ask for a version that there is".to_owned()),
        Kind::Python => advice.push("ask for an older version, or move the function to a newer runtime".to_owned()),
        Kind::NoWheel if conflict.direct().is_some() => {
            advice.push(
                "ask for an older version, or move the function to a newer runtime or the other processor".to_owned(),
            );
        }
        Kind::NoWheel | Kind::Versions => advice.push("ask for other versions of those in your list".to_owned()),
    }
    match (can_fix, is_list) {
        (true, true) if !session.request.options.fix => {
            advice.push(format!(
                "or `tc build --fix`: it writes an override for `{}` into pyproject.toml",
                conflict.culprit
            ));
        }
        (true, true) => advice.push("`--fix` found no override that solves it".to_owned()),
        (true, false) => {
            advice.push("`tc build --fix` can override it where the list is a pyproject.toml without a lock".to_owned())
        }
        (false, _) => {}
    }
    advice
}

fn unknown(session: &Session<'_>, failure: &Failure) -> Diagnostic {
    let text: Vec<&str> = failure.lines().collect();
    let said = session.shown(&text.join("\n"));
    let finding = Diagnostic::new(&codes::TOOL_FAILED, session.plan.start(), "`uv` cannot install the dependencies");
    said.quote(finding)
}

/// What the function runs on, as far as it decides about wheels.
pub(super) fn target(session: &Session<'_>) -> String {
    let runtime = session.request.target.runtime.id();
    let processor = match session.request.target.architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "arm64",
    };
    format!("{runtime} on {processor}")
}

/// As [`target`], with the newest manylinux whose wheels the function's image can load: `python3.11 on x86_64 (at most
/// manylinux_2_17)`.
pub(super) fn target_and_floor(session: &Session<'_>) -> String {
    let floor = session.platform().split_once('-').map_or("", |(_, floor)| floor);
    format!("{} (at most {floor})", target(session))
}

/// Whether a dependency that has no wheel for the function has one for its Python and processor, but for images with a
/// newer glibc alone. uv does not say so where there are sources beside the wheels, so it is asked: were the image newer, it
/// would find another fault, or none.
pub(super) fn is_for_newer_images(session: &Session<'_>, name: &str, constraints: &str) -> bool {
    match session.resolve_for_newest(constraints) {
        Ok(_) => true,
        Err(Failed::Io(_)) => false,
        Err(Failed::Uv(failure, trace)) => {
            let conflict = failure.reasons().and_then(|reasons| Conflict::find(&facts(reasons), &trace));
            conflict.is_some_and(|conflict| conflict.kind != Kind::NoWheel || conflict.culprit != name)
        }
    }
}

/// "`lib` 2.0" for `lib==2.0`, and "`lib>=2,<3`" as it is.
fn spoken_of(what: &Wanted) -> String {
    match what.specifiers.strip_prefix("==") {
        Some(version) if !version.contains(',') => format!("`{}` {version}", what.name),
        _ => format!("`{what}`"),
    }
}

/// The dependency that uv speaks of.
fn named(failure: &Failure) -> Option<String> {
    let words = [
        "Failed to download and build ",
        "Failed to build ",
        "Failed to download ",
        "Failed to fetch ",
        "attempted to build ",
    ];
    let name = words.iter().find_map(|words| failure.named(words))?;
    super::name::split(name).map(|(name, _)| name)
}

/// The line that uv cannot read: by the file and the offset that it names, or the text that it repeats.
fn unreadable_line(session: &Session<'_>, failure: &Failure) -> Span {
    let places = failure.causes.iter().rev().filter_map(|cause| {
        let (before, offset) = cause.split_once("` at position ")?;
        let name = before.rsplit_once('`').map(|(_, name)| name)?;
        let digits = offset.split(|char: char| !char.is_ascii_digit()).next()?;
        let (_, file, _) = session.plan.lists.iter().find(|(list, ..)| list == name)?;
        let offset = digits.parse::<usize>().ok()?;
        session.plan.entries.iter().map(|entry| entry.span).find(|span| span.file == *file && span.range().end > offset)
    });
    let is_repeated = |text: &str| failure.causes.iter().any(|cause| cause.contains(text));
    let repeated = session.plan.entries.iter().find(|entry| is_repeated(&entry.text)).map(|entry| entry.span);
    places.into_iter().next().or(repeated).unwrap_or_else(|| session.plan.start())
}

/// The host of the first URL in a text.
fn host(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', ' ', '`', '\'', '"', ')']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(host).filter(|host| !host.is_empty())
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
