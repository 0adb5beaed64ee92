//! Findings about artifacts: what they say and where they point.

use crate::archive::ReadError;
use crate::select::Fault;
use crate::select::walk::MAX_ENTRIES;
use crate::staging::{End, Outcome, ProductError, Staging};
use std::io;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::{artifact as codes, reading};
use tc_core::ir::{Family, Function};
use tc_core::source::Span;
use tc_core::world::{SourcePath, WorldError};

/// How many lines of a failed command's output are shown, and how much of each in characters.
const LINES: usize = 10;
const LINE: usize = 300;

/// Where findings about a function's zip point: at its `tasks.build`, else where it is declared.
pub(crate) fn place(function: &Function) -> Span {
    function.build_task.as_ref().map_or(function.span, |task| task.span)
}

/// Something in the source tree that cannot be packed.
pub(crate) fn fault(function: &Function, fault: &Fault) -> Diagnostic {
    let at = |code, message: String| Diagnostic::new(code, place(function), message);
    let leave_out = "leave it out by its name in a `.tcignore`, or replace it by a file";
    match fault {
        Fault::Escapes(path) => {
            at(&reading::OUTSIDE_PROJECT, format!("the link `{path}` leads out of the project")).help(leave_out)
        }
        Fault::Special(path) => {
            let message =
                format!("`{path}` is neither a file nor a directory, or a link that leads nowhere or to itself");
            at(&codes::NOT_PACKABLE, message).help(leave_out)
        }
        Fault::Unreadable(path, WorldError::Escapes) => {
            at(&reading::OUTSIDE_PROJECT, format!("`{path}` lies outside of the project")).help(leave_out)
        }
        Fault::Unreadable(path, error) => at(&reading::UNREADABLE, format!("`{path}` cannot be read: {error}")),
        Fault::Name(path, reason) => {
            let path = path.as_str().escape_debug();
            at(&codes::NOT_PACKABLE, format!("`{path}` cannot stand in a zip: {reason}")).help("rename it")
        }
        Fault::Duplicate(name) => at(&codes::NOT_PACKABLE, format!("two files would be called `{name}` in the zip"))
            .help("leave out `-j`, which drops the directories from their names"),
        Fault::TooMany(path) => at(&codes::NOT_PACKABLE, format!("`{path}` has more than {MAX_ENTRIES} entries"))
            .help("leave directories out in a `.tcignore`"),
        Fault::Absent(name, near) => absent(function, name, near.as_deref()),
    }
}

fn absent(function: &Function, name: &str, near: Option<&str>) -> Diagnostic {
    let message = format!("`{name}` matches no file in `{}`", function.directory);
    let finding = Diagnostic::new(&codes::NO_MATCH, place(function), message);
    let finding = finding.help_opt(near.map(|near| format!("did you mean `{near}`?")));
    match SourcePath::new(name).is_inside() {
        true => finding,
        false => finding.help(alone(function)),
    }
}

/// What surprises in a command that looks around it.
fn alone(function: &Function) -> String {
    format!("`tasks.build` runs in a copy of `{}` alone, without what is around it", function.directory)
}

/// A directory that is named without `-r`.
pub(crate) fn skipped(function: &Function, directory: &str) -> Diagnostic {
    let message = format!("`{directory}` is a directory, and `zip` without `-r` leaves out what is in it");
    Diagnostic::new(&codes::DIRECTORY_SKIPPED, place(function), message).help("write `zip -r`")
}

/// A compiled function of which there is no program.
pub(crate) fn not_built(function: &Function, family: Family, places: &[SourcePath]) -> Diagnostic {
    let language = match family {
        Family::Rust => "Rust",
        Family::Go => "Go",
        Family::Java => "Java",
        _ => ".NET",
    };
    let message = format!("function `{}` is written in {language} and has not been built", function.name);
    let finding = Diagnostic::new(&codes::NOT_BUILT, place(function), message);
    if places.is_empty() {
        return finding.help("give `tasks.build` in function.json: a command that makes `lambda.zip`");
    }
    let places: Vec<_> = places.iter().map(|path| format!("`{path}`")).collect();
    finding
        .help("run `tc build`, or give `tasks.build` in function.json: a command that makes `bootstrap`")
        .help(format!("looked for {}", places.join(" and ")))
}

/// A build command that cannot be started.
pub(crate) fn not_started(function: &Function, error: &io::Error) -> Diagnostic {
    let error = WorldError::from(error);
    let message = format!("the build of function `{}` cannot be started: {error}", function.name);
    Diagnostic::new(&codes::BUILD_FAILED, place(function), message)
        .help("`tasks.build` is run by `sh`; only `zip NAME.zip FILES...` needs no shell")
}

