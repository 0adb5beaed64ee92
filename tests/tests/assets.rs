//! Trees of files on the file system of an environment, by the local AWS: the stack, the upload, the helper as a function,
//! and a directory in place of the mount.
//!
//! The local AWS mounts nothing. An access point is a directory there, whose path takes the place of the mount point in a
//! function's variables, and the helper reads its own from one. Networks, mount targets and security groups are made and
//! have no effect. So what these tests show is the stack as CloudFormation takes it, the helper under its own role, and
//! every byte from a directory to the mount; that NFS behaves as a disk does, and that a network without a NAT gateway
//! reaches S3 by its endpoint, they cannot show.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "what does not hold fails the test")]

mod support;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{connect, project};
use tc_core::backend::yaml;
use tc_core::diagnostic::Diagnostic;
use tc_deploy::Connection;
use tc_deploy::assets::{self, FileSystem, Links, Outcome, Part, Tree};
use tc_deploy::upload::File;
use tc_package::assets::{Manifest, PartReader, Rule, Span, helper, read, spans};
use tc_tests::binary::workspace;
use tc_tests::emulator::{self, Emulator, account};
use tc_tests::interceptor::{Interceptor, Reply, Request};
use tc_tests::judges::judge;
use tc_tests::tree;

/// A local AWS with a directory for its file systems.
struct Aws {
    emulator: Emulator,
    file_systems: tempfile::TempDir,
}

impl Aws {
    fn start() -> Self {
        let file_systems = tempfile::tempdir().unwrap();
        let arguments = [OsStr::new("--file-systems"), file_systems.path().as_os_str()];
        Self { emulator: Emulator::start_with(&arguments).unwrap(), file_systems }
    }

    /// What is mounted by the access point that functions import.
    fn mount(&self, connection: &Connection) -> PathBuf {
        let links = Links::find(connection).unwrap().unwrap();
        let id = links.access_point.rsplit('/').next().unwrap().to_owned();
        assert!(id.starts_with("fsap-"), "{links:?}");
        assert_eq!(links.subnets.split(',').filter(|id| id.starts_with("subnet-")).count(), 2, "{links:?}");
        assert!(links.security_groups.starts_with("sg-"), "{links:?}");
        self.file_systems.path().join(id)
    }
}

/// A directory and its manifest, in small parts.
struct Model {
    root: PathBuf,
    manifest: Manifest,
    spans: Vec<Vec<Span>>,
}

impl Model {
    fn read(root: &Path, part: u64) -> Self {
        let manifest = read(root, Rule { size: part, files: 5 }, &|_| {}).unwrap();
        Self { root: root.to_owned(), spans: spans(&manifest), manifest }
    }

    fn publish(&self, connection: &Connection, path: &str) -> Result<Outcome, Box<Diagnostic>> {
        let open = |place: usize| -> Box<dyn std::io::Read + Send> {
            Box::new(PartReader::new(&self.root, &self.spans[place]))
        };
        let part = |part: &tc_package::assets::Part| Part { sha256: part.sha256.clone(), size: part.size };
        let tree = Tree {
            digest: self.manifest.digest(),
            manifest: self.manifest.to_bytes(),
            parts: self.manifest.parts.iter().map(part).collect(),
            open: &open,
        };
        assets::publish(connection, &tree, path, &|_| {})
    }

    /// Whether what stands at a path is this.
    fn stands_at(&self, path: &Path) -> bool {
        let rule = Rule::default();
        let digest = |root: &Path| read(root, rule, &|_| {}).unwrap().digest();
        path.is_dir() && digest(path) == digest(&self.root)
    }
}

/// Makes the stack, with the helper's code.
fn prepare(connection: &Connection) -> Result<(), Box<Diagnostic>> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("helper.zip");
    let written = helper(&mut fs::File::create(&path).unwrap()).unwrap();
    let file_system = FileSystem::find(&project("{}").project).unwrap();
    assets::prepare(connection, &file_system, &File { path, sha256: written.sha256 }, &|_| {})
}

/// Bytes that do not repeat.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.take(length.div_ceil(8)).flatten().take(length).collect()
}

/// A model of a few files, the largest of `size` bytes.
fn lay_down(root: &Path, size: usize, seed: u64) {
    fs::create_dir_all(root.join("tokens/empty")).unwrap();
    fs::write(root.join("weights.bin"), noise(size, seed)).unwrap();
    for number in 0..12 {
        fs::write(root.join(format!("tokens/{number}.json")), noise(100 * number, seed + 1)).unwrap();
    }
    symlink("weights.bin", root.join("latest")).unwrap();
}

fn is_part_upload(request: &Request) -> bool {
    request.method == "PUT" && request.target.contains("/assets/")
}

