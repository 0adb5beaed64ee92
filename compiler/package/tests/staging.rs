//! Build commands that need a shell.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use support::{PYTHON, Tree, build};
use tc_core::world::EntryKind;
use tc_package::{End, Outcome, Place, Shell, SystemShell};
use zip::write::SimpleFileOptions;

fn tree(command: &str) -> Tree {
    Tree::new(&[("f/function.json", &build(command)), ("f/handler.py", PYTHON), ("f/lib/a.py", "")])
}

/// A shell in whose place a closure works on the copy.
struct Fake<F>(F);

impl<F: Fn(&Place<'_>) + Sync> Shell for Fake<F> {
    fn run(&self, _: &str, place: &Place<'_>) -> io::Result<Outcome> {
        (self.0)(place);
        Ok(Outcome { end: End::Success, output: String::new() })
    }
}

#[test]
fn a_command_works_on_a_copy_with_all_but_residue() {
    let tree = tree("look")
        .with("f/.gitignore", "ignored\n")
        .with("f/ignored", "")
        .with("f/node_modules/a.js", "")
        .with("f/old.ZIP", "")
        .with("f/lib/data.zip", "")
        .with("f/__pycache__/x.pyc", "")
        .with("f/.git/config", "")
        .with("f/.tc/x", "")
        .with("f/run", "")
        .executable("f/run")
        .odd("f/python", EntryKind::Escaping);
    let seen = Mutex::new((Vec::new(), PathBuf::new()));
    let packed = tree.pack_with(&Fake(|place: &Place<'_>| {
        let mut seen = seen.lock().unwrap();
        seen.1 = place.directory.to_owned();
        let mut visits = vec![place.directory.to_owned()];
        while let Some(directory) = visits.pop() {
            for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
                let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
                let path = entry.path();
                seen.0.push(format!("{} {mode:o}", path.strip_prefix(place.directory).unwrap().display()));
                visits.extend(path.is_dir().then_some(path));
            }
        }
        seen.0.sort();
    }));
    let (seen, place) = seen.into_inner().unwrap();
    let wanted = [
        ".gitignore 644",
        "function.json 644",
        "handler.py 644",
        "ignored 644",
        "lib 755",
        "lib/a.py 644",
        "lib/data.zip 644",
        "node_modules 755",
        "node_modules/a.js 644",
        "run 755",
    ];
    assert_eq!(seen, wanted);
    assert_eq!(place.file_name().unwrap(), "f");
    assert!(!place.exists() && !place.parent().unwrap().parent().unwrap().exists(), "the copy is thrown away");
    assert!(packed.finding().contains("TC0011"), "what is not copied cannot be packed either");
}

#[test]
fn what_a_command_made_is_packed_where_it_makes_no_zip() {
    let tree = tree("make")
        .with("f/stale.js", "old")
        .with("f/.gitignore", "*.js\nnode_modules/\n")
        .with("f/node_modules/x.js", "");
    let packed = tree.pack_with(&Fake(|place: &Place<'_>| {
        fs::write(place.directory.join("out.js"), "made").unwrap();
        fs::create_dir_all(place.directory.join("node_modules/y/__pycache__")).unwrap();
        fs::write(place.directory.join("node_modules/y/index.js"), "made").unwrap();
        fs::write(place.directory.join("node_modules/y/__pycache__/z.pyc"), "").unwrap();
        fs::write(place.directory.join("handler.py"), "changed").unwrap();
        fs::remove_file(place.directory.join("lib/a.py")).unwrap();
        std::os::unix::fs::symlink("out.js", place.directory.join("link.js")).unwrap();
        std::os::unix::fs::symlink("node_modules/y", place.directory.join("y")).unwrap();
    }));
    let files = packed.files("f");
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["handler.py", "link.js", "node_modules/y/index.js", "out.js", "y/index.js"]);
    assert_eq!((files["handler.py"].as_str(), files["link.js"].as_str()), ("changed", "made"));
}

#[test]
fn an_ignored_file_that_is_written_anew_counts_as_made() {
    let tree = tree("make").with("f/.gitignore", "dist/\n").with("f/dist/x.js", "same").with("f/dist/y.js", "");
    let packed = tree.pack_with(&Fake(|place: &Place<'_>| {
        fs::remove_file(place.directory.join("dist/x.js")).unwrap();
        fs::write(place.directory.join("dist/x.js"), "same").unwrap();
    }));
    assert_eq!(packed.names("f"), ["dist/x.js", "handler.py", "lib/a.py"]);
}

