//! What npm says when it fails, as findings.

use super::manifest::place;
use crate::layer::install::transcript::{Transcript, quote};
use crate::layer::install::{Ran, Request};
use crate::staging::End;
use serde_json::Value;
use std::path::Path;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::diagnostic::{Code, Diagnostic};
use tc_core::source::{FileId, Span};

/// The list that was installed.
pub(super) struct List<'a> {
    pub file: FileId,
    pub text: &'a str,
    /// Its lock, where there is one.
    pub lock: Option<&'static str>,
}

/// What npm reports with `--json`: `{"error": {"code", "summary", "detail"}}`.
struct Said {
    code: String,
    summary: Transcript,
    detail: Transcript,
}

impl Said {
    fn of(ran: &Ran, places: &[(&Path, &str)]) -> Option<Self> {
        let json = ran.stdout.get(ran.stdout.find('{')?..)?;
        let said: Value = serde_json::from_str(json).ok()?;
        let error = said.get("error")?;
        let text = |key| Transcript::of_text(error.get(key).and_then(Value::as_str).unwrap_or_default(), places);
        let code = match error.get("code")? {
            Value::String(code) => code.clone(),
            code => code.to_string(),
        };
        Some(Self { code, summary: text("summary"), detail: text("detail") })
    }
}

/// The finding of an installation that failed.
pub(super) fn finding(request: &Request<'_>, list: &List<'_>, ran: &Ran, project: &Path) -> Diagnostic {
    let function = &request.function.name;
    let places = [(project, function.as_str())];
    let start = Span::start_of(list.file);
    if let End::Signal(signal) = ran.end {
        let message = format!("npm was ended by signal {signal} while it installed for function `{function}`");
        return Diagnostic::new(&codes::TOOL_FAILED, start, message).help("nothing is kept; run `tc build` again");
    }
    let whole = Transcript::of(ran, &places);
    let Some(Said { code, summary, detail }) = Said::of(ran, &places) else {
        let code = whole.outside_fault().map_or(&codes::TOOL_FAILED, |(code, _)| code);
        let message = format!("npm could not install the dependencies of function `{function}`");
        return whole.quote(Diagnostic::new(code, start, message));
    };
    let first = summary.lines().next().unwrap_or_default().to_owned();
    let at = |name: Option<&str>| name.map_or(start, |name| place(list.file, list.text, name));
    let named = |code: &'static Code, name: Option<&str>, message: String| Diagnostic::new(code, at(name), message);
    match code.as_str() {
        "E404" | "ETARGET" | "EINVALIDTAGNAME" | "EINVALIDPACKAGENAME" | "EUNSUPPORTEDPROTOCOL" => {
            not_found(list, &code, &first, &detail)
        }
        "EUSAGE" => stale(list, &summary),
        "EINTEGRITY" => {
            let message = format!("a package that npm fetched is not what `{}` says", list.lock.unwrap_or("npm"));
            let got = first.split_once(": wanted ").map_or(first.as_str(), |(_, rest)| rest);
            Diagnostic::new(&codes::WRONG_HASH, start, message).help(format!("wanted {got}")).help(
                "the lock was edited or the registry changed a release: find out which before you write a new lock",
            )
        }
        "E401" | "E403" | "ENEEDAUTH" | "EOTP" | "E402" => {
            let name = named_in(&first, list.text);
            let message = format!("the registry refuses access: {}", short(&first));
            named(&codes::ACCESS_REFUSED, name.as_deref(), message)
                .help("log in by `npm login`, or put a token into `.npmrc`: `//REGISTRY/:_authToken=${NPM_TOKEN}`")
        }
        "ENOSPC" | "EDQUOT" => named(&codes::NO_ROOM, None, "npm has no room on the disk".to_owned())
            .help("make room, or set TMPDIR to a larger disk"),
        "ERESOLVE" => conflict(list, &detail),
        "EBADPLATFORM" => {
            let package = first.strip_prefix("Unsupported platform for ").and_then(|rest| rest.split(':').next());
            let package = package.unwrap_or("a package");
            let message = format!("`{package}` is not made for Linux on {}", request.target.architecture.as_str());
            let name = package.rsplit_once('@').map(|(name, _)| name);
            let finding = named(&codes::WRONG_PLATFORM, name, message);
            let wants = first.split_once("wanted ").and_then(|(_, rest)| rest.split(" (current").next());
            finding
                .help_opt(wants.map(|wants| format!("it wants {wants}")))
                .help("take a package that has it, or list it under `optionalDependencies` if the code does without")
        }
        "EJSONPARSE" => named(&codes::UNUSABLE_LIST, None, format!("npm cannot read it: {}", short(&first))),
        _ => {
            let everything = Transcript::of_text(
                &summary.lines().chain(detail.lines()).map(|line| format!("{line}\n")).collect::<String>(),
                &places,
            );
            let fault = everything.outside_fault().map(|(code, line)| (code, line.to_owned()));
            let name = named_in(&everything.lines().collect::<Vec<_>>().join(" "), list.text);
            match fault {
                Some((code, line)) => {
                    let message = if code.id == codes::UNREACHABLE.id {
                        format!("what function `{function}` depends on cannot be reached: {}", short(&line))
                    } else {
                        format!("npm could not install the dependencies of function `{function}`: {}", short(&line))
                    };
                    named(code, name.as_deref(), message).help_opt(outside_help(code).map(str::to_owned))
                }
                None if is_network(&code) => {
                    let message = format!("the registry cannot be reached: {}", short(&first));
                    named(&codes::UNREACHABLE, name.as_deref(), message)
                        .help_opt(outside_help(&codes::UNREACHABLE).map(str::to_owned))
                }
                None => {
                    let message = format!("npm could not install the dependencies of function `{function}` ({code})");
                    everything.quote(named(&codes::TOOL_FAILED, name.as_deref(), message))
                }
            }
        }
    }
}

