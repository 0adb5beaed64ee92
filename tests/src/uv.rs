//! uv for tests: this machine's, else the version that tc fetches, from the package index, once for all tests.

use crate::binary::workspace;
use crate::judges;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// What is installed.
const PINNED: &str = "uv==0.13.9";

/// A PATH on which there is a `uv`.
///
/// # Panics
/// With the reason, where none can be had.
pub fn path() -> &'static OsString {
    static FOUND: OnceLock<OsString> = OnceLock::new();
    FOUND.get_or_init(|| {
        let own = std::env::var_os("PATH").unwrap_or_default();
        if std::env::split_paths(&own).any(|directory| directory.join("uv").is_file()) {
            return own;
        }
        let directory = install().unwrap_or_else(|reason| panic!("there is no uv, and it cannot be had: {reason}"));
        std::env::join_paths(std::iter::once(directory.join("bin")).chain(std::env::split_paths(&own))).expect("a PATH")
    })
}

/// Where uv keeps what it downloads, for all tests.
pub fn cache() -> PathBuf {
    workspace().join("target/uv-cache")
}

fn install() -> Result<PathBuf, String> {
    let failed = |error: io::Error| error.to_string();
    let (directory, complete) = (workspace().join("target/uv"), workspace().join("target/uv.complete"));
    fs::create_dir_all(workspace().join("target")).map_err(failed)?;
    // Processes that start at the same time wait for each other.
    let lock = File::create(workspace().join("target/uv.lock")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    if !complete.exists() {
        let mut pip = Command::new(judges::python()?);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target"]);
        let output = pip.arg(&directory).arg(PINNED).output().map_err(failed)?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        File::create(&complete).map_err(failed)?;
    }
    Ok(directory)
}
