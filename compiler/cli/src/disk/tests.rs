//! What the disk shows and what it refuses.

use super::*;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

/// A directory with these files; a name that ends in `/` is a directory.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = tree.path().join(path);
        if path.to_string_lossy().ends_with('/') {
            fs::create_dir_all(&path).unwrap();
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    tree
}

fn world(tree: &TempDir, topology: &str) -> DiskWorld {
    DiskWorld::open(&tree.path().join(topology)).unwrap()
}

fn text(world: &DiskWorld, path: &str) -> Result<Option<String>, WorldError> {
    world.read(&path.into()).map(|bytes| bytes.map(|bytes| String::from_utf8(bytes).unwrap()))
}

fn kinds(world: &DiskWorld, path: &str) -> Vec<(String, EntryKind)> {
    let entries = world.list(&path.into()).unwrap().unwrap();
    entries.into_iter().map(|entry| (entry.name, entry.kind)).collect()
}

#[test]
fn files_are_read_up_to_the_root_of_the_project() {
    let tree = tree(&[(".git/HEAD", ""), ("infra/v.json", "v"), ("a/etl/topology.yml", "t"), ("a/etl/f/h.py", "h")]);
    let world = world(&tree, "a/etl");
    assert_eq!(world.depth(), 2);
    assert_eq!(text(&world, "topology.yml"), Ok(Some("t".to_owned())));
    assert_eq!(text(&world, "f/h.py"), Ok(Some("h".to_owned())));
    assert_eq!(text(&world, "../../infra/v.json"), Ok(Some("v".to_owned())));
    for absent in ["x", "f/x", "x/y/z", "topology.yml/x", "../x", "../x/y"] {
        assert_eq!(text(&world, absent), Ok(None), "{absent}");
    }
    assert_eq!(text(&world, "../../../x"), Err(WorldError::Escapes));
    assert_eq!(world.list(&"../../..".into()), Err(WorldError::Escapes));
    assert_eq!(text(&world, "f"), Err(WorldError::Io("it is a directory".to_owned())));
    assert_eq!(world.list(&"topology.yml".into()), Ok(None));
    assert_eq!(world.list(&"f/x".into()), Ok(None));
}

#[test]
fn the_higher_of_git_and_settings_is_the_project() {
    let tree = tree(&[("tc.yml", ""), ("a/.git", "gitdir: x"), ("a/b/tc.yml", ""), ("a/b/c/t", ""), ("z/t", "")]);
    // The nearest tc.yml lies below the repository's root, so the root counts.
    assert_eq!(world(&tree, "a/b/c").depth(), 2);
    // Here the nearest lies above it.
    assert_eq!(world(&tree, "a").depth(), 1);
    assert_eq!(world(&tree, "z").depth(), 1);
    assert_eq!(world(&tree, "z").project(), tree.path().canonicalize().unwrap());
}

