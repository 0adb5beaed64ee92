//! `tc build --publish` and `--list`, as they are typed, with the local AWS as the account of the layers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "what does not hold fails the test, and what is skipped says so"
)]

use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::process::Command;
use tc_tests::binary;
use tc_tests::emulator::{Emulator, account};
use tc_tests::interceptor::{Interceptor, Reply, Request};

/// A project whose layers go to an account of their own.
struct Project {
    root: tempfile::TempDir,
    account: String,
}

/// What a run gave.
#[derive(Debug)]
struct Run {
    status: i32,
    out: String,
    err: String,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { root: tempfile::tempdir().unwrap(), account: account() };
        project.settle(&Emulator::shared().address);
        files.iter().for_each(|(path, text)| project.write(path, text));
        project
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Puts the account of the layers at an address.
    fn settle(&self, address: &str) {
        let environment = format!("{{endpoint: '{address}', region: us-west-2, account: '{}'}}", self.account);
        self.write("tc.yml", &format!("environments: {{cicd: {environment}}}\nlayers: {{environment: cicd}}\n"));
    }

    /// tc in a directory of the project, on a machine without anything of AWS.
    fn command(&self, directory: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary::tc());
        command.args(arguments).current_dir(self.root.path().join(directory)).env("NO_COLOR", "1");
        for name in ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL"] {
            command.env_remove(name);
        }
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_CONFIG_FILE", self.root.path().join("aws/config"));
        command.env("AWS_SHARED_CREDENTIALS_FILE", self.root.path().join("aws/credentials"));
        command
    }

    fn tc(&self, directory: &str, arguments: &[&str]) -> Run {
        let output = self.command(directory, arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// What `--list` says in a directory: each layer with its version.
    fn listed(&self, directory: &str) -> Vec<(String, i64)> {
        let run = self.tc(directory, &["build", "--list", "--format", "json"]);
        let layers: Vec<Value> = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{run:?}"));
        let pair = |layer: &Value| (layer["name"].as_str().unwrap().to_owned(), layer["version"].as_i64().unwrap());
        layers.iter().map(pair).collect()
    }

    /// A line of the table of `--publish`.
    fn line(&self, name: &str, version: i64, result: &str) -> String {
        let arn = format!("arn:aws:lambda:us-west-2:{}:layer:{name}:{version}", self.account);
        format!(" {name} | {version}       | {result:9} | {arn}\n")
    }
}

const HANDLER: &str = "def handler(event, context):\n    return {\"data\": \"enhanced-data\"}\n";

/// A function whose dependencies are a file that a command writes.
fn function(namespace: &str, name: &str) -> String {
    format!(
        r#"{{"runtime": {{"lang": "python3.13", "layers": ["{namespace}-{name}"]}},
            "build": {{"command": "mkdir $TC_OUTPUT/python; echo 'X = \"{name}\"' > $TC_OUTPUT/python/x.py"}}}}"#
    )
}

/// A topology of such functions.
fn topology(names: &[&str]) -> Project {
    let project = Project::new(&[("etl/topology.yml", "name: etl\n")]);
    for name in names {
        project.write(&format!("etl/{name}/handler.py"), HANDLER);
        project.write(&format!("etl/{name}/function.json"), &function("etl", name));
    }
    project
}

/// The enhancer of the tutorial, with requests.
fn enhancer() -> Project {
    let metadata = r#"{
      "name": "enhancer",
      "description": "enhance wer data",
      "runtime": {"lang": "python3.10", "package_type": "zip", "handler": "handler.handler",
                  "layers": ["etl-enhancer"], "extensions": []},
      "tasks": {"build": "zip lambda.zip handler.py", "clean": "rm *.zip"}
    }"#;
    let list = "[project]\nname = \"enhancer\"\nversion = \"0.1.0\"\ndependencies = [\"requests==2.32.5\"]\n";
    Project::new(&[
        ("etl/topology.yml", "name: etl\n"),
        ("etl/enhancer/handler.py", HANDLER),
        ("etl/enhancer/function.json", metadata),
        ("etl/enhancer/pyproject.toml", list),
    ])
}