fn outside_help(code: &Code) -> Option<&'static str> {
    match code.id {
        id if id == codes::UNREACHABLE.id => {
            Some("check the network, the proxy and `registry` in `.npmrc`; then run it again")
        }
        id if id == codes::ACCESS_REFUSED.id => {
            Some("git is run with your own credentials: try `git ls-remote` with that repository")
        }
        id if id == codes::NO_ROOM.id => Some("make room, or set TMPDIR to a larger disk"),
        _ => None,
    }
}

/// Codes of Node and npm for a network that does not answer, or answers nonsense.
fn is_network(code: &str) -> bool {
    let prefixes = ["ECONN", "ETIME", "EAI_", "ENET", "EHOST", "EPIPE", "EPROTO", "ERR_SOCKET", "ERR_TLS", "E5"];
    let words = ["ENOTFOUND", "FETCH_ERROR", "E408", "E429"];
    prefixes.iter().any(|prefix| code.starts_with(prefix)) || words.contains(&code) || code.contains("CERT")
}

fn short(line: &str) -> String {
    let line = line.strip_prefix("FetchError: ").unwrap_or(line).trim_end_matches('.');
    line.chars().take(200).collect()
}

/// A dependency of the list that a text speaks of.
fn named_in(text: &str, list: &str) -> Option<String> {
    let manifest = super::Manifest::parse(list).ok()?;
    let is_mentioned = |name: &str, version: &str| {
        let path = name.replace('/', "%2f");
        let source = version.trim_start_matches("git+").split('#').next().unwrap_or_default();
        // Without scheme and credentials, which are not always repeated.
        let source = source.split_once("://").map(|(_, rest)| rest.rsplit_once('@').map_or(rest, |(_, place)| place));
        text.split(|char: char| char.is_whitespace() || "'\"`,".contains(char)).any(|word| {
            let word = word.trim_end_matches('.');
            word == name
                || word.strip_prefix(name).is_some_and(|rest| rest.starts_with('@'))
                || word.ends_with(&format!("/{path}"))
                || source.is_some_and(|source| word.contains(source.trim_end_matches(".git")))
        })
    };
    manifest.needs().find(|(name, version)| is_mentioned(name, version)).map(|(name, _)| name.to_owned())
}

