//! `--slim`: a layer without tests and symbols.

use super::super::local;
use super::settle;
use crate::layer::Target;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::ir::Architecture;
use tc_core::source::Span;

use super::super::Tools;

/// How many files are stripped by one run of the program.
const BATCH: usize = 64;
/// Kinds of machines in the header of an ELF file (System V ABI, `e_machine`).
const X86_64: u16 = 62;
const AARCH64: u16 = 183;

/// The `strip` that knows a processor: by the name that Debian's and Fedora's cross tools have, LLVM's, or this
/// machine's own.
pub(super) fn strip_for(tools: &Tools, architecture: Architecture) -> Option<PathBuf> {
    let (own, cross) = match architecture {
        Architecture::X86_64 => ("x86_64", "x86_64-linux-gnu-strip"),
        Architecture::Arm64 => ("aarch64", "aarch64-linux-gnu-strip"),
    };
    let is_own = std::env::consts::ARCH == own && std::env::consts::OS == "linux";
    let names = [is_own.then_some("strip"), Some(cross), Some("llvm-strip")];
    names.into_iter().flatten().find_map(|name| tools.find(name))
}

/// Leaves out what `--slim` leaves out, and says so. To be called before the distributions are listed.
///
/// # Errors
/// When something cannot be read, written or removed.
pub(super) fn slim(tools: &Tools, target: Target, packages: &Path, place: Span) -> io::Result<Vec<Diagnostic>> {
    let before = size(packages)?;
    let (tests, _) = settle::retain(packages, is_kept)?;
    settle::remove_empty(packages)?;
    let libraries = stripable(packages, target.architecture)?;
    let mut findings = Vec::new();
    let mut stripped = BTreeSet::new();
    match strip_for(tools, target.architecture) {
        _ if libraries.is_empty() => {}
        Some(program) => {
            let mut kept = Vec::new();
            strip(tools, &program, packages, &libraries, &mut stripped, &mut kept)?;
            if let Some(first) = kept.first() {
                let message =
                    format!("`strip` refused {} libraries, such as `{first}`: their symbols stay", kept.len());
                findings.push(Diagnostic::new(&codes::NOT_STRIPPED, place, message));
            }
        }
        None => {
            let architecture = target.architecture.as_str();
            let message =
                format!("no `strip` on `PATH` knows {architecture}: the symbols of {} libraries stay", libraries.len());
            findings.push(
                Diagnostic::new(&codes::NOT_STRIPPED, place, message).help("install `llvm` or `binutils` for it"),
            );
        }
    }
    settle::forget_digests(packages, &stripped)?;
    let after = size(packages)?;
    if after < before {
        let message = format!(
            "`--slim` left out {tests} files of tests and the symbols of {} libraries: {} instead of {}",
            stripped.len(),
            megabytes(after),
            megabytes(before)
        );
        findings.push(Diagnostic::new(&codes::SLIMMED, place, message));
    }
    Ok(findings)
}

/// Whether a file stays: it is not of tests, or is a module that packages import from their tests at run time.
fn is_kept(name: &str) -> bool {
    let mut parts = name.split('/');
    let file = parts.next_back().unwrap_or_default();
    // The first part is a package itself, whatever it is called.
    let in_tests = parts.skip(1).any(|part| part == "tests" || part == "test");
    !in_tests || file == "__init__.py" || file.starts_with('_') && file.ends_with(".py")
}

/// The names of compiled files for a processor that may be stripped: not those in `NAME.libs`, which auditwheel put
/// together in a way that `strip` damages (pypa/auditwheel#716).
fn stripable(packages: &Path, architecture: Architecture) -> io::Result<Vec<String>> {
    let machine = match architecture {
        Architecture::X86_64 => X86_64,
        Architecture::Arm64 => AARCH64,
    };
    let mut names = Vec::new();
    for entry in local::entries(packages, |_| false)? {
        let in_libs = entry
            .name
            .rsplit_once('/')
            .is_some_and(|(folder, _)| folder.split('/').any(|part| part.ends_with(".libs")));
        if entry.kind.is_file() && !in_libs && machine_of(&entry.path)? == Some(machine) {
            names.push(entry.name);
        }
    }
    Ok(names)
}

/// The machine that an ELF file is for; `None` for any other file. All of Lambda's processors are little-endian.
fn machine_of(path: &Path) -> io::Result<Option<u16>> {
    let mut header = Vec::new();
    File::open(path)?.take(20).read_to_end(&mut header)?;
    let machine = match header.as_slice() {
        [0x7f, b'E', b'L', b'F', .., low, high] if header.len() == 20 => Some(u16::from_le_bytes([*low, *high])),
        _ => None,
    };
    Ok(machine)
}

/// Strips files; those that it refuses stay as they are.
fn strip(
    tools: &Tools,
    program: &Path,
    packages: &Path,
    names: &[String],
    stripped: &mut BTreeSet<String>,
    kept: &mut Vec<String>,
) -> io::Result<()> {
    for batch in names.chunks(BATCH) {
        let mut command = tools.command(program, packages);
        command.arg("--strip-unneeded").arg("--").args(batch.iter().map(|name| format!("./{name}")));
        if tools.run(&mut command)?.succeeded() {
            stripped.extend(batch.iter().cloned());
        } else if let [one] = batch {
            kept.push(one.clone());
        } else {
            // Which of them it was is found one by one; to strip a file twice changes nothing.
            for name in batch {
                strip(tools, program, packages, std::slice::from_ref(name), stripped, kept)?;
            }
        }
    }
    Ok(())
}

fn size(packages: &Path) -> io::Result<u64> {
    local::entries(packages, |_| false)?.iter().map(|entry| Ok(fs::symlink_metadata(&entry.path)?.len())).sum()
}

/// Bytes as people read them.
fn megabytes(bytes: u64) -> String {
    match bytes {
        0..100_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_go_and_what_is_imported_from_them_stays() {
        for name in ["numpy/tests/test_a.py", "a/b/tests/data/x.bin", "a/test/x.py", "a/tests/x.txt"] {
            assert!(!is_kept(name), "{name}");
        }
        for name in
            ["numpy/tests/__init__.py", "a/b/tests/_natype.py", "tests/x.py", "a/tests.py", "a/testing/x.py", "x.py"]
        {
            assert!(is_kept(name), "{name}");
        }
    }

    #[test]
    fn libraries_of_the_processor_are_stripped_and_bundled_ones_are_not() {
        let place = tempfile::tempdir().unwrap();
        let elf = |machine: u16| {
            let mut bytes = vec![0x7f, b'E', b'L', b'F'];
            bytes.resize(18, 0);
            bytes.extend(machine.to_le_bytes());
            bytes.extend([0; 40]);
            bytes
        };
        for (name, bytes) in [
            ("a/x.so", elf(X86_64)),
            ("a/arm.so", elf(AARCH64)),
            ("a.libs/y.so", elf(X86_64)),
            ("a/short.so", vec![0x7f, b'E', b'L', b'F']),
            ("a/x.py", b"import x".to_vec()),
        ] {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        assert_eq!(stripable(place.path(), Architecture::X86_64).unwrap(), ["a/x.so"]);
        assert_eq!(stripable(place.path(), Architecture::Arm64).unwrap(), ["a/arm.so"]);
        assert_eq!(megabytes(93_456_789), "93.4 MB");
    }
}