#[test]
fn of_a_compiled_function_only_the_program_is_packed() {
    let tree = Tree::new(&[("f/function.json", &build("make")), ("f/handler.go", ""), ("f/go.mod", "")]);
    let packed = tree.pack_with(&Fake(|place: &Place<'_>| {
        fs::write(place.directory.join("bootstrap"), "program").unwrap();
        fs::write(place.directory.join("cache"), "").unwrap();
    }));
    assert_eq!(packed.names("f"), ["bootstrap*"]);
    let nothing = tree.pack_with(&Fake(|_: &Place<'_>| {}));
    assert!(nothing.finding().contains("TC0701"));
}

#[test]
fn lambda_zip_is_taken_else_the_only_zip() {
    let zips = |names: &'static [&'static str]| {
        tree("make").pack_with(&Fake(move |place: &Place<'_>| {
            names.iter().for_each(|name| {
                fs::write(place.directory.join(name), archive(&[("handler.py", name.as_bytes())])).unwrap()
            });
        }))
    };
    assert_eq!(zips(&["a.zip", "lambda.zip"]).files("f")["handler.py*"], "lambda.zip");
    assert_eq!(zips(&["code.zip"]).files("f")["handler.py*"], "code.zip");
    assert_eq!(
        zips(&["b.zip", "a.zip"]).finding(),
        "error TC0710 f/function.json:1 the build of function `f` made several zips: `a.zip`, `b.zip` \
         ? call the one to be taken `lambda.zip`"
    );
}

/// An archive as another program makes it.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default().unix_permissions(0o700)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn what_cannot_be_taken_is_refused_with_its_reason() {
    for (bytes, wanted) in [
        (
            b"no zip".to_vec(),
            "TC0710 f/function.json:1 `lambda.zip`, made by the build of function `f`, cannot be taken: it is not a sound zip",
        ),
        (archive(&[("../handler.py", b"")]), "the name of its entry `../handler.py` is unsafe: `..` leads out"),
        (archive(&[("other.py", b"")]), "TC0704"),
        (archive(&[]), "TC0701"),
    ] {
        let packed = tree("make").pack_with(&Fake(|place: &Place<'_>| {
            fs::write(place.directory.join("lambda.zip"), &bytes).unwrap();
        }));
        assert!(packed.finding().contains(wanted), "{wanted}: {}", packed.finding());
    }
}

#[test]
fn a_bomb_is_refused_by_the_size_it_claims() {
    let mut bomb = archive(&[("handler.py", &[0; 77_777])]);
    for at in 0..bomb.len() - 4 {
        if bomb[at..].starts_with(&77_777u32.to_le_bytes()) {
            bomb[at..at + 4].copy_from_slice(&300_000_000u32.to_le_bytes());
        }
    }
    let packed = tree("make").pack_with(&Fake(|place: &Place<'_>| {
        fs::write(place.directory.join("lambda.zip"), &bomb).unwrap();
    }));
    assert!(packed.finding().contains("TC0702"), "{}", packed.finding());
}

#[test]
fn links_out_of_the_copy_are_refused() {
    for name in ["lambda.zip", "secrets.txt"] {
        let packed = tree("make").pack_with(&Fake(|place: &Place<'_>| {
            std::os::unix::fs::symlink("/etc/passwd", place.directory.join(name)).unwrap();
        }));
        let wanted = format!("TC0710 f/function.json:1 the build of function `f` made `{name}`, a link that leads out");
        assert!(packed.finding().contains(&wanted), "{}", packed.finding());
    }
    let packed = tree("make").pack_with(&Fake(|place: &Place<'_>| {
        std::os::unix::fs::symlink("..", place.directory.join("lib/up")).unwrap();
    }));
    assert!(packed.finding().contains("made `lib/up`, a link"), "{}", packed.finding());
}

#[test]
fn a_failing_command_shows_its_status_and_last_words() {
    let command = "echo one; pwd; printf '\\033[31mtwo\\033[0m\\n' >&2; exit 3";
    assert_eq!(
        tree(command).pack().finding(),
        "error TC0709 f/function.json:1 the build of function `f` ended with exit status 3 ? > one ? > . ? > two"
    );
    let missing = tree("no-such-program handler.py").pack().finding();
    assert!(missing.ends_with("? a program is not installed, or not on the PATH"), "{missing}");
    let around = tree("cat ../g/x.py > x.py").pack().finding();
    assert!(around.contains("? `tasks.build` runs in a copy of `f` alone, without what is around it"), "{around}");
    let killed = tree("kill -9 $$").pack().finding();
    assert!(killed.contains("ended by signal 9"), "{killed}");
}

#[test]
fn links_that_are_not_copied_are_named_when_a_build_fails() {
    let finding = tree("exit 1").odd("f/venv/bin/python", EntryKind::Escaping).pack().finding();
    assert!(finding.ends_with("? links out of the project are not copied: `f/venv/bin/python`"), "{finding}");
}

