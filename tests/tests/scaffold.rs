//! `tc scaffold` and `tc init`: what they write works as it stands, and what stands stays.

#![allow(clippy::print_stderr, reason = "what is not run says so")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tc_tests::project::{Project, Run, unzip};

/// A project with nothing in it but git's directory.
fn empty() -> Project {
    let project = Project::new(&[]);
    fs::remove_file(project.root().join("topology.yml")).unwrap();
    project
}

fn compiled(project: &Project, directory: &str) -> Run {
    let run = project.tc(&["compile", directory, "-D", "warnings", "--emit", "template"]).well();
    assert_eq!(run.err, "", "nothing is found in what is begun with");
    run
}

/// Whether a program is here; a test that needs it says so where it is not.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        eprintln!("`{program}` is not installed: what it would run was not run");
    }
    found
}

/// Runs a program in a directory.
fn run_in(directory: &Path, words: &[&str]) {
    let output = Command::new(words[0]).args(&words[1..]).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
}

#[test]
fn a_topology_compiles_and_its_test_passes() {
    let starts: [(&str, &str, &[&str], &str); 3] = [
        ("python3.12", "handler.py", &["python3", "-m", "unittest"], "Runtime: python3.12"),
        ("ruby3.4", "handler.rb", &["ruby", "handler_test.rb"], "Runtime: ruby3.4"),
        ("nodejs22", "handler.mjs", &["node", "--test"], "Runtime: nodejs22.x"),
    ];
    for (lang, handler, test, runtime) in starts {
        let project = empty();
        let run = project.tc(&["scaffold", "topology", "greeter", "--lang", lang]).well();
        let written: Vec<&str> = run.out.lines().collect();
        assert_eq!(written[0], "greeter/topology.yml");
        assert!(written.contains(&format!("greeter/hello/{handler}").as_str()), "{written:?}");
        assert_eq!(written.len(), 6);
        let run = compiled(&project, "greeter");
        assert!(run.out.contains(runtime) && run.out.contains("POST /greeter"), "{}", run.out);
        let function = project.root().join("greeter/hello");
        if has(test[0]) {
            run_in(&function, test);
        }
        // What only tests need is no code.
        project.tc(&["compile", "greeter", "-o", "out"]).well();
        let artifacts = project.names("out/artifacts");
        let names = zip_names(&project.root().join("out/artifacts").join(&artifacts[0]));
        assert_eq!(names, [handler]);
    }
}

fn zip_names(zip: &Path) -> Vec<String> {
    unzip(&fs::read(zip).unwrap()).into_keys().collect()
}

#[test]
fn a_function_joins_a_topology() {
    let project = Project::new(&[("topology.yml", "name: etl\nroutes:\n  /greet: {function: greet}\n")]);
    let run = project.tc(&["scaffold", "function", "greet"]).well();
    assert_eq!(
        run.out.lines().collect::<Vec<_>>(),
        ["greet/function.json", "greet/handler.py", "greet/test_handler.py", "greet/payload.json", "greet/.tcignore"]
    );
    assert!(compiled(&project, ".").out.contains("etl_greet_stable"));
}

#[test]
fn a_function_in_rust_is_built() {
    let project = Project::new(&[("topology.yml", "name: etl\nroutes:\n  /greet: {function: greet}\n")]);
    project.tc(&["scaffold", "function", "greet", "--lang", "rust"]).well();
    // rustup and cargo keep what they have installed and downloaded in the user's own directory.
    for directory in [".cargo", ".rustup"] {
        let theirs = std::env::home_dir().unwrap().join(directory);
        std::os::unix::fs::symlink(theirs, project.root().join("../../home").join(directory)).unwrap();
    }
    let run = project.tc(&["compile", "-D", "warnings", "-o", "out"]).well();
    assert!(!run.err.contains("warning"), "{run:?}");
    let artifacts = project.names("out/artifacts");
    assert_eq!(zip_names(&project.root().join("out/artifacts").join(&artifacts[0])), ["bootstrap"]);
}

#[test]
fn a_function_in_go_is_built() {
    let project = Project::new(&[("topology.yml", "name: etl\nroutes:\n  /greet: {function: greet}\n")]);
    project.tc(&["scaffold", "function", "greet", "--lang", "go"]).well();
    // Without building anything, what there is of it is in order.
    let run = project.tc(&["compile", "-D", "warnings", "--emit", "ir"]).well();
    assert!(run.out.contains("\"runtime\": \"go\"") || run.out.contains("\"go\""), "{}", run.out);
    if has("go") {
        compiled(&project, ".");
    }
}

