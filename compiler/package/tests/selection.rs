//! What a function's zip holds, by rule and by plain `zip` commands.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use support::{PYTHON, Tree, build};
use tc_core::world::EntryKind;

#[test]
fn code_is_what_is_neither_ignored_nor_surely_something_else() {
    let tree = Tree::new(&[
        ("enhancer/handler.py", PYTHON),
        ("enhancer/lib/deep/util.py", "x = 1\n"),
        ("enhancer/lib/function.json", "{}"),
        ("enhancer/package.json", "{}"),
        ("enhancer/data.bin", "\0"),
        ("enhancer/tests/test_handler.py", ""),
        // left out
        ("enhancer/function.json", "{}"),
        ("enhancer/pyproject.toml", ""),
        ("enhancer/requirements-dev.txt", ""),
        ("enhancer/uv.lock", ""),
        ("enhancer/package-lock.json", "{}"),
        ("enhancer/.env", "SECRET=1"),
        ("enhancer/.venv/lib/x.py", ""),
        ("enhancer/.git/config", ""),
        ("enhancer/lambda.zip", ""),
        ("enhancer/lib/old.zip", ""),
        ("enhancer/__pycache__/handler.cpython-313.pyc", ""),
        ("enhancer/lib/__pycache__/util.cpython-313.pyc", ""),
        ("enhancer/node_modules/left-pad/index.js", ""),
    ]);
    let wanted =
        ["data.bin", "handler.py", "lib/deep/util.py", "lib/function.json", "package.json", "tests/test_handler.py"];
    assert_eq!(tree.pack().names("enhancer"), wanted);
}

#[test]
fn ignore_files_hold_from_the_project_down_to_the_file() {
    let tree = Tree::new(&[
        ("../../.gitignore", "*.log\n/enhancer/handler.py\n/services/etl/enhancer/handler.py\n"),
        ("../.tcignore", "*.md\n"),
        (".gitignore", "enhancer/secret.txt\n/data\n"),
        ("enhancer/.gitignore", "*.tmp\n!keep.log\nbuild/\n"),
        ("enhancer/.tcignore", "!build/\n!node_modules/\n!.hidden\ntests/\n"),
        ("enhancer/lib/.gitignore", "/local.py\n"),
        ("enhancer/handler.py", PYTHON),
        ("enhancer/a.log", ""),
        ("enhancer/keep.log", ""),
        ("enhancer/README.md", ""),
        ("enhancer/secret.txt", ""),
        ("enhancer/data/x", ""),
        ("enhancer/x.tmp", ""),
        ("enhancer/build/out.py", ""),
        ("enhancer/node_modules/a.js", ""),
        ("enhancer/.hidden", ""),
        ("enhancer/tests/t.py", ""),
        ("enhancer/lib/local.py", ""),
        ("enhancer/lib/deep/local.py", ""),
    ]);
    let wanted =
        [".hidden", "build/out.py", "data/x", "handler.py", "keep.log", "lib/deep/local.py", "node_modules/a.js"];
    assert_eq!(tree.pack().names("enhancer"), wanted);
}

#[test]
fn gits_exceptions_do_not_make_code_of_what_is_none() {
    let tree = Tree::new(&[
        ("enhancer/.gitignore", "*\n!*.py\n!*.zip\n!.env\n"),
        ("enhancer/handler.py", PYTHON),
        ("enhancer/a.zip", ""),
        ("enhancer/.env", ""),
        ("enhancer/notes", ""),
    ]);
    assert_eq!(tree.pack().names("enhancer"), ["handler.py"]);
}

