//! The topology of the tutorial on disk, with an account of the local AWS to deploy it to.

use crate::emulator::{Emulator, REGION, account};
use crate::project::{Project, Run};

/// The last `topology.yml` of the tutorial, with a route, an event and a flow.
pub const TOPOLOGY: &str = r#"name: etl

routes:
  etl:
    gateway: api-test
    proxy: '{{namespace}}_enhancer_{{sandbox}}'
    kind: http
    timeout: 10
    async: false
    method: POST
    path: "/api/etl"

events:
  consumes:
    StartETL:
      producer: default
      function: '{{namespace}}_enhancer_{{sandbox}}'

flow:
  Comment: ETL
  StartAt: enhance
  TimeoutSeconds: 1200
  States:
    enhance:
      Type: Task
      Resource: arn:aws:states:::lambda:invoke
      OutputPath: $.Payload
      InputPath: $
      Parameters:
        FunctionName: '{{namespace}}_enhancer_{{sandbox}}'
        Payload:
          data.$: $
      Next: transform
    transform:
      Type: Task
      Resource: arn:aws:states:::lambda:invoke
      OutputPath: $.Payload
      InputPath: $
      Parameters:
        FunctionName: '{{namespace}}_transformer_{{sandbox}}'
        Payload:
          data.$: $
      Next: load
    load:
      Type: Task
      Resource: arn:aws:states:::lambda:invoke
      OutputPath: $.Payload
      InputPath: $
      Parameters:
        FunctionName: '{{namespace}}_loader_{{sandbox}}'
        Payload:
          data.$: $
      End: true
"#;

const ENHANCER: &str = "def handler(event, context):\n    return {\"data\": \"enhanced-data\"}\n";
const TRANSFORMER: &str =
    "def handler(event, context):\n    return {\"data\": event[\"data\"], \"by\": \"transformer\"}\n";
const LOADER: &str = "def handler(event:, context:)\n  { loaded: event }\nend\n";

/// A project and the account that its environment `local` is.
pub struct Sandbox {
    /// The project.
    pub project: Project,
    /// The account's number.
    pub account: String,
}

impl Sandbox {
    /// The tutorial's topology, with files of its own added or put in place of the tutorial's.
    ///
    /// # Panics
    /// When there is no local AWS, or the files cannot be written.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let tutorial = [
            ("topology.yml", TOPOLOGY),
            ("enhancer/handler.py", ENHANCER),
            ("transformer/handler.py", TRANSFORMER),
            ("loader/handler.rb", LOADER),
        ];
        let sandbox = Self { project: Project::new(&tutorial), account: account() };
        files.iter().for_each(|(path, text)| sandbox.project.write(path, text));
        sandbox.settle(&Emulator::shared().address);
        sandbox
    }

    /// Puts the environment `local` at an address.
    ///
    /// # Panics
    /// When `tc.yml` cannot be written.
    pub fn settle(&self, address: &str) {
        let environment = format!("{{endpoint: '{address}', region: us-west-2, account: '{}'}}", self.account);
        self.project.write("../tc.yml", &format!("environments:\n  local: {environment}\n"));
    }

    /// Runs a command on the sandbox `bob`: `create --yes` is `tc create -s bob -e local --yes`.
    ///
    /// # Panics
    /// When tc cannot be run.
    pub fn tc(&self, command: &str) -> Run {
        let mut words: Vec<&str> = command.split_whitespace().collect();
        let options = words.split_off(1.min(words.len()));
        words.extend(["-s", "bob", "-e", "local"]);
        words.extend(options);
        self.project.tc(&words)
    }

    /// What CloudFormation answers to a question of its query protocol: `Action=DescribeStacks`.
    ///
    /// # Panics
    /// When the local AWS does not answer.
    pub fn ask(&self, question: &str) -> String {
        let body = format!("Version=2010-05-15&{question}");
        Emulator::shared().ask(&self.account, "cloudformation", "POST /", &body).expect("an answer").1
    }

    /// The digest and the size in bytes of the code of a function of `bob`.
    ///
    /// # Panics
    /// When there is no such function.
    pub fn code(&self, function: &str) -> (String, u64) {
        let request = format!("GET /2015-03-31/functions/etl_{function}_bob/configuration");
        let (_, answer) = Emulator::shared().ask(&self.account, "lambda", &request, "").expect("an answer");
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("it is JSON");
        let digest = answer.get("CodeSha256").and_then(serde_json::Value::as_str).expect("a digest");
        let size = answer.get("CodeSize").and_then(serde_json::Value::as_u64).expect("a size");
        (digest.to_owned(), size)
    }

    /// Gives a function of `bob` the code of an artifact, past CloudFormation.
    ///
    /// # Panics
    /// When Lambda does not take it.
    pub fn put_code(&self, function: &str, key: &str) {
        let request = format!("PUT /2015-03-31/functions/etl_{function}_bob/code");
        let body = format!(r#"{{"S3Bucket": "{}", "S3Key": "{key}"}}"#, self.bucket());
        let (status, answer) = Emulator::shared().ask(&self.account, "lambda", &request, &body).expect("an answer");
        assert_eq!(status, 200, "{answer}");
    }

    /// How many objects the artifact bucket has.
    ///
    /// # Panics
    /// When the local AWS does not answer.
    pub fn artifacts(&self) -> usize {
        let request = format!("GET /{}?list-type=2", self.bucket());
        Emulator::shared().ask(&self.account, "s3", &request, "").expect("an answer").1.matches("<Key>").count()
    }

    /// The artifact bucket.
    pub fn bucket(&self) -> String {
        format!("tc-artifacts-{}-{REGION}-an", self.account)
    }

    /// The ARN of the stack.
    ///
    /// # Panics
    /// When there is none.
    pub fn stack_id(&self) -> String {
        let answer = self.ask("Action=DescribeStacks&StackName=etl-bob");
        answer.split("<StackId>").nth(1).and_then(|rest| rest.split('<').next()).expect("a stack").to_owned()
    }

    /// How many change sets the stack has, executed ones among them.
    pub fn change_sets(&self) -> usize {
        self.ask("Action=ListChangeSets&StackName=etl-bob").matches("<ChangeSetName>").count()
    }

    /// The state of the stack; empty where there is none.
    pub fn status(&self) -> String {
        let answer = self.ask("Action=DescribeStacks&StackName=etl-bob");
        let status = answer.split("<StackStatus>").nth(1).and_then(|rest| rest.split('<').next());
        status.unwrap_or_default().to_owned()
    }
}

/// What is told, without the time that each line begins with.
pub fn told(run: &Run) -> Vec<String> {
    let without_time = |line: &str| match line.split_once(' ') {
        Some((time, rest)) if time.len() == 23 && time.get(10..11) == Some("T") => rest.to_owned(),
        _ => line.to_owned(),
    };
    run.err.lines().map(without_time).collect()
}
