//! The cache as runs that are killed, damaged disks and two processes meet it.

use super::key::KeyWriter;
use super::*;
use std::sync::mpsc;

fn key(text: &str) -> Key {
    let mut key = KeyWriter::default();
    key.put("test", text.as_bytes());
    key.finish()
}

fn record(chunks: &[&[u8]]) -> Record {
    let chunk = |bytes: &&[u8]| Chunk {
        sha256: hex(Sha256::new().chain_update(bytes)),
        size: bytes.len() as u64,
        unpacked: bytes.len() as u64,
    };
    Record {
        sha256: "0".repeat(64),
        size: 1,
        unpacked: 1,
        chunks: chunks.iter().map(chunk).collect(),
        distributions: Vec::new(),
        libraries: Vec::new(),
        glibc: Some("2.17".to_owned()),
        remarks: Vec::new(),
    }
}

fn open() -> (tempfile::TempDir, Cache) {
    let root = tempfile::tempdir().unwrap();
    let cache = Cache::open(&root.path().join("cache")).unwrap();
    (root, cache)
}

fn shelf(cache: &Cache) -> Shelf {
    cache.shelf("etl-a-x86_64", || panic!("nobody else has it")).unwrap()
}

fn keep(shelf: &Shelf, name: &str, chunks: &[&[u8]]) -> Entry {
    let draft = shelf.begin().unwrap();
    for (number, bytes) in chunks.iter().enumerate() {
        fs::write(draft.zip(number), bytes).unwrap();
    }
    shelf.keep(draft, Some(&key(name)), record(chunks)).unwrap()
}

#[test]
fn what_was_kept_is_found_and_nothing_else_is() {
    let (root, cache) = open();
    let shelf = shelf(&cache);
    assert!(matches!(shelf.find(&key("a")).unwrap(), Found::Absent));
    keep(&shelf, "a", &[b"one", b"two"]);
    let Found::Hit(entry) = shelf.find(&key("a")).unwrap() else { panic!("no hit") };
    assert_eq!(fs::read(entry.zip(1)).unwrap(), b"two");
    assert_eq!(entry.record, record(&[b"one", b"two"]));
    assert!(matches!(shelf.find(&key("b")).unwrap(), Found::Absent));
    assert_eq!(fs::read_to_string(root.path().join("cache/.gitignore")).unwrap(), "*\n");
}

#[test]
fn any_damage_is_found_and_the_entry_removed() {
    let (_root, cache) = open();
    let shelf = shelf(&cache);
    type Damage = fn(&Path) -> io::Result<()>;
    let damages: [(Damage, &str); 6] = [
        (|entry| fs::write(entry.join("0.zip"), "onf"), "`0.zip` is not what was written"),
        (|entry| fs::write(entry.join("1.zip"), "tw"), "`1.zip` is not what was written"),
        (|entry| fs::remove_file(entry.join("1.zip")), "`1.zip`: no such file or directory"),
        (|entry| fs::remove_file(entry.join(RECORD)), "`record.json`: no such file or directory"),
        (|entry| fs::write(entry.join(RECORD), [0xff]), "`record.json`: stream did not contain valid UTF-8"),
        (
            |entry| {
                let text = fs::read_to_string(entry.join(RECORD))?;
                fs::write(entry.join(RECORD), text.replace("2.17", "2.34"))
            },
            "`record.json`: it is not what was written",
        ),
    ];
    for (damage, wanted) in damages {
        let entry = keep(&shelf, "a", &[b"one", b"two"]);
        damage(&entry.directory).unwrap();
        let Found::Damaged(reason) = shelf.find(&key("a")).unwrap() else { panic!("not seen: {wanted}") };
        assert_eq!(reason, wanted);
        assert!(matches!(shelf.find(&key("a")).unwrap(), Found::Absent));
    }
}

#[test]
fn what_a_killed_run_left_is_no_entry_and_is_removed() {
    let (_root, cache) = open();
    let killed = shelf(&cache);
    // Killed while it installed, and killed between the zips and the rename.
    let early = killed.begin().unwrap();
    fs::write(early.tree().join("x"), "half").unwrap();
    std::mem::forget(early);
    let late = killed.begin().unwrap();
    fs::write(late.zip(0), b"one").unwrap();
    write_record(&late.entry().join(RECORD), &record(&[b"one"])).unwrap();
    std::mem::forget(late);
    drop(killed);
    let shelf = shelf(&cache);
    assert_eq!(fs::read_dir(&shelf.directory).unwrap().count(), 0);
    assert!(matches!(shelf.find(&key("a")).unwrap(), Found::Absent));
    keep(&shelf, "a", &[b"one"]);
    let names: Vec<_> = fs::read_dir(&shelf.directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [key("a").as_str()]);
}

#[test]
fn another_run_waits_and_finds_what_the_first_made() {
    let (_root, cache) = open();
    let first = shelf(&cache);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        let second = scope.spawn(|| {
            let shelf = cache.shelf("etl-a-x86_64", || sender.send(()).unwrap()).unwrap();
            matches!(shelf.find(&key("a")).unwrap(), Found::Hit(_))
        });
        receiver.recv().unwrap();
        keep(&first, "a", &[b"one"]);
        drop(first);
        assert!(second.join().unwrap());
    });
    // Another layer's entries are never waited for.
    let _one = shelf(&cache);
    cache.shelf("etl-b-x86_64", || panic!("it waits")).unwrap();
}

#[test]
fn a_layer_keeps_the_entries_used_last() {
    let (_root, cache) = open();
    let shelf = shelf(&cache);
    let age = |name: &str, days: u64| {
        let used = File::options().write(true).open(shelf.directory.join(key(name).as_str()).join(USED)).unwrap();
        used.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(days * 86_400)).unwrap();
    };
    for (name, day) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
        keep(&shelf, name, &[b"one"]);
        age(name, day);
    }
    assert!(matches!(shelf.find(&key("a")).unwrap(), Found::Hit(_)));
    keep(&shelf, "e", &[b"one"]);
    let is_there = |name| matches!(shelf.find(&key(name)).unwrap(), Found::Hit(_));
    assert_eq!(["a", "b", "c", "d", "e"].map(is_there), [true, false, true, true, true]);
}