#[test]
fn modes_are_those_of_the_source_and_bootstrap_is_always_executable() {
    let tree = Tree::new(&[
        ("shell/function.json", r#"{"runtime": {"lang": "provided.al2023", "handler": "run.main"}}"#),
        ("shell/bootstrap", "#!/bin/sh\n"),
        ("shell/tool", "#!/bin/sh\n"),
        ("shell/script", "#!/bin/sh\n"),
    ])
    .executable("shell/tool");
    assert_eq!(tree.pack().names("shell"), ["bootstrap*", "script", "tool*"]);
}

#[test]
fn links_that_leave_the_project_are_errors_unless_ignored() {
    let tree = Tree::new(&[("enhancer/handler.py", PYTHON)])
        .odd("enhancer/lib", EntryKind::Escaping)
        .odd("enhancer/pipe", EntryKind::Other);
    assert_eq!(
        tree.pack().findings(),
        [
            "error TC0011 enhancer/handler.py:1 the link `enhancer/lib` leads out of the project \
             ? leave it out by its name in a `.tcignore`, or replace it by a file",
            "error TC0703 enhancer/handler.py:1 `enhancer/pipe` is neither a file nor a directory, or a link that leads \
             nowhere or to itself ? leave it out by its name in a `.tcignore`, or replace it by a file",
        ]
    );
    let tree = tree.with("enhancer/.tcignore", "/lib\n/pipe\n");
    assert_eq!(tree.pack().names("enhancer"), ["handler.py"]);
}

#[test]
fn an_empty_zip_is_an_error() {
    let tree = Tree::new(&[("enhancer/handler.py", PYTHON), ("enhancer/.tcignore", "*\n")]);
    assert_eq!(
        tree.pack().finding(),
        "error TC0701 enhancer/handler.py:1 the zip of function `enhancer` would be empty \
         ? bring files back that are ignored by `!NAME` in a `.tcignore`"
    );
}

#[test]
fn a_handler_that_is_not_packed_is_an_error() {
    let tree =
        Tree::new(&[("enhancer/handler.py", PYTHON), ("enhancer/x.py", ""), ("enhancer/.tcignore", "handler.*\n")]);
    let finding = tree.pack().finding();
    assert!(finding.starts_with(
        "error TC0704 enhancer/handler.py:1 the zip of function `enhancer` does not hold its handler `handler.py` or"
    ));
    // One that may come from another's layer is a warning; the function's own layer has its dependencies alone.
    for (layer, severity) in [("datadog", "warning"), ("etl-enhancer", "error")] {
        let metadata = format!(r#"{{"runtime": {{"layers": ["{layer}"]}}}}"#);
        let tree = tree.clone().with("enhancer/function.json", metadata);
        assert!(tree.pack().finding().starts_with(&format!("{severity} TC0704")), "{layer}");
    }
}

#[test]
fn handlers_are_found_by_the_rules_of_their_language() {
    for (lang, handler, file, is_found) in [
        ("python3.13", "handler.handler", "handler.py", true),
        ("python3.13", "app.main.run", "app/main.py", true),
        ("python3.13", "app/main.run", "app/main.py", true),
        ("python3.13", "app.run", "app/__init__.py", true),
        ("python3.13", "app.run", "app.cpython-313-x86_64-linux-gnu.so", true),
        ("python3.13", "app.run", "application.py", false),
        ("python3.13", "app.run", "app/main.py", false),
        ("ruby3.4", "handler.Etl::Loader.run", "handler.rb", true),
        ("ruby3.4", "lib/handler.run", "lib/handler.rb", true),
        ("ruby3.4", "handler.run", "handler.py", false),
        ("nodejs22.x", "index.handler", "index.mjs", true),
        ("nodejs22.x", "src/index.nested.handler", "src/index.cjs", true),
        ("nodejs22.x", "index.handler", "index.ts", false),
        ("provided.al2023", "anything", "bootstrap", true),
        ("provided.al2023", "anything", "handler.py", false),
        ("java21", "com.example.Handler::run", "com/example/Handler.class", true),
    ] {
        let metadata = serde_json::json!({
            "runtime": {"lang": lang, "handler": handler},
            "tasks": {"build": "zip -r lambda.zip ."},
        });
        let tree = Tree::new(&[("f/function.json", &metadata.to_string()), (&format!("f/{file}"), "")]);
        let findings = tree.pack().findings();
        let wanted: &[&str] = if is_found { &[] } else { &["TC0704"] };
        let codes: Vec<_> = findings.iter().filter_map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(codes, wanted, "{lang} {handler} {file}: {findings:?}");
    }
}

#[test]
fn typescript_has_to_be_compiled() {
    let tree = Tree::new(&[("web/handler.ts", "export const handler = async () => ({});\n")]);
    let finding = tree.pack().finding();
    assert!(
        finding.contains("`handler.js` or `handler.mjs` or `handler.cjs` ? Lambda does not run TypeScript"),
        "{finding}"
    );
    assert!(finding.contains("npx esbuild handler.ts --bundle --platform=node --outfile=handler.js"), "{finding}");
}

#[test]
fn code_over_the_limit_is_an_error_that_names_the_largest_files() {
    let tree = Tree::new(&[("enhancer/handler.py", PYTHON)])
        .with("enhancer/model.bin", vec![0; 200_000_000])
        .with("enhancer/lib/data.bin", vec![0; 70_000_000]);
    let finding = tree.pack().finding();
    assert!(finding.contains("TC0702"), "{finding}");
    assert!(
        finding.contains("unpacks to 270,000,066 bytes, but Lambda takes 262,144,000 with its layers"),
        "{finding}"
    );
    assert!(
        finding.contains("in bytes: `model.bin` (200,000,000), `lib/data.bin` (70,000,000), `handler.py` (66)"),
        "{finding}"
    );
}

#[test]
fn compiled_functions_need_their_program() {
    let rust = Tree::new(&[("fast/handler.rs", "fn main() {}\n"), ("fast/Cargo.toml", "")]);
    assert_eq!(
        rust.pack().finding(),
        "error TC0705 fast/handler.rs:1 function `fast` is written in Rust and has not been built \
         ? run `tc build`, or give `tasks.build` in function.json: a command that makes `bootstrap` \
         ? looked for `.tc/build/fast/x86_64/bootstrap` and `fast/bootstrap`"
    );
    let beside = rust.clone().with("fast/bootstrap", elf(62));
    assert_eq!(beside.pack().names("fast"), ["bootstrap*"]);
    let built = beside.with(".tc/build/fast/x86_64/bootstrap", [elf(62), b"built".to_vec()].concat());
    assert!(built.pack().files("fast")["bootstrap*"].ends_with("built"));
    let other = rust.with("fast/bootstrap", elf(183));
    assert_eq!(
        other.pack().finding(),
        "error TC0706 fast/handler.rs:1 the `bootstrap` of function `fast` is built for arm64, but it runs on x86_64 \
         ? build it for x86_64, or set `runtime.architecture` to `arm64`"
    );
    let java =
        Tree::new(&[("j/function.json", r#"{"runtime": {"lang": "java21", "handler": "a.B::c"}}"#), ("j/B.java", "")]);
    assert!(java.pack().finding().contains("TC0705 j/function.json:1 function `j` is written in Java"));
}

/// The beginning of a 64-bit little-endian ELF program for a machine.
fn elf(machine: u8) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(16, 0);
    bytes.extend([2, 0, machine, 0]);
    bytes
}

#[test]
fn functions_that_are_images_have_no_artifact() {
    let metadata = r#"{"runtime": {"package_type": "image"}}"#;
    let packed = Tree::new(&[("big/function.json", metadata), ("big/Dockerfile", "")]).pack();
    assert!(packed.packaged.artifacts.is_empty() && packed.packaged.findings.is_empty());
}

#[test]
fn the_tutorials_commands_run_natively() {
    let tree = Tree::new(&[
        ("enhancer/function.json", &build("zip lambda.zip handler.py")),
        ("enhancer/handler.py", PYTHON),
        ("enhancer/pyproject.toml", ""),
        ("loader/function.json", &build("zip lambda.zip handler.rb")),
        ("loader/handler.rb", "def handler(event:, context:) = {}\n"),
        ("loader/Gemfile", ""),
    ]);
    let packed = tree.pack_with(&NoShell);
    assert_eq!(packed.names("enhancer"), ["handler.py"]);
    assert_eq!(packed.names("loader"), ["handler.rb"]);
}

/// A shell that must not be asked.
struct NoShell;

impl tc_package::Shell for NoShell {
    fn run(&self, command: &str, _: &tc_package::Place<'_>) -> std::io::Result<tc_package::Outcome> {
        panic!("{command} needs no shell")
    }
}

fn native(command: &str) -> support::Result {
    Tree::new(&[
        ("f/function.json", &build(command)),
        ("f/handler.py", PYTHON),
        ("f/util.py", ""),
        ("f/.hidden.py", ""),
        ("f/lib/a.py", ""),
        ("f/lib/deep/b.py", ""),
        ("f/lib/deep/c.txt", ""),
        ("f/lib/__pycache__/a.pyc", ""),
        ("f/tests/handler.py", ""),
        ("f/lambda.zip", "what a former build left"),
        ("f/a b.txt", ""),
    ])
    .executable("f/lib/a.py")
    .pack_with(&NoShell)
}

#[test]
fn plain_zip_commands_take_what_the_zip_program_would() {
    for (command, wanted) in [
        ("zip lambda.zip *.py", &["handler.py", "util.py"][..]),
        ("zip lambda.zip ./handler.py handler.py", &["handler.py"]),
        ("zip -j lambda.zip handler.py lib/a.py lib/deep/*", &["a.py*", "b.py", "c.txt", "handler.py"]),
        ("zip -r lambda.zip handler.py lib", &["handler.py", "lib/a.py*", "lib/deep/b.py", "lib/deep/c.txt"]),
        ("zip lambda.zip *.py */*.py", &["handler.py", "lib/a.py*", "tests/handler.py", "util.py"]),
        ("zip -qr9 lambda.zip . -x 'lib/*' -x tests/* '*.json'", &[".hidden.py", "a b.txt", "handler.py", "util.py"]),
        (
            "zip -r lambda.zip * -x '*.txt' 'tests/*'",
            &["function.json", "handler.py", "lib/a.py*", "lib/deep/b.py", "util.py"],
        ),
        ("zip code.zip handler.py 'a b.txt' .hid*", &[".hidden.py", "a b.txt", "handler.py"]),
        ("zip lambda.zip * -x [l-u]* '*.json' *.txt", &["handler.py"]),
    ] {
        assert_eq!(native(command).names("f"), wanted, "{command}");
    }
}

#[test]
fn what_a_plain_zip_command_names_must_be_there() {
    for (command, wanted) in [
        (
            "zip lambda.zip handlr.py",
            "TC0707 f/function.json:1 `handlr.py` matches no file in `f` ? did you mean `handler.py`?",
        ),
        (
            "zip lambda.zip handler.py lib/deep/x.py",
            "`lib/deep/x.py` matches no file in `f` ? did you mean `lib/deep/b.py`?",
        ),
        ("zip lambda.zip handler.py *.rb", "`*.rb` matches no file in `f`"),
        ("zip lambda.zip handler.py lambda.zip", "`lambda.zip` matches no file in `f`"),
        (
            "zip lambda.zip handler.py ../g/x.py",
            "`../g/x.py` matches no file in `f` ? `tasks.build` runs in a copy of `f` alone",
        ),
        (
            "zip -j lambda.zip handler.py tests/handler.py",
            "TC0703 f/function.json:1 two files would be called `handler.py`",
        ),
    ] {
        let finding = native(command).finding();
        assert!(finding.contains(wanted), "{command}: {finding}");
    }
}

#[test]
fn a_directory_without_r_is_a_warning() {
    let packed = native("zip lambda.zip handler.py lib");
    assert_eq!(
        packed.finding(),
        "warning TC0708 f/function.json:1 `lib` is a directory, and `zip` without `-r` leaves out what is in it \
         ? write `zip -r`"
    );
    assert_eq!(packed.files("f").len(), 1);
}

#[test]
fn equal_code_is_one_artifact_whatever_the_threads() {
    let mut tree = Tree::new(&[
        ("a/handler.py", PYTHON),
        ("b/handler.py", PYTHON),
        ("c/handler.py", "def handler(event, context): pass\n"),
    ]);
    let one = tree.pack();
    assert_eq!(one.packaged.artifacts["a"], one.packaged.artifacts["b"]);
    assert_eq!(one.zips.len(), 2);
    for threads in [0, 2, 9] {
        tree.threads = threads;
        let many = tree.pack();
        assert_eq!(many.zips, one.zips);
        assert_eq!(many.packaged.artifacts, one.packaged.artifacts);
    }
}
