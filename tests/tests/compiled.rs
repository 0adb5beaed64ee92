//! Functions in Rust and Go are compiled for Lambda. The compilers come from PyPI: see [`tc_tests::compilers`].

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use std::fs;
use std::process::Command;
use tc_tests::compilers;
use tc_tests::elf::{AARCH64, Library};
use tc_tests::layer::{Fixture, executable};

const CARGO: &str = "[package]\nname = \"fn\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"fn\"\nversion = \"0.1.0\"\n";
const RUST: &str = r#"{"runtime": {"lang": "rust"}}"#;
const MAIN: (&str, &str) = ("fn/src/main.rs", "fn main() {\n    println!(\"hello from {}\", file!());\n}\n");

fn rust(more: &[(&str, &str)]) -> Fixture {
    let mut files = vec![("fn/function.json", RUST), ("fn/Cargo.toml", CARGO), ("fn/Cargo.lock", LOCK), MAIN];
    files.extend(more);
    Fixture::new(&files).with_path(compilers::path())
}

#[test]
fn a_crate_becomes_the_same_program_in_any_directory() {
    let fixtures = [rust(&[]), rust(&[])];
    let programs = fixtures.each_ref().map(|fixture| fixture.compile("fn").unwrap().0);
    assert_eq!(programs[0].path, fixtures[0].root().join(".tc/build/fn/x86_64/bootstrap"));
    let bytes = programs.each_ref().map(|program| fs::read(&program.path).unwrap());
    assert!(bytes[0] == bytes[1], "{} and {} bytes differ", bytes[0].len(), bytes[1].len());
    let place = fixtures[0].root();
    let place = place.to_str().unwrap().as_bytes();
    assert!(!bytes[0].windows(place.len()).any(|window| window == place), "the program holds its place");
    let output = Command::new(&programs[0].path).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "hello from src/main.rs\n");
    let left: Vec<_> = fs::read_dir(fixtures[0].root().join("fn")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 4, "cargo left something in the source: {left:?}");
}

#[test]
fn what_rustc_says_is_shown_in_the_source() {
    let broken = rust(&[("fn/src/main.rs", "fn main() {\n    let x: u8 = \"a\";\n    missing();\n}\n")]);
    assert_eq!(
        broken.compile("fn").unwrap_err(),
        [
            "TC0941 error mismatched types @ fn/src/main.rs:2; `rustc --explain E0308`",
            "TC0941 error cannot find function `missing` in this scope @ fn/src/main.rs:3; `rustc --explain E0425`",
        ]
    );
}

#[test]
fn crates_that_cannot_be_compiled_say_why() {
    let first = |more: &[(&str, &str)]| rust(more).compile("fn").unwrap_err().remove(0);
    assert!(
        first(&[("fn/Cargo.lock", "version = 4\n")])
            .starts_with("TC0908 error Cargo.lock was made for another Cargo.toml @")
    );
    let two = [
        ("fn/src/bin/a.rs", "fn main() {}"),
        ("fn/src/bin/b.rs", "fn main() {}"),
        ("fn/Cargo.toml", &CARGO.replace("name = \"fn\"", "name = \"other\"")),
    ];
    let lock = LOCK.replace("\"fn\"", "\"other\"");
    let several = first(&[two[0], two[1], two[2], ("fn/Cargo.lock", &lock)]);
    assert_eq!(
        several,
        "TC0942 error the crate of function `fn` makes several programs: `a`, `b`, `other` @ fn/Cargo.toml:1; \
         call the one that Lambda starts `bootstrap`: `[[bin]]`, `name = \"bootstrap\"`"
    );
    let arm = r#"{"runtime": {"lang": "rust", "architecture": "arm64"}}"#;
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap();
    let rustlib = String::from_utf8(sysroot.stdout).unwrap().trim().to_owned() + "/lib/rustlib";
    let has_arm = |libc: &str| fs::exists(format!("{rustlib}/aarch64-unknown-linux-{libc}")).unwrap();
    match has_arm("gnu") || has_arm("musl") {
        true => assert_eq!(rust(&[("fn/function.json", arm)]).compile("fn").unwrap().1, [""; 0]),
        false => assert_eq!(
            first(&[("fn/function.json", arm)]),
            "TC0940 error no Rust target for Linux on aarch64 is installed that function `fn` could be compiled for \
             @ fn/Cargo.toml:1; install it: `rustup target add aarch64-unknown-linux-gnu`"
        ),
    }
    let unlocked = Fixture::new(&[("fn/function.json", RUST), ("fn/Cargo.toml", CARGO), MAIN]);
    let said = unlocked.compile("fn").unwrap_err().remove(0);
    assert!(said.starts_with("TC0930 error the crates of function `fn` are not locked @ fn/Cargo.toml:1"), "{said}");
    let said = rust(&[]).with_path("/nonexistent").compile("fn").unwrap_err().remove(0);
    assert!(said.starts_with("TC0900 error function `fn` is written in Rust, which `cargo` compiles @"), "{said}");
}

const GO: &str = r#"{"runtime": {"lang": "go", "architecture": "arm64"}}"#;
const MODULE: &str = "module example.com/fn\n\ngo 1.21\n";

