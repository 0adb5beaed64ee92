//! The tutorial, top to bottom, as a newcomer types it on a machine without an AWS account: `tc local start`, and every
//! command and file of it against `-e local`.
//!
//! What it leaves to the reader is filled in here: what the functions depend on, the transformer's code and model, the
//! roles and variables. The layer of the first function comes from the package index; where that cannot be reached this
//! says so and ends there. One function is in Ruby: see [`tc_tests::ruby`].

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "what does not hold fails the test, and what is not tried says so"
)]

use serde_json::{Value, json};
use std::ffi::OsString;
use std::path::Path;
use tc_tests::binary::workspace;
use tc_tests::emulator::{REGION, cache, free_port, send};
use tc_tests::project::{Project, Run};
use tc_tests::sandbox::told;
use tc_tests::{ruby, uv, wheel};

/// The account of the local AWS that nobody names another to.
const ACCOUNT: &str = "000000000000";

/// The newcomer, in the directory `etl` of a project.
struct Newcomer {
    project: Project,
    port: u16,
}

impl Newcomer {
    fn new() -> Self {
        let port = free_port().unwrap();
        let project = Project::new(&[]).with_path(programs());
        let local = format!("{{endpoint: 'http://127.0.0.1:{port}', region: {REGION}}}");
        let settings = format!(
            "environments: {{local: {local}}}\nlayers: {{environment: local}}\nrelease: {{environment: local}}\n"
        );
        project.write("../tc.yml", &settings);
        Self { project, port }
    }

    /// Runs a command line in a directory of the topology.
    fn at(&self, directory: &str, line: &str) -> Run {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = self.project.command(&words[1..]);
        assert_eq!(words[0], "tc");
        command.current_dir(self.project.root().join(directory)).env("XDG_CACHE_HOME", cache());
        Run::of(&command.output().unwrap())
    }

    fn run(&self, line: &str) -> Run {
        self.at("", line)
    }

    /// Takes the files of a chapter, which the compiler's tests have as the tutorial prints them.
    fn take(&self, chapter: &str, files: &[&str]) {
        for file in files {
            let text = std::fs::read_to_string(workspace().join("golden/compile").join(chapter).join("in").join(file));
            self.project.write(file, &text.unwrap());
        }
    }

    /// What the local AWS answers to a question.
    fn ask(&self, service: &str, request: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        send(&format!("http://127.0.0.1:{}", self.port), ACCOUNT, service, request, headers, body).unwrap()
    }

    /// A function as it is configured.
    fn configuration(&self, function: &str) -> Value {
        let request = format!("GET /2015-03-31/functions/etl_{function}_bob/configuration");
        serde_json::from_str(&self.ask("lambda", &request, &[], "").1).unwrap()
    }

    /// What a query API lists.
    fn list(&self, service: &str, version: &str, action: &str) -> String {
        self.ask(service, "POST /", &[], &format!("Action={action}&Version={version}")).1
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        self.run(&format!("tc local stop --port {}", self.port));
    }
}

/// A PATH with uv and Ruby on it.
fn programs() -> OsString {
    let parts = [uv::path(), ruby::path()].map(|path| std::env::split_paths(path).collect::<Vec<_>>());
    std::env::join_paths(parts.concat()).unwrap()
}

/// The lines of a run that say what became of entities, in the order of the alphabet.
fn done(run: &Run) -> Vec<String> {
    const VERBS: [&str; 3] = ["Creating ", "Updating ", "Deleting "];
    let mut lines = told(run);
    lines.retain(|line| VERBS.iter().any(|verb| line.starts_with(verb)));
    lines.sort_unstable();
    lines
}

/// Whether one of the lines begins so.
fn has(lines: &[String], beginning: &str) -> bool {
    lines.iter().any(|line| line.starts_with(beginning))
}

/// The layers that a list of them names, with their versions.
fn layers(run: &Run) -> Vec<(String, i64)> {
    let layer = |row: &Value| (row["name"].as_str().unwrap().to_owned(), row["version"].as_i64().unwrap());
    run.rows().iter().map(layer).collect()
}

