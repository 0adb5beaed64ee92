//! A Ruby with Bundler for tests: this machine's, else Debian's packages laid down below `target/ruby` by
//! `tests/ruby/install`, which needs no rights but, the first time, a package archive.

use crate::binary::workspace;
use std::ffi::OsString;
use std::process::Command;
use std::sync::OnceLock;

/// A PATH on which there is a `ruby` with Bundler.
///
/// # Panics
/// With the reason, where there is none and Debian's cannot be had.
pub fn path() -> &'static OsString {
    static FOUND: OnceLock<OsString> = OnceLock::new();
    FOUND.get_or_init(|| {
        let own = std::env::var_os("PATH").unwrap_or_default();
        if has_bundler(&own) {
            return own;
        }
        let output = Command::new(workspace().join("tests/ruby/install")).output().expect("the script can be run");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "there is no Ruby with Bundler, and Debian's cannot be had: {said}");
        let below = workspace().join("target/ruby/bin");
        std::env::join_paths(std::iter::once(below).chain(std::env::split_paths(&own))).expect("a PATH")
    })
}

fn has_bundler(path: &OsString) -> bool {
    let mut ruby = Command::new("ruby");
    let output = ruby.args(["-e", "require 'bundler'"]).env("PATH", path).output();
    output.is_ok_and(|output| output.status.success())
}