fn go(more: &[(&str, &str)]) -> Fixture {
    let mut files = vec![("fn/function.json", GO), ("fn/go.mod", MODULE)];
    files.extend(more);
    Fixture::new(&files).with_path(compilers::path())
}

#[test]
fn a_module_becomes_the_same_program_for_the_functions_processor_in_any_directory() {
    let main = ("fn/main.go", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n");
    let bytes = [(); 2].map(|()| {
        let fixture = go(&[main]);
        let (program, findings) = fixture.compile("fn").unwrap();
        assert_eq!(findings, [""; 0]);
        assert_eq!(program.path, fixture.root().join(".tc/build/fn/arm64/bootstrap"));
        fs::read(program.path).unwrap()
    });
    assert!(bytes[0] == bytes[1], "{} and {} bytes differ", bytes[0].len(), bytes[1].len());
    assert_eq!(bytes[0][18], 183, "it is not for Arm");
    let own = GO.replace("arm64", "x86_64");
    let fixture = go(&[main, ("fn/function.json", &own)]);
    let output = Command::new(fixture.compile("fn").unwrap().0.path).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "hello\n");
}

#[test]
fn what_go_says_is_shown_in_the_source() {
    let first = |more: &[(&str, &str)]| go(more).compile("fn").unwrap_err().remove(0);
    assert_eq!(
        first(&[("fn/main.go", "package main\n\nfunc main() {\n\tmissing()\n}\n")]),
        "TC0941 error undefined: missing @ fn/main.go:4"
    );
    let library = first(&[("fn/main.go", "package other\n")]);
    assert!(library.starts_with("TC0942 error "), "{library}");
    let absent = first(&[("fn/main.go", "package main\n\nimport \"example.org/none\"\n\nfunc main() { none.X() }\n")]);
    assert!(absent.starts_with("TC0906 error no required module provides package example.org/none"), "{absent}");
    assert!(absent.contains("@ fn/main.go:3"), "{absent}");
    let alone = Fixture::new(&[("fn/function.json", GO), ("fn/main.go", "package main\n\nfunc main() {}\n")]);
    let alone = alone.with_path(compilers::path()).compile("fn").unwrap_err().remove(0);
    assert!(alone.starts_with("TC0905 error function `fn` belongs to no Go module @ fn/function.json:1"), "{alone}");
    let without = go(&[]).with_path("/nonexistent").compile("fn").unwrap_err().remove(0);
    assert!(without.starts_with("TC0900 error function `fn` is written in Go, which `go` compiles @"), "{without}");
}

#[test]
fn a_program_for_another_processor_is_refused() {
    let place = tempfile::tempdir().unwrap();
    // A compiler that makes what it likes.
    executable(&place.path().join("go"), "#!/bin/sh\nwhile [ \"$1\" != -o ]; do shift; done\ncp /bin/sh \"$2\"\n");
    let path = std::env::join_paths([place.path(), "/bin".as_ref(), "/usr/bin".as_ref()]).unwrap();
    let fixture = Fixture::new(&[("fn/function.json", GO), ("fn/go.mod", MODULE)]).with_path(path);
    let said = fixture.compile("fn").unwrap_err();
    match std::env::consts::ARCH {
        "x86_64" => assert_eq!(
            said[0],
            "TC0706 error function `fn` was compiled for x86_64, and runs on arm64 @ fn/function.json:1"
        ),
        other => panic!("{other} is not known to this test: {said:?}"),
    }
    assert!(!fixture.root().join(".tc/build/fn/arm64/bootstrap").exists());
}

#[test]
fn a_program_that_the_runtimes_image_cannot_start_is_refused() {
    let refused = |program: Library| {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("program"), program.bytes()).unwrap();
        // A compiler that makes what it likes.
        let script = "#!/bin/sh\nwhile [ \"$1\" != -o ]; do shift; done\ncp 'PROGRAM' \"$2\"\n";
        let program = place.path().join("program");
        executable(&place.path().join("go"), &script.replace("PROGRAM", program.to_str().unwrap()));
        let path = std::env::join_paths([place.path(), "/bin".as_ref(), "/usr/bin".as_ref()]).unwrap();
        let fixture = Fixture::new(&[("fn/function.json", GO), ("fn/go.mod", MODULE)]).with_path(path);
        let said = fixture.compile("fn").unwrap_err();
        assert!(!fixture.root().join(".tc/build/fn/arm64/bootstrap").exists());
        said
    };
    let image = "provided.al2023 (Amazon Linux 2023, glibc 2.34)";
    let newer = refused(Library::new(AARCH64).glibc(&["GLIBC_2.34", "GLIBC_2.38"]));
    let message = format!("needs glibc 2.38, which is newer than that of {image} @ fn/function.json:1");
    assert_eq!(newer, [format!("TC0951 error the program of function `fn` {message}")]);
    let missing = refused(Library::new(AARCH64).needs(&["libc.so.6", "libpq.so.5"]));
    assert_eq!(missing.len(), 1, "{missing:?}");
    let message = format!("needs `libpq.so.5`, which is not in {image} @ fn/function.json:1; link it into the program");
    assert!(missing[0].starts_with(&format!("TC0952 error the program of function `fn` {message}")), "{missing:?}");
}
