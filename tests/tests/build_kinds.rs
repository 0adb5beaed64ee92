//! What `tc build` makes of functions beside layers, and what `tc compile` packs of it: dependencies in the code's own
//! zip, programs, images.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "what does not hold fails the test")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tc_tests::layer::executable;
use tc_tests::project::{Project, unzip};
use tc_tests::wheel;

/// The code of the only function of a topology, as `tc compile` packs it: the name of its artifact and its files.
fn code(project: &Project) -> (String, BTreeMap<String, Vec<u8>>) {
    project.tc(&["compile", "--sandbox", "bob", "-o", "../out"]).well();
    let artifacts: Vec<PathBuf> =
        fs::read_dir(project.root().join("../out/artifacts")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [artifact] = artifacts.as_slice() else { panic!("{artifacts:?}") };
    (artifact.file_name().unwrap().to_str().unwrap().to_owned(), unzip(&fs::read(artifact).unwrap()))
}

const INLINE: &str = r#"{"runtime": {"lang": "python3.11"}, "build": {"kind": "inline"}}"#;
const HANDLER: &str = "import greet\n\ndef handler(event, context):\n    return greet.hello()\n";
const LIST: &str = "[project]\nname = \"fn\"\nversion = \"1\"\ndependencies = [\"greet\"]\n\n[tool.uv]\nno-index = true\n\
                    find-links = [\"../../wheels\"]\n";

/// A function whose dependencies go into its code, from wheels beside the topology.
fn inline(directory: &str) -> Project {
    let files = [("fn/function.json", INLINE), ("fn/handler.py", HANDLER), ("fn/pyproject.toml", LIST)];
    let project = Project::below(directory, &files).with_uv();
    let wheels = project.root().join("../wheels");
    let code = [("greet/__init__.py", "def hello():\n    return 'hello from a wheel'\n"), ("handler.py", "raise 1\n")];
    wheel::write(&wheels, "greet", "1.0", &[], &code);
    project
}

#[test]
fn dependencies_of_the_kind_inline_are_packed_with_the_code_the_same_everywhere() {
    let projects = [inline("a"), inline("quite-another-name")];
    let artifacts = projects.each_ref().map(|project| {
        let refused = project.tc(&["compile", "--sandbox", "bob", "-o", "../out"]).refused();
        assert!(refused.contains("error[TC0946]: the dependencies of function `fn` have not been built into its code"));
        assert!(refused.contains("help: run `tc build`"), "{refused}");
        let rows = project.tc(&["build", "--format", "json"]).well().rows();
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!((&rows[0]["kind"], &rows[0]["result"]), (&"inline".into(), &"built".into()));
        assert_eq!(rows[0]["inline"]["distributions"][0]["name"], "greet");
        assert_eq!(project.names(".tc/build/fn/x86_64"), ["dependencies.json", "dependencies.zip"]);
        code(project)
    });
    assert_eq!(artifacts[0], artifacts[1]);
    let (_, files) = &artifacts[0];
    let names: Vec<&String> = files.keys().filter(|name| !name.contains(".dist-info/")).collect();
    assert_eq!(names, ["greet/__init__.py", "handler.py"]);
    // Where both have a file, the code's own counts.
    assert_eq!(files["handler.py"], HANDLER.as_bytes());

    let code = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::create_dir_all(code.path().join(name).parent().unwrap()).unwrap();
        fs::write(code.path().join(name), bytes).unwrap();
    }
    let python = Command::new("python3")
        .args(["-c", "import handler; print(handler.handler({}, None))"])
        .env("PYTHONPATH", code.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&python.stdout), "hello from a wheel\n", "{python:?}");

    let again = projects[0].tc(&["build", "--format", "json"]).well().rows();
    assert_eq!(again[0]["result"], "unchanged");
}

