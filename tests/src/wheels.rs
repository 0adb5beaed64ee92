//! Real wheels: trees as an installer leaves them, from the package index.

use crate::binary::workspace;
use crate::judges;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use tc_package::layer::install::Distribution;

/// Why there is no tree.
#[derive(Debug)]
pub enum Absent {
    /// The package index cannot be reached, in pip's words.
    Unreachable(String),
    /// Anything else.
    Failed(String),
}

/// A directory with `python/`, into which the wheels were installed, pinned as `NAME==VERSION`, for a version of Python
/// and a machine (`x86_64`, `aarch64`) with at most this glibc. It is kept under `target/wheels`; processes that ask for
/// the same at the same time wait for each other.
///
/// # Errors
/// When there is no Python or the wheels cannot be had.
pub fn tree(python: &str, machine: &str, glibc: u32, wheels: &[&str]) -> Result<PathBuf, Absent> {
    let failed = |error: io::Error| Absent::Failed(error.to_string());
    let key = format!("{python} {machine} {glibc} {}", wheels.join(" "));
    let digest: String = Sha256::digest(&key).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let all = workspace().join("target/wheels");
    // Beside the tree and not in it: what is in it is what was installed.
    let (directory, complete) = (all.join(&digest), all.join(format!("{digest}.complete")));
    fs::create_dir_all(&all).map_err(failed)?;
    let lock = File::create(all.join(format!("{digest}.lock"))).map_err(failed)?;
    lock.lock().map_err(failed)?;
    if complete.exists() {
        return Ok(directory);
    }
    // What an interrupted installation left is worth nothing.
    match fs::remove_dir_all(&directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let mut pip = Command::new(judges::python().map_err(Absent::Failed)?);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]);
    pip.args(["--python-version", python, "--implementation", "cp", "--target"]).arg(directory.join("python"));
    // pip takes the platforms as they are written, and not those that they imply.
    pip.arg("--platform").arg(format!("manylinux2014_{machine}"));
    for minor in (17..=glibc).rev() {
        pip.arg("--platform").arg(format!("manylinux_2_{minor}_{machine}"));
    }
    let output = pip.args(wheels).output().map_err(failed)?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let is_network = ["Retrying (", "NameResolutionError", "NewConnectionError", "ProxyError", "Read timed out"];
        return Err(match is_network.iter().any(|sign| words.contains(sign)) {
            true => Absent::Unreachable(words),
            false => Absent::Failed(words),
        });
    }
    File::create(&complete).map_err(failed)?;
    Ok(directory)
}

/// What was installed below `python/`, by the `RECORD` of each distribution.
pub fn distributions(tree: &Path) -> io::Result<Vec<Distribution>> {
    let mut distributions = Vec::new();
    for entry in fs::read_dir(tree.join("python"))? {
        let entry = entry?;
        let directory = entry.file_name().to_string_lossy().into_owned();
        let Some((name, version)) = directory.strip_suffix(".dist-info").and_then(|stem| stem.split_once('-')) else {
            continue;
        };
        let record = fs::read_to_string(entry.path().join("RECORD"))?;
        let file = |line: &str| line.split(',').next().map(|path| format!("python/{}", path.trim_matches('"')));
        let files = record.lines().filter_map(file).filter(|file| tree.join(file).is_file()).collect();
        distributions.push(Distribution { name: name.replace('_', "-"), version: version.to_owned(), files });
    }
    distributions.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(distributions)
}
