//! The Python that the local AWS runs by.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::local as codes;

/// What may be one, the versions that its packages are pinned for first.
const NAMES: [&str; 5] = ["python3.11", "python3.12", "python3.13", "python3.14", "python3"];

/// The oldest version that will do.
const OLDEST: (u32, u32) = (3, 11);

/// Prints the version, the interpreter, and whether it can make environments: Debian packs that apart.
const PROBE: &str = "import sys\n\
                     try:\n    import ensurepip, venv\n    whole = 1\n\
                     except ImportError:\n    whole = 0\n\
                     print(*sys.version_info[:2], whole, sys.executable)";

/// What an interpreter says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Interpreter {
    version: (u32, u32),
    makes_environments: bool,
    path: PathBuf,
}

/// The first that will do of those on the PATH.
///
/// # Errors
/// When there is none.
pub(super) fn find() -> Result<PathBuf, Box<Diagnostic>> {
    let mut found = Vec::new();
    for name in NAMES {
        match probe(name) {
            Some(interpreter) if is_fit(&interpreter) => return Ok(interpreter.path),
            other => found.extend(other),
        }
    }
    Err(Box::new(missing(&found)))
}

fn is_fit(interpreter: &Interpreter) -> bool {
    interpreter.version >= OLDEST && interpreter.makes_environments
}

fn probe(name: &str) -> Option<Interpreter> {
    let output = Command::new(name).args(["-c", PROBE]).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    // What stands on the PATH may be a launcher of a version that is not installed.
    output.status.success().then(|| read(&String::from_utf8_lossy(&output.stdout))).flatten()
}

/// Reads what [`PROBE`] prints: `3 11 1 /usr/bin/python3.11`.
fn read(said: &str) -> Option<Interpreter> {
    let mut words = said.trim_end().splitn(4, ' ');
    let mut number = || words.next()?.parse::<u32>().ok();
    let (version, makes_environments) = ((number()?, number()?), number()? == 1);
    let path = words.next().filter(|path| !path.is_empty())?;
    Some(Interpreter { version, makes_environments, path: path.into() })
}

fn missing(found: &[Interpreter]) -> Diagnostic {
    let (major, minor) = OLDEST;
    let without = found.iter().find(|interpreter| interpreter.version >= OLDEST);
    if let Some(Interpreter { version: (major, minor), path, .. }) = without {
        let message = format!("the Python at `{}` has no `venv`, which the local AWS is installed by", path.display());
        let finding = Diagnostic::without_place(&codes::NO_PYTHON, message);
        return finding.help(format!("Debian and Ubuntu have it in the package `python{major}.{minor}-venv`"));
    }
    let older = found.iter().max_by_key(|interpreter| interpreter.version);
    let there = older.map_or_else(String::new, |older| {
        format!(": `{}` is {}.{}", older.path.display(), older.version.0, older.version.1)
    });
    let message = format!("the local AWS needs Python {major}.{minor} or later, and there is none on the PATH{there}");
    Diagnostic::without_place(&codes::NO_PYTHON, message)
        .help("install it: `apt install python3 python3-venv`, `brew install python` or https://www.python.org")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interpreter(version: (u32, u32), makes_environments: bool) -> Interpreter {
        Interpreter { version, makes_environments, path: "/opt/my python".into() }
    }

    #[test]
    fn what_an_interpreter_says_is_read() {
        assert_eq!(read("3 12 1 /opt/my python\n"), Some(interpreter((3, 12), true)));
        assert_eq!(read("3 12 1 \n"), None);
        assert_eq!(read("Python 3.12\n"), None);
    }

    #[test]
    fn what_is_missing_is_said() {
        let said = |found: &[Interpreter]| missing(found).message;
        let needed = "the local AWS needs Python 3.11 or later, and there is none on the PATH";
        assert_eq!(said(&[]), needed);
        assert_eq!(said(&[interpreter((3, 9), true)]), format!("{needed}: `/opt/my python` is 3.9"));
        let without = said(&[interpreter((3, 9), true), interpreter((3, 12), false)]);
        assert_eq!(without, "the Python at `/opt/my python` has no `venv`, which the local AWS is installed by");
        assert!(!is_fit(&interpreter((3, 12), false)) && is_fit(&interpreter((3, 11), true)));
    }
}
