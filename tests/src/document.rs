//! The examples of a Markdown page, which are run as they are printed.
//!
//! | block | meaning |
//! |---|---|
//! | ```` ```yaml etl/topology.yml ```` | a file: the words after the language are its path in the page's directory |
//! | ```` ```console ```` | commands after `$ `, in a shell in that directory, each with the output that must follow |
//! | ```` ```mermaid ```` | the graph that the page's last topology gives |
//!
//! In expected output `[..]` stands for anything in a line and a line `...` for any lines. `cargo run --release --` is
//! the program under test. At `http://127.0.0.1:4566` there is a local AWS, of which a page is the only user. Port 5000 is
//! free, for `tc local`; what it starts there is stopped after the page. A block of another kind is text.
//!
//! A page whose commands need a package index that cannot be reached says so, and the rest of it is not tried.

#![allow(clippy::print_stderr, reason = "a page that is not tried to its end says so")]

use crate::binary::{tc, workspace};
use crate::emulator::{Emulator, cache, free_port};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where pages say that an AWS answers.
const LOCAL: &str = "http://127.0.0.1:4566";

/// The port at which pages start one by `tc local`, as they write it.
const PORTS: [&str; 2] = ["127.0.0.1:5000", "--port 5000"];

/// What tc finds where an index cannot be reached.
const UNREACHABLE: &str = "error[TC0902]";

struct Block {
    language: String,
    path: Option<String>,
    text: String,
    line: usize,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let mut words = info.split_whitespace().map(str::to_owned);
                let language = words.next().unwrap_or_default();
                open = Some(Block { language, path: words.next(), text: String::new(), line: number + 1 });
            }
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// Runs the examples of a page, a path in the workspace, and returns how many commands and graphs were compared.
///
/// # Panics
/// When an example does not give what is printed below it.
pub fn run(page: &str) -> usize {
    let text = fs::read_to_string(workspace().join(page)).expect("the page is part of the repository");
    let root = tempfile::tempdir().expect("a temporary directory");
    let mut directory = root.path().to_path_buf();
    let mut compared = 0;
    let mut last_topology = directory.clone();
    let mut local = Local::default();
    for block in blocks(&text) {
        if let Some(path) = &block.path {
            let file = root.path().join(path);
            fs::create_dir_all(file.parent().unwrap_or(root.path())).expect("a directory for the example");
            fs::write(&file, local.reached(&block.text)).expect("the example can be written");
            if file.ends_with("topology.yml") {
                last_topology = file.parent().unwrap_or(root.path()).to_path_buf();
            }
            continue;
        }
        match block.language.as_str() {
            "console" => {
                for (command, expected) in commands(&block.text) {
                    let place = format!("{page}:{}: $ {command}", block.line);
                    let (next, actual) = shell(&local.reached(&command), &directory);
                    directory = next;
                    let actual = local.printed(actual);
                    if actual.contains(UNREACHABLE) && !expected.contains(UNREACHABLE) {
                        eprintln!("{place}\nthe rest of the page is not tried: {actual}");
                        return compared;
                    }
                    assert!(matches(&expected, &actual), "{place}\n--- printed\n{expected}--- given\n{actual}");
                    compared += 1;
                }
            }
            "mermaid" => {
                let (_, actual) = shell("tc compile -s bob -e dev --emit graph 2>/dev/null", &last_topology);
                assert!(block.text == actual, "{page}:{}\n--- printed\n{}--- given\n{actual}", block.line, block.text);
                compared += 1;
            }
            _ => {}
        }
    }
    compared
}

/// What answers at the addresses that a page speaks of.
#[derive(Default)]
struct Local {
    /// The AWS at [`LOCAL`], started once the page speaks of it.
    emulator: Option<Emulator>,
    /// The port that stands for the one of [`PORTS`].
    port: Option<u16>,
}