#[test]
fn the_tutorials_enhancer_is_published_once_and_listed_as_the_tutorial_prints_it() {
    let project = enhancer();
    let run = project.tc("etl", &["build", "--publish"]);
    if run.err.contains("error[TC0902]") {
        eprintln!("the package index cannot be reached, so nothing was tried: {}", run.err);
        return;
    }
    let heading = " name         | version | result    | arn\n--------------+---------+-----------+";
    assert_eq!(run.status, 0, "{run:?}");
    assert!(
        run.out.starts_with(heading) && run.out.ends_with(&project.line("etl-enhancer", 1, "published")),
        "{run:?}"
    );
    let place = format!("cicd ({}, us-west-2)", project.account);
    assert!(run.err.contains(&format!("etl-enhancer: publishing to {place}\n")), "{run:?}");
    assert!(run.err.contains(&format!("1 layer built in .tc/layers; 1 layer published in {place}, ")), "{run:?}");

    // Nothing but questions, beside the one whose the credentials are.
    let aws = Interceptor::start(Some(&Emulator::shared().address), |_, _| Reply::Forward).unwrap();
    project.settle(&aws.address);
    let again = project.tc("etl", &["build", "--publish"]);
    assert!(again.out.ends_with(&project.line("etl-enhancer", 1, "unchanged")), "{again:?}");
    assert!(again.err.contains("1 layer unchanged in .tc/layers; 1 layer unchanged in cicd"), "{again:?}");
    let asked = aws.requests();
    assert!(asked[1..].iter().all(|request| request.method == "GET") && asked.len() > 2, "{asked:?}");

    let listed = project.tc("etl", &["build", "--list"]);
    let created: String = listed.out.lines().last().unwrap().chars().rev().take(28).collect();
    let created: String = created.chars().rev().collect();
    let is_time = |text: &str| text.len() == 28 && text.starts_with("20") && text.get(10..11) == Some("T");
    assert!(is_time(&created), "{listed:?}");
    let table = format!(
        " name                                      | version | created_date
-------------------------------------------+---------+------------------------------
 etl-enhancer                              | 1       | {created}
"
    );
    assert_eq!((listed.status, listed.out, listed.err), (0, table, String::new()));
}

#[test]
fn a_large_layer_is_published_in_its_chunks() {
    let project = topology(&["big", "small"]);
    let write = "import os, random; noise = random.Random(1); tree = os.environ['TC_OUTPUT'] + '/python/'; \
                 os.mkdir(tree); [open(tree + name, 'wb').write(noise.randbytes(25_000_000)) for name in 'ab']";
    let metadata = serde_json::json!({
        "runtime": {"lang": "python3.13", "layers": ["etl-big"]},
        "build": {"command": format!("python3 -c \"{write}\"")},
    });
    project.write("etl/big/function.json", &metadata.to_string());
    let run = project.tc("etl", &["build", "--publish", "--name", "big"]);
    let rows: Vec<_> = run.out.lines().skip(2).map(|line| line.split('|').map(str::trim).collect::<Vec<_>>()).collect();
    let arn = |layer: &str| format!("arn:aws:lambda:us-west-2:{}:layer:{layer}:1", project.account);
    let (first, second) = (arn("etl-big"), arn("etl-big-1"));
    assert_eq!(rows, [["etl-big", "1", "published", &first], ["etl-big-1", "1", "published", &second]], "{run:?}");
    assert_eq!(project.listed("etl"), [("etl-big".to_owned(), 1), ("etl-big-1".to_owned(), 1)]);
    // The one that is still to be published is named.
    let listed = project.tc("etl", &["build", "--list"]);
    assert_eq!(listed.err, format!("not published to cicd ({}, us-west-2): etl-small\n", project.account));
    let again = project.tc("etl", &["build", "--publish", "--format", "json"]);
    let rows: Value = serde_json::from_str(&again.out).unwrap();
    let results: Vec<_> = rows.as_array().unwrap().iter().map(|row| &row["publication"]["result"]).collect();
    assert_eq!(results, ["unchanged", "published"]);
    assert_eq!(rows[0]["publication"]["versions"].as_array().unwrap().len(), 2);
    assert_eq!(project.listed("etl").len(), 3);
}

