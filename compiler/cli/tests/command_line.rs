//! The program as a user runs it: its streams, its exit status, its refusals.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// tc in a directory, with no variable of the environment that changes how output looks.
fn tc(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tc"));
    command.current_dir(directory).env_clear().stdin(Stdio::null());
    command
}

/// What a run gave: exit status, standard output, standard error.
fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// A topology `etl` of one function, with this appended to its file.
fn topology(more: &str) -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    fs::create_dir_all(tree.path().join("etl/load")).unwrap();
    fs::write(tree.path().join("etl/topology.yml"), format!("name: etl\n{more}")).unwrap();
    fs::write(tree.path().join("etl/load/handler.py"), "def handler(event, context):\n    return event\n").unwrap();
    tree
}

/// A topology with one error.
fn broken() -> TempDir {
    topology("roots: {}\n")
}

#[test]
fn explain_tells_or_lists_or_suggests() {
    let (status, out, err) = run(tc(Path::new("/")).args(["explain", "tc0001"]));
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.starts_with("# TC0001 (error): no topology.yml\n\nA directory is a topology when"), "{out}");
    let (status, list, _) = run(tc(Path::new("/")).arg("explain"));
    assert_eq!(status, 0);
    assert!(list.starts_with("TC0001  error    no topology.yml\nTC0002  error    a file cannot be read\n"), "{list}");
    assert_eq!(
        run(tc(Path::new("/")).args(["explain", "TC001"])),
        (
            2,
            String::new(),
            "error: invalid value 'TC001' for '[CODE]': there is no such code; did you mean `TC0001`?\n\n\
             For more information, try '--help'.\n"
                .to_owned()
        )
    );
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (status, out, err) = run(tc(Path::new("/")).args(["completions", shell]));
        assert_eq!((status, err.as_str()), (0, ""), "{shell}");
        assert!(out.contains("message-format"), "{shell}: {out}");
    }
    let (_, fish, _) = run(tc(Path::new("/")).args(["completions", "fish"]));
    assert!(fish.contains("TC0203") && fish.contains("graph=dot") && fish.contains("warnings"), "{fish}");
    assert_eq!(run(tc(Path::new("/")).args(["completions", "dos"])).0, 2);
}

#[test]
fn schemas_are_listed_and_printed() {
    let (status, list, _) = run(tc(Path::new("/")).arg("schema"));
    assert_eq!(status, 0);
    let names: Vec<_> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["topology", "function", "vars", "roles", "project", "manifest", "layers", "finding"]);
    for name in names {
        let (status, schema, _) = run(tc(Path::new("/")).args(["schema", name]));
        assert_eq!(status, 0);
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
    }
}

#[test]
fn a_wrong_command_line_has_status_2() {
    for (arguments, message) in [
        (
            vec!["compile", "-s", "Bob"],
            "invalid value 'Bob' for '--sandbox <SANDBOX>': it must begin with a lower case letter",
        ),
        (
            vec!["compile", "-e", "a b"],
            "invalid value 'a b' for '--env <ENV>': ` ` cannot stand in it, only letters, digits, hyphens, underscores and dots",
        ),
        (vec!["compile", "-D", "TC9"], "invalid value 'TC9' for '--deny <CODE|warnings>': there is no such code"),
        (vec!["compile", "--check", "--emit", "ir"], "the argument '--check' cannot be used with '--emit <WHAT>'"),
        (vec!["compile", "--emit", "graph=svg"], "invalid value 'graph=svg' for '--emit <WHAT>'"),
        (vec!["build", "--list", "--publish"], "the argument '--list' cannot be used with '--publish'"),
        (vec!["complie"], "unrecognized subcommand 'complie'"),
    ] {
        let (status, out, err) = run(tc(Path::new("/")).args(&arguments));
        assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.starts_with(&format!("error: {message}")), "{err}");
    }
}

#[test]
fn findings_for_people_go_to_standard_error() {
    let tree = broken();
    let expected = "\
error[TC0101]: unknown key `roots` in the file
 --> etl/topology.yml:2:1
  |
2 | roots: {}
  | ^^^^^
  |
  = help: did you mean `routes`?

1 error: nothing was emitted; `tc explain TC0101` says more
";
    assert_eq!(run(tc(tree.path()).args(["compile", "etl"])), (1, String::new(), expected.to_owned()));
    // The same from within, and by the name of the file.
    let inside = expected.replace("etl/topology.yml", "topology.yml");
    assert_eq!(run(tc(&tree.path().join("etl")).arg("compile")).2, inside);
    assert_eq!(run(tc(&tree.path().join("etl")).args(["compile", "topology.yml"])).2, inside);
    assert_eq!(run(tc(tree.path()).args(["compile", "etl/topology.yml"])).2, expected);
    assert!(!tree.path().join("etl/.tc").exists());
}

