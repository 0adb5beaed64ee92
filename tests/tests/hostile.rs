//! Inputs made to hurt: each ends with a finding and exit 1, writes nothing, and needs no more memory than its bound.
//!
//! The bound is an address space limit on the process, so that a fault shows as an abort and not as a slow machine.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tc_tests::binary::tc;
use tempfile::TempDir;

/// The most address space that any of these may take, in KiB. Generous: an unoptimised build, and threads' stacks.
const ADDRESS_SPACE: u32 = 3 << 20;

/// Compiles a topology whose file is made of these bytes, with one function beside it; the output as text.
fn refused(topology: &[u8]) -> String {
    let tree = tempfile::tempdir().unwrap();
    fs::write(tree.path().join("topology.yml"), topology).unwrap();
    refused_in(&tree)
}

fn refused_in(tree: &TempDir) -> String {
    fs::create_dir(tree.path().join("f")).unwrap();
    fs::write(tree.path().join("f/handler.py"), "def handler(event, context):\n    return event\n").unwrap();
    let Output { status, stdout, stderr } = compile(tree.path());
    let text = String::from_utf8(stderr).unwrap();
    let start: String = text.chars().take(2000).collect();
    assert_eq!(status.code(), Some(1), "{start}");
    assert!(stdout.is_empty());
    assert!(!tree.path().join(".tc").exists());
    // What people read stays readable, whatever was wrong.
    assert!(text.len() < 200_000, "{} bytes: {start}", text.len());
    text
}

fn compile(directory: &Path) -> Output {
    let limited = format!("ulimit -v {ADDRESS_SPACE}; exec \"$@\"");
    Command::new("sh").args(["-c", &limited, "sh"]).arg(tc()).arg("compile").arg(directory).output().unwrap()
}

#[test]
fn deep_nesting_is_refused_in_every_spelling() {
    let blocks: String = (0..2000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    for text in [
        "[".repeat(200_000),
        "{a: ".repeat(200_000),
        format!("name: {}", "[".repeat(5000) + &"]".repeat(5000)),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        blocks,
        format!("{}1{}", "{\"a\":".repeat(3000), "}".repeat(3000)),
    ] {
        let said = refused(text.as_bytes());
        assert!(said.contains("TC0007") || said.contains("TC0004"), "{said}");
    }
}

#[test]
fn aliases_do_not_multiply_without_end() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let below = format!("*a{}", level - 1);
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![below; 10].join(", "));
    }
    assert!(refused(bomb.as_bytes()).contains("once its aliases are expanded"));
    // Merge keys copy mappings as aliases copy values.
    let mut merges = "a0: &a0 {k0: x, l0: x}\n".to_owned();
    for level in 1..200 {
        merges += &format!("a{level}: &a{level} {{<<: [*a{0}, *a{0}, *a{0}], k{level}: *a{0}}}\n", level - 1);
    }
    refused(merges.as_bytes());
}

#[test]
fn large_files_are_read_or_refused() {
    let lines = format!("name: etl\n{}oops: 1\n", "# nothing\n".repeat(1_000_000));
    assert!(refused(lines.as_bytes()).contains(":1000002:1"));
    let values = format!("name: etl\ntags:\n{}", (0..600_000).map(|n| format!("  k{n}: v\n")).collect::<String>());
    assert!(refused(values.as_bytes()).contains("more than 1000000 values"));
    assert!(refused(format!("name: {}", "a".repeat(15 << 20)).as_bytes()).contains("TC0104"));
    assert!(refused(&vec![b'#'; (16 << 20) + 1]).contains("larger than 16777216 bytes"));
    assert!(refused("\n".repeat(1_000_000).as_bytes()).contains("is empty"));
    assert!(refused(&vec![0; 1 << 20]).contains("TC00"));
    assert!(refused(&vec![0xff; 1 << 20]).contains("not UTF-8"));
}

#[test]
fn findings_by_the_thousand_are_counted_and_the_first_are_shown() {
    let duplicates = format!("name: etl\n{}", "tags: {}\n".repeat(10_001));
    let said = refused(duplicates.as_bytes());
    assert_eq!(said.matches("error[TC0005]").count(), 100, "{said}");
    assert!(said.contains("9900 more findings"), "{said}");
    assert!(said.contains("10000 errors"), "{said}");
    let unknown = (0..20_000).map(|n| format!("key{n}: 1\n")).collect::<String>();
    assert!(refused(format!("name: etl\n{unknown}").as_bytes()).contains("19900 more findings"));
}

#[test]
fn many_keys_take_time_in_proportion() {
    // Quadratic work on these would take minutes: the test runner's own limit is the judge.
    let routes: String = (0..50_000).map(|n| format!("  /r{n}: {{function: g, method: GET}}\n")).collect();
    assert!(refused(format!("name: etl\nroutes:\n{routes}").as_bytes()).contains("the function `g` does not exist"));
    let states: String = (0..30_000).map(|n| format!("    s{n}: {{Type: Pass, Next: s{}}}\n", n + 1)).collect();
    let flow = format!("name: etl\nflow:\n  StartAt: s0\n  States:\n{states}    s30000: {{Type: Pass, Next: s0}}\n");
    assert!(refused(flow.as_bytes()).contains("error[TC02"));
    let variables: String = (0..100_000).map(|n| format!("      K{n}: v\n")).collect();
    let environment = format!("name: etl\nfunctions:\n  f:\n    runtime:\n     environment:\n{variables}");
    assert!(refused(environment.as_bytes()).contains("error[TC"));
}

#[test]
fn what_is_no_file_is_no_topology() {
    let tree = tempfile::tempdir().unwrap();
    fs::create_dir(tree.path().join("topology.yml")).unwrap();
    assert!(refused_in(&tree).contains("it is a directory"));

    let tree = tempfile::tempdir().unwrap();
    assert!(Command::new("mkfifo").arg(tree.path().join("topology.yml")).status().unwrap().success());
    assert!(refused_in(&tree).contains("not a regular file"));

    for (target, said) in [("nowhere", "no `topology.yml`"), ("topology.yml", "topology.yml"), ("/etc/hostname", "out")]
    {
        let tree = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(target, tree.path().join("topology.yml")).unwrap();
        let text = refused_in(&tree);
        assert!(text.contains(said), "{target}: {text}");
    }
}
