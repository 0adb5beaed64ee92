//! Writes a topology of N functions for benchmarks, or the same system as a project of another tool:
//! `cargo run -p tc-tests --bin generate -- N DIR [tc|sam|osls|cdk|chalice]`. DIR is replaced.

#![allow(clippy::print_stderr, reason = "a tool for developers")]

use std::path::Path;
use std::process::ExitCode;
use tc_tests::generate::Tool;
use tc_tests::tree;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (count, directory, tool) = match arguments.as_slice() {
        [count, directory] => (count, directory, "tc"),
        [count, directory, tool] => (count, directory, tool.as_str()),
        _ => return usage(),
    };
    let count = count.parse::<usize>().ok().filter(|count| (1..=9999).contains(count));
    let tool = Tool::ALL.into_iter().find(|known| known.name() == tool);
    let Some((count, tool)) = count.zip(tool) else { return usage() };
    match tree::write(Path::new(directory), &tool.project(count)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generate: {directory}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: generate N DIR [tc|sam|osls|cdk|chalice], with N from 1 to 9999");
    ExitCode::from(2)
}