#[test]
fn one_function_is_published_and_told_as_data() {
    let project = topology(&["a", "b"]);
    // By its name, and by its directory.
    let run = project.tc("etl", &["build", "--publish", "--name", "a", "--format", "json"]);
    let rows: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.status, rows.as_array().unwrap().len()), (0, 1), "{run:?}");
    let arn = format!("arn:aws:lambda:us-west-2:{}:layer:etl-a:1", project.account);
    let version = serde_json::json!({ "name": "etl-a", "version": 1, "arn": arn, "result": "published" });
    assert_eq!(rows[0]["publication"], serde_json::json!({ "result": "published", "versions": [version] }));
    assert_eq!((&rows[0]["name"], &rows[0]["result"]), (&"etl-a".into(), &"built".into()));
    assert_eq!(project.listed("etl"), [("etl-a".to_owned(), 1)]);
    let run = project.tc("etl/b", &["build", "--publish"]);
    assert!(run.out.ends_with(&project.line("etl-b", 1, "published")), "{run:?}");
    // As in the tutorial, a function's directory lists the layers of the topology.
    assert_eq!(project.listed("etl/b"), [("etl-a".to_owned(), 1), ("etl-b".to_owned(), 1)]);

    let run = project.tc("etl", &["build", "--list", "--name", "a", "--format", "json"]);
    let rows: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{run:?}");
    assert_eq!(rows[0]["arn"], arn.as_str());
    assert_eq!((&rows[0]["runtimes"][0], &rows[0]["architectures"][0]), (&"python3.13".into(), &"x86_64".into()));
    assert_eq!(rows[0]["description"], "dependencies of a");
    assert_eq!((&rows[0]["chunk"]["part"], &rows[0]["chunk"]["parts"]), (&1.into(), &1.into()));
    assert!(rows[0]["created_date"].as_str().unwrap().contains('T'));
}

#[test]
fn both_processors_have_their_versions() {
    let project = topology(&["a"]);
    assert_eq!(project.tc("etl", &["build", "--publish"]).status, 0);
    assert_eq!(project.tc("etl", &["build", "--publish", "--arch", "arm64"]).status, 0);
    assert_eq!(project.listed("etl"), [("etl-a".to_owned(), 2)]);
    let again = project.tc("etl", &["build", "--publish"]);
    assert!(again.out.ends_with(&project.line("etl-a", 1, "unchanged")), "{again:?}");
}

