//! The output is whole or absent, and nothing of anybody else's is touched.

use super::*;
use sha2::Digest;
use staging::Staging;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, symlink};
use tc_package::manifest::ARTIFACTS;
use tc_package::{Artifact, Store};

const MANIFEST_TEXT: &str = r#"{"tool":{"name":"tc","version":"0.0.0"}}"#;

/// Writes an output whose template is `template`, with one code zip named by 64 times `digit`.
fn write(out: &Path, template: &str, digit: &str) -> Result<Written, OutputError> {
    draft(out, template, digit)?.finish()
}

fn draft(out: &Path, template: &str, digit: &str) -> Result<Draft, OutputError> {
    let mut draft = Draft::begin(out)?;
    keep(&draft, digit, b"zip");
    draft.add("template.yaml", template);
    draft.add(MANIFEST, MANIFEST_TEXT);
    Ok(draft)
}

fn keep(draft: &Draft, digit: &str, bytes: &[u8]) {
    let mut pending = draft.begin().unwrap();
    bytes.chunks(1 << 20).for_each(|chunk| pending.write_all(chunk).unwrap());
    pending.keep(&format!("{}.zip", digit.repeat(64))).unwrap();
}

/// The paths of such an output under `prefix`.
fn paths(prefix: &str, digit: &str) -> BTreeSet<String> {
    let zip = format!("artifacts/{}.zip", digit.repeat(64));
    ["template.yaml", MANIFEST, &zip].map(|path| format!("{prefix}{path}")).into()
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
    assert_eq!(write(&out, "one", "a").unwrap(), Written::Changed);
    assert_eq!(below(tree.path()), paths("deep/er/out/", "a"));
    let first = fs::metadata(out.join("template.yaml")).unwrap().ino();
    assert_eq!(write(&out, "one", "a").unwrap(), Written::Unchanged);
    assert_eq!(fs::metadata(out.join("template.yaml")).unwrap().ino(), first);
    assert_eq!(write(&out, "two", "b").unwrap(), Written::Changed);
    assert_eq!(below(tree.path()), paths("deep/er/out/", "b"));
    assert_eq!(fs::read(out.join("template.yaml")).unwrap(), b"two");
}

#[test]
fn an_empty_directory_and_a_link_are_taken() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    fs::create_dir(&out).unwrap();
    let link = tree.path().join("link");
    symlink("out", &link).unwrap();
    assert_eq!(write(&link, "one", "a").unwrap(), Written::Changed);
    assert_eq!(write(&link, "two", "a").unwrap(), Written::Changed);
    assert!(link.is_symlink());
    assert_eq!(fs::read(out.join("template.yaml")).unwrap(), b"two");
}

#[test]
fn a_file_system_without_exchange_will_do() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    let write = |template, digit| draft(&out, template, digit).unwrap().finish_by(|_, _, _| Err(Errno::INVAL)).unwrap();
    assert_eq!(write("one", "a"), Written::Changed);
    assert_eq!(write("two", "b"), Written::Changed);
    assert_eq!(write("two", "b"), Written::Unchanged);
    assert_eq!(below(tree.path()), paths("out/", "b"));
    fs::write(out.join("notes"), "mine").unwrap();
    let refusal = draft(&out, "three", "c");
    assert!(matches!(refusal, Err(OutputError::NotOurs(_))));
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
        let refusal = write(&out, "one", "a");
        assert!(matches!(refusal, Err(OutputError::NotOurs(_))), "{path}: {refusal:?}");
        assert_eq!(below(tree.path()), before, "{path}");
        assert!(place.exists());
    }
}

#[test]
fn a_strange_file_in_an_output_is_named() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    write(&out, "one", "a").unwrap();
    fs::write(out.join("README"), "mine").unwrap();
    match write(&out, "two", "a") {
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
    assert!(matches!(write(&out, "one", "a"), Err(OutputError::NotOurs(_))));
    assert!(matches!(write(&out.join("deeper"), "one", "a"), Err(OutputError::NotOurs(_) | OutputError::Io(..))));
    assert_eq!(fs::read(&out).unwrap(), b"x");
    assert_eq!(below(tree.path()).len(), 1);
}

#[test]
fn an_abandoned_output_leaves_nothing() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("deep/er/out");
    let large = vec![7; 20 << 20];
    let abandoned = draft(&out, "one", "a").unwrap();
    keep(&abandoned, "b", &large);
    assert_eq!(below(tree.path()).len(), 1, "what is large is on the disk");
    drop(abandoned);
    assert_eq!(fs::read_dir(tree.path()).unwrap().count(), 0);
    write(&out, "one", "a").unwrap();
    let abandoned = draft(&out, "two", "a").unwrap();
    keep(&abandoned, "b", &large);
    drop(abandoned);
    assert_eq!(below(tree.path()), paths("deep/er/out/", "a"));
    assert_eq!(fs::read(out.join("template.yaml")).unwrap(), b"one");
}