#[test]
fn dependencies_that_were_built_of_something_else_are_not_packed() {
    let project = inline("a");
    project.tc(&["build"]).well();
    let compile = || project.tc(&["compile", "--sandbox", "bob", "-o", "../out"]);
    compile().well();
    let refused = |wanted: &str| {
        let said = compile().refused();
        assert!(said.contains("error[TC0946]") && said.contains(wanted), "{said}");
    };
    project.write("fn/pyproject.toml", &LIST.replace("\"greet\"", "\"greet>=1\""));
    refused("`pyproject.toml` of function `fn` changed since its dependencies were built");
    project.write("fn/pyproject.toml", LIST);
    compile().well();
    project.write("fn/requirements-more.txt", "");
    refused("`requirements-more.txt` of function `fn` changed");
    fs::remove_file(project.root().join("fn/requirements-more.txt")).unwrap();
    project.write("fn/function.json", &INLINE.replace("3.11", "3.12"));
    refused("the runtime of function `fn` changed");
    project.write("fn/function.json", &INLINE.replace("\"inline\"", "\"inline\", \"post\": [\"true\"]"));
    refused("a command of `build` of function `fn` changed");
    project.write("fn/function.json", INLINE);
    compile().well();
    let zip = project.root().join(".tc/build/fn/x86_64/dependencies.zip");
    let whole = fs::read(&zip).unwrap();
    fs::write(&zip, &whole[..whole.len() - 1]).unwrap();
    refused("`.tc/build/fn/x86_64/dependencies.zip` is not what was written");
    project.write(".tc/build/fn/x86_64/dependencies.json", "{\"archive\": 1}");
    refused("the dependencies that were built for function `fn` cannot be used:");
    project.tc(&["build"]).well();
    compile().well();
}

#[test]
fn a_dependency_cannot_stand_where_the_code_has_a_directory() {
    let project = inline("a");
    wheel::write(&project.root().join("../wheels"), "greet", "2.0", &[], &[("data", "a file")]);
    project.write("fn/data/table.csv", "1\n");
    project.tc(&["build"]).well();
    let said = project.tc(&["compile", "--sandbox", "bob", "-o", "../out"]).refused();
    assert!(
        said.contains("error[TC0957]: `data` is a file in the code or the dependencies of function `fn`"),
        "{said}"
    );
}

const CARGO: &str = "[package]\nname = \"NAME\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[[bin]]\nname = \"bootstrap\"\n\
                     path = \"src/main.rs\"\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"NAME\"\nversion = \"0.1.0\"\n";
const RUST: &str = r#"{"runtime": {"lang": "rust", "architecture": "ARCH"}}"#;

/// The processor of this machine, as Lambda calls it, and the other one.
fn processors() -> [&'static str; 2] {
    match std::env::consts::ARCH {
        "aarch64" => ["arm64", "x86_64"],
        _ => ["x86_64", "arm64"],
    }
}

/// A function in Rust that says its name, for a processor.
fn crates(names: &[&str], processor: &str) -> Project {
    let project = Project::new(&[]);
    for name in names {
        project.write(&format!("{name}/function.json"), &RUST.replace("ARCH", processor));
        project.write(&format!("{name}/Cargo.toml"), &CARGO.replace("NAME", name));
        project.write(&format!("{name}/Cargo.lock"), &LOCK.replace("NAME", name));
        project.write(&format!("{name}/src/main.rs"), &format!("fn main() {{\n    println!(\"{name}\");\n}}\n"));
    }
    project
}

/// Rust as it is where nobody has added a target, and a C compiler; no zig, no Docker.
fn rust_alone(place: &Path) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap();
    let real =
        std::env::split_paths(&path).map(|directory| directory.join("rustc")).find(|path| path.is_file()).unwrap();
    let sysroot = place.join("sysroot");
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    fs::create_dir_all(sysroot.join("lib/rustlib").join(host).join("lib")).unwrap();
    let script = format!(
        "#!/bin/sh\n[ \"$*\" != '--print sysroot' ] || exec echo '{}'\nexec '{}' \"$@\"\n",
        sysroot.display(),
        real.display()
    );
    executable(&place.join("rustc"), &script);
    std::os::unix::fs::symlink(real.with_file_name("cargo"), place.join("cargo")).unwrap();
    std::env::join_paths([place, Path::new("/usr/bin"), Path::new("/bin")]).unwrap()
}

