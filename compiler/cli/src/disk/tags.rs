//! Version tags, read from git's own files: starting a program would cost more than the whole compile.

use crate::version::Version;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The most that is read of `packed-refs`, in bytes: some 600,000 references.
const PACKED_REFS_LIMIT: u64 = 64 << 20;

/// The greatest `X.Y.Z` among the tags `PREFIX-X.Y.Z` of the repository whose `.git` stands at `git`.
///
/// A repository that cannot be read has no tags: the version is then the one a topology without tags has.
pub fn newest_version(git: &Path, prefix: &str) -> Option<String> {
    let common = common_directory(git)?;
    let mut newest = None;
    let mut consider = |tag: &str| newest = newest.max(Version::of_tag(tag, prefix));
    if common.join("reftable").is_dir() {
        for_each_tag_by_program(git, &mut consider);
    } else {
        for entry in fs::read_dir(common.join("refs/tags")).into_iter().flatten().flatten() {
            entry.file_name().to_str().into_iter().for_each(&mut consider);
        }
        let packed = packed_refs(&common);
        packed.lines().filter_map(|line| line.split_once(" refs/tags/")).for_each(|(_, tag)| consider(tag.trim_end()));
    }
    newest.map(|version: Version| version.to_string())
}

/// The directory that holds a repository's references, which all its work trees share (git's documentation,
/// "gitrepository-layout", on `.git` files and `commondir`).
fn common_directory(git: &Path) -> Option<PathBuf> {
    let directory = if git.is_dir() {
        git.to_path_buf()
    } else {
        let target = first_line(git)?;
        git.parent()?.join(target.strip_prefix("gitdir:")?.trim())
    };
    match first_line(&directory.join("commondir")) {
        Some(common) => Some(directory.join(common)),
        None => Some(directory),
    }
}

fn first_line(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(8192).read_to_string(&mut text).ok()?;
    text.lines().next().map(str::to_owned)
}

fn packed_refs(common: &Path) -> String {
    let mut bytes = Vec::new();
    if let Ok(file) = File::open(common.join("packed-refs")) {
        // What was read before an error is still a list of references.
        let _ = file.take(PACKED_REFS_LIMIT).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// References in the binary "reftable" format, which git alone reads.
fn for_each_tag_by_program(git: &Path, consider: &mut impl FnMut(&str)) {
    let output = Command::new("git")
        .arg("--git-dir")
        .arg(git)
        .args(["for-each-ref", "--format=%(refname:strip=2)", "refs/tags"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    if let Ok(output) = output {
        String::from_utf8_lossy(&output.stdout).lines().for_each(consider);
    }
}