fn not_found(list: &List<'_>, code: &str, first: &str, detail: &Transcript) -> Diagnostic {
    // `No matching version found for NAME@RANGE.`, and of a 404 `'NAME@RANGE' is not in this registry`.
    let said = if code == "E404" { detail.lines().next().unwrap_or_default() } else { first };
    let package = match code {
        "E404" => said.split('\'').nth(1),
        _ => said.rsplit(' ').next().map(|word| word.trim_end_matches('.')),
    };
    let package = package.filter(|package| package.contains('@'));
    let name =
        package.and_then(|package| package.rsplit_once('@')).map(|(name, _)| name).filter(|name| !name.is_empty());
    let at = name.map_or(Span::start_of(list.file), |name| place(list.file, list.text, name));
    let is_own = at.end > at.start;
    let message = match (code, package, name) {
        ("E404", _, Some(name)) => format!("no package `{name}` in the registry, or no right to see it"),
        ("ETARGET", Some(package), _) => format!("no version of the registry fits `{package}`"),
        _ => format!("npm cannot take a dependency: {}", short(first)),
    };
    let finding = Diagnostic::new(&codes::NOT_FOUND, at, message);
    let finding = match (code, is_own, name) {
        (_, false, Some(name)) => {
            finding.help(format!("another package needs `{name}`: `npm explain {name}` says which"))
        }
        ("ETARGET", _, Some(name)) => finding.help(format!("`npm view {name} versions` lists what there is")),
        _ => finding,
    };
    match code {
        "E404" => finding.help("for a private registry, name it in `.npmrc` and log in: `@SCOPE:registry=https://...`"),
        _ => finding,
    }
}

fn stale(list: &List<'_>, summary: &Transcript) -> Diagnostic {
    let differs = |line: &&str| line.starts_with("Invalid:") || line.starts_with("Missing:");
    let differences: Vec<_> = summary.lines().filter(differs).collect();
    let lock = list.lock.unwrap_or("package-lock.json");
    let first = differences.first().and_then(|line| line.rsplit(' ').find(|word| word.contains('@')));
    let name = first.and_then(|word| word.rsplit_once('@')).map(|(name, _)| name);
    let at = name.map_or(Span::start_of(list.file), |name| place(list.file, list.text, name));
    let message = match differences.is_empty() {
        true => format!("`{lock}` cannot be used by npm"),
        false => format!("`{lock}` was made for another list of dependencies"),
    };
    let lines = if differences.is_empty() { summary.lines().take(2).collect() } else { differences };
    quote(Diagnostic::new(&codes::STALE_LOCK, at, message), lines)
        .help("bring it up to date and commit it: `npm install --package-lock-only`")
}

fn conflict(list: &List<'_>, detail: &Transcript) -> Diagnostic {
    // The chain stands between two paragraphs of advice.
    let lines: Vec<_> = detail
        .lines()
        .skip_while(|line| line.starts_with("While resolving: undefined"))
        .take_while(|line| !line.starts_with("Fix the upstream") && !line.starts_with("For a full report"))
        .filter(|line| !line.trim_start().starts_with("node_modules/"))
        .collect();
    let peer = lines.iter().find_map(|line| line.trim_start().strip_prefix("peer "));
    let (wanted, by) = peer.and_then(|peer| peer.split_once(" from ")).unwrap_or_default();
    let by_name = by.rsplit_once('@').map_or(by, |(name, _)| name);
    let at = place(list.file, list.text, by_name);
    let message = match wanted.is_empty() {
        true => "dependencies exclude each other".to_owned(),
        false => format!("`{by}` wants {} beside it", wanted.replace('"', "")),
    };
    quote(Diagnostic::new(&codes::CONFLICT, at, message), lines)
        .help("change one of the two versions, or decide it under `overrides` in package.json")
}