#[test]
fn functions_in_rust_are_compiled_where_there_is_rust_alone_and_packed() {
    let place = tempfile::tempdir().unwrap();
    let [own, other] = processors();
    // Their programs have one name.
    let project = crates(&["one", "two"], own).with_path(rust_alone(place.path()));
    let built = project.tc(&["build", "--kind", "code", "--format", "json"]).well();
    let rows = built.rows();
    let shown: Vec<_> =
        rows.iter().map(|row| (row["name"].as_str().unwrap(), row["result"].as_str().unwrap())).collect();
    assert_eq!(shown, [("etl-one", "built"), ("etl-two", "built")]);
    assert!(
        built.err.contains("note[TC0947]: function `one` is linked to the C library of this machine"),
        "{}",
        built.err
    );
    assert!(built.err.contains("`rustup target add"), "{}", built.err);
    for name in ["one", "two"] {
        assert_eq!(project.names(&format!(".tc/build/{name}/{own}")), ["bootstrap"]);
        let program = project.root().join(format!(".tc/build/{name}/{own}/bootstrap"));
        let output = Command::new(program).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{name}\n"));
    }
    project.tc(&["compile", "--sandbox", "bob", "-o", "../out"]).well();
    let mut programs = Vec::new();
    for artifact in fs::read_dir(project.root().join("../out/artifacts")).unwrap() {
        let files = unzip(&fs::read(artifact.unwrap().path()).unwrap());
        assert_eq!(files.keys().collect::<Vec<_>>(), ["bootstrap"]);
        programs.extend(files.into_values());
    }
    assert_eq!(programs.len(), 2);
    let again = project.tc(&["build", "--format", "json"]).well().rows();
    assert!(again.iter().all(|row| row["result"] == "unchanged"), "{again:?}");

    let said = project.tc(&["build", "--arch", other, "--name", "one"]).refused();
    assert!(said.contains("error[TC0940]: no Rust target for Linux on"), "{said}");
    assert!(said.contains("help: install it: `rustup target add"), "{said}");
    assert!(said.contains("1 program failed"), "{said}");
}

#[test]
fn absent_compilers_are_named_with_the_way_to_get_them() {
    let go = r#"{"runtime": {"lang": "go"}}"#;
    let project = crates(&["one"], processors()[0]).with_path("/nonexistent");
    project.write("two/function.json", go);
    project.write("two/go.mod", "module example.com/two\n\ngo 1.21\n");
    project.write("two/main.go", "package main\n\nfunc main() {}\n");
    let said = project.tc(&["build"]).refused();
    assert!(said.contains("error[TC0900]: function `one` is written in Rust, which `cargo` compiles"), "{said}");
    assert!(said.contains("help: install Rust by rustup; `cargo` is not on the PATH"), "{said}");
    assert!(said.contains("error[TC0900]: function `two` is written in Go, which `go` compiles"), "{said}");
    assert!(said.contains("help: install Go; `go` is not on the PATH"), "{said}");
    assert!(said.ends_with(" s\n") && said.contains("2 programs failed"), "{said}");
}

