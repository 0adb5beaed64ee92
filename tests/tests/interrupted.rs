//! `tc build` killed at any moment, and run again: nothing half-built is taken for a result, and nothing is left lying.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use tc_tests::project::Project;
use tc_tests::tree::{self, Tree};
use tc_tests::wheel;

/// A topology with a layer and with dependencies for a function's code, both from wheels beside it.
fn project() -> Project {
    let list = "[project]\nname = \"fn\"\nversion = \"1\"\ndependencies = [\"one\", \"two\"]\n\n[tool.uv]\nno-index = \
                true\nfind-links = [\"../../wheels\"]\n";
    let handler = "def handler(event, context):\n    return {}\n";
    let files = [
        ("layered/handler.py", handler),
        ("layered/function.json", r#"{"runtime": {"lang": "python3.12"}}"#),
        ("layered/pyproject.toml", list),
        ("packed/handler.py", handler),
        ("packed/function.json", r#"{"runtime": {"lang": "python3.12"}, "build": {"kind": "inline"}}"#),
        ("packed/pyproject.toml", list),
    ];
    let project = Project::new(&files).with_uv();
    for name in ["one", "two"] {
        let text = format!("NAME = '{name}'\n").repeat(20_000);
        let module = format!("{name}/__init__.py");
        wheel::write(&project.root().join("../wheels"), name, "1.0", &[], &[(module.as_str(), text.as_str())]);
    }
    project
}

/// The names of everything below a directory.
fn entries(directory: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(directory) = pending.pop() {
        // It may vanish while it is looked at.
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            found.insert(entry.path().to_string_lossy().into_owned());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                pending.push(entry.path());
            }
        }
    }
    found
}

/// Lets `tc` go on until what lies below `.tc` has been seen to change so many times, and kills it. Whether it had not
/// ended before.
fn kill_after(changes: usize, child: &mut Child, directory: &Path) -> bool {
    let mut seen = entries(directory);
    let mut count = 0;
    while count < changes {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        let now = entries(directory);
        if now != seen {
            count += 1;
            seen = now;
        }
    }
    child.kill().unwrap();
    // By a signal, unless it ended in between.
    child.wait().unwrap().code().is_none()
}

/// What `tc build` makes, for `tc compile` and for publishing.
fn results(project: &Project) -> Tree {
    let mut all = tree::read(&project.root().join(".tc/layers")).unwrap();
    all.extend(tree::read(&project.root().join(".tc/build")).unwrap());
    all
}

/// The layers that the manifest names, if there is one, are there as it says.
fn is_consistent(project: &Project) {
    let layers = project.root().join(".tc/layers");
    let Ok(manifest) = fs::read(layers.join("manifest.json")) else { return };
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    for chunk in manifest["layers"].as_array().unwrap().iter().flat_map(|layer| layer["chunks"].as_array().unwrap()) {
        let zip = fs::read(layers.join(chunk["file"].as_str().unwrap())).unwrap();
        let digest: String = Sha256::digest(zip).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(chunk["sha256"].as_str().unwrap(), digest);
    }
}

#[test]
fn a_build_that_is_killed_at_any_moment_goes_on_and_leaves_nothing() {
    let reference = project();
    reference.tc(&["build"]).well();
    let wanted = results(&reference);
    assert_eq!(
        wanted.keys().collect::<Vec<_>>(),
        [
            ".gitignore",
            "etl-layered-x86_64.zip",
            "manifest.json",
            "packed/x86_64/dependencies.json",
            "packed/x86_64/dependencies.zip"
        ]
    );
    let mut kills = 0;
    // Each time a little later, until it ends by itself.
    for changes in (1..).step_by(4) {
        let project = project();
        let mut command = project.command(&["build"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let was_killed = kill_after(changes, &mut child, &project.root().join(".tc"));
        is_consistent(&project);
        // What `tc compile` takes is whole or not taken.
        let compiled = project.tc(&["compile", "--sandbox", "bob", "-o", "../out"]);
        assert!(compiled.status == Some(0) || compiled.err.contains("error[TC0946]"), "{compiled:?}");
        project.tc(&["build"]).well();
        assert!(results(&project) == wanted, "after {changes} changes: {:?}", results(&project).keys());
        // A program that outlived the killed run may have written once more; the next run takes that away.
        project.tc(&["build"]).well();
        let left: Vec<_> = entries(&project.root().join(".tc"))
            .into_iter()
            .filter(|name| name.contains("/draft-") || name.contains("/.tc-"))
            .collect();
        assert!(left.is_empty(), "after {changes} changes: {left:?}");
        let temporary: Vec<_> = fs::read_dir(project.temporary()).unwrap().collect();
        assert!(temporary.is_empty(), "after {changes} changes: {temporary:?}");
        if !was_killed {
            break;
        }
        kills += 1;
    }
    assert!(kills >= 3, "it was over before it could be killed more than {kills} times");
}

#[test]
fn a_build_that_is_killed_leaves_what_was_built_before() {
    let project = project();
    project.tc(&["build"]).well();
    let before = results(&project);
    for changes in 1..=4 {
        project.write("layered/lib/local/__init__.py", &format!("VERSION = {changes}\n"));
        let mut command = project.command(&["build"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        kill_after(changes, &mut child, &project.root().join(".tc"));
        is_consistent(&project);
    }
    fs::remove_dir_all(project.root().join("layered/lib")).unwrap();
    project.tc(&["build"]).well();
    assert!(results(&project) == before, "{:?}", results(&project).keys());
}
