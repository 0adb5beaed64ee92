//! The examples of the explanations that `tc explain` tells, which are compiled as they are printed.
//!
//! The words behind a block's language say where it belongs and what it shows. A page is a directory that its blocks
//! write into, one after the other.
//!
//! | block | meaning |
//! |---|---|
//! | ```` ```json enhancer/function.json ```` | a file: the rest of the page is compiled with it |
//! | ```` ```yaml topology.yml wrong ```` | a file with which `tc compile` finds the code of the page, and no other |
//! | ```` ```yaml topology.yml right ```` | a file with which it finds nothing at all |
//! | ```` ```yaml flow wrong ```` | a flow, of a topology that holds nothing beside it |
//! | ```` ```yaml states wrong ```` | the states of a flow that begins with the first of them |
//! | ```` ```sh wrong ```` | command lines; what the last of them finds is judged |
//! | ```` ```sh ````, ```` ```text ```` | command lines of other programs, text |
//!
//! Where no topology is written there is one with a name and the function `enhancer`. The functions in [`FUNCTIONS`] exist
//! as soon as the page has named them in a block, each with a handler unless the page writes a file of that name.

use crate::binary::tc;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use tc_core::diagnostic::Code;

/// What functions are called in examples.
const FUNCTIONS: [&str; 7] = ["billing", "enhancer", "guard", "loader", "report", "transformer", "worker"];

const HANDLER: &str = "def handler(event, context):\n    return {}\n";

/// What a block shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Wrong,
    Right,
}

/// A block of a page.
#[derive(Debug, PartialEq, Eq)]
struct Block<'p> {
    language: &'p str,
    place: Option<&'p str>,
    verdict: Option<Verdict>,
    text: String,
}

/// The blocks of a page.
///
/// # Errors
/// The first block whose words have no meaning.
fn blocks(page: &str) -> Result<Vec<Block<'_>>, String> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let text: String = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        let mut words: Vec<&str> = info.split(' ').collect();
        let verdict = match words.last() {
            Some(&"wrong") => Some(Verdict::Wrong),
            Some(&"right") => Some(Verdict::Right),
            _ => None,
        };
        words.truncate(words.len() - usize::from(verdict.is_some()));
        let block = match (words.as_slice(), verdict) {
            ([language @ "text"], None) | ([language @ "sh"], Some(_)) => {
                Block { language, place: None, verdict, text }
            }
            ([language @ "sh"], None) if !text.starts_with("tc ") => Block { language, place: None, verdict, text },
            ([language, place @ ("flow" | "states")], Some(_)) => Block { language, place: Some(place), verdict, text },
            ([language, place], _) if place.contains(['.', '/']) => {
                Block { language, place: Some(place), verdict, text }
            }
            _ => return Err(format!("```{info}: say where it belongs, and `wrong` or `right`")),
        };
        blocks.push(block);
    }
    Ok(blocks)
}

/// The file that a block stands for, and its text.
fn file(place: &str, text: &str) -> (String, String) {
    let indented = |by: usize| {
        let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{:by$}{line}\n", "") };
        text.lines().map(line).collect::<String>()
    };
    match place {
        "flow" => ("topology.yml".to_owned(), format!("name: etl\nflow:\n{}", indented(2))),
        "states" => {
            let first = text.split(':').next().unwrap_or_default();
            let head = format!("name: etl\nflow:\n  StartAt: {first}\n  States:\n");
            ("topology.yml".to_owned(), format!("{head}{}", indented(4)))
        }
        path => (path.to_owned(), text.to_owned()),
    }
}

/// What is found: the codes in a line each, with their messages.
type Found = BTreeSet<(String, String)>;

/// Runs a command line in a directory with these files beside those of the functions they name.
///
/// # Errors
/// What is said by a command that fails without a finding.
fn found(files: &BTreeMap<String, String>, command: &str) -> Result<Found, String> {
    let root = tempfile::tempdir().expect("a temporary directory");
    let root = root.path().join("etl");
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&root)).expect("a directory for the example");
        fs::write(path, text).expect("the example can be written");
    };
    if !files.contains_key("topology.yml") {
        write("topology.yml", "name: etl\n");
        write("enhancer/handler.py", HANDLER);
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let words = files.iter().flat_map(|(path, text)| [path, text]).flat_map(|text| text.split(|c| !is_word(c)));
    let words: BTreeSet<&str> = words.collect();
    for function in FUNCTIONS.into_iter().filter(|function| words.contains(function)) {
        write(&format!("{function}/handler.py"), HANDLER);
    }
    for (path, text) in files {
        write(path, text);
    }
    let programs = tc().parent().unwrap_or(Path::new("/")).to_path_buf();
    let path = format!("{}:{}", programs.display(), std::env::var_os("PATH").unwrap_or_default().to_string_lossy());
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("{} --message-format json", command.trim_end())]).current_dir(&root).env("PATH", path);
    let output = shell.output().expect("there is a shell");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let finding = |line: &str| {
        let finding: serde_json::Value = serde_json::from_str(line).ok()?;
        let text = |key| Some(finding.get(key)?.as_str()?.to_owned());
        Some((text("code")?, text("message")?))
    };
    let findings: Found = text.lines().filter_map(finding).collect();
    // A run that fails without a finding is no example of anything.
    if findings.is_empty() && !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(findings)
}

/// Compiles the examples of a code's explanation and returns how many there were.
///
/// # Errors
/// The first example that does not show what it is said to show.
pub fn check(code: &Code) -> Result<usize, String> {
    let mut files = BTreeMap::new();
    let mut examples = 0;
    for block in blocks(code.explanation).map_err(|message| format!("{}: {message}", code.id))? {
        if let Some(place) = block.place {
            let (path, text) = file(place, &block.text);
            files.insert(path, text);
        }
        let Some(verdict) = block.verdict else { continue };
        let command = if block.language == "sh" { &block.text } else { "tc compile . -s bob -e dev -o ../out" };
        let found = found(&files, command).map_err(|said| format!("{}: {said}\n{}", code.id, block.text))?;
        let codes: BTreeSet<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
        let expected = if verdict == Verdict::Wrong { BTreeSet::from([code.id]) } else { BTreeSet::new() };
        if codes != expected {
            return Err(format!("{}: {verdict:?}, but found {found:#?}\n{}", code.id, block.text));
        }
        examples += 1;
    }
    Ok(examples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_says_what_it_is() {
        let page =
            "A.\n```yaml topology.yml wrong\nname: etl\n```\n```json f/function.json\n{}\n```\n```text\nx\n```\n";
        let block = |language, place, verdict, text: &str| Block { language, place, verdict, text: text.to_owned() };
        let expected = vec![
            block("yaml", Some("topology.yml"), Some(Verdict::Wrong), "name: etl\n"),
            block("json", Some("f/function.json"), None, "{}\n"),
            block("text", None, None, "x\n"),
        ];
        assert_eq!(blocks(page), Ok(expected));
        for info in ["yaml", "yaml wrong", "yaml flow", "sh", "yaml a b c.yml", "yaml name wrong"] {
            assert!(blocks(&format!("```{info}\ntc compile\n```\n")).is_err(), "{info}");
        }
    }

    #[test]
    fn parts_of_a_flow_are_made_whole() {
        let (path, text) = file("states", "load: {Type: Succeed}\n");
        assert_eq!(path, "topology.yml");
        assert_eq!(text, "name: etl\nflow:\n  StartAt: load\n  States:\n    load: {Type: Succeed}\n");
        assert_eq!(file("flow", "StartAt: a\n").1, "name: etl\nflow:\n  StartAt: a\n");
    }
}
