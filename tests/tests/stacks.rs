//! Topologies that are too large for one stack, compiled: every template is judged from outside, and places stay.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tc_tests::generate::Tool;
use tc_tests::{binary, judges, tree};
use tempfile::TempDir;

/// A topology in a directory of its own.
struct Fixture {
    directory: TempDir,
}

impl Fixture {
    /// So many functions, each with a route and an event, and a flow through all of them.
    fn generated(functions: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        tree::write(directory.path(), &Tool::Tc.project(functions)).unwrap();
        Self { directory }
    }

    /// Sixty functions behind a REST API with authorizers and cross-origin rules, queues, schedules, asynchronous routes,
    /// aliases and an event that goes to a queue.
    fn mixed() -> Self {
        let mut text = "name: shop\nroutes:\n".to_owned();
        for n in 0..60 {
            let guard = if n % 10 == 0 { ", authorizer: guard" } else { "" };
            let _ = writeln!(
                text,
                "  /r{n}/{{id}}: {{gateway: api, kind: rest, method: POST, function: f{n}, cors: {{origins: ['*']}}{guard}}}"
            );
        }
        for n in 0..5 {
            let _ = writeln!(text, "  /late{n}: {{gateway: web, method: POST, function: f{n}, async: true}}");
            let _ = writeln!(text, "  /q{n}: {{gateway: web, method: POST, queue: q{n}}}");
        }
        text.push_str("queues:\n");
        (0..20).for_each(|n| _ = writeln!(text, "  q{n}: {{producer: f{n}, consumer: f{}}}", n + 20));
        text.push_str("events:\n  consumes:\n");
        (0..20).for_each(|n| _ = writeln!(text, "    E{n}: {{producer: default, function: f{n}}}"));
        (20..25).for_each(|n| _ = writeln!(text, "    E{n}: {{producer: default, queue: q{}}}", n - 20));
        text.push_str("schedules:\n");
        (0..20).for_each(|n| _ = writeln!(text, "  s{n}: {{rate: 1 hour, function: f{n}}}"));
        text.push_str(
            "flow:\n  StartAt: a\n  States:\n    a:\n      Type: Task\n      Resource: arn:aws:states:::lambda:invoke\n      \
             Parameters: {FunctionName: f1, Payload.$: $}\n      End: true\n",
        );
        let fixture = Self { directory: tempfile::tempdir().unwrap() };
        fixture.write("topology.yml", &text);
        for n in 0..60 {
            fixture.function(&format!("f{n}"));
        }
        fixture.function("guard");
        for n in 0..3 {
            let aliased = r#"{"runtime": {"lang": "python3.13", "snapstart": true}}"#;
            fixture.write(&format!("f{n}/function.json"), aliased);
        }
        fixture
    }

    fn root(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn function(&self, name: &str) {
        self.write(&format!("{name}/handler.py"), "def handler(event, context):\n    return {}\n");
    }

    fn compile(&self, more: &[&str]) -> Output {
        let mut command = Command::new(binary::tc());
        command.current_dir(self.root()).args(["compile", "-s", "bob", "-e", "dev", "-o", "out"]).args(more);
        command.output().unwrap()
    }

    fn compiled(&self) -> BTreeSet<String> {
        let output = self.compile(&[]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && told.contains(" nested stacks and the root"), "{told}");
        let stacks = fs::read_dir(self.root().join("out/stacks")).unwrap();
        stacks.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    fn lock(&self) -> BTreeSet<String> {
        let text = fs::read_to_string(self.root().join("topology.lock")).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn templates(&self) -> Vec<PathBuf> {
        let out = self.root().join("out");
        let nested = self.compiled().into_iter().map(|name| out.join("stacks").join(name));
        [out.join("template.yaml")].into_iter().chain(nested).collect()
    }
}

#[test]
fn the_judges_are_silent_on_every_template() {
    let fixtures = [Fixture::generated(60), Fixture::mixed()];
    let templates: Vec<PathBuf> = fixtures.iter().flat_map(Fixture::templates).collect();
    assert_eq!(templates.len(), 9, "{templates:?}");
    assert_eq!(judges::judge(&templates), Ok(Vec::new()));
}

#[test]
fn a_function_that_is_added_changes_nobodys_place() {
    let fixture = Fixture::mixed();
    let before = (fixture.compiled(), fixture.lock());
    fixture.function("aa");
    let topology = fs::read_to_string(fixture.root().join("topology.yml")).unwrap();
    fixture.write("topology.yml", &topology.replacen("  s0:", "  nightly: {rate: 1 day, function: aa}\n  s0:", 1));
    let late = fixture.compile(&["--check"]);
    let told = String::from_utf8_lossy(&late.stderr).into_owned();
    assert!(!late.status.success() && told.contains("`topology.lock` differs"), "{told}");
    assert!(told.contains("+functions/aa: functions-1"), "{told}");
    assert_eq!(fixture.compiled(), before.0);
    let added: Vec<String> = fixture.lock().difference(&before.1).cloned().collect();
    assert_eq!(added, ["functions/aa: functions-1", "schedules/nightly: triggers-3"]);
    assert!(before.1.is_subset(&fixture.lock()));
    assert!(fixture.compile(&["--check"]).status.success());
}

#[test]
fn what_is_compiled_depends_on_the_lock_and_not_on_the_directory() {
    let (one, other) = (Fixture::generated(60), Fixture::generated(60));
    one.compiled();
    other.compiled();
    let read = |fixture: &Fixture| tree::read(&fixture.root().join("out")).unwrap();
    assert!(read(&one) == read(&other));
    assert_eq!(one.lock(), other.lock());
}

#[test]
fn a_topology_that_grows_keeps_what_it_had_in_the_root() {
    let fixture = Fixture::generated(39);
    assert!(fixture.compile(&[]).status.success());
    assert!(!fixture.root().join("out/stacks").exists());
    let first = fixture.lock();
    assert!(first.iter().filter(|line| !line.starts_with('#')).all(|line| line.ends_with(": root")), "{first:?}");
    tree::write(fixture.root(), &grown(&fixture)).unwrap();
    fixture.compiled();
    assert!(first.is_subset(&fixture.lock()));
}

/// Sixty functions in the place of what a fixture has, which keeps its lock.
fn grown(fixture: &Fixture) -> tree::Tree {
    let mut files = Tool::Tc.project(60);
    files.insert("topology.lock".to_owned(), fs::read(fixture.root().join("topology.lock")).unwrap());
    files
}