#[test]
fn large_code_zips_go_by_the_disk_and_are_compared_too() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    let large = vec![7; 9 << 20];
    let write = |zips: &[&str]| {
        let draft = draft(&out, "one", "a").unwrap();
        // Together they are more than is held, each for itself is more and less.
        zips.iter().for_each(|digit| keep(&draft, digit, &large));
        (0..9).for_each(|digit| keep(&draft, &digit.to_string(), large.split_at(8 << 20).0));
        draft.finish().unwrap()
    };
    assert_eq!(write(&["b", "c"]), Written::Changed);
    assert_eq!(write(&["b", "c"]), Written::Unchanged);
    assert_eq!(below(tree.path()).len(), 3 + 2 + 9);
    assert!(fs::read(out.join(format!("artifacts/{}.zip", "c".repeat(64)))).unwrap() == large);
    assert!(fs::read(out.join(format!("artifacts/{}.zip", "8".repeat(64)))).unwrap().len() == 8 << 20);
    assert_eq!(write(&["b"]), Written::Changed);
    assert_eq!(below(tree.path()).len(), 3 + 1 + 9);
}

#[test]
fn a_code_zip_of_another_size_is_written_again() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    write(&out, "one", "a").unwrap();
    let zip = out.join(format!("artifacts/{}.zip", "a".repeat(64)));
    fs::write(&zip, "torn off").unwrap();
    assert_eq!(write(&out, "one", "a").unwrap(), Written::Changed);
    assert_eq!(fs::read(&zip).unwrap(), b"zip");
}

#[test]
fn a_directory_that_fills_up_meanwhile_is_not_replaced() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    let draft = Draft::begin(&out).unwrap();
    fs::create_dir(&out).unwrap();
    fs::write(out.join("notes"), "mine").unwrap();
    assert!(matches!(draft.finish(), Err(OutputError::NotOurs(_))));
    assert_eq!(below(tree.path()), ["out/notes".to_owned()].into());
}

#[test]
fn leftovers_of_killed_runs_are_swept_and_those_of_living_ones_are_not() {
    let tree = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::new("out");
    let alive = Staging::create(tree.path(), name).unwrap();
    fs::create_dir_all(tree.path().join(".out.tmp-1-0/artifacts")).unwrap();
    fs::create_dir_all(tree.path().join(".other.tmp-1-0")).unwrap();
    write(&tree.path().join("out"), "one", "a").unwrap();
    assert!(!tree.path().join(".out.tmp-1-0").exists());
    assert!(tree.path().join(".other.tmp-1-0").exists());
    assert!(alive.path().exists());
}

#[test]
fn racing_runs_leave_one_whole_output() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    let outputs = [("one", "a"), ("two", "b"), ("three", "c"), ("four", "d")];
    std::thread::scope(|scope| {
        for (template, digit) in outputs {
            let out = &out;
            scope.spawn(move || (0..100).for_each(|_| _ = write(out, template, digit).unwrap()));
        }
    });
    let template = fs::read_to_string(out.join("template.yaml")).unwrap();
    let (_, digit) = outputs.into_iter().find(|(other, _)| *other == template).unwrap();
    assert_eq!(below(tree.path()), paths("out/", digit));
}

#[test]
fn differences_are_listed_with_a_diff_of_texts() {
    let tree = tempfile::tempdir().unwrap();
    let out = tree.path().join("out");
    let digest = |bytes: &[u8]| sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect::<String>();
    let artifact = Artifact { sha256: digest(b"zip"), size: 3, unpacked: 1 };
    let zip = format!("{ARTIFACTS}/{}", artifact.file_name());
    let expected = Expected {
        texts: [("template.yaml", "a\nb\nc\n"), (MANIFEST, MANIFEST_TEXT)]
            .map(|(name, text)| (name.to_owned(), text))
            .into(),
        artifacts: BTreeMap::from([(zip.clone(), &artifact)]),
    };
    let listed = || differences(&out, &expected).unwrap();
    let restore = || {
        let _ = fs::remove_dir_all(&out);
        fs::create_dir_all(out.join(ARTIFACTS)).unwrap();
        fs::write(out.join(&zip), "zip").unwrap();
        expected.texts.iter().for_each(|(name, text)| fs::write(out.join(name), text).unwrap());
    };
    let missing = |name: &str| Difference::Missing(name.to_owned());
    assert_eq!(listed(), [missing(MANIFEST), missing("template.yaml")]);
    restore();
    assert_eq!(listed(), []);
    fs::write(out.join("template.yaml"), "a\nx\u{1b}\nc\n").unwrap();
    fs::write(out.join(MANIFEST), [0xff]).unwrap();
    fs::write(out.join(&zip), "bad").unwrap();
    fs::write(out.join("extra"), "").unwrap();
    let diff = "@@ -1,3 +1,3 @@\n a\n-x␛\n+b\n c".to_owned();
    let changed = Difference::Changed("template.yaml".to_owned(), Some(diff.clone()));
    assert!(changed.diff(true).is_some_and(|diff| diff.contains("\u{1b}[32m+b\u{1b}[0m\n")));
    assert_eq!(changed.diff(false), Some(format!("--- template.yaml\n+++ template.yaml\n{diff}\n")));
    assert_eq!(
        listed(),
        [
            Difference::Changed(zip.clone(), None),
            Difference::Changed(MANIFEST.to_owned(), None),
            changed,
            Difference::Extra("extra".to_owned()),
        ]
    );
    // The zips may be left out of what is committed, but not some of them.
    restore();
    fs::remove_file(out.join(&zip)).unwrap();
    assert_eq!(listed(), []);
    let other = format!("{ARTIFACTS}/{}.zip", "b".repeat(64));
    fs::write(out.join(&other), "").unwrap();
    assert_eq!(listed(), [missing(&zip), Difference::Extra(other)]);
}
