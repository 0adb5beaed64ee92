//! The program under test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// The path of `tc`, built from the present sources: cargo does not build another package's program for a test, and a
/// stale one would pass tests that the sources fail.
///
/// # Panics
/// When `cargo build` fails, since then there is nothing to test.
pub fn tc() -> &'static Path {
    static TC: OnceLock<PathBuf> = OnceLock::new();
    TC.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "tc", "--message-format=json-render-diagnostics"]);
        let output = build.current_dir(workspace()).output().expect("cargo runs, since it runs this test");
        assert!(output.status.success(), "cargo build: {}", String::from_utf8_lossy(&output.stderr));
        let artifacts = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut executables = artifacts.lines().filter_map(|line| {
            let message: serde_json::Value = serde_json::from_str(line).ok()?;
            Some(PathBuf::from(message.get("executable")?.as_str()?))
        });
        executables.next_back().expect("the package tc has one program")
    })
}
