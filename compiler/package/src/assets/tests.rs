//! Any tree, its parts, and the tree again.

use super::*;
use crate::assets::{PartReader, spans};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::os::unix::fs::symlink;

/// What a tree is made of: bytes and whether they can be executed, or a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    File(Vec<u8>, bool),
    Directory,
}

type Nodes = BTreeMap<String, Node>;

fn lay_down(root: &Path, nodes: &Nodes) {
    for (path, node) in nodes {
        let path = root.join(path);
        match node {
            Node::Directory => fs::create_dir_all(&path).unwrap(),
            Node::File(bytes, executable) => {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, bytes).unwrap();
                let mode = if *executable { 0o700 } else { 0o640 };
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    }
}

/// A tree of a manifest and its parts alone.
fn put_together(root: &Path, manifest: &Manifest, parts: &[Vec<u8>]) {
    for entry in &manifest.entries {
        let path = root.join(&entry.path);
        match &entry.kind {
            EntryKind::Directory => fs::create_dir(path).unwrap(),
            EntryKind::Link { target } => symlink(target, path).unwrap(),
            EntryKind::File { executable, .. } => {
                fs::write(&path, "").unwrap();
                let mode = if *executable { 0o755 } else { 0o644 };
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    }
    for (spans, bytes) in spans(manifest).iter().zip(parts) {
        let mut bytes = bytes.as_slice();
        for span in spans {
            let path = root.join(&span.path);
            let mut whole = fs::read(&path).unwrap();
            assert_eq!(whole.len() as u64, span.offset, "the ranges of a file follow each other");
            let (ours, rest) = bytes.split_at(usize::try_from(span.length).unwrap());
            whole.extend_from_slice(ours);
            fs::write(path, whole).unwrap();
            bytes = rest;
        }
        assert_eq!(bytes, [0; 0]);
    }
}

fn parts(root: &Path, manifest: &Manifest) -> Vec<Vec<u8>> {
    let read = |spans: &Vec<_>| {
        let mut bytes = Vec::new();
        PartReader::new(root, spans).read_to_end(&mut bytes).unwrap();
        bytes
    };
    spans(manifest).iter().map(read).collect()
}

fn silent(_: u64) {}

/// Trees with names of few letters, so that files and directories lie beside and in each other.
fn nodes() -> impl Strategy<Value = Nodes> {
    let file = (prop::collection::vec(any::<u8>(), 0..40), any::<bool>());
    let node = prop_oneof![4 => file.prop_map(|(bytes, executable)| Node::File(bytes, executable)), 1 => Just(Node::Directory)];
    let path = prop::collection::vec(prop_oneof!["[a-c]", Just("-".to_owned()), Just("é x".to_owned())], 1..4);
    let entry = (path.prop_map(|names| names.join("/")), node);
    prop::collection::vec(entry, 0..12).prop_map(|entries| {
        let mut nodes = Nodes::new();
        for (path, node) in entries {
            let is_below_file =
                path.match_indices('/').any(|(end, _)| matches!(nodes.get(path.split_at(end).0), Some(Node::File(..))));
            let has_below = nodes.keys().any(|other| other.starts_with(&format!("{path}/")));
            if !is_below_file && (!has_below || node == Node::Directory) {
                nodes.insert(path, node);
            }
        }
        nodes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_is_its_manifest_and_parts(nodes in nodes(), size in 1u64..50, files in 1usize..4) {
        let (one, other, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        lay_down(one.path(), &nodes);
        lay_down(other.path(), &nodes);
        let rule = Rule { size, files };
        let manifest = read(one.path(), rule, &silent).unwrap();
        prop_assert_eq!(&manifest, &read(other.path(), rule, &silent).unwrap());
        let parts = parts(one.path(), &manifest);
        for (part, bytes) in manifest.parts.iter().zip(&parts) {
            prop_assert_eq!(&part.sha256, &hex(Sha256::new_with_prefix(bytes)));
            prop_assert!(part.size == bytes.len() as u64 && part.size > 0 && part.size <= size);
        }
        put_together(again.path(), &manifest, &parts);
        prop_assert_eq!(manifest.digest(), read(again.path(), rule, &silent).unwrap().digest());
        let back: Manifest = serde_json::from_slice(&manifest.to_bytes()).unwrap();
        prop_assert_eq!(back, manifest);
    }
}

fn refused(root: &Path) -> String {
    read(root, Rule::default(), &silent).unwrap_err().to_string()
}

#[test]
fn links_stay_inside_and_lead_somewhere() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("tree");
    fs::create_dir_all(root.join("a/b")).unwrap();
    fs::write(root.join("a/x"), "1").unwrap();
    fs::write(place.path().join("secret"), "2").unwrap();
    symlink("../x", root.join("a/b/up")).unwrap();
    symlink("b", root.join("a/c")).unwrap();
    let manifest = read(&root, Rule::default(), &silent).unwrap();
    let kinds: Vec<_> = manifest.entries.iter().map(|entry| (entry.path.as_str(), &entry.kind)).collect();
    let link = |target: &str| EntryKind::Link { target: target.to_owned() };
    assert_eq!(kinds[2], ("a/b/up", &link("../x")));
    assert_eq!(kinds[3], ("a/c", &link("b")), "a link to a directory is not followed");
    for (target, said) in [
        ("../secret", "the link `l` leads out of the directory, or nowhere"),
        ("a/none", "the link `l` leads out of the directory, or nowhere"),
        ("a/b/up/../../../secret", "the link `l` leads out of the directory, or nowhere"),
        (".", "the link `l` leads out of the directory, or nowhere"),
        ("/etc/hostname", "the link `l` holds a whole path"),
    ] {
        symlink(target, root.join("l")).unwrap();
        assert_eq!(refused(&root), said, "{target}");
        fs::remove_file(root.join("l")).unwrap();
    }
}

#[test]
fn what_is_no_file_is_refused_and_residue_left_out() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join(".git")).unwrap();
    fs::write(place.path().join(".git/x"), "").unwrap();
    fs::write(place.path().join("weights"), "").unwrap();
    let manifest = read(place.path(), Rule::default(), &silent).unwrap();
    assert_eq!((manifest.files(), manifest.size(), manifest.parts.len()), (1, 0, 0));
    let _socket = std::os::unix::net::UnixListener::bind(place.path().join("socket")).unwrap();
    assert_eq!(refused(place.path()), "`socket` is neither file, directory nor link");
}

#[test]
fn a_part_of_a_file_that_was_cut_is_not_taken_for_whole() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("weights"), "12345").unwrap();
    let manifest = read(place.path(), Rule::default(), &silent).unwrap();
    fs::write(place.path().join("weights"), "123").unwrap();
    let mut reader = PartReader::new(place.path(), &spans(&manifest)[0]);
    assert_eq!(reader.read_to_end(&mut Vec::new()).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}
