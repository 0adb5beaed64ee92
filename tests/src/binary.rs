//! The program under test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// The programs that tests run, and a target of the kind that makes cargo choose the features of dependencies as it does
/// for tests: another choice would build hundreds of crates again.
const PROGRAMS: [&str; 5] = ["--workspace", "--bin", "tc", "--example", "sign_in"];

/// The path of `tc`, built from the present sources: cargo does not build another package's program for a test, and a
/// stale one would pass tests that the sources fail.
///
/// # Panics
/// When `cargo build` fails, since then there is nothing to test.
pub fn tc() -> &'static Path {
    program("tc")
}

/// The path of the example `sign_in` of the package tc-deploy, built as [`tc`].
///
/// # Panics
/// As [`tc`].
pub fn sign_in() -> &'static Path {
    program("sign_in")
}

fn program(name: &str) -> &'static Path {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--message-format=json-render-diagnostics"]).args(PROGRAMS);
        // What cargo tells a test of its package would make build scripts, which look at these, run again each time.
        let is_of_package = |name: &&std::ffi::OsString| {
            let name = name.to_string_lossy();
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        };
        let variables: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
        variables.iter().filter(is_of_package).for_each(|name| _ = build.env_remove(name));
        let output = build.current_dir(workspace()).output().expect("cargo runs, since it runs this test");
        assert!(output.status.success(), "cargo build: {}", String::from_utf8_lossy(&output.stderr));
        let artifacts = String::from_utf8_lossy(&output.stdout).into_owned();
        let executables = artifacts.lines().filter_map(|line| {
            let message: serde_json::Value = serde_json::from_str(line).ok()?;
            let name = message.get("target")?.get("name")?.as_str()?;
            Some((name.to_owned(), PathBuf::from(message.get("executable")?.as_str()?)))
        });
        executables.collect()
    });
    built.get(name).unwrap_or_else(|| panic!("{name} is one of {PROGRAMS:?}"))
}
