//! The writer and the reader of archives, against each other and against other programs.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::process::Command;
use tc_package::archive::{EntryName, Member, Members, ReadError, Reader, Stored, WriteError, Writer, Written};
use zip::write::SimpleFileOptions;

type Files = Vec<(String, bool, Vec<u8>)>;

fn members(files: &Files) -> Members<Vec<u8>> {
    let member = |(name, executable, bytes): &(String, bool, Vec<u8>)| {
        (EntryName::new(name.as_str()).unwrap(), Member { executable: *executable, source: bytes.clone() })
    };
    files.iter().map(member).collect()
}

fn write(files: &Files, threads: usize) -> (Written, Vec<u8>) {
    let mut out = Vec::new();
    let read = |bytes: &Vec<u8>| Ok::<_, ()>(bytes.clone());
    let written = Writer::new(threads).write(&members(files), &read, &mut out).unwrap();
    (written, out)
}

fn read(bytes: &[u8]) -> Result<BTreeMap<String, (bool, Vec<u8>)>, ReadError> {
    let (reader, members) = Reader::open(bytes)?;
    let content = |(name, member): (EntryName, Member<Stored>)| {
        Ok((name.as_str().to_owned(), (member.executable, reader.read(member.source)?)))
    };
    members.into_iter().map(content).collect()
}

fn files() -> impl Strategy<Value = Files> {
    let name = proptest::collection::vec("[a-zA-Z0-9_.é-]{1,9}", 1..4).prop_map(|parts| parts.join("/"));
    let name = name.prop_filter("a safe name", |name| EntryName::new(name.as_str()).is_ok());
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..600),
        ("[a-d ]{0,40}", 0..200usize).prop_map(|(text, times)| text.repeat(times).into_bytes()),
    ];
    proptest::collection::btree_map(name, (any::<bool>(), bytes), 0..12).prop_map(|files| {
        let parents: Vec<_> = files.keys().filter_map(|name| EntryName::new(name.as_str()).ok()).collect();
        let is_directory = |name: &str| parents.iter().any(|other| other.directories().any(|parent| parent == name));
        let kept = files.into_iter().filter(|(name, _)| !is_directory(name));
        kept.map(|(name, (executable, bytes))| (name, executable, bytes)).collect()
    })
}