#[test]
fn findings_for_tools_go_to_standard_output_unless_a_result_does() {
    let tree = broken();
    let format = |format: &str| run(tc(tree.path()).args(["compile", "etl", "--message-format", format]));
    let (status, out, err) = format("json");
    assert_eq!((status, err.as_str(), out.lines().count()), (1, "", 1));
    let finding: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(finding["path"], "etl/topology.yml");
    let (status, out, err) = format("sarif");
    assert_eq!((status, err.as_str()), (1, ""));
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["runs"][0]["results"][0]["ruleId"], "TC0101");
    assert!(!out.contains(tree.path().to_str().unwrap()));
    let (status, out, _) = format("github");
    assert_eq!(status, 1);
    assert!(out.starts_with("::error file=topology.yml,line=2,col=1,"), "{out}");
    let (status, out, err) = run(tc(tree.path()).args(["compile", "etl", "--message-format", "json", "--emit", "ir"]));
    assert_eq!((status, out.as_str(), err.lines().count()), (1, "", 1));
}

#[test]
fn paths_for_tools_begin_at_the_root_of_the_repository() {
    let tree = broken();
    fs::create_dir(tree.path().join(".git")).unwrap();
    let inside = tree.path().join("etl");
    let (_, out, _) = run(tc(&inside).args(["compile", "--message-format", "github"]));
    assert!(out.starts_with("::error file=etl/topology.yml,"), "{out}");
}

#[test]
fn an_output_is_written_checked_and_left_alone() {
    let tree = topology("");
    let compile = |arguments: &[&str]| run(tc(tree.path()).args(["compile", "etl", "-s", "bob"]).args(arguments));
    let (status, out, err) = compile(&[]);
    assert_eq!((status, out.as_str()), (0, ""), "{err}");
    let found = "etl@bob.dev/0.0.1\n    found  1 function\n inferred  python3.13 by default\n  emitted  template.yaml ";
    assert!(err.starts_with(found), "{err}");
    assert!(err.contains("\n  written  etl/.tc/etl/bob in "), "{err}");
    assert!(tree.path().join("etl/.tc/etl/bob/template.yaml").is_file());
    assert!(compile(&[]).2.contains("\nunchanged  etl/.tc/etl/bob in "));
    assert_eq!(compile(&["--check"]).0, 0);
    let (status, _, err) = compile(&["--check", "-o", "elsewhere"]);
    assert_eq!(status, 1);
    assert!(err.starts_with("error[TC0805]: `elsewhere` is not what the sources compile to: "), "{err}");
    assert!(err.contains("help: run `tc compile etl -s bob -o elsewhere` and commit what it writes"), "{err}");
    assert!(!tree.path().join("elsewhere").exists());
    let (status, template, _) = compile(&["--emit", "template"]);
    assert_eq!(status, 0);
    assert_eq!(template.as_bytes(), fs::read(tree.path().join("etl/.tc/etl/bob/template.yaml")).unwrap());
}

#[test]
fn an_output_directory_of_somebody_else_is_refused() {
    let tree = topology("");
    let (status, _, err) = run(tc(tree.path()).args(["compile", "etl", "-o", "etl"]));
    assert_eq!(status, 1);
    assert!(err.starts_with("error[TC0803]: `etl/load/handler.py` was not written by tc and would be lost\n"), "{err}");
    assert!(tree.path().join("etl/load/handler.py").is_file());
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let tree = topology("");
    let (status, _, err) = run(tc(tree.path()).args(["compile", "elt"]));
    assert_eq!(status, 1);
    assert!(err.starts_with("error[TC0802]: `elt` cannot be opened: no such file or directory\n"), "{err}");
}

#[test]
fn a_topology_one_level_down_is_pointed_at() {
    let tree = topology("");
    let expected = "\
error[TC0001]: no `topology.yml` in this directory
 |
 = help: there is `etl/topology.yml`: name its directory

1 error: nothing was emitted; `tc explain TC0001` says more
";
    assert_eq!(run(tc(tree.path()).arg("compile")), (1, String::new(), expected.to_owned()));
}

