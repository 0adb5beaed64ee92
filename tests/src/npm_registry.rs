//! A registry of npm packages on a port of this machine, so that tests of npm need no network.

#![allow(clippy::indexing_slicing, reason = "what tests share may fail like a test")]

use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

/// What it answers to a path: a status and a body.
type Answers = BTreeMap<String, (u16, Vec<u8>)>;

/// A registry that answers until the test's process ends.
pub struct Registry {
    port: u16,
}

impl Registry {
    /// Serves packages, each given by its package.json and its other files.
    ///
    /// # Panics
    /// Where they cannot be packed.
    pub fn new(packages: &[(Value, &[(&str, &str)])]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let mut answers = Answers::new();
        let mut documents: BTreeMap<String, Value> = BTreeMap::new();
        for (manifest, files) in packages {
            let (name, version) = (text(manifest, "name"), text(manifest, "version"));
            let tarball = format!("/{name}/-/{version}.tgz");
            let archive = pack(manifest, files);
            let integrity = format!("sha512-{}", base64(&Sha512::digest(&archive)));
            answers.insert(tarball.clone(), (200, archive));
            let document = documents
                .entry(name.to_owned())
                .or_insert_with(|| json!({"name": name, "versions": {}, "dist-tags": {}}));
            let mut version_document = manifest.clone();
            version_document["dist"] =
                json!({"tarball": format!("http://127.0.0.1:{port}{tarball}"), "integrity": integrity});
            version_document["hasInstallScript"] = json!(manifest["scripts"]["install"].is_string());
            document["versions"][version] = version_document;
            document["dist-tags"]["latest"] = json!(version);
        }
        for (name, document) in documents {
            let path = format!("/{}", name.replace('/', "%2f"));
            answers.insert(path, (200, document.to_string().into_bytes()));
        }
        Self::serve(listener, port, move |path| answers.get(path).cloned().unwrap_or((404, b"{}".to_vec())))
    }

    /// Answers everything with one status.
    ///
    /// # Panics
    /// Where no port is free.
    pub fn refusing(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        Self::serve(listener, port, move |_| (status, b"{}".to_vec()))
    }

    fn serve(listener: TcpListener, port: u16, answer: impl Fn(&str) -> (u16, Vec<u8>) + Send + 'static) -> Self {
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away is npm's affair.
                let _ = respond(stream, &answer);
            }
        });
        Self { port }
    }

    /// The `.npmrc` that makes npm use it alone.
    pub fn npmrc(&self) -> String {
        format!("registry=http://127.0.0.1:{}/\n", self.port)
    }
}

fn respond(mut stream: TcpStream, answer: &impl Fn(&str) -> (u16, Vec<u8>)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, body) = answer(&path);
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}

fn text<'a>(manifest: &'a Value, key: &str) -> &'a str {
    manifest[key].as_str().expect("packages have names and versions")
}

/// The archive of a package as npm lays it out: all files below `package/`.
fn pack(manifest: &Value, files: &[(&str, &str)]) -> Vec<u8> {
    let place = tempfile::tempdir().expect("a temporary directory");
    let root = place.path().join("package");
    let manifest = manifest.to_string();
    for (name, text) in files.iter().copied().chain([("package.json", manifest.as_str())]) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    let output = Command::new("tar").args(["-cz", "package"]).current_dir(place.path()).output().expect("tar runs");
    assert!(output.status.success(), "tar: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
        let digits = [18, 12, 6, 0].map(|shift| char::from(ALPHABET[bits >> shift & 63]));
        let (used, padding) = (three.len() + 1, 3 - three.len());
        digits.into_iter().take(used).chain(std::iter::repeat_n('=', padding)).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}