proptest! {
    #[test]
    fn the_order_and_the_threads_do_not_matter_and_content_comes_back(
        (given, shuffled) in files().prop_flat_map(|files| (Just(files.clone()), Just(files).prop_shuffle())),
        threads in 1..5usize,
    ) {
        let (written, bytes) = write(&given, 1);
        let (again, other) = write(&shuffled, threads);
        prop_assert_eq!(&written, &again);
        prop_assert!(bytes == other);
        prop_assert_eq!(written.size, bytes.len() as u64);
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        prop_assert_eq!(&written.sha256, &digest);
        prop_assert_eq!(written.unpacked, given.iter().map(|file| file.2.len() as u64).sum::<u64>());
        let wanted: BTreeMap<_, _> = given.into_iter().map(|(name, mode, bytes)| (name, (mode, bytes))).collect();
        prop_assert_eq!(read(&bytes).unwrap(), wanted);
    }

    #[test]
    fn any_bytes_give_an_error_or_an_archive(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn a_damaged_archive_never_gives_other_content(at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let given = vec![("a.py".to_owned(), false, b"abcabcabcabcabcabc".to_vec()), ("b".to_owned(), true, vec![9; 80])];
        let (_, mut bytes) = write(&given, 1);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(files) = read(&bytes) {
            for (_, (_, content)) in files {
                prop_assert!(given.iter().any(|file| file.2 == content));
            }
        }
    }
}

/// Guards what makes the bytes: a change of this digest, say by a new libdeflate, changes every artifact's name.
#[test]
fn a_known_archive_has_a_known_digest() {
    let (written, bytes) = write(
        &vec![
            (
                "handler.py".to_owned(),
                false,
                b"def handler(event, context):\n    return {'data': 'enhanced-data'}\n".repeat(3),
            ),
            ("bin/run".to_owned(), true, b"#!/bin/sh\n".to_vec()),
        ],
        1,
    );
    assert_eq!(written.sha256, "49c4a7509afd0053d0543ea86ae3ca2aae1ee5a3a63ea55d15f93616db28cd9e");
    assert_eq!(&bytes[..10], b"PK\x03\x04\x14\0\0\0\0\0", "the first entry, stored");
}

#[test]
fn more_entries_than_fit_without_zip64() {
    let files: Files = (0..65_536).map(|n| (format!("{n:05}"), false, Vec::new())).collect();
    let (_, bytes) = write(&files, 2);
    assert_eq!(Reader::open(&bytes).unwrap().1.len(), 65_536);
    python(&bytes, "assert len(archive.namelist()) == 65536");
}

#[test]
fn python_reads_it_with_its_modes_and_times() {
    let files = vec![
        ("a/é.py".to_owned(), false, b"x = 1\n".repeat(40)),
        ("bootstrap".to_owned(), true, b"#!/bin/sh\n".to_vec()),
        ("empty".to_owned(), false, Vec::new()),
    ];
    let check = "
infos = archive.infolist()
assert [i.filename for i in infos] == ['a/é.py', 'bootstrap', 'empty'], infos
assert {i.date_time for i in infos} == {(1980, 1, 1, 0, 0, 0)}
assert [oct(i.external_attr >> 16) for i in infos] == ['0o100644', '0o100755', '0o100644']
assert [i.compress_type for i in infos] == [8, 0, 0]
assert not any(i.extra or i.comment for i in infos)
assert archive.read('a/é.py') == b'x = 1\\n' * 40
assert archive.testzip() is None";
    for threads in [1, 3] {
        python(&write(&files, threads).1, check);
    }
}

/// Runs `check` with `archive`, an open `zipfile.ZipFile` of `bytes`; does nothing where there is no python3.
fn python(bytes: &[u8], check: &str) {
    if Command::new("python3").arg("--version").output().is_err() {
        return;
    }
    let program =
        format!("import io, sys, zipfile\narchive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))\n{check}");
    let mut child = Command::new("python3")
        .args(["-c", &program])
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_first_failing_member_is_reported_whatever_the_threads() {
    let files: Files = (0..50).map(|n| (format!("{n:02}"), false, vec![n as u8])).collect();
    for threads in [1, 2, 7] {
        let read = |bytes: &Vec<u8>| if bytes[0] % 10 == 7 { Err(bytes[0]) } else { Ok(bytes.clone()) };
        match Writer::new(threads).write(&members(&files), &read, &mut Vec::new()) {
            Err(WriteError::Source(name, 7)) => assert_eq!(name.as_str(), "07"),
            other => panic!("{other:?}"),
        }
    }
}

/// An archive written by the `zip` crate, which lets its entries be odd.
fn foreign(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default().unix_permissions(0o700)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in 0..=bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
    bytes
}

#[test]
fn hostile_archives_are_refused() {
    let safe = foreign(&[("xx/handler.py", b"1"), ("yy/handler.py", b"2")]);
    assert_eq!(read(&safe).unwrap().len(), 2);
    for (name, wanted) in [
        ("../handler.py", "its entry `../handler.py` is unsafe: `..` leads out of the archive"),
        ("/x/handler.py", "its entry `/x/handler.py` is unsafe: it is absolute"),
        ("x\\/handler.py", "is unsafe: it holds a backslash"),
        ("x\n/handler.py", "its entry `x\\n/handler.py` is unsafe: it holds a control character"),
        ("yy/handler.py", "two entries have the same name"),
    ] {
        let error = read(&replace(&safe, b"xx/handler.py", name.as_bytes())).unwrap_err().to_string();
        assert!(error.contains(wanted), "{name}: {error}");
    }
}

#[test]
fn a_link_is_refused() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("handler.py", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(read(&bytes), Err(ReadError::Link("handler.py".to_owned())));
}

#[test]
fn a_file_cannot_be_a_directory_too() {
    let bytes = foreign(&[("a", b"1"), ("a/b", b"2")]);
    assert_eq!(read(&bytes), Err(ReadError::Duplicate("a/b".to_owned())));
}

#[test]
fn two_spellings_of_one_name_are_a_duplicate() {
    let bytes = foreign(&[("a", b"1"), ("./a", b"2")]);
    assert!(matches!(read(&bytes), Err(ReadError::Duplicate(_))));
}

#[test]
fn a_bomb_shows_its_size_or_stops_where_its_lie_ends() {
    let bytes = foreign(&[("a", &vec![0; 2 << 20]), ("b", &vec![0; 2 << 20])]);
    assert!(bytes.len() < 20_000);
    let (_, members) = Reader::open(&bytes).unwrap();
    assert_eq!(members.values().map(|member| member.source.size).sum::<u64>(), 4 << 20);
    let liar = replace(&bytes, &u32::to_le_bytes(2 << 20), &10u32.to_le_bytes());
    let (reader, members) = Reader::open(&liar).unwrap();
    let stored = members.values().next().unwrap().source;
    assert_eq!(stored.size, 10);
    let error = reader.read(stored).unwrap_err().to_string();
    assert!(error.starts_with("its entry `a` cannot be unpacked"), "{error}");
}

#[test]
fn directories_and_foreign_modes_are_taken() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_directory("lib/", SimpleFileOptions::default()).unwrap();
    writer.start_file("lib/run", SimpleFileOptions::default().unix_permissions(0o711)).unwrap();
    writer.start_file("lib/data", SimpleFileOptions::default().unix_permissions(0o066)).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let modes: Vec<_> = read(&bytes).unwrap().into_iter().map(|(name, (executable, _))| (name, executable)).collect();
    assert_eq!(modes, [("lib/data".to_owned(), false), ("lib/run".to_owned(), true)]);
}