#[test]
fn the_tutorial_works_from_its_first_line_to_its_last() {
    let newcomer = Newcomer::new();
    newcomer.run(&format!("tc local start --port {}", newcomer.port)).well();
    let told = newcomer.run("tc login -e local").well();
    assert!(told.out.contains(&format!("account {ACCOUNT}, region {REGION}")), "{told:?}");

    if !newcomer.enhancer() {
        return;
    }
    newcomer.edit();
    newcomer.infrastructure();
    newcomer.event();
    newcomer.model();
    newcomer.ruby();
    newcomer.flow();
    newcomer.invoke();
    newcomer.delete();
}

impl Newcomer {
    /// A function with a layer, and a route; whether there is a package index.
    fn enhancer(&self) -> bool {
        let files = ["topology.yml", "enhancer/handler.py", "enhancer/pyproject.toml", "enhancer/function.json"];
        self.take("tutorial-1-route", &files);
        let built = self.run("tc build --publish");
        if built.err.contains("error[TC0902]") {
            eprintln!("the package index cannot be reached, so the rest is not tried: {}", built.err);
            return false;
        }
        built.well();
        assert_eq!(layers(&self.run("tc build --list --format json").well()), [("etl-enhancer".to_owned(), 1)]);

        let run = self.run("tc create -s bob -e local").well();
        let lines = told(&run);
        assert_eq!(lines[0], "Composing topology...", "{run:?}");
        assert!(lines.contains(&"Initializing functor: etl@bob.local/0.0.1".to_owned()), "{run:?}");
        let done = done(&run);
        assert!(
            has(&done, "Creating function etl_enhancer_bob (") && has(&done, "Creating route /api/etl (OK)"),
            "{run:?}"
        );
        self.reaches(&run, r#"{"data": "enhanced-data"}"#);
        true
    }

    /// A POST to the URL that was printed, as curl sends it.
    fn reaches(&self, run: &Run, answer: &str) {
        let url = run.out.lines().find_map(|line| line.split_once("https://")).unwrap().1;
        let address = format!("http://127.0.0.1:{}", self.port);
        let answered = send(&address, "", "", "POST /api/etl", &[("host", url)], "{}").unwrap();
        assert_eq!(answered, (200, answer.to_owned()));
    }

    /// An edit, shown and deployed alone. It uses what the layer holds.
    fn edit(&self) {
        let code = "import requests\n\ndef handler(event, context):\n    return {\"data\": \"enhanced-data\", \"by\": \
                    requests.__name__}\n";
        self.project.write("enhancer/handler.py", code);
        let run = self.run("tc diff -s bob -e local").well();
        assert!(run.out.contains("+import requests\n"), "{run:?}");
        assert!(run.out.contains("-    return {\"data\": \"enhanced-data\"}\n"), "{run:?}");
        let run = self.run("tc update -s bob -e local -c enhancer").well();
        let done = done(&run);
        assert!(done.len() == 1 && has(&done, "Updating function etl_enhancer_bob ("), "{run:?}");
        self.reaches(&run, r#"{"data": "enhanced-data", "by": "requests"}"#);
        let run = self.run("tc diff -s bob -e local --exit-code").well();
        assert!(!run.out.contains("+import"), "{run:?}");
    }

    /// Rights and variables, each by itself.
    fn infrastructure(&self) {
        self.run("tc scaffold --create functions").well();
        for kind in ["vars", "roles"] {
            let file = self.project.root().join(format!("../infrastructure/tc/etl/{kind}/enhancer.json"));
            assert!(file.is_file(), "{}", file.display());
        }
        let role = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::etl-input/*"}]});
        self.project.write("../infrastructure/tc/etl/roles/enhancer.json", &role.to_string());
        let vars = json!({"memory_size": 512, "environment": {"STAGE": "sandbox"}});
        self.project.write("../infrastructure/tc/etl/vars/enhancer.json", &vars.to_string());

        let memory = || self.configuration("enhancer")["MemorySize"].clone();
        let before = memory();
        let rights = || self.list("iam", "2010-05-08", "GetAccountAuthorizationDetails").contains("etl-input");
        assert!(!rights());
        self.run("tc update -s bob -e local -c roles").well();
        assert!(rights());
        assert_eq!(memory(), before, "the variables are not meant");
        self.run("tc update -s bob -e local -c vars").well();
        assert_eq!(memory(), 512);
        assert_eq!(self.configuration("enhancer")["Environment"]["Variables"]["STAGE"], "sandbox");

        let topology = std::fs::read_to_string(self.project.root().join("topology.yml")).unwrap();
        self.project.write("topology.yml", &topology.replace("timeout: 10", "timeout: 20"));
        let run = self.run("tc update -s bob -e local -c routes").well();
        assert_eq!(done(&run), ["Updating route /api/etl (OK)"], "{run:?}");
        self.reaches(&run, r#"{"data": "enhanced-data", "by": "requests"}"#);
    }

    /// An event reaches the function.
    fn event(&self) {
        self.take("tutorial-2-event", &["topology.yml"]);
        let code = "import json\n\ndef handler(event, context):\n    print(\"given\", json.dumps(event))\n    return \
                    {\"data\": \"enhanced-data\"}\n";
        self.project.write("enhancer/handler.py", code);
        self.run("tc update -s bob -e local -c enhancer").well();
        let run = self.run("tc update -s bob -e local -c events").well();
        assert!(has(&done(&run), "Creating event StartETL (OK)"), "{run:?}");
        let entry = json!({"Source": "orders", "DetailType": "StartETL", "Detail": "{\"order\": 7}"});
        let request = json!({ "Entries": [entry] }).to_string();
        let answer = self.ask("events", "POST /", &[("x-amz-target", "AWSEvents.PutEvents")], &request);
        assert_eq!(answer.0, 200, "{answer:?}");
        self.has_logged("\"order\": 7");
    }

    /// Waits until `enhancer` has logged a text: where it does not, this does not end, and is ended.
    fn has_logged(&self, text: &str) {
        use std::io::{BufRead, BufReader};
        let mut logs = self.project.command(&["logs", "-s", "bob", "-e", "local", "-c", "enhancer", "--follow"]);
        let mut logs = logs.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(logs.stdout.take().unwrap()).lines();
        assert!(lines.map(Result::unwrap).any(|line| line.contains(text)));
        logs.kill().unwrap();
        logs.wait().unwrap();
    }

    /// A function with a model and dependencies on the file system.
    fn model(&self) {
        self.take("tutorial-3-assets", &["transformer/function.json"]);
        let code = "import os\nimport soul\n\ndef handler(event, context):\n    weights = os.path.join(os.environ[\
                    \"MODEL_PATH\"], \"weights.txt\")\n    return {\"data\": event[\"data\"], \"weights\": \
                    open(weights).read(), \"depth\": soul.DEPTH}\n";
        self.project.write("transformer/handler.py", code);
        self.project.write("transformer/artifacts/weights.txt", "0.5");
        self.project.write("transformer/requirements.txt", "--no-index\n--find-links wheels\nsoul==1.0\n");
        let wheels = self.project.root().join("transformer/wheels");
        wheel::write(&wheels, "soul", "1.0", &[], &[("soul/__init__.py", "DEPTH = 7\n")]);
        for kind in ["artifacts", "deps"] {
            let run = self.at("transformer", &format!("tc build --kind {kind} --publish --format json")).well();
            assert_eq!(run.rows()[0]["result"], "published", "{run:?}");
        }
    }

    /// A function in Ruby, with a layer of its own. Then all three are deployed.
    fn ruby(&self) {
        self.take("tutorial-3-assets", &["loader/function.json"]);
        self.project.write("loader/handler.rb", "def handler(event:, context:)\n  { loaded: event['data'] }\nend\n");
        self.project.write("loader/Gemfile", "source 'https://gems.example'\ngem 'greet'\n");
        let lock = "GEM\n  remote: https://gems.example/\n  specs:\n    greet (1.2.0)\n\nPLATFORMS\n  x86_64-linux\n\n\
                    DEPENDENCIES\n  greet\n\nBUNDLED WITH\n   2.5.11\n";
        self.project.write("loader/Gemfile.lock", lock);
        let cache: &Path = &self.project.root().join("loader/vendor/cache");
        ruby::gem(ruby::path(), cache, "greet", "1.2.0", "");
        self.at("loader", "tc build --publish").well();
        let published = layers(&self.run("tc build --list --format json").well());
        assert_eq!(published, [("etl-enhancer".to_owned(), 1), ("etl-loader".to_owned(), 1)]);

        let run = self.run("tc create -s bob -e local").well();
        let done = done(&run);
        assert!(
            has(&done, "Creating function etl_transformer_bob (") && has(&done, "Creating function etl_loader_bob (")
        );
    }

    /// The flow. As it was first printed its last state cannot be reached, which is found before anything is done.
    fn flow(&self) {
        self.take("tutorial-4-flow", &["topology.yml"]);
        let mended = std::fs::read_to_string(self.project.root().join("topology.yml")).unwrap();
        let printed = mended.replace("Next: load", "Next: transform");
        assert_ne!(mended, printed);
        self.project.write("topology.yml", &printed);
        let said = self.run("tc update -s bob -e local -c flow").refused();
        assert!(said.contains("error[TC0203]: state `load` cannot be reached"), "{said}");
        assert!(said.contains("did you mean `Next: load`?"), "{said}");
        self.project.write("topology.yml", &mended);
        let run = self.run("tc update -s bob -e local -c flow").well();
        assert_eq!(done(&run), ["Creating flow etl_bob (OK)"], "{run:?}");
    }

    /// What each function gives goes through the three states.
    fn invoke(&self) {
        self.project.write("payload.json", "{\"order\": 8}\n");
        let run = self.run("tc invoke -s bob -e local --payload payload.json --sync").well();
        let transformed = json!({"data": {"data": "enhanced-data"}, "weights": "0.5", "depth": 7});
        assert_eq!(run.data(), json!({ "loaded": transformed }));
        let states: Vec<&str> = run.err.lines().filter_map(|line| Some(line.split_once(" s  ")?.1)).collect();
        assert_eq!(states, ["enhance", "transform", "load", "succeeded"], "{run:?}");
        self.has_logged("\"order\": 8");

        let name = self.run("tc invoke -s bob -e local --payload payload.json").well().out;
        let execution = format!("arn:aws:states:{REGION}:{ACCOUNT}:execution:etl_bob:{}", name.trim_end());
        let request = json!({ "executionArn": execution }).to_string();
        let target = [("x-amz-target", "AWSStepFunctions.DescribeExecution")];
        // Functions that run still would log, and have a log group again, after the sandbox is gone.
        let ended = std::iter::repeat_with(|| self.ask("states", "POST /", &target, &request).1)
            .find(|answer| !answer.contains("\"RUNNING\""));
        assert!(ended.is_some_and(|answer| answer.contains("\"SUCCEEDED\"")), "{execution}");
    }

    /// The end of the sandbox: of it nothing is left.
    fn delete(&self) {
        let there = self.left();
        assert!(there.iter().all(|(_, is_there)| *is_there), "{there:?}");
        self.run("tc delete -s bob -e local --yes").well();
        let left = self.left();
        assert!(left.iter().all(|(_, is_there)| !*is_there), "{left:?}");
        assert_eq!(self.run("tc list -e local --format json").well().rows(), [] as [Value; 0]);
    }

    /// What there is of the sandbox, kind by kind.
    fn left(&self) -> Vec<(&'static str, bool)> {
        let json = |service: &str, target: &str| self.ask(service, "POST /", &[("x-amz-target", target)], "{}").1;
        let listed = [
            ("functions", self.ask("lambda", "GET /2015-03-31/functions", &[], "").1),
            ("roles", self.list("iam", "2010-05-08", "ListRoles")),
            ("log groups", json("logs", "Logs_20140328.DescribeLogGroups")),
            ("rules", json("events", "AWSEvents.ListRules")),
            ("state machines", json("states", "AWSStepFunctions.ListStateMachines")),
            ("APIs", self.ask("apigateway", "GET /v2/apis", &[], "").1),
            ("queues", self.ask("sqs", "POST /", &[], "Action=ListQueues&Version=2012-11-05").1),
            ("stacks", self.list("cloudformation", "2010-05-15", "DescribeStacks")),
        ];
        let is_there = |text: &str| ["etl_", "etl-bob"].iter().any(|name| text.contains(name));
        listed.map(|(kind, text)| (kind, is_there(&text))).to_vec()
    }
}
