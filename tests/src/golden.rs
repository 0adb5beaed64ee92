//! Golden directories: what tc makes of each case, compared with what was read and approved.
//!
//! | kind | what stands in `out/` |
//! |---|---|
//! | `golden/compile/CASE` | `template.yaml`, `manifest.json`, `ir.json`, `graph.mmd`, `findings.jsonl` |
//! | `golden/diagnostics/CASE` | `findings.txt`: what a person sees, and the exit code |
//! | `golden/stability/CASE` | `changes.txt`: logical ids that differ between `old/` and `new/` |
//!
//! A case runs in a copy of its own, so that nothing around the repository matters. Its arguments are in the file `args`,
//! the topology's directory first; `. -s bob -e dev` by default.

use crate::binary::{tc, workspace};
use crate::tree::{self, Tree};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What is compared of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A topology that compiles.
    Compile,
    /// Bad input and the exact message.
    Diagnostics,
    /// Two topologies and what differs between their templates.
    Stability,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Compile, Self::Diagnostics, Self::Stability];

    /// The directory of its cases.
    pub fn directory(self) -> PathBuf {
        let name = match self {
            Self::Compile => "compile",
            Self::Diagnostics => "diagnostics",
            Self::Stability => "stability",
        };
        workspace().join("golden").join(name)
    }
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// What is compared.
    pub kind: Kind,
    /// Its directory.
    pub root: PathBuf,
}

/// A run of tc in surroundings that must not matter.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// The name of the directory the case is copied to.
    pub directory: &'static str,
    /// `HOME`.
    pub home: &'static str,
    /// `TZ`.
    pub timezone: &'static str,
    /// `LC_ALL`.
    pub locale: &'static str,
    /// The file mode creation mask.
    pub umask: &'static str,
    /// Seconds since 1970 that every source file is dated.
    pub modified: u64,
}

/// The surroundings that the expected output was made in.
pub const USUAL: Surroundings =
    Surroundings { directory: "in", home: "/tmp", timezone: "UTC", locale: "C", umask: "022", modified: 1_700_000_000 };

/// Other surroundings, in which every byte must be the same.
pub const UNUSUAL: Surroundings = Surroundings {
    directory: "somewhere else/été",
    home: "/nonexistent",
    timezone: "Pacific/Chatham",
    locale: "tr_TR.UTF-8",
    umask: "077",
    modified: 86_400,
};

/// The cases of a kind in the order of their names.
pub fn cases(kind: Kind) -> Vec<Case> {
    let mut roots: Vec<PathBuf> = fs::read_dir(kind.directory())
        .expect("the golden directory is part of the repository")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.is_dir())
        .collect();
    roots.sort();
    roots.into_iter().map(|root| Case { kind, root }).collect()
}