impl Local {
    /// A text with the addresses as they are in this run.
    fn reached(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        if text.contains(LOCAL) {
            let emulator = self.emulator.get_or_insert_with(|| Emulator::start().expect("the local AWS starts"));
            text = text.replace(LOCAL, &emulator.address);
        }
        if PORTS.iter().any(|port| text.contains(port)) {
            let port = *self.port.get_or_insert_with(|| free_port().expect("a free port"));
            text = PORTS.iter().fold(text, |text, written| text.replace(written, &in_this_run(written, port)));
        }
        text
    }

    /// What was printed, with the addresses of the page.
    fn printed(&self, text: String) -> String {
        let text = self.emulator.as_ref().map_or(text.clone(), |emulator| text.replace(&emulator.address, LOCAL));
        let Some(port) = self.port else { return text };
        PORTS.iter().fold(text, |text, written| text.replace(&in_this_run(written, port), written))
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        if let Some(port) = self.port {
            let mut stop = Command::new(tc());
            stop.args(["local", "stop", "--port", &port.to_string()]).env("XDG_CACHE_HOME", cache());
            let _ = stop.output();
        }
    }
}

fn in_this_run(written: &str, port: u16) -> String {
    written.replace("5000", &port.to_string())
}

/// The commands of a block with the output printed below each.
fn commands(text: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((_, output))) => {
                output.push_str(line);
                output.push('\n');
            }
            (None, None) => {}
        }
    }
    commands
}

/// Runs a command line and gives the directory the shell ends in and all it printed. What needs the repository around it
/// runs there.
fn shell(command: &str, directory: &Path) -> (PathBuf, String) {
    let of_repository = command.contains("cargo run") || command.contains("golden/");
    let command = command.replace("cargo run --release --", "tc");
    let script = format!("{command}\nstatus=$?\npwd > \"$TC_DIRECTORY\"\nexit $status");
    let place = tempfile::NamedTempFile::new().expect("a temporary file");
    let programs = tc().parent().unwrap_or(Path::new("/")).to_path_buf();
    let path = format!("{}:{}", programs.display(), std::env::var_os("PATH").unwrap_or_default().to_string_lossy());
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("exec 2>&1\n{script}")]).env("PATH", path).env("TC_DIRECTORY", place.path());
    shell.current_dir(if of_repository { workspace() } else { directory.to_path_buf() }).env("NO_COLOR", "1");
    shell.env("XDG_CACHE_HOME", cache());
    let output = shell.output().expect("there is a shell");
    let next = fs::read_to_string(place.path()).unwrap_or_default();
    let next = if of_repository || next.is_empty() { directory.to_path_buf() } else { PathBuf::from(next.trim_end()) };
    (next, String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether output is as printed, with `[..]` and `...` standing for what varies.
fn matches(expected: &str, actual: &str) -> bool {
    let expected: Vec<&str> = expected.trim_end().lines().collect();
    let actual: Vec<&str> = actual.trim_end().lines().collect();
    lines_match(&expected, &actual)
}

fn lines_match(expected: &[&str], actual: &[&str]) -> bool {
    match (expected.split_first(), actual.split_first()) {
        (None, None) => true,
        (Some((&"...", rest)), _) => {
            (0..=actual.len()).any(|skipped| lines_match(rest, actual.get(skipped..).unwrap_or(&[])))
        }
        (Some((line, rest)), Some((given, others))) => line_matches(line, given) && lines_match(rest, others),
        _ => false,
    }
}

fn line_matches(expected: &str, actual: &str) -> bool {
    let mut parts = expected.trim_end().split("[..]");
    let Some(mut rest) = actual.trim_end().strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_varies_may_differ() {
        assert!(matches("a [..] c\n...\nz\n", "a b c\n1\n2\nz\n"));
        assert!(matches("in [..] ms", "in 12 ms"));
        assert!(!matches("a [..] c\n", "a b d\n"));
        assert!(!matches("a\n", "a\nb\n"));
        assert!(!matches("a\n...\nz\n", "a\nb\n"));
    }
}
