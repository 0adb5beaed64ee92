//! What Bundler says when it fails, as findings.

use super::gemfile::{call_place, gem_place, line_place};
use crate::layer::install::local::{lexical, relative};
use crate::layer::install::transcript::{Transcript, quote};
use crate::layer::install::{Ran, Request};
use crate::staging::End;
use std::path::Path;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::source::{FileId, Span};

/// How many lines of a conflict's chain are shown.
const CHAIN: usize = 8;

/// A Gemfile that was installed.
#[derive(Clone, Copy)]
pub(super) struct List<'a> {
    pub file: FileId,
    pub text: &'a str,
    /// Whether gems were taken from `vendor/cache` alone.
    pub is_vendored: bool,
}

impl List<'_> {
    fn gem(&self, name: &str) -> Span {
        gem_place(self.file, self.text, name)
    }

    fn call(&self, method: &str) -> Span {
        call_place(self.file, self.text, method)
    }

    fn start(&self) -> Span {
        Span::start_of(self.file)
    }
}

/// The finding of an installation that failed.
pub(super) fn finding(request: &Request<'_>, list: List<'_>, ran: &Ran, project: &Path, scratch: &Path) -> Diagnostic {
    let function = &request.function.name;
    if let End::Signal(signal) = ran.end {
        let message = format!("Bundler was ended by signal {signal} while it installed for function `{function}`");
        let finding = Diagnostic::new(&codes::TOOL_FAILED, list.start(), message);
        return finding.help("nothing is kept; run `tc build` again");
    }
    let said = Transcript::of(ran, &[(scratch, "BUNDLE"), (project, function.as_str())]);
    let findings = [ruby_version, syntax, platform, lock, path, checksum, conflict, not_found, access, network];
    findings.iter().find_map(|read| read(request, list, &said)).unwrap_or_else(|| {
        let (code, message) = match said.outside_fault() {
            Some((code, line)) => {
                (code, format!("Bundler could not install for function `{function}`: {}", short(line)))
            }
            None => (&codes::TOOL_FAILED, format!("Bundler could not install the gems of function `{function}`")),
        };
        let lines: Vec<_> = said.lines().filter(|line| !is_noise(line)).collect();
        quote(
            Diagnostic::new(code, list.start(), message),
            lines.get(lines.len().saturating_sub(8)..).unwrap_or_default().iter().copied(),
        )
    })
}

fn short(line: &str) -> String {
    line.trim().trim_end_matches('.').chars().take(200).collect()
}

/// The text between two others.
fn between<'a>(line: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(before)?;
    Some(rest.split_once(after).map_or(rest, |(text, _)| text))
}

fn ruby_version(request: &Request<'_>, list: List<'_>, said: &Transcript) -> Option<Diagnostic> {
    let runtime = request.target.runtime.id();
    if let Some(wanted) = said.line_with(&["Your Ruby version is"]).and_then(|l| between(l, "Gemfile specified ", "\n"))
    {
        let message =
            format!("the Gemfile wants Ruby {wanted}, and function `{}` runs on `{runtime}`", request.function.name);
        return Some(
            Diagnostic::new(&codes::WRONG_RUBY, list.call("ruby"), message)
                .help(format!("write `ruby \"~> {}.0\"`, or another `runtime.lang`", request.target.version()?)),
        );
    }
    let line = said.line_with(&["requires ruby version", "requires Ruby version", "requires rubygems version"])?;
    let gem = line.split_whitespace().next()?;
    let name = gem.rsplit_once('-').map_or(gem, |(name, _)| name);
    let wanted = between(line, "version ", ", which").unwrap_or("another");
    let message = format!("`{gem}` wants Ruby {wanted}, and function `{}` runs on `{runtime}`", request.function.name);
    let help = "take another version of the gem, or another `runtime.lang`";
    Some(Diagnostic::new(&codes::WRONG_RUBY, list.gem(name), message).help(help))
}

fn syntax(_: &Request<'_>, list: List<'_>, said: &Transcript) -> Option<Diagnostic> {
    let line = said.line_with(&["There was an error parsing `", "There was an error while loading `"])?;
    // `[!] There was an error parsing `Gemfile`: WHY. Bundler cannot continue.`, then ` #  from PLACE/Gemfile:LINE`.
    let why = between(line, "`: ", " Bundler cannot continue").unwrap_or(line);
    let number = said.lines().find_map(|line| {
        let after = line.split_once("from ").map(|(_, place)| place).filter(|_| line.trim_start().starts_with('#'))?;
        after.rsplit_once(':').and_then(|(_, number)| number.trim().parse().ok())
    });
    let at = number.map_or(list.start(), |number| line_place(list.file, list.text, number));
    Some(Diagnostic::new(&codes::UNUSABLE_LIST, at, format!("the Gemfile cannot be read: {}", short(why))))
}