#[test]
fn listings_are_sorted_and_tell_kinds_modes_and_sizes() {
    let tree = tree(&[("b", "12"), ("a/x", ""), ("c.sh", "123")]);
    fs::set_permissions(tree.path().join("c.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(tree.path().join("b"), fs::Permissions::from_mode(0o654)).unwrap();
    let entry = |name: &str, kind, executable, size| Entry { name: name.to_owned(), kind, executable, size };
    assert_eq!(
        world(&tree, "").list(&SourcePath::root()).unwrap().unwrap(),
        [
            entry("a", EntryKind::Directory, false, 0),
            entry("b", EntryKind::File, false, 2),
            entry("c.sh", EntryKind::File, true, 3),
        ]
    );
}

#[test]
fn a_directory_is_listed_once() {
    let tree = tree(&[("a/x", "")]);
    let world = world(&tree, "");
    assert_eq!(kinds(&world, "a").len(), 1);
    fs::write(tree.path().join("a/y"), "").unwrap();
    assert_eq!(kinds(&world, "a").len(), 1);
}

#[test]
fn a_small_file_is_read_once() {
    let big = "x".repeat(KEPT_FILE + 1);
    let tree = tree(&[("etl/small.py", "one"), ("etl/big.py", &big)]);
    let world = world(&tree, "etl");
    for name in ["small.py", "big.py"] {
        assert!(text(&world, name).unwrap().is_some());
        fs::write(tree.path().join("etl").join(name), "two").unwrap();
    }
    assert_eq!(text(&world, "small.py").unwrap().unwrap(), "one", "what was judged is what is packed");
    assert_eq!(text(&world, "big.py").unwrap().unwrap(), "two");
    // A limit holds for what was read before, too.
    let limited = world.read_within(&SourcePath::new("small.py"), 2);
    assert_eq!(limited.unwrap_err(), WorldError::TooLarge { limit: 2 });
}

#[test]
fn links_may_lead_anywhere_in_the_project_and_nowhere_else() {
    let tree = tree(&[("p/tc.yml", ""), ("p/shared/s.py", "s"), ("p/etl/f/h.py", "h"), ("secret/k", "k")]);
    let at = |path: &str| tree.path().join(path);
    symlink("../shared", at("p/etl/dir")).unwrap();
    symlink("../shared/s.py", at("p/etl/file")).unwrap();
    symlink(at("p/shared/s.py"), at("p/etl/absolute")).unwrap();
    symlink("../../secret", at("p/etl/out")).unwrap();
    symlink("../../secret/k", at("p/etl/out-file")).unwrap();
    symlink("nowhere", at("p/etl/broken")).unwrap();
    symlink("loop", at("p/etl/loop")).unwrap();
    let world = world(&tree, "p/etl");
    for inside in ["dir/s.py", "file", "absolute"] {
        assert_eq!(text(&world, inside), Ok(Some("s".to_owned())), "{inside}");
    }
    for outside in ["out/k", "out-file", "out/../out/k"] {
        assert_eq!(text(&world, outside), Err(WorldError::Escapes), "{outside}");
    }
    assert_eq!(world.list(&"out".into()), Err(WorldError::Escapes));
    assert_eq!(text(&world, "broken"), Ok(None));
    assert!(matches!(text(&world, "loop"), Err(WorldError::Io(_))));
    let kind = |name: &str| kinds(&world, "").into_iter().find(|(other, _)| other == name).unwrap().1;
    assert_eq!(kind("dir"), EntryKind::Directory);
    assert_eq!(kind("file"), EntryKind::File);
    assert_eq!(kind("out"), EntryKind::Escaping);
    assert_eq!(kind("out-file"), EntryKind::Escaping);
    assert_eq!(kind("broken"), EntryKind::Other);
    assert_eq!(kind("loop"), EntryKind::Other);
}

#[test]
fn links_make_no_endless_tree() {
    let tree = tree(&[("tc.yml", ""), ("etl/a/x", ""), ("etl/b/", "")]);
    let at = |path: &str| tree.path().join(path);
    symlink("..", at("etl/a/up")).unwrap();
    symlink("../..", at("etl/a/top")).unwrap();
    symlink("../b", at("etl/a/b")).unwrap();
    symlink("../a", at("etl/b/a")).unwrap();
    let world = world(&tree, "etl");
    let entry = |name: &str, kind| (name.to_owned(), kind);
    assert_eq!(
        kinds(&world, "a"),
        [
            entry("b", EntryKind::Directory),
            entry("top", EntryKind::Other),
            entry("up", EntryKind::Other),
            entry("x", EntryKind::File)
        ]
    );
    assert_eq!(kinds(&world, "a/b"), [entry("a", EntryKind::Other)]);
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let tree = tree(&[("t", "")]);
    rustix::fs::mkfifoat(CWD, tree.path().join("pipe"), Mode::RUSR | Mode::WUSR).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(tree.path().join("socket")).unwrap();
    let world = world(&tree, "");
    assert_eq!(text(&world, "pipe"), Err(not_regular()));
    assert_eq!(text(&world, "socket"), Err(not_regular()));
    assert_eq!(kinds(&world, "")[0].1, EntryKind::Other);
}

#[test]
fn a_limit_holds_whatever_size_a_file_claims() {
    let tree = tree(&[("t", "12345")]);
    let world = world(&tree, "");
    let read = |limit| world.read_within(&"t".into(), limit);
    assert_eq!(read(5), Ok(Some(b"12345".to_vec())));
    assert_eq!(read(4), Err(WorldError::TooLarge { limit: 4 }));
    // Files of /proc are regular, claim to be empty and are not.
    if let Ok(file) = open(Path::new("/proc/self/status")) {
        assert_eq!(super::read(file, 4), Err(WorldError::TooLarge { limit: 4 }));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn names_that_are_not_utf8_are_named() {
    use std::os::unix::ffi::OsStrExt;
    let tree = tree(&[("t", "")]);
    fs::write(tree.path().join(std::ffi::OsStr::from_bytes(b"a\xff")), "").unwrap();
    assert_eq!(world(&tree, "").list(&SourcePath::root()), Err(WorldError::NotUtf8("a\u{fffd}".to_owned())));
}

#[test]
fn a_file_is_no_topology_directory() {
    let tree = tree(&[("t", "")]);
    assert_eq!(DiskWorld::open(&tree.path().join("t")).unwrap_err().kind(), ErrorKind::NotADirectory);
    assert_eq!(DiskWorld::open(&tree.path().join("x")).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn tags_are_read_loose_and_packed_and_from_a_linked_work_tree() {
    let packed = "# pack-refs with: peeled\n0123 refs/heads/etl-9.0.0\n0123 refs/tags/etl-0.10.0\n^4567\n";
    let tree = tree(&[
        ("main/.git/packed-refs", packed),
        ("main/.git/refs/tags/etl-0.9.1", "0123"),
        ("main/.git/refs/tags/etlx-7.0.0", "0123"),
        ("main/.git/worktrees/w/commondir", "../..\n"),
        ("main/etl/topology.yml", ""),
        ("linked/.git", "gitdir: ../main/.git/worktrees/w\n"),
        ("bare/", ""),
    ]);
    for topology in ["main/etl", "linked"] {
        let world = world(&tree, topology);
        assert_eq!(world.newest_version_tag("etl").as_deref(), Some("0.10.0"), "{topology}");
        assert_eq!(world.newest_version_tag("none"), None);
    }
    fs::write(tree.path().join("main/.git/refs/tags/etl-0.10.2"), "").unwrap();
    assert_eq!(world(&tree, "linked").newest_version_tag("etl").as_deref(), Some("0.10.2"));
    assert_eq!(world(&tree, "bare").newest_version_tag("etl"), None);
}
