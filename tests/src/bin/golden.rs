//! Compares the golden cases with what tc makes of them, or, with `--bless`, makes that what is expected:
//! `cargo run -p tc-tests --bin golden [-- --bless] [CASE ...]`. Read what was blessed, line by line, before committing.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a tool for developers")]

use std::process::ExitCode;
use tc_tests::golden::{Kind, USUAL, cases};
use tc_tests::tree;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let bless = arguments.iter().any(|argument| argument == "--bless");
    let wanted: Vec<&String> = arguments.iter().filter(|argument| *argument != "--bless").collect();
    let mut failed = false;
    for case in Kind::ALL.into_iter().flat_map(cases) {
        if !wanted.is_empty() && !wanted.iter().any(|name| case.name().contains(name.as_str())) {
            continue;
        }
        let actual = match std::panic::catch_unwind(|| case.actual(USUAL)) {
            Ok(actual) => actual,
            Err(_) => {
                failed = true;
                continue;
            }
        };
        let difference = tree::difference(&case.expected(), &actual);
        if difference.is_empty() {
            continue;
        }
        println!("=== {}\n{difference}", case.root.display());
        if bless {
            tree::write(&case.root.join("out"), &actual).expect("the golden directory can be written");
        } else {
            failed = true;
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