/// One function of each kind, none of which needs a network.
fn all_kinds() -> Project {
    let project = crates(&["program"], processors()[0]);
    let write = |name: &str, json: &str| {
        project.write(&format!("{name}/function.json"), json);
        project.write(&format!("{name}/handler.py"), "def handler(event, context):\n    return event\n");
    };
    let command = r#""command": "mkdir -p $TC_OUTPUT/python && echo 1 > $TC_OUTPUT/python/one.py""#;
    write("packed", &format!(r#"{{"build": {{"kind": "inline", {command}}}}}"#));
    write("layered", &format!(r#"{{"build": {{{command}}}, "runtime": {{"layers": ["etl-layered"]}}}}"#));
    write("pictured", r#"{"runtime": {"lang": "python3.13"}, "build": {"kind": "image"}}"#);
    write("plain", "{}");
    project
}

fn kinds(rows: &[Value]) -> Vec<(String, String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.iter().map(|row| (text(row, "function"), text(row, "kind"), text(row, "result"))).collect()
}

#[test]
fn each_function_gets_what_it_needs_side_by_side_and_a_line() {
    let place = tempfile::tempdir().unwrap();
    let path = rust_alone(place.path());
    let project = all_kinds().with_path(&path);
    let built = project.tc(&["build", "--format", "json"]).well();
    let triple = |function: &str, kind: &str, result: &str| (function.to_owned(), kind.to_owned(), result.to_owned());
    let wanted = [
        triple("layered", "layer", "built"),
        triple("packed", "inline", "built"),
        triple("pictured", "image", "left"),
        triple("program", "code", "built"),
    ];
    assert_eq!(kinds(&built.rows()), wanted);
    for line in ["etl-layered: ", "etl-packed: ", "etl-program: "] {
        assert_eq!(built.err.matches(line).count(), 1, "{}", built.err);
    }
    assert_eq!(
        project.names(".tc/layers"),
        ["etl-layered-x86_64.zip", "manifest.json", "pictured.Dockerfile", "pictured.Dockerfile.dockerignore"]
    );
    let table = project.tc(&["build"]).well();
    assert!(table.out.lines().next().unwrap().starts_with(" name         | kind   | runtime"), "{}", table.out);
    assert_eq!(table.out.lines().count(), 6, "{}", table.out);
    assert!(
        table
            .err
            .contains("1 layer unchanged, 1 inlined set unchanged, 1 program unchanged, 1 image left in .tc/layers"),
        "{}",
        table.err
    );

    for (kind, function) in [("layer", "layered"), ("inline", "packed"), ("image", "pictured"), ("code", "program")] {
        let project = all_kinds().with_path(&path);
        let rows = project.tc(&["build", "--kind", kind, "--format", "json"]).well().rows();
        assert_eq!(kinds(&rows).iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), [function]);
    }
}

#[test]
fn an_image_is_left_with_its_command_where_there_is_no_docker_and_built_where_there_is() {
    let project = all_kinds().with_path("/bin");
    let left = project.tc(&["build", "--name", "pictured", "--arch", "arm64", "--format", "json"]).well();
    let image = &left.rows()[0]["image"];
    assert_eq!((&image["architecture"], &image["tag"]), (&"arm64".into(), &"etl-pictured:arm64".into()));
    let command = image["command"].as_str().unwrap();
    assert!(command.starts_with("docker build --platform linux/arm64 --provenance=false "), "{command}");
    assert!(left.err.contains("note[TC0943]: the image of function `pictured` is left to be built"), "{}", left.err);
    assert_eq!(image["id"], Value::Null);

    let place = tempfile::tempdir().unwrap();
    executable(&place.path().join("docker"), "#!/bin/sh\ncase $1 in image) echo sha256:abc;; *) echo 28.0;; esac\n");
    let project = project.with_path(std::env::join_paths([place.path(), Path::new("/bin")]).unwrap());
    let built = project.tc(&["build", "--kind", "image", "--format", "json"]).well().rows();
    assert_eq!((&built[0]["result"], &built[0]["image"]["id"]), (&"built".into(), &"sha256:abc".into()));
    executable(&place.path().join("docker"), "#!/bin/sh\n[ $1 != build ] || { echo 'no such thing' >&2; exit 1; }\n");
    let said = project.tc(&["build", "--kind", "image"]).refused();
    assert!(said.contains("error[TC0944]: Docker cannot build the image of function `pictured`"), "{said}");
    assert!(said.contains("> no such thing") && said.contains("1 image failed"), "{said}");
}