impl Case {
    /// The name of its directory.
    pub fn name(&self) -> String {
        self.root.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// What is expected.
    pub fn expected(&self) -> Tree {
        tree::read(&self.root.join("out")).expect("the golden files can be read")
    }

    /// What tc makes of it.
    pub fn actual(&self, surroundings: Surroundings) -> Tree {
        match self.kind {
            Kind::Compile => self.compile(surroundings),
            Kind::Diagnostics => self.diagnostics(surroundings),
            Kind::Stability => self.stability(surroundings),
        }
    }

    /// How the two differ; empty if they are equal.
    pub fn difference(&self, surroundings: Surroundings) -> String {
        tree::difference(&self.expected(), &self.actual(surroundings))
    }

    fn arguments(&self) -> Vec<String> {
        let text = fs::read_to_string(self.root.join("args")).unwrap_or_else(|_| ". -s bob -e dev".to_owned());
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn compile(&self, surroundings: Surroundings) -> Tree {
        let workplace = Workplace::new(&self.root.join("in"), surroundings);
        let out = workplace.root.path().join("out");
        let run = |extra: &[&str]| {
            let output = workplace.tc(&self.arguments(), extra);
            assert!(output.status.success(), "{}: {}", self.name(), text(&output.stderr));
            output.stdout
        };
        let findings = run(&["-o", &out.to_string_lossy(), "--message-format", "json"]);
        let mut tree = tree::read(&out).expect("tc made its output");
        let artifacts: Vec<_> = tree.keys().filter(|name| name.starts_with("artifacts/")).cloned().collect();
        // The manifest holds the digests and sizes of the zips, which are built again from the case at any time.
        for name in artifacts {
            let bytes = tree.remove(&name).unwrap_or_default();
            let digest = digest(&bytes);
            assert!(name == format!("artifacts/{digest}.zip"), "{}: {name} has the digest {digest}", self.name());
        }
        tree.insert("findings.jsonl".to_owned(), findings);
        tree.insert("ir.json".to_owned(), run(&["--emit", "ir"]));
        tree.insert("graph.mmd".to_owned(), run(&["--emit", "graph"]));
        tree
    }

    fn diagnostics(&self, surroundings: Surroundings) -> Tree {
        let workplace = Workplace::new(&self.root.join("in"), surroundings);
        let out = workplace.root.path().join("out");
        // Warnings are denied, so that a case of a warning fails like one of an error.
        let extra = ["-o", &out.to_string_lossy(), "-D", "warnings"];
        let output = workplace.tc(&self.arguments(), &extra);
        assert!(!out.exists(), "{}: output was written in spite of errors", self.name());
        let code = output.status.code().map_or("a signal".to_owned(), |code| code.to_string());
        let findings = format!("{}{}exit code: {code}\n", text(&output.stdout), text(&output.stderr));
        Tree::from([("findings.txt".to_owned(), findings.into_bytes())])
    }

    fn stability(&self, surroundings: Surroundings) -> Tree {
        let resources = |side: &str| -> BTreeMap<String, serde_json::Value> {
            let workplace = Workplace::new(&self.root.join(side), surroundings);
            let output = workplace.tc(&self.arguments(), &["--emit", "template", "--format", "json"]);
            assert!(output.status.success(), "{}/{side}: {}", self.name(), text(&output.stderr));
            let template: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the template is JSON");
            let sections = ["Parameters", "Resources", "Outputs"].into_iter().filter_map(|section| {
                let entries = template.get(section)?.as_object()?.clone();
                Some(entries.into_iter().map(move |(id, value)| (format!("{section}/{id}"), value)))
            });
            sections.flatten().collect()
        };
        let (old, new) = (resources("old"), resources("new"));
        let mut changes = String::new();
        for (id, value) in &old {
            match new.get(id) {
                None => changes.push_str(&format!("- {id}\n")),
                Some(other) if other != value => changes.push_str(&format!("~ {id}\n")),
                Some(_) => {}
            }
        }
        for id in new.keys().filter(|id| !old.contains_key(*id)) {
            changes.push_str(&format!("+ {id}\n"));
        }
        Tree::from([("changes.txt".to_owned(), changes.into_bytes())])
    }
}

/// A copy of a case's input in the surroundings of a run.
struct Workplace {
    root: tempfile::TempDir,
    directory: PathBuf,
    surroundings: Surroundings,
}

impl Workplace {
    fn new(input: &Path, surroundings: Surroundings) -> Self {
        let root = tempfile::tempdir().expect("a temporary directory");
        let directory = root.path().join(surroundings.directory);
        tree::copy(input, &directory).expect("the case can be copied");
        date(&directory, std::time::UNIX_EPOCH + std::time::Duration::from_secs(surroundings.modified));
        Self { root, directory, surroundings }
    }

    fn tc(&self, arguments: &[String], extra: &[&str]) -> Output {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "umask \"$1\"; shift; exec \"$@\"", "sh", self.surroundings.umask]);
        command.arg(tc()).arg("compile").args(arguments).args(extra).current_dir(&self.directory);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env("HOME", self.surroundings.home);
        command.env("TZ", self.surroundings.timezone).env("LC_ALL", self.surroundings.locale);
        command.output().expect("tc can be started")
    }
}

fn date(directory: &Path, time: std::time::SystemTime) {
    for entry in fs::read_dir(directory).expect("the copy can be listed") {
        let path = entry.expect("the copy can be listed").path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            date(&path, time);
        } else {
            let file = fs::File::options().append(true).open(&path).expect("the copy can be opened");
            file.set_modified(time).expect("a file of our own can be dated");
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The differences of all cases of a kind, one after another.
pub fn differences(kind: Kind, surroundings: Surroundings) -> String {
    let cases = cases(kind);
    let results = std::thread::scope(|scope| {
        let halves: Vec<_> = cases
            .chunks(cases.len().div_ceil(2).max(1))
            .map(|half| {
                scope.spawn(move || {
                    half.iter().map(|case| (case.name(), case.difference(surroundings))).collect::<Vec<_>>()
                })
            })
            .collect();
        halves.into_iter().flat_map(|half| half.join().expect("a case panicked")).collect::<Vec<_>>()
    });
    let differing = results.into_iter().filter(|(_, difference)| !difference.is_empty());
    differing.map(|(name, difference)| format!("=== {name}\n{difference}")).collect()
}
