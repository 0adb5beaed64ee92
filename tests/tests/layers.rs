//! Layers published to the local AWS.

#![allow(clippy::unwrap_used, reason = "what does not hold fails the test")]

mod support;

use std::path::Path;
use tc_deploy::Connection;
use tc_deploy::layers::{self, DIRECT_LIMIT, Layer, Published, SetMark, Sharing};
use tc_deploy::upload::File;
use tc_package::archive::{EntryName, Member, Members, Writer};
use tc_tests::emulator::{Emulator, account};
use tc_tests::interceptor::{Interceptor, Reply, Request};

fn connect(address: &str, account: &str) -> Connection {
    support::connect(address, account).unwrap()
}

/// A zip of one file.
fn zip(directory: &Path, name: &str, bytes: &[u8]) -> File {
    let path = directory.join(name);
    let member = Member { executable: false, source: bytes };
    let members: Members<&[u8]> = [(EntryName::new("python/data.bin").unwrap(), member)].into();
    let mut out = std::fs::File::create(&path).unwrap();
    let read = |bytes: &&[u8]| Ok::<_, std::io::Error>(bytes.to_vec());
    let written = Writer::new(2).write(&members, &read, &mut out).unwrap();
    File { path, sha256: written.sha256 }
}

/// Bytes that cannot be compressed, the same for a seed.
fn noise(seed: u64, length: u64) -> Vec<u8> {
    let mut state = seed;
    let words = std::iter::repeat_with(|| {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(usize::try_from(length).unwrap()).collect()
}

fn layer(chunks: &[&File]) -> Layer {
    Layer {
        name: "etl-enhancer".to_owned(),
        chunks: chunks.iter().map(|file| (*file).clone()).collect(),
        runtimes: vec!["python3.10".to_owned()],
        architectures: vec!["x86_64".to_owned()],
        description: "dependencies of etl-enhancer".to_owned(),
    }
}

fn publish(connection: &Connection, layer: &Layer) -> Vec<(String, i64, bool)> {
    let published = layers::publish(connection, layer, &Sharing::default(), &|_| {}).unwrap();
    published.into_iter().map(|Published { name, version, is_new, .. }| (name, version, is_new)).collect()
}

#[test]
fn only_what_has_changed_is_published() {
    let directory = tempfile::tempdir().unwrap();
    let connection = connect(&Emulator::shared().address, &account());
    let (first, second) = (zip(directory.path(), "1.zip", b"one"), zip(directory.path(), "2.zip", b"two"));
    let version = |version, is_new| vec![("etl-enhancer".to_owned(), version, is_new)];
    assert_eq!(layers::list(&connection).unwrap(), []);
    assert_eq!(publish(&connection, &layer(&[&first])), version(1, true));
    assert_eq!(publish(&connection, &layer(&[&first])), version(1, false));
    assert_eq!(publish(&connection, &layer(&[&second])), version(2, true));
    // What an older version holds is not what the newest does.
    assert_eq!(publish(&connection, &layer(&[&first])), version(3, true));

    let listed = layers::list(&connection).unwrap();
    let [listed] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((listed.name.as_str(), listed.version), ("etl-enhancer", 3));
    assert_eq!(listed.description, "dependencies of etl-enhancer");
    assert_eq!(
        (listed.runtimes.as_slice(), listed.architectures.as_slice()),
        (["python3.10".to_owned()].as_slice(), ["x86_64".to_owned()].as_slice())
    );
    assert!(listed.created.starts_with("20") && listed.created.contains('T'), "{}", listed.created);
}

#[test]
fn the_same_for_another_architecture_is_a_version_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let connection = connect(&Emulator::shared().address, &account());
    let file = zip(directory.path(), "1.zip", b"one");
    let arm = Layer { architectures: vec!["arm64".to_owned()], ..layer(&[&file]) };
    let version = |version, is_new| vec![("etl-enhancer".to_owned(), version, is_new)];
    assert_eq!(publish(&connection, &layer(&[&file])), version(1, true));
    assert_eq!(publish(&connection, &arm), version(2, true));
    // Neither makes the other look changed.
    assert_eq!(publish(&connection, &layer(&[&file])), version(1, false));
    assert_eq!(publish(&connection, &arm), version(2, false));
}

#[test]
fn a_split_layer_is_a_set_that_can_be_told_from_others() {
    let directory = tempfile::tempdir().unwrap();
    let connection = connect(&Emulator::shared().address, &account());
    let files = [b"one", b"two", b"six"].map(|bytes| zip(directory.path(), &format!("{bytes:?}.zip"), bytes));
    let [one, two, six] = &files;
    let versions = |version, is_new| {
        [("etl-enhancer".to_owned(), version, is_new), ("etl-enhancer-1".to_owned(), version, is_new)]
    };
    assert_eq!(publish(&connection, &layer(&[one, two])), versions(1, true));
    assert_eq!(publish(&connection, &layer(&[one, two])), versions(1, false));
    let marks =
        || layers::list(&connection).unwrap().into_iter().map(|listed| listed.set.unwrap()).collect::<Vec<SetMark>>();
    let before = marks();
    assert_eq!(before.iter().map(|mark| (mark.part, mark.parts)).collect::<Vec<_>>(), [(1, 2), (2, 2)]);
    assert_eq!(before[0].digest, before[1].digest);
    // The first zip is the same, but belongs to another set now.
    assert_eq!(publish(&connection, &layer(&[one, six])), versions(2, true));
    let after = marks();
    assert!(after[0].digest == after[1].digest && after[0].digest != before[0].digest);
}

#[test]
fn a_layer_is_shared_with_those_alone_who_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let account = account();
    let connection = connect(&Emulator::shared().address, &account);
    let file = zip(directory.path(), "1.zip", b"one");
    let statements = |sharing: &Sharing| {
        layers::publish(&connection, &layer(&[&file]), sharing, &|_| {}).unwrap();
        let request = "GET /2018-10-31/layers/etl-enhancer/versions/1/policy";
        let (status, body) = Emulator::shared().ask(&account, "lambda", request, "").unwrap();
        if status == 404 {
            return Vec::new();
        }
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        let policy: serde_json::Value = serde_json::from_str(answer["Policy"].as_str().unwrap()).unwrap();
        let mut statements = policy["Statement"].as_array().unwrap().clone();
        statements.sort_by_key(|statement| statement["Sid"].to_string());
        statements.iter().map(|one| (one["Principal"].to_string(), one["Condition"].to_string())).collect()
    };
    assert_eq!(statements(&Sharing::default()), []);
    let organization = Some("o-abcdefghij".to_owned());
    let named = Sharing { organization, accounts: vec!["222222222222".to_owned()], public: false };
    let given = statements(&named);
    let [(other, nothing), (everybody, condition)] = given.as_slice() else { panic!("{given:?}") };
    assert!(other.contains("222222222222") && nothing == "null", "{given:?}");
    assert!(everybody.contains('*') && condition.contains("aws:PrincipalOrgID") && condition.contains("o-abcdefghij"));
    // Who is named no more loses what he had, though nothing is published.
    let public = Sharing { public: true, ..Sharing::default() };
    assert_eq!(statements(&public), [("\"*\"".to_owned(), "null".to_owned())]);
    assert_eq!(statements(&Sharing::default()), []);
}