fn platform(request: &Request<'_>, list: List<'_>, said: &Transcript) -> Option<Diagnostic> {
    said.line_with(&["Your bundle only supports platforms"])?;
    let cpu = if request.target.architecture.as_str() == "arm64" { "aarch64" } else { "x86_64" };
    let message = format!("Gemfile.lock is not for Linux on {}", request.target.architecture.as_str());
    Some(
        Diagnostic::new(&codes::WRONG_PLATFORM, list.start(), message)
            .help(format!("add it and commit the lock: `bundle lock --add-platform {cpu}-linux`")),
    )
}

fn lock(_: &Request<'_>, list: List<'_>, said: &Transcript) -> Option<Diagnostic> {
    let marks = [
        "after changing",
        "lockfile can't be updated",
        "Your lock file is missing",
        "lockfile does not have",
        "but the lockfile is frozen",
        "lockfile is corrupt",
        "lockfile was generated",
        "contains merge conflicts",
        "Unable to use the platform-specific",
        "lockfile entry",
    ];
    if !said.has(&marks) {
        return None;
    }
    let changes: Vec<_> = said.lines().map(str::trim).filter(|line| line.starts_with("* ")).collect();
    let first = changes.first().and_then(|line| line.trim_start_matches("* ").split_whitespace().next());
    let at = first.map_or(list.start(), |name| list.gem(name));
    let finding = Diagnostic::new(&codes::STALE_LOCK, at, "Gemfile.lock was made for another Gemfile");
    let finding = match changes.is_empty() {
        true => quote(finding, said.line_with(&marks)),
        false => quote(finding, changes),
    };
    Some(finding.help("bring it up to date and commit it: `bundle lock`"))
}

fn path(request: &Request<'_>, list: List<'_>, said: &Transcript) -> Option<Diagnostic> {
    if let Some(path) = said.line_with(&["The path `"]).and_then(|line| between(line, "The path `", "`")) {
        let path = relative(&lexical(request.directory), Path::new(path));
        let at = list.text.find(&path).map(|at| Span::new(list.file, at, at + path.len()));
        let message = format!("a gem is to come from `{path}`, where nothing is");
        return Some(Diagnostic::new(&codes::LOCAL_ABSENT, at.unwrap_or_else(|| list.start()), message));
    }
    let line = said.line_with(&["in source at `"])?;
    let gem = between(line, "Could not find gem '", "'")?.split_whitespace().next()?;
    let place = between(line, "in source at `", "`")?;
    let message = format!("the directory `{place}` holds no gem `{gem}`");
    Some(
        Diagnostic::new(&codes::LOCAL_ABSENT, list.gem(gem), message)
            .help(format!("it needs a `{gem}.gemspec` with that name and a version that fits")),
    )
}

fn checksum(_: &Request<'_>, list: List<'_>, said: &Transcript) -> Option<Diagnostic> {
    let line = said.line_with(&[
        "checksum for the downloaded",
        "Mismatched checksums",
        "checksum mismatch",
        "does not match the checksum",
        "package is corrupt",
        "package metadata is missing",
    ])?;
    let message = format!("a gem is not what its source or the lock says: {}", short(line));
    Some(
        Diagnostic::new(&codes::WRONG_HASH, list.start(), message)
            .help("fetch it anew; if it stays so, find out who changed the release before you write a new lock"),
    )
}

fn conflict(request: &Request<'_>, list: List<'_>, said: &Transcript) -> Option<Diagnostic> {
    // Bundler up to 2.3, and PubGrub since 2.4.
    let marks = [
        "could not find compatible versions for gem",
        "Could not find compatible versions",
        "found conflicting requirements for the Ruby",
    ];
    let headline = said.line_with(&marks)?;
    let is_noise =
        |line: &&str| line.trim() != "In Gemfile:" && !line.contains("Current Ruby version") && !is_noise(line);
    let chain: Vec<_> = said
        .lines()
        .skip_while(|line| *line != headline)
        .skip(1)
        .take_while(|line| !line.contains("bundle update"))
        .filter(is_noise)
        .take(CHAIN)
        .collect();
    let in_list = |name: &&str| list.gem(name).end > list.gem(name).start;
    let words = || chain.iter().flat_map(|line| line.split([' ', ',', '(']));
    let own = words().find(in_list);
    let about_ruby = headline.contains("the Ruby") || chain.iter().any(|line| line.contains("depends on Ruby "));
    let named = between(headline, "for gem \"", "\"");
    let at = named.filter(in_list).or(own).map_or(list.start(), |name| list.gem(name));
    let finding = if about_ruby {
        let whose = own.map_or("a gem".to_owned(), |name| format!("`{name}`"));
        let (function, runtime) = (&request.function.name, request.target.runtime.id());
        let message = format!("{whose} is not made for `{runtime}`, which function `{function}` runs on");
        Diagnostic::new(&codes::WRONG_RUBY, at, message)
    } else {
        let whose = named.or(own).map_or("of gems".to_owned(), |name| format!("of `{name}`"));
        Diagnostic::new(&codes::CONFLICT, at, format!("versions {whose} are wanted that exclude each other"))
    };
    Some(quote(finding, chain))
}

