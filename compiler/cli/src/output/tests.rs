//! The output is whole or absent, and nothing of anybody else's is touched.

use super::*;
use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt, symlink};

const MANIFEST: &[u8] = br#"{"tool":{"name":"tc","version":"0.0.0"}}"#;

/// An output whose template is `template`, with one code zip named by 64 times `digit`.
fn files(template: &'static str, digit: &str) -> Files<'static> {
    Files::from([
        ("template.yaml".to_owned(), template.as_bytes()),
        ("manifest.json".to_owned(), MANIFEST),
        (format!("artifacts/{}.zip", digit.repeat(64)), b"zip".as_slice()),
    ])
}

/// All paths below a directory.
fn below(directory: &Path) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            paths.extend(below(&entry.path()).into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            paths.insert(name);
        }
    }
    paths
}

#[test]
fn an_output_is_written_replaced_and_left_alone() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("deep/er/out");
    assert_eq!(write(&out, &files("one", "a")).unwrap(), Written::Changed);
    assert_eq!(below(tree.path()), files("one", "a").into_keys().map(|p| format!("deep/er/out/{p}")).collect());
    let first = fs::metadata(out.join("template.yaml")).unwrap().ino();
    assert_eq!(write(&out, &files("one", "a")).unwrap(), Written::Unchanged);
    assert_eq!(fs::metadata(out.join("template.yaml")).unwrap().ino(), first);
    assert_eq!(write(&out, &files("two", "b")).unwrap(), Written::Changed);
    assert_eq!(below(tree.path()), files("two", "b").into_keys().map(|p| format!("deep/er/out/{p}")).collect());
    assert_eq!(fs::read(out.join("template.yaml")).unwrap(), b"two");
}

#[test]
fn an_empty_directory_and_a_link_are_taken() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    fs::create_dir(&out).unwrap();
    let link = tree.path().join("link");
    symlink("out", &link).unwrap();
    assert_eq!(write(&link, &files("one", "a")).unwrap(), Written::Changed);
    assert_eq!(write(&link, &files("two", "a")).unwrap(), Written::Changed);
    assert!(link.is_symlink());
    assert_eq!(fs::read(out.join("template.yaml")).unwrap(), b"two");
}

#[test]
fn what_tc_did_not_write_is_not_touched() {
    let strange = [
        ("notes.txt", "x"),
        ("template.yaml", "x"),
        ("manifest.json", "{}"),
        ("manifest.json", "\u{0}"),
        ("artifacts/handler.zip", "x"),
        ("artifacts/x/y", "x"),
        ("empty/", ""),
    ];
    for (path, text) in strange {
        let tree = tempfile::tempdir().unwrap();
        let out = tree.path().join("out");
        let place = out.join(path);
        if path.ends_with('/') {
            fs::create_dir_all(&place).unwrap();
        } else {
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(&place, text).unwrap();
        }
        let before = below(tree.path());
        let refusal = write(&out, &files("one", "a"));
        assert!(matches!(refusal, Err(OutputError::NotOurs(_))), "{path}: {refusal:?}");
        assert_eq!(below(tree.path()), before, "{path}");
        assert!(place.exists());
    }
}

#[test]
fn a_strange_file_in_an_output_is_named() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    write(&out, &files("one", "a")).unwrap();
    fs::write(out.join("README"), "mine").unwrap();
    match write(&out, &files("two", "a")) {
        Err(OutputError::NotOurs(path)) => assert!(path.ends_with("out/README"), "{path:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read(out.join("template.yaml")).unwrap(), b"one");
}

#[test]
fn a_file_in_the_way_is_refused() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    fs::write(&out, "x").unwrap();
    assert!(matches!(write(&out, &files("one", "a")), Err(OutputError::NotOurs(_))));
    assert!(matches!(
        write(&out.join("deeper"), &files("one", "a")),
        Err(OutputError::NotOurs(_) | OutputError::Io(..))
    ));
    assert_eq!(fs::read(&out).unwrap(), b"x");
    assert_eq!(below(tree.path()).len(), 1);
}

#[test]
fn a_failed_write_leaves_nothing() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    write(&out, &files("one", "a")).unwrap();
    // `template.yaml` would have to be a file and a directory at once.
    let mut bad = files("two", "a");
    bad.insert("template.yaml/x".to_owned(), b"");
    assert!(matches!(write(&out, &bad), Err(OutputError::Io(..))));
    assert_eq!(below(tree.path()).len(), 3);
    assert_eq!(fs::read(out.join("template.yaml")).unwrap(), b"one");
}

#[test]
fn leftovers_of_killed_runs_are_swept_and_those_of_living_ones_are_not() {
    let tree = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::new("out");
    let alive = Staging::create(tree.path(), name).unwrap();
    alive.write("template.yaml", b"x").unwrap();
    fs::create_dir_all(tree.path().join(".out.tmp-1-0/artifacts")).unwrap();
    fs::create_dir_all(tree.path().join(".other.tmp-1-0")).unwrap();
    write(&tree.path().join("out"), &files("one", "a")).unwrap();
    assert!(!tree.path().join(".out.tmp-1-0").exists());
    assert!(tree.path().join(".other.tmp-1-0").exists());
    assert!(alive.path().join("template.yaml").exists());
}

#[test]
fn racing_runs_leave_one_whole_output() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    let outputs = [files("one", "a"), files("two", "b"), files("three", "c"), files("four", "d")];
    std::thread::scope(|scope| {
        for files in &outputs {
            scope.spawn(|| (0..25).for_each(|_| assert!(write(&out, files).is_ok())));
        }
    });
    assert!(outputs.iter().any(|files| contents::are(&out, files).unwrap()), "{:?}", below(&out));
    assert_eq!(fs::read_dir(tree.path()).unwrap().count(), 1);
}

#[test]
fn differences_are_listed_with_a_diff_of_texts() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    let wanted = files("a\nb\nc\n", "a");
    let listed = |out: &Path| differences(out, &wanted).unwrap();
    let zip = format!("artifacts/{}.zip", "a".repeat(64));
    assert_eq!(
        listed(&out),
        [Difference::Missing("manifest.json".to_owned()), Difference::Missing("template.yaml".to_owned())]
    );
    write(&out, &wanted).unwrap();
    assert_eq!(listed(&out), []);
    fs::write(out.join("template.yaml"), "a\nx\u{1b}\nc\n").unwrap();
    fs::write(out.join(&zip), "\u{ff}").unwrap();
    fs::write(out.join("extra"), "").unwrap();
    let diff = "@@ -1,3 +1,3 @@\n a\n-x␛\n+b\n c".to_owned();
    assert_eq!(
        listed(&out),
        [
            Difference::Changed(
                zip.clone(),
                Some("@@ -1 +1 @@\n-ÿ\n\\ No newline at end of file\n+zip\n\\ No newline at end of file".to_owned())
            ),
            Difference::Changed("template.yaml".to_owned(), Some(diff)),
            Difference::Extra("extra".to_owned()),
        ]
    );
    // The zips may be left out of what is committed, but not some of them.
    fs::remove_file(out.join("extra")).unwrap();
    write(&out, &wanted).unwrap();
    fs::remove_dir_all(out.join("artifacts")).unwrap();
    assert_eq!(listed(&out), []);
    fs::create_dir(out.join("artifacts")).unwrap();
    let other = format!("artifacts/{}.zip", "b".repeat(64));
    fs::write(out.join(&other), "").unwrap();
    assert_eq!(listed(&out), [Difference::Missing(zip), Difference::Extra(other)]);
}