#[test]
fn a_layer_that_lambda_would_refuse_is_refused_before_anything_is_sent() {
    let directory = tempfile::tempdir().unwrap();
    let file = zip(directory.path(), "1.zip", b"one");
    let aws = Interceptor::start(Some(&Emulator::shared().address), |_, _| Reply::Forward).unwrap();
    let connection = connect(&aws.address, &account());
    let asked = aws.requests().len();
    let refused = |layer: &Layer| layers::publish(&connection, layer, &Sharing::default(), &|_| {}).unwrap_err();
    for name in ["etl/x", "", &"x".repeat(141)] {
        assert_eq!(refused(&Layer { name: name.to_owned(), ..layer(&[&file]) }).code.id, "TC1030", "{name}");
    }
    assert_eq!(refused(&layer(&[])).code.id, "TC1030");
    assert_eq!(refused(&layer(&[&file; 6])).code.id, "TC1030");
    assert_eq!(aws.requests().len(), asked);
}

#[test]
fn a_zip_that_has_changed_since_it_was_built_is_not_left_behind() {
    let directory = tempfile::tempdir().unwrap();
    let connection = connect(&Emulator::shared().address, &account());
    let built = zip(directory.path(), "1.zip", b"one");
    zip(directory.path(), "1.zip", b"two");
    let error = layers::publish(&connection, &layer(&[&built]), &Sharing::default(), &|_| {}).unwrap_err();
    assert_eq!(error.code.id, "TC1022");
    assert_eq!(layers::list(&connection).unwrap(), []);
    let gone = File { path: directory.path().join("gone.zip"), ..built };
    let error = layers::publish(&connection, &layer(&[&gone]), &Sharing::default(), &|_| {}).unwrap_err();
    assert_eq!(error.message, format!("`{}` cannot be read: no such file or directory", gone.path.display()));
}

#[test]
fn a_zip_over_50_mb_goes_through_the_bucket_and_goes_on_where_it_was_cut_off() {
    let directory = tempfile::tempdir().unwrap();
    let account = account();
    let file = zip(directory.path(), "large.zip", &noise(42, DIRECT_LIMIT + 1));
    let is_part = |request: &Request| request.method == "PUT" && request.target.contains("partNumber=");
    // After three parts, nothing of S3 gets through any more.
    let broken = Interceptor::start(Some(&Emulator::shared().address), move |_, request| {
        let number =
            request.target.split("partNumber=").nth(1).and_then(|rest| rest.split('&').next()?.parse::<u32>().ok());
        if number.is_some_and(|number| number > 3) { Reply::Cut } else { Reply::Forward }
    });
    let broken = broken.unwrap();
    let error = layers::publish(&connect(&broken.address, &account), &layer(&[&file]), &Sharing::default(), &|_| {});
    assert_eq!(error.unwrap_err().code.id, "TC1011");

    let whole = Interceptor::start(Some(&Emulator::shared().address), |_, _| Reply::Forward).unwrap();
    let connection = connect(&whole.address, &account);
    let through = std::sync::atomic::AtomicU64::new(0);
    let progress = |bytes| _ = through.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
    let published = layers::publish(&connection, &layer(&[&file]), &Sharing::default(), &progress).unwrap();
    assert!(published[0].is_new);
    assert_eq!(through.into_inner(), std::fs::metadata(&file.path).unwrap().len());
    // Seven parts of 8 MiB, of which three were there.
    assert_eq!(whole.requests().iter().filter(|request| is_part(request)).count(), 4);
    let asked = whole.requests().len();
    assert_eq!(publish(&connection, &layer(&[&file])), [("etl-enhancer".to_owned(), 1, false)]);
    assert!(
        whole.requests()[asked..].iter().all(|request| request.method == "GET"),
        "{:?}",
        &whole.requests()[asked..]
    );
}