#[test]
fn what_stands_is_not_written_over() {
    let project = Project::new(&[("hello/mine.txt", "mine\n")]);
    for words in [["scaffold", "function", "hello"], ["scaffold", "topology", "hello"]] {
        let said = project.tc(&words).refused();
        assert!(said.contains("error[TC1302]: `hello` is there already"), "{said}");
    }
    assert_eq!(project.names("hello"), ["mine.txt"]);
    let said = project.tc(&["scaffold", "topology", "../Etl"]).refused();
    assert!(said.contains("error[TC1301]: `../Etl` cannot be the name of a topology"), "{said}");
    let said = project.tc(&["scaffold", "function", "greet", "--lang", "cobol"]).refused();
    assert!(said.contains("error[TC1304]: there is no start for `cobol`"), "{said}");
    assert!(!project.root().join("greet").exists());
}

#[test]
fn a_directory_that_cannot_be_written_gets_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new(&[("file", "")]);
    let said = project.tc(&["scaffold", "--create", "functions", "file"]).refused();
    assert!(said.contains("error["), "{said}");
    // A file where a directory is to be made.
    project.write("enhancer/handler.py", "def handler(event, context):\n    return {}\n");
    project.write("../infrastructure", "");
    let said = project.tc(&["scaffold", "--create", "functions"]).refused();
    assert!(said.contains("error[TC1303]: `"), "{said}");
    let rights = fs::metadata(project.root().join("file")).unwrap().permissions();
    assert_eq!(rights.mode() & 0o111, 0);
}

#[test]
fn vars_and_roles_are_written_where_they_lack() {
    let project = Project::new(&[
        ("topology.yml", "name: etl\nroutes:\n  /a: {function: enhancer}\n  /b: {function: loader}\n"),
        ("enhancer/handler.py", "def handler(event, context):\n    return {}\n"),
        ("enhancer/function.json", r#"{"runtime": {"lang": "python3.13", "memory": 512, "timeout": 9}}"#),
        ("loader/handler.py", "def handler(event, context):\n    return {}\n"),
        ("../infrastructure/tc/etl/vars/loader.json", "{\"timeout\": 7}\n"),
    ]);
    let before = compiled(&project, ".").out;
    let run = project.tc(&["scaffold", "--create", "functions"]).well();
    assert_eq!(
        run.out.lines().collect::<Vec<_>>(),
        [
            "../infrastructure/tc/etl/vars/enhancer.json",
            "../infrastructure/tc/etl/roles/enhancer.json",
            "../infrastructure/tc/etl/roles/loader.json",
        ]
    );
    assert_eq!(compiled(&project, ".").out, before, "nothing changes until they are changed");
    let vars = project.root().join("../infrastructure/tc/etl/vars");
    let enhancer: serde_json::Value = serde_json::from_slice(&fs::read(vars.join("enhancer.json")).unwrap()).unwrap();
    let expected = serde_json::json!({"default": {"memory_size": 512, "timeout": 9, "environment": {}}});
    assert_eq!(enhancer, expected);
    assert_eq!(fs::read_to_string(vars.join("loader.json")).unwrap(), "{\"timeout\": 7}\n");
    let again = project.tc(&["scaffold", "--create", "functions"]).well();
    assert_eq!((again.out.as_str(), again.err.as_str()), ("", ""));
}

#[test]
fn environments_are_those_of_the_profiles() {
    let project = Project::new(&[]);
    let run = project.tc(&["init", ".."]).well();
    assert_eq!(run.out, "../tc.yml\n");
    assert!(run.err.contains("0 environments written"), "{run:?}");
    let said = project.tc(&["init", ".."]).refused();
    assert!(said.contains("error[TC1302]: `../tc.yml` is there already"), "{said}");
    project.tc(&["compile", "--emit", "ir", "-A", "TC0612"]).well();

    let project = Project::new(&[(
        "../../home/.aws/config",
        "[profile dev]\nregion = us-west-2\nsso_session = corp\nsso_account_id = 111111111111\n\n\
         [profile qa]\nregion = eu-west-1\nrole_arn = arn:aws:iam::222222222222:role/deploy\nsource_profile = dev\n\n\
         [sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-west-2\n",
    )]);
    project.tc(&["init", ".."]).well();
    let text = fs::read_to_string(project.root().join("../tc.yml")).unwrap();
    assert!(text.contains("\n  dev: {profile: dev, region: us-west-2, account: \"111111111111\"}\n"), "{text}");
    assert!(text.contains("\n  qa: {profile: qa, region: eu-west-1, account: \"222222222222\"}\n"), "{text}");
    let run = project.tc(&["compile", "-e", "dev", "--emit", "ir", "-A", "TC0612"]).well();
    assert!(!run.err.contains("TC0801"), "{}", run.err);
}