#[test]
fn the_helper_stands_any_interruption() {
    let script = workspace().join("tests/assets/test_helper.py");
    let output = Command::new(emulator::python().unwrap()).arg(script).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("\nRan 17 tests"), "{said}");
}

#[test]
fn a_model_goes_through_the_bucket_to_the_mount_and_only_once() {
    let (aws, account, place) = (Aws::start(), account(), tempfile::tempdir().unwrap());
    let connection = connect(&aws.emulator.address, &account).unwrap();
    assert_eq!(Links::find(&connection).unwrap(), None);
    prepare(&connection).unwrap();
    let mount = aws.mount(&connection);
    let path = "etl/transformer/1.0/artifacts";

    lay_down(place.path(), 300_000, 1);
    let first = Model::read(place.path(), 64 << 10);
    assert!(first.manifest.parts.len() > 6);
    assert_eq!(first.publish(&connection, path).unwrap(), Outcome::Published);
    assert!(first.stands_at(&mount.join(path)));

    // What stands there is not uploaded and not copied again.
    let watched = Interceptor::start(Some(&aws.emulator.address), |_, _| Reply::Forward).unwrap();
    let through = connect(&watched.address, &account).unwrap();
    assert_eq!(first.publish(&through, path).unwrap(), Outcome::Unchanged);
    assert_eq!(watched.requests().iter().filter(|request| is_part_upload(request)).count(), 0);

    // Of a tree that differs in one small file only the part of that file goes up, and the manifest.
    fs::write(place.path().join("tokens/3.json"), "changed").unwrap();
    let second = Model::read(place.path(), 64 << 10);
    assert_eq!(second.publish(&through, path).unwrap(), Outcome::Published);
    assert_eq!(watched.requests().iter().filter(|request| is_part_upload(request)).count(), 2);
    assert!(second.stands_at(&mount.join(path)));
    // The stack is as it should be: its state and its template are asked for, and nothing else.
    let before = watched.requests().len();
    prepare(&through).unwrap();
    let asked: Vec<_> = watched.requests().into_iter().skip(before).map(|request| request.method).collect();
    assert_eq!(asked, ["HEAD", "POST", "POST"]);
}

#[test]
fn an_upload_that_is_cut_off_goes_on_where_it_was() {
    let (aws, account, place) = (Aws::start(), account(), tempfile::tempdir().unwrap());
    let connection = connect(&aws.emulator.address, &account).unwrap();
    prepare(&connection).unwrap();
    lay_down(place.path(), 600_000, 2);
    let model = Model::read(place.path(), 64 << 10);
    let objects = model.manifest.parts.len() + 1;
    let count = AtomicUsize::new(0);
    let cut = Interceptor::start(Some(&aws.emulator.address), move |_, request| {
        if is_part_upload(request) && count.fetch_add(1, Ordering::Relaxed) >= 4 { Reply::Cut } else { Reply::Forward }
    })
    .unwrap();
    let failure = model.publish(&connect(&cut.address, &account).unwrap(), "m").unwrap_err();
    assert_eq!(failure.code.id, "TC1011", "{}", failure.message);
    assert!(!aws.mount(&connection).join("m").exists());
    let watched = Interceptor::start(Some(&aws.emulator.address), |_, _| Reply::Forward).unwrap();
    assert_eq!(model.publish(&connect(&watched.address, &account).unwrap(), "m").unwrap(), Outcome::Published);
    assert_eq!(watched.requests().iter().filter(|request| is_part_upload(request)).count(), objects - 4);
    assert!(model.stands_at(&aws.mount(&connection).join("m")));
}

#[test]
fn answers_that_are_lost_are_asked_for_again() {
    let (aws, account, place) = (Aws::start(), account(), tempfile::tempdir().unwrap());
    let connection = connect(&aws.emulator.address, &account).unwrap();
    prepare(&connection).unwrap();
    lay_down(place.path(), 100_000, 3);
    let model = Model::read(place.path(), 64 << 10);
    // The helper that is asked twice over has done it the first time.
    let calls = AtomicUsize::new(0);
    let lossy = Interceptor::start(Some(&aws.emulator.address), move |_, request| {
        let is_call = request.target.contains("/invocations");
        match is_call.then(|| calls.fetch_add(1, Ordering::Relaxed)) {
            Some(1) => Reply::Cut,
            Some(2) => Reply::Answer(
                200,
                &[("x-amz-function-error", "Unhandled")],
                r#"{"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 900.00 seconds"}"#
                    .to_owned(),
            ),
            _ => Reply::Forward,
        }
    })
    .unwrap();
    assert_eq!(model.publish(&connect(&lossy.address, &account).unwrap(), "m").unwrap(), Outcome::Published);
    assert!(model.stands_at(&aws.mount(&connection).join("m")));
}