#[test]
fn several_topologies_are_published_and_listed_at_once() {
    let project = topology(&["a"]);
    project.write("other/topology.yml", "name: other\n");
    project.write("other/b/handler.py", HANDLER);
    project.write("other/b/function.json", &function("other", "b"));
    let run = project.tc("", &["build", "-r", "--publish"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.err.contains("2 layers built in 2 directories; 2 layers published in cicd"), "{run:?}");
    assert_eq!(project.listed("etl"), [("etl-a".to_owned(), 1)]);
    let both = [("etl-a".to_owned(), 1), ("other-b".to_owned(), 1)];
    let recursive = project.tc("", &["build", "-r", "--list"]);
    assert_eq!(recursive.out.lines().count(), 4, "{recursive:?}");
    // Where there is no topology, all that the account has.
    assert_eq!(project.listed(""), both);
}

#[test]
fn a_layer_that_fails_does_not_keep_the_others_back() {
    let project = topology(&["a", "b", "c"]);
    project.write("etl/c/function.json", r#"{"build": {"command": "echo no compiler here; exit 3"}}"#);
    let refuse = |_, request: &Request| match request.target.contains("/layers/etl-a/") && request.method == "POST" {
        true => {
            let words = r#"{"message": "not authorized to perform: lambda:PublishLayerVersion on resource: x"}"#;
            Reply::Answer(403, &[("x-amzn-errortype", "AccessDeniedException")], words.to_owned())
        }
        false => Reply::Forward,
    };
    let aws = Interceptor::start(Some(&Emulator::shared().address), refuse).unwrap();
    project.settle(&aws.address);
    let run = project.tc("etl", &["build", "--publish"]);
    assert_eq!(run.status, 1, "{run:?}");
    let rows: Vec<_> = run.out.lines().skip(2).map(str::trim_end).collect();
    let published = project.line("etl-b", 1, "published");
    assert_eq!(rows, [" etl-a |         | failed    |", published.trim_end(), " etl-c |         | failed    |"]);
    assert!(run.err.contains("error[TC0939]: a command of `build.command` of function `c`"), "{run:?}");
    let refused = "error[TC1010]: the environment `cicd` may not do `lambda:PublishLayerVersion`";
    assert!(run.err.contains(refused), "{run:?}");
    let summary = "2 layers built, 1 layer failed in .tc/layers; 1 layer published, 1 layer failed in cicd";
    assert!(run.err.contains(summary), "{run:?}");
    // Another run goes on where this one was.
    project.settle(&Emulator::shared().address);
    let run = project.tc("etl", &["build", "--publish"]);
    let rows: Vec<_> = run.out.lines().skip(2).take(2).map(|line| format!("{line}\n")).collect();
    assert_eq!(rows, [project.line("etl-a", 1, "published"), project.line("etl-b", 1, "unchanged")]);
}

#[test]
fn what_is_denied_is_built_but_not_published() {
    let project = topology(&["a", "b"]);
    let unused = function("etl", "b").replace(r#"["etl-b"]"#, "[]");
    project.write("etl/b/function.json", &unused);
    let run = project.tc("etl", &["build", "--publish", "-D", "TC0966"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.out.ends_with(" etl-b |         | withheld  |\n"), "{run:?}");
    assert_eq!(project.listed("etl"), [("etl-a".to_owned(), 1)]);
}

#[test]
fn an_account_that_cannot_be_used_is_said_before_anything_is_built() {
    let project = topology(&["a"]);
    let refused = |arguments: &[&str], wanted: &[&str]| {
        let run = project.tc("etl", arguments);
        assert_eq!((run.status, run.out.as_str()), (1, ""), "{run:?}");
        for words in wanted {
            assert!(run.err.contains(words), "{words}: {run:?}");
        }
        assert!(!project.root.path().join("etl/.tc/layers").exists());
    };
    let publish = ["build", "--publish"];

    // The port was free a moment ago.
    let address = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    project.settle(&address);
    let place = "\n --> ../tc.yml:2:23\n";
    let message = format!("error[TC1011]: `{address}` cannot be reached: connection refused");
    refused(&publish, &[&message, place, "layers are published there", "nothing was built"]);
    refused(&["build", "--list"], &[&message, place]);

    project.write("tc.yml", "layers: {environment: cicd}\n");
    refused(&publish, &["error[TC1001]: there is no AWS profile `cicd`", "layers: {environment: cicd}"]);

    project.write("tc.yml", "environments: {cicd: {region: us-west-2}}\nlayers: {environment: cicd}\n");
    refused(&publish, &["error[TC1002]: the environment `cicd` has no credentials", "AWS_ACCESS_KEY_ID"]);

    // Without a central account it is that of `-e`.
    project.write("tc.yml", "environments: {qa: {region: us-west-2}}\n");
    refused(&["build", "--publish", "-e", "qe"], &["TC0801", "did you mean `qa`?", "TC1001", "AWS profile `qe`"]);

    let other = "[profile ci]\naws_access_key_id = 222222222222\naws_secret_access_key = x\n";
    project.write("aws/config", other);
    let emulator = &Emulator::shared().address;
    let cicd = format!("{{profile: ci, endpoint: '{emulator}', region: us-west-2, account: '111111111111'}}");
    project.write("tc.yml", &format!("environments: {{cicd: {cicd}}}\nlayers: {{environment: cicd}}\n"));
    refused(&publish, &["error[TC1005]: the credentials for `cicd` belong to the account 222222222222"]);
    refused(&["build", "--list"], &["error[TC1005]"]);
}

#[test]
fn commands_that_need_no_account_read_nothing_of_aws() {
    let project = topology(&["a"]);
    project.write("aws/config", "[profile dev]\nnonsense\n");
    project.write("tc.yml", "environments: {dev: {}}\n");
    assert!(project.tc("etl", &["build", "--publish", "-e", "dev"]).err.contains("error[TC1007]"));
    for arguments in [["build", "-e", "dev"], ["compile", "-e", "dev"]] {
        assert_eq!(project.tc("etl", &arguments).status, 0, "{arguments:?}");
    }
}
