//! Compilers for tests of compiled functions: `tests/compilers/install` takes them from PyPI, the first time.

use crate::binary::workspace;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// A PATH that begins with Go and cargo-zigbuild.
///
/// # Panics
/// With the reason, where they cannot be had.
pub fn path() -> &'static OsString {
    static FOUND: OnceLock<OsString> = OnceLock::new();
    FOUND.get_or_init(|| {
        let output = Command::new(workspace().join("tests/compilers/install")).output().expect("the script can be run");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the compilers cannot be had: {said}");
        let programs = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        let own = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&own))).expect("a PATH")
    })
}