#[test]
fn colour_follows_option_and_environment() {
    let tree = broken();
    let is_coloured = |set: &mut dyn FnMut(&mut Command)| {
        let mut command = tc(tree.path());
        set(command.args(["compile", "etl"]));
        run(&mut command).2.contains('\u{1b}')
    };
    assert!(!is_coloured(&mut |_| {}));
    assert!(is_coloured(&mut |command| _ = command.args(["--color", "always"])));
    assert!(is_coloured(&mut |command| _ = command.env("CLICOLOR_FORCE", "1")));
    assert!(!is_coloured(&mut |command| _ = command.env("CLICOLOR_FORCE", "1").args(["--color", "never"])));
    assert!(!is_coloured(&mut |command| _ = command.env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1")));
}

#[test]
fn a_reader_that_leaves_early_is_no_fault() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let (status, _, err) = run(tc(Path::new("/")).arg("explain").stdout(writer));
    assert_eq!((status, err.as_str()), (0, ""));
}

#[test]
#[cfg(target_os = "linux")]
fn results_that_cannot_be_written_are_an_error() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = tc(Path::new("/")).arg("explain").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(err, "error: standard output cannot be written: no space left on device\n");
}

#[test]
fn code_that_cannot_be_packed_is_the_only_thing_said_of_it() {
    let tree = topology("routes:\n  load: {gateway: api, function: load, path: /load, method: GET}\n");
    let metadata = r#"{"tasks": {"build": "zip lambda.zip handlr.py"}}"#;
    fs::write(tree.path().join("etl/load/function.json"), metadata).unwrap();
    let (status, out, err) = run(tc(tree.path()).args(["compile", "etl"]));
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(err.starts_with("error[TC0707]: `handlr.py` matches no file in `load`"), "{err}");
    assert!(err.contains("\n1 error: nothing was emitted"), "{err}");
    assert!(!tree.path().join("etl/.tc").exists());
}

/// A function with a list of dependencies.
fn with_dependencies(tree: &Path, function: &str) {
    fs::create_dir_all(tree.join(function)).unwrap();
    fs::write(tree.join(function).join("handler.py"), "def handler(event, context):\n    return event\n").unwrap();
    fs::write(tree.join(function).join("requirements.txt"), "requests\n").unwrap();
}

#[test]
fn without_dependencies_there_is_nothing_to_build() {
    let tree = topology("");
    let (status, out, err) = run(tc(tree.path()).args(["build", "etl"]));
    assert_eq!((status, out.as_str(), err.as_str()), (0, "", "nothing to build: no function needs it\n"));
    let (status, out, err) = run(tc(tree.path()).args(["build", "etl", "--format", "json"]));
    assert_eq!((status, out.as_str(), err.as_str()), (0, "[]\n", "nothing to build: no function needs it\n"));
    assert!(!tree.path().join("etl/.tc/layers").exists());
}

#[test]
fn a_function_that_there_is_not_is_suggested() {
    let tree = topology("");
    let (status, out, err) = run(tc(tree.path()).args(["build", "etl", "--name", "laod"]));
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(err.starts_with("error[TC0806]: the topology `etl` has no function `laod`\n"), "{err}");
    assert!(err.contains("help: did you mean `load`?"), "{err}");
    let (_, _, err) = run(tc(tree.path()).args(["build", "etl", "--name", "etl-load"]));
    assert!(err.contains("help: did you mean `load`?"), "{err}");
    fs::create_dir(tree.path().join("etl/docs")).unwrap();
    let (status, _, err) = run(tc(tree.path()).args(["build", "etl/docs"]));
    assert_eq!(status, 1);
    assert!(err.starts_with("error[TC0806]: `etl/docs` is no function of the topology `etl`\n"), "{err}");
    let (status, _, err) = run(tc(tree.path()).args(["build", "elt"]));
    assert_eq!(status, 1);
    assert!(err.starts_with("error[TC0802]: `elt` cannot be opened: no such file or directory\n"), "{err}");
}

#[test]
fn dependencies_on_the_file_system_are_no_layer_unless_asked_for() {
    let tree = topology("");
    with_dependencies(&tree.path().join("etl"), "model");
    let metadata = r#"{"assets": {"DEPS_PATH": "/mnt/assets/etl/deps"}}"#;
    fs::write(tree.path().join("etl/model/function.json"), metadata).unwrap();
    let (status, out, err) = run(tc(tree.path()).args(["build", "etl"]));
    assert_eq!((status, out.as_str()), (0, ""));
    assert!(err.starts_with("note[TC0968]: the dependencies of function `model` go to the file system"), "{err}");
    let (_, template, _) = run(tc(tree.path()).args(["compile", "etl", "--emit", "template"]));
    assert!(template.contains("DEPS_PATH") && !template.contains("Layers"), "{template}");
}
