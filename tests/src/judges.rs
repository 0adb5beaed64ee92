//! The judges from outside: cfn-lint and AWS's cloudformation-validate, run by `judges/judge.py`.
//!
//! The script installs them into `target/judges` on first use; it needs a Python and, that once, a package index.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The versions of Python the judges are published for, the one they are pinned with first.
const PYTHONS: [&str; 5] = ["python3.11", "python3.12", "python3.13", "python3.10", "python3"];

/// Where the judges' files lie.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("judges")
}

/// What the judges say of the templates: one line a finding, `file:line CODE judge: message`, none if both are silent.
/// Deprecated runtimes are not reported. Many templates at once cost little more than one.
///
/// # Errors
///
/// The reason why a judge could not run: no Python, no package index on first use, a template that cannot be read.
pub fn judge(templates: &[PathBuf]) -> Result<Vec<String>, String> {
    let output = script(|command| command.args(templates))?;
    let findings: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    match (output.status.code(), findings.is_empty()) {
        (Some(0), true) | (Some(1), false) => Ok(findings),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// The Python in which the judges' packages are installed.
///
/// # Errors
///
/// As [`judge`].
pub fn python() -> Result<PathBuf, String> {
    let output = script(|command| command.arg("--python"))?;
    match output.status.success() {
        true => Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end())),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// Runs `judge.py` with the arguments that `with` adds, by the first of [`PYTHONS`] that there is.
fn script(with: impl Fn(&mut Command) -> &mut Command) -> Result<Output, String> {
    for python in PYTHONS {
        match with(Command::new(python).arg(directory().join("judge.py"))).output() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{python}: {error}")),
            Ok(output) => return Ok(output),
        }
    }
    Err(format!("no Python found: looked for {}", PYTHONS.join(", ")))
}
