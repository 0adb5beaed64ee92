//! The tutorial's topology in a repository, with accounts of the local AWS to release it to.

#![allow(clippy::unwrap_used, reason = "what does not hold fails the test")]

use crate::emulator::{Emulator, REGION, account};
use crate::project::{Project, Run};
use crate::repository::{Repository, git};
use crate::sandbox::Sandbox;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The tutorial's topology in a repository, with the accounts that its environments `qa` and `prod` are.
pub struct Releases {
    /// The project.
    pub project: Project,
    /// Its repository.
    pub repository: Repository,
    /// The account of `qa`, which releases go to.
    pub qa: String,
    /// The account of `prod`.
    pub prod: String,
}

impl Default for Releases {
    fn default() -> Self {
        Self::new()
    }
}

impl Releases {
    /// With one commit, on the local AWS that tests share.
    ///
    /// # Panics
    /// When there is none, or git cannot.
    pub fn new() -> Self {
        Self::at(&Emulator::shared().address)
    }

    /// As [`Self::new`], with both environments at an address.
    ///
    /// # Panics
    /// When git cannot.
    pub fn at(address: &str) -> Self {
        let Sandbox { project, account: qa } = Sandbox::new(&[]);
        let prod = account();
        let environment = |account: &str| format!("{{endpoint: '{address}', region: {REGION}, account: '{account}'}}");
        let project_file = format!(
            "environments:\n  qa: {}\n  prod: {}\nrelease: {{environment: qa, sandbox: stable}}\n",
            environment(&qa),
            environment(&prod)
        );
        project.write("../tc.yml", &project_file);
        let repository = Repository::new(&project);
        repository.git(&["config", "user.name", "Ann"]);
        repository.git(&["config", "user.email", "ann@example.com"]);
        repository.commit("feat: begin");
        Self { project, repository, qa, prod }
    }

    /// Runs a command in the topology's directory.
    ///
    /// # Panics
    /// When tc cannot be run.
    pub fn tc(&self, command: &str) -> Run {
        self.project.tc(&command.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs a command in a clone.
    ///
    /// # Panics
    /// When tc cannot be run.
    pub fn tc_in(&self, clone: &Path, command: &str) -> Run {
        let words: Vec<&str> = command.split_whitespace().collect();
        Run::of(&self.project.command(&words).current_dir(clone.join("etl")).output().unwrap())
    }

    /// A clone of the repository, beside it.
    ///
    /// # Panics
    /// When git cannot.
    pub fn cloned(&self, name: &str) -> PathBuf {
        let root = self.project.root().join("..").canonicalize().unwrap();
        let clone = root.parent().unwrap().join(name);
        let arguments = ["clone", "--quiet", root.to_str().unwrap(), clone.to_str().unwrap()];
        assert!(git(&root, &arguments).status().unwrap().success());
        for (key, value) in [("user.name", "Bob"), ("user.email", "bob@example.com")] {
            assert!(git(&clone, &["config", key, value]).status().unwrap().success());
        }
        clone
    }

    /// Gives the enhancer another answer, and commits that.
    ///
    /// # Panics
    /// When git cannot.
    pub fn enhance(&self, answer: &str) {
        self.project.write("enhancer/handler.py", &handler(answer));
        self.repository.commit(&format!("feat(enhancer): answer {answer}"));
    }

    /// What the enhancer of the released sandbox answers in an account.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn answer(&self, account: &str) -> String {
        let request = "POST /2015-03-31/functions/etl_enhancer_stable/invocations";
        let (_, answer) = Emulator::shared().ask(account, "lambda", request, "{}").unwrap();
        let parsed: Value = serde_json::from_str(&answer).unwrap_or_default();
        let data = parsed.get("data").and_then(Value::as_str).map(str::to_owned);
        assert!(data.is_some(), "{answer}");
        data.unwrap()
    }

    /// The tags of the repository.
    ///
    /// # Panics
    /// When git cannot.
    pub fn tags(&self) -> Vec<String> {
        self.repository.git(&["tag", "--list"]).lines().map(str::to_owned).collect()
    }

    /// The keys in the bucket of an account that begin so.
    ///
    /// # Panics
    /// When the local AWS does not answer.
    pub fn keys(&self, account: &str, prefix: &str) -> Vec<String> {
        let request = format!("GET /{}?list-type=2&prefix={prefix}", bucket(account));
        let (_, answer) = Emulator::shared().ask(account, "s3", &request, "").unwrap();
        let keys = answer.split("<Key>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned());
        keys.collect()
    }

    /// What an object in the bucket of `qa` holds.
    ///
    /// # Panics
    /// When there is none.
    pub fn object(&self, key: &str) -> String {
        let request = format!("GET /{}/{key}", bucket(&self.qa));
        let (status, body) = Emulator::shared().ask(&self.qa, "s3", &request, "").unwrap();
        assert_eq!(status, 200, "{key}: {body}");
        body
    }

    /// Puts an object into the bucket of `qa`.
    ///
    /// # Panics
    /// When S3 does not take it.
    pub fn put(&self, key: &str, body: &str) {
        let request = format!("PUT /{}/{key}", bucket(&self.qa));
        let (status, answer) = Emulator::shared().ask(&self.qa, "s3", &request, body).unwrap();
        assert_eq!(status, 200, "{key}: {answer}");
    }

    /// What CloudFormation answers in an account.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn ask(&self, account: &str, question: &str) -> String {
        let body = format!("Version=2010-05-15&{question}");
        Emulator::shared().ask(account, "cloudformation", "POST /", &body).unwrap().1
    }

    /// The state of the released sandbox in an account; empty where there is none.
    ///
    /// # Panics
    /// When CloudFormation does not answer.
    pub fn status(&self, account: &str) -> String {
        let answer = self.ask(account, "Action=DescribeStacks&StackName=etl-stable");
        let status = answer.split("<StackStatus>").nth(1).and_then(|rest| rest.split('<').next());
        status.unwrap_or_default().to_owned()
    }

    /// How many change sets the released sandbox has had in `qa`.
    ///
    /// # Panics
    /// When CloudFormation does not answer.
    pub fn change_sets(&self) -> usize {
        self.ask(&self.qa, "Action=ListChangeSets&StackName=etl-stable").matches("<ChangeSetName>").count()
    }

    /// The manifest of a version.
    ///
    /// # Panics
    /// When there is none.
    pub fn manifest(&self, version: &str) -> Value {
        serde_json::from_str(&self.object(&format!("releases/etl/{version}/manifest.json"))).unwrap()
    }
}

fn handler(answer: &str) -> String {
    format!("def handler(event, context):\n    return {{\"data\": \"{answer}\"}}\n")
}

fn bucket(account: &str) -> String {
    format!("tc-artifacts-{account}-{REGION}-an")
}
