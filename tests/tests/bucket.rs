//! The artifact bucket, made in the local AWS.

#![allow(clippy::unwrap_used, reason = "what does not hold fails the test")]

mod support;

use std::thread;
use support::connect;
use tc_core::backend::yaml;
use tc_deploy::bucket;
use tc_deploy::upload::{self, File};
use tc_tests::emulator::{Emulator, account};
use tc_tests::interceptor::{Interceptor, Reply, Request};
use tc_tests::judges::judge;

/// The name for an account.
fn name(account: &str) -> String {
    format!("tc-artifacts-{account}-us-west-2-an")
}

/// Makes a bucket by hand.
fn make_bucket(account: &str, name: &str) {
    let place =
        "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
    let (status, said) = Emulator::shared().ask(account, "s3", &format!("PUT /{name}"), place).unwrap();
    assert_eq!(status, 200, "{said}");
}

fn ensure(address: &str, account: &str) -> Result<String, String> {
    let bucket = bucket::ensure(&connect(address, account).unwrap());
    bucket.map(|bucket| bucket.name).map_err(|finding| format!("{} {}", finding.code.id, finding.message))
}

#[test]
fn the_bucket_is_made_once_and_closed_to_everybody_else() {
    let (emulator, account) = (Emulator::shared(), account());
    // Two commands at once make one bucket.
    let both = thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(|| ensure(&emulator.address, &account)));
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(both, [Ok(name(&account)), Ok(name(&account))]);
    let held = |what: &str| emulator.ask(&account, "s3", &format!("GET /{}?{what}", name(&account)), "").unwrap().1;
    assert!(held("versioning").contains("<Status>Enabled</Status>"));
    assert!(held("encryption").contains("<SSEAlgorithm>AES256</SSEAlgorithm>"));
    assert_eq!(held("publicAccessBlock").matches(">true<").count(), 4);
    assert!(held("policy").contains("aws:SecureTransport"));

    let aws = Interceptor::start(Some(&emulator.address), |_, _| Reply::Forward).unwrap();
    assert_eq!(ensure(&aws.address, &account), Ok(name(&account)));
    let asked: Vec<_> = aws.requests().into_iter().map(|request| request.method).collect();
    assert_eq!(asked, ["POST", "HEAD"], "whose the credentials are, and whether the bucket is there");
}

#[test]
fn a_bucket_of_somebody_else_is_not_used() {
    let (emulator, account) = (Emulator::shared(), account());
    make_bucket("999999999999", &name(&account));
    let said = ensure(&emulator.address, &account).unwrap_err();
    assert_eq!(said, format!("TC1020 the bucket `{}` cannot be used", name(&account)));
}

#[test]
fn a_stack_that_cannot_be_made_says_why_and_can_be_made_again() {
    let (emulator, account) = (Emulator::shared(), account());
    make_bucket(&account, &name(&account));
    // The bucket comes into being between the question whether it is there and the stack.
    let hide = |_, request: &Request| match request.method.as_str() {
        "HEAD" => Reply::Answer(404, &[], String::new()),
        _ => Reply::Forward,
    };
    let aws = Interceptor::start(Some(&emulator.address), hide).unwrap();
    let said = ensure(&aws.address, &account).unwrap_err();
    // The local AWS refuses the change set as a whole, AWS the resource: either reason is told.
    let reason = said.strip_prefix("TC1021 the stack `tc-artifacts` cannot be made: ").unwrap_or_default();
    assert!(reason.contains("already exists") || reason.contains("Validation failed"), "{said}");
    let deleted = emulator.ask(&account, "s3", &format!("DELETE /{}", name(&account)), "").unwrap();
    assert_eq!(deleted.0, 204, "{}", deleted.1);
    assert_eq!(ensure(&emulator.address, &account), Ok(name(&account)));
}

#[test]
fn a_bucket_that_was_deleted_under_its_stack_is_said() {
    let (emulator, account) = (Emulator::shared(), account());
    ensure(&emulator.address, &account).unwrap();
    emulator.ask(&account, "s3", &format!("DELETE /{}", name(&account)), "").unwrap();
    let said = ensure(&emulator.address, &account).unwrap_err();
    assert!(said.starts_with("TC1021 the stack `tc-artifacts` is there, but its bucket"), "{said}");
}

#[test]
fn a_file_is_uploaded_once_under_its_digest() {
    let directory = tempfile::tempdir().unwrap();
    let (emulator, account) = (Emulator::shared(), account());
    let connection = connect(&emulator.address, &account).unwrap();
    let path = directory.path().join("a.zip");
    std::fs::write(&path, "a").unwrap();
    let sha256 = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb".to_owned();
    let file = File { path, sha256: sha256.clone() };
    let first = upload::upload(&connection, &file, "zip", &|_| {}).unwrap();
    assert_eq!((first.bucket, first.key, first.was_there), (name(&account), format!("{sha256}.zip"), false));
    let again = upload::upload(&connection, &file, "zip", &|_| {}).unwrap();
    assert!(again.was_there && again.version == first.version && again.version.is_some());
    // Other bytes do not get in under the same name.
    std::fs::write(&file.path, "b").unwrap();
    let other = File { sha256: sha256.replace('c', "d"), ..file };
    assert_eq!(upload::upload(&connection, &other, "zip", &|_| {}).unwrap_err().code.id, "TC1022");
}

#[test]
fn the_judges_accept_the_stack_of_the_bucket() {
    let directory = tempfile::tempdir().unwrap();
    let templates = ["us-west-2", "me-south-1"].map(|region| {
        let path = directory.path().join(format!("{region}.yaml"));
        std::fs::write(&path, yaml::write(&bucket::template(region).to_expr())).unwrap();
        path
    });
    assert_eq!(judge(&templates), Ok(Vec::new()));
}