#[test]
fn what_is_lost_from_the_bucket_is_uploaded_again() {
    let (aws, account, place) = (Aws::start(), account(), tempfile::tempdir().unwrap());
    let connection = connect(&aws.emulator.address, &account).unwrap();
    prepare(&connection).unwrap();
    lay_down(place.path(), 100_000, 4);
    let model = Model::read(place.path(), 64 << 10);
    let lost = model.manifest.parts[0].sha256.clone();
    let bucket = format!("/tc-artifacts-{account}-us-west-2-an/assets/{lost}.part");
    // The part is removed between the upload and the first call that copies.
    let (address, owner, calls) = (aws.emulator.address.clone(), account.clone(), AtomicUsize::new(0));
    let removing = Interceptor::start(Some(&aws.emulator.address), move |_, request| {
        if request.target.contains("/invocations") && calls.fetch_add(1, Ordering::Relaxed) == 1 {
            assert_eq!(delete(&address, &owner, &bucket), 204);
        }
        Reply::Forward
    })
    .unwrap();
    assert_eq!(model.publish(&connect(&removing.address, &account).unwrap(), "m").unwrap(), Outcome::Published);
    assert!(model.stands_at(&aws.mount(&connection).join("m")));
}

/// Deletes an object past the shared functions, since a rule of an interceptor must own what it uses.
fn delete(address: &str, account: &str, path: &str) -> u16 {
    use std::io::{Read, Write};
    let authority = address.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(authority).unwrap();
    let head = format!(
        "DELETE {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-length: 0\r\nauthorization: \
         AWS4-HMAC-SHA256 Credential={account}/20260101/us-west-2/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_path_that_is_taken_is_said() {
    let (aws, account, place) = (Aws::start(), account(), tempfile::tempdir().unwrap());
    let connection = connect(&aws.emulator.address, &account).unwrap();
    prepare(&connection).unwrap();
    lay_down(place.path(), 10, 5);
    let model = Model::read(place.path(), 64 << 10);
    let mount = aws.mount(&connection);
    fs::create_dir_all(mount.join("by/hand")).unwrap();
    let refused = model.publish(&connection, "by/hand").unwrap_err();
    assert_eq!(refused.code.id, "TC0983");
    assert_eq!(
        refused.message,
        "nothing can be put at `by/hand`: something stands at `by/hand` that tc did not put there"
    );
    assert_eq!(model.publish(&connection, "by/tc").unwrap(), Outcome::Published);
    let refused = model.publish(&connection, "by/tc/more").unwrap_err();
    assert_eq!(
        refused.message,
        "nothing can be put at `by/tc/more`: `by/tc` is itself an asset, whose files cannot be added to"
    );
}

const NETWORK: &str = "subnets: [subnet-0a1b2c3d, subnet-1a1b2c3d], security_groups: [sg-0a1b2c3d]";
const ACCESS_POINT: &str =
    "access_point: 'arn:aws:elasticfilesystem:us-west-2:111111111111:access-point/fsap-0123456789abcdef0'";

/// The stacks by the names of their golden files.
fn templates() -> BTreeMap<&'static str, String> {
    let of = |text: &str| {
        let file_system = FileSystem::find(&project(text).project).unwrap();
        let bucket = "tc-artifacts-111111111111-us-west-2-an";
        let key = format!("{}.zip", "0".repeat(64));
        yaml::write(&assets::template(&file_system, bucket, &key).to_expr())
    };
    BTreeMap::from([
        ("own", of("{}")),
        ("network", of(&format!("filesystems: {{assets: {{{NETWORK}}}}}"))),
        ("access-point", of(&format!("filesystems: {{assets: {{{ACCESS_POINT}, {NETWORK}}}}}"))),
    ])
}

#[test]
fn the_stacks_are_the_golden_ones() {
    let golden = workspace().join("golden/stacks/assets");
    let made = templates().into_iter().map(|(name, text)| (format!("{name}.yaml"), text.into_bytes())).collect();
    // A deliberate act, as `--bless` is for the other golden cases.
    if std::env::var_os("TC_BLESS").is_some() {
        tree::write(&golden, &made).unwrap();
    }
    let difference = tree::difference(&tree::read(&golden).unwrap(), &made);
    assert!(difference.is_empty(), "{difference}\nif the change is right: TC_BLESS=1, and read what it wrote");
}

#[test]
fn the_judges_accept_the_stacks() {
    let directory = tempfile::tempdir().unwrap();
    let written: Vec<PathBuf> = templates()
        .into_iter()
        .map(|(name, text)| {
            let path = directory.path().join(format!("{name}.yaml"));
            fs::write(&path, text).unwrap();
            path
        })
        .collect();
    assert_eq!(judge(&written), Ok(Vec::new()));
}