#[test]
fn a_shell_that_cannot_be_started_is_said() {
    struct Absent;
    impl Shell for Absent {
        fn run(&self, _: &str, _: &Place<'_>) -> io::Result<Outcome> {
            Err(io::ErrorKind::NotFound.into())
        }
    }
    let finding = tree("make").pack_with(&Absent).finding();
    assert!(
        finding.contains("TC0709 f/function.json:1 the build of function `f` cannot be started: entity not found"),
        "{finding}"
    );
}

#[test]
fn the_environment_is_the_same_everywhere() {
    let shell = SystemShell { path: std::env::var_os("PATH"), home: Some("/home/somebody".into()) };
    let packed =
        tree("env | grep -v ^PATH= | grep -v ^_= | sort > env.txt; umask >> env.txt; cat >> env.txt").pack_with(&shell);
    let environment = &packed.files("f")["env.txt"];
    let mut lines: BTreeMap<_, _> = environment.lines().filter_map(|line| line.split_once('=')).collect();
    assert!(lines.remove("TMPDIR").is_some_and(|place| place.ends_with("/tmp")), "{environment}");
    assert!(lines.remove("PWD").is_some_and(|place| place.ends_with("/code/f")), "{environment}");
    // Shells set these for themselves.
    lines.remove("SHLVL");
    lines.remove("OLDPWD");
    let wanted = [("HOME", "/home/somebody"), ("LC_ALL", "C"), ("SOURCE_DATE_EPOCH", "315532800"), ("TZ", "UTC")];
    assert_eq!(lines.into_iter().collect::<Vec<_>>(), wanted);
    assert_eq!(environment.lines().last(), Some("0022"));
}

/// A command that python3 and the shell carry out: its zip's order, times and modes are all odd.
const ODD: &str = "umask 077; sleep 0; echo x > made; touch -t 200101010000 made; python3 -c \"
import zipfile
with zipfile.ZipFile('lambda.zip', 'w') as z:
    for name in ['made', 'lib/a.py', 'handler.py']:
        z.write(name)\"";

#[test]
fn commands_of_several_functions_run_side_by_side_and_report_in_order() {
    let names = ["a", "b", "c", "d"];
    let mut tree = Tree::new(&[]);
    for name in names {
        tree = tree.with(&format!("{name}/function.json"), build("exit 1")).with(&format!("{name}/handler.py"), PYTHON);
    }
    tree.threads = 3;
    let findings = tree.pack().findings();
    let places: Vec<_> = findings.iter().filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(places, ["a/function.json:1", "b/function.json:1", "c/function.json:1", "d/function.json:1"]);
}

/// Packs in a process of its own with another umask, home, time zone and place for temporary files. The variable says
/// that this is that process, and where it is to write the digests.
#[test]
fn umask_home_time_zone_and_temporary_directory_do_not_matter() {
    const VARIABLE: &str = "TC_TEST_DIGESTS";
    if Command::new("python3").arg("--version").output().is_err() {
        return;
    }
    let functions = [
        ("shell", ODD),
        ("copy", "(umask; date +%Z; echo $LC_ALL; ls -l handler.py | cut -c1-10) > seen"),
        ("native", "zip lambda.zip handler.py"),
    ];
    let mut tree = Tree::new(&[("plain/handler.py", PYTHON)]);
    for (name, command) in functions {
        for (file, text) in [("function.json", build(command).as_str()), ("handler.py", PYTHON), ("lib/a.py", "")] {
            tree = tree.with(&format!("{name}/{file}"), text);
        }
    }
    let packed = tree.pack();
    assert_eq!(packed.findings(), [""; 0]);
    let digests = packed.packaged.artifacts.iter().map(|(name, artifact)| format!("{name} {}\n", artifact.sha256));
    let digests: String = digests.collect();
    if let Some(file) = std::env::var_os(VARIABLE) {
        fs::write(file, digests).unwrap();
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let written = tempfile::NamedTempFile::new().unwrap();
    let status = Command::new("sh")
        .args(["-c", "umask 077; exec \"$0\" --exact \"$1\""])
        .arg(std::env::current_exe().unwrap())
        .arg("umask_home_time_zone_and_temporary_directory_do_not_matter")
        .env(VARIABLE, written.path())
        .envs([("HOME", "/nowhere"), ("TZ", "Asia/Kathmandu"), ("LC_ALL", "tr_TR.UTF-8")])
        .env("TMPDIR", temporary.path())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(fs::read_to_string(written.path()).unwrap(), digests);
    assert_eq!(packed.names("shell"), ["handler.py", "lib/a.py", "made"]);
    assert!(fs::read_dir(temporary.path()).unwrap().next().is_none(), "nothing is left behind");
}