/// A build command that failed.
pub(crate) fn failed(function: &Function, staging: &Staging, outcome: &Outcome) -> Diagnostic {
    let end = match outcome.end {
        End::Success => "well".to_owned(),
        End::Status(status) => format!("with exit status {status}"),
        End::Signal(signal) => format!("by signal {signal}"),
    };
    let message = format!("the build of function `{}` ended {end}", function.name);
    let mut finding = Diagnostic::new(&codes::BUILD_FAILED, place(function), message);
    for line in last_lines(&staging.hide_place(&outcome.output)) {
        finding = finding.help(format!("> {line}"));
    }
    if outcome.end == End::Status(127) {
        finding = finding.help("a program is not installed, or not on the PATH");
    }
    if function.build_task.as_ref().is_some_and(|task| task.contains("..")) {
        finding = finding.help(alone(function));
    }
    if !staging.left_out.is_empty() {
        let paths: Vec<_> = staging.left_out.iter().take(LINES).map(|path| format!("`{path}`")).collect();
        finding = finding.help(format!("links out of the project are not copied: {}", paths.join(", ")));
    }
    finding
}

/// The last lines of a program's output, without what would steer a terminal.
pub(crate) fn last_lines(output: &str) -> Vec<String> {
    let lines: Vec<_> = output.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default();
    last.iter().map(|line| plain(line).chars().take(LINE).collect()).collect()
}

/// A line without control sequences and other control characters.
pub(crate) fn plain(line: &str) -> String {
    let mut plain = String::new();
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        if char == '\u{1b}' && chars.next_if_eq(&'[').is_some() {
            // A control sequence ends with a character from `@` to `~` (ECMA-48, 5.4).
            while chars.next().is_some_and(|char| !('@'..='~').contains(&char)) {}
        } else if char == '\t' {
            plain.push(' ');
        } else if !char.is_control() {
            plain.push(char);
        }
    }
    plain
}

/// A copy of the directory that cannot be made.
pub(crate) fn not_staged(function: &Function, error: &io::Error) -> Diagnostic {
    let error = WorldError::from(error);
    let message =
        format!("`{}` cannot be copied for the build of function `{}`: {error}", function.directory, function.name);
    Diagnostic::new(&codes::BUILD_FAILED, place(function), message)
}

/// A build command that made what cannot be packed.
pub(crate) fn product(function: &Function, error: &ProductError) -> Diagnostic {
    let at = |message: String| Diagnostic::new(&codes::UNUSABLE_PRODUCT, place(function), message);
    let made = format!("the build of function `{}` made", function.name);
    match error {
        ProductError::Ambiguous(names) => {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            at(format!("{made} several zips: {}", names.join(", "))).help("call the one to be taken `lambda.zip`")
        }
        ProductError::Link(name) => at(format!("{made} `{name}`, a link that leads out of its directory, or nowhere")),
        ProductError::Special(name) => at(format!("{made} `{name}`, which is not a regular file")),
        ProductError::Name(name, reason) => {
            at(format!("{made} `{}`, which cannot stand in a zip: {reason}", name.escape_debug()))
        }
        ProductError::TooMany(limit) => at(format!("{made} more than {limit} files")),
        ProductError::TooLarge(name, limit) => at(format!("{made} `{name}` of more than {limit} bytes")),
        ProductError::Io(error) => {
            let error = WorldError::from(error);
            at(format!("what the build of function `{}` made cannot be read: {error}", function.name))
        }
    }
}

/// A zip made by a build command that is not one to be trusted.
pub(crate) fn archive(function: &Function, name: &str, error: &ReadError) -> Diagnostic {
    let message = format!("`{name}`, made by the build of function `{}`, cannot be taken: {error}", function.name);
    Diagnostic::new(&codes::UNUSABLE_PRODUCT, place(function), message)
        .help("tc takes a zip of regular files with names that stay inside of it, each once")
}

/// A file that was there when the directory was listed and cannot be read now.
pub(crate) fn unreadable(function: &Function, name: &str, reason: &str) -> Diagnostic {
    let message = format!("`{name}` of function `{}` cannot be read: {reason}", function.name);
    Diagnostic::new(&reading::UNREADABLE, place(function), message)
}

/// An artifact that cannot be kept.
pub(crate) fn not_written(function: &Function, error: &io::Error) -> Diagnostic {
    let error = WorldError::from(error);
    let message = format!("the zip of function `{}` cannot be written: {error}", function.name);
    Diagnostic::new(&codes::NOT_WRITTEN, place(function), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_cannot_steer_the_terminal() {
        let output = "1\n\n\u{1b}[31;1mred\u{1b}[0m\tx\u{7}\r\n\u{1b}]0;title\n";
        assert_eq!(last_lines(output), ["1", "red x", "]0;title"]);
        let many: String = (0..40).map(|n| format!("{n}\n")).collect();
        assert_eq!(last_lines(&many).first().unwrap(), "30");
        assert_eq!(last_lines(&"x".repeat(9_000)).first().unwrap().len(), LINE);
    }
}