/// What Bundler prints on the way and is not about a failure.
fn is_noise(line: &str) -> bool {
    ["[DEPRECATED]", "Resolving dependencies", "Fetching ", "Using ", "Installing "]
        .iter()
        .any(|start| line.starts_with(start))
}

fn not_found(_: &Request<'_>, list: List<'_>, said: &Transcript) -> Option<Diagnostic> {
    let line = said.line_with(&["Could not find gem '", "Could not find "])?;
    let wanted = match between(line, "Could not find gem '", "'") {
        Some(wanted) => wanted.to_owned(),
        None => between(line, "Could not find ", " in ")?.to_owned(),
    };
    let name = wanted.split([' ', ',']).next().unwrap_or_default();
    // `NAME-VERSION` where a locked gem is meant.
    let name = match name.rsplit_once('-') {
        Some((name, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => name,
        _ => name,
    };
    let place = if list.is_vendored { "`vendor/cache`" } else { "its sources" };
    let finding = Diagnostic::new(&codes::NOT_FOUND, list.gem(name), format!("no gem `{wanted}` in {place}"));
    let needed = said.line_with(&["which is required by gem"]).and_then(|line| between(line, "required by gem '", "'"));
    let finding = finding.help_opt(needed.map(|by| format!("`{by}` needs it")));
    Some(match list.is_vendored {
        true => finding.help("gems are taken from `vendor/cache` alone where it is there: `bundle cache` fills it"),
        false => finding.help("check the name, the version and `source`"),
    })
}

fn access(_: &Request<'_>, list: List<'_>, said: &Transcript) -> Option<Diagnostic> {
    let marks = [
        "Authentication is required for",
        "Bad username or password",
        "Access token could not be authenticated",
        "is forbidden",
        "403 Forbidden",
        "401 Unauthorized",
    ];
    let line = said.line_with(&marks)?;
    let message = format!("a source of gems refuses access: {}", short(line));
    Some(
        Diagnostic::new(&codes::ACCESS_REFUSED, list.call("source"), message)
            .help("give Bundler the credentials: `bundle config set --global HOST USER:PASSWORD`"),
    )
}

fn network(_: &Request<'_>, list: List<'_>, said: &Transcript) -> Option<Diagnostic> {
    let git = said.line_with(&["Git error: command"]);
    let outside = said.outside_fault();
    if let Some(line) = git {
        let source = between(line, "git clone ", " has failed").unwrap_or(line);
        let url = source.split_whitespace().find(|word| word.contains("://") || word.contains('@')).unwrap_or_default();
        let url = url.trim_matches(['`', '"', '\'']).trim_start_matches("-- ");
        let at = list.text.find(url).filter(|_| !url.is_empty()).map(|at| Span::new(list.file, at, at + url.len()));
        let (code, why) = outside.unwrap_or((&codes::UNREACHABLE, line));
        let message = format!("a gem's repository cannot be fetched: {}", short(why));
        let help = "git is run with your own credentials: try `git ls-remote` with that repository";
        return Some(Diagnostic::new(code, at.unwrap_or_else(|| list.start()), message).help(help));
    }
    let line = said.line_with(&[
        "Could not reach host",
        "Network error while fetching",
        "Could not fetch specs",
        "Net::OpenTimeout",
        "Too Many Requests",
        "Retrying download",
    ]);
    let line = line.or_else(|| outside.filter(|(code, _)| code.id == codes::UNREACHABLE.id).map(|(_, line)| line))?;
    let message = format!("a source of gems cannot be reached: {}", short(line));
    Some(
        Diagnostic::new(&codes::UNREACHABLE, list.call("source"), message)
            .help("check the network and the proxy; then run it again")
            .help("`bundle cache` puts gems into `vendor/cache`, from where they are installed without a network"),
    )
}
