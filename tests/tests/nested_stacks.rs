//! Stacks within stacks on the local AWS, straight through the crate that deploys: what CloudFormation knows of nesting and
//! nobody else does.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "what does not hold fails the test")]

mod support;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicBool, Ordering};
use support::connect;
use tc_core::backend::difference::{Action, Replacement};
use tc_core::diagnostic::Diagnostic;
use tc_core::digest::hexadecimal;
use tc_deploy::change_set::{self, ChangeSet, Request};
use tc_deploy::follow::{self, Answer, End, Ending, Event, Listener, Ongoing, Watch};
use tc_deploy::link::Linked;
use tc_deploy::ready::{self, Ready, Terms};
use tc_deploy::standing::{self, Standing};
use tc_deploy::{Connection, drift};
use tc_tests::cloudformation;
use tc_tests::emulator::{Emulator, REGION, account};
use tc_tests::interceptor::{Interceptor, Reply};

const NAME: &str = "etl-bob";
const DESCRIPTION: &str = "etl in sandbox bob";

/// Hears which resources something is done to.
#[derive(Default)]
struct Heard(Vec<String>);

impl Listener for Heard {
    fn event(&mut self, event: &Event) {
        assert_ne!(event.resource_type == "AWS::CloudFormation::Stack", !event.is_of_stack, "{event:?}");
        self.0.push(event.logical_id.clone());
    }

    fn silence(&mut self, reason: &Diagnostic) {
        panic!("{reason:?}");
    }

    fn interrupted(&mut self, _: Ongoing, _: Answer) {}

    fn not_cancelled(&mut self, _: &Diagnostic) {}
}

fn follow(connection: &Connection, watch: Watch) -> (Ending, Vec<String>) {
    let mut heard = Heard::default();
    match watch.follow(connection, &mut heard).unwrap() {
        End::Over(ending) => (ending, heard.0),
        End::Detached => panic!("nobody left"),
    }
}

/// A sandbox whose root has two nested stacks: one of a queue, and one that has something tagged with its address.
struct System {
    connection: Connection,
    bucket: String,
}

impl System {
    fn new() -> Self {
        let account = account();
        let connection = connect(&Emulator::shared().address, &account).unwrap();
        Self { connection, bucket: format!("tc-artifacts-{account}-{REGION}-an") }
    }

    /// Its change set, where `low` are the resources of the lower stack, and `high` others beside the tagged queue.
    fn change(&self, low: &Value, high: &Value) -> Result<Option<ChangeSet>, Box<Diagnostic>> {
        self.change_by(&self.connection, low, high)
    }

    fn change_by(
        &self,
        connection: &Connection,
        low: &Value,
        high: &Value,
    ) -> Result<Option<ChangeSet>, Box<Diagnostic>> {
        let tags = json!([{"Key": "Of", "Value": {"Ref": "QueueLowArn"}}]);
        let tagged = json!({
            "Type": "AWS::SQS::Queue",
            "Metadata": {"Entity": "queues/high"},
            "Properties": {"QueueName": "high", "Tags": tags},
        });
        let mut resources = json!({"QueueHigh": tagged});
        resources.as_object_mut().unwrap().extend(high.as_object().unwrap().clone());
        let high = json!({"Parameters": {"QueueLowArn": {"Type": "String"}}, "Resources": resources}).to_string();
        let output = json!({"Value": {"Fn::GetAtt": ["QueueLow", "Arn"]}});
        let low = json!({"Resources": low, "Outputs": {"QueueLowArn": output}}).to_string();
        let arn = json!({"Fn::GetAtt": ["StackLow", "Outputs.QueueLowArn"]});
        // What comes first needs what comes after it.
        let stacks =
            json!({"StackHigh": stack(&high, &json!({"QueueLowArn": arn})), "StackLow": stack(&low, &nothing())});
        self.change_to(connection, &stacks, &[&high, &low])
    }

    /// A change set of a root with these resources.
    fn change_to(
        &self,
        connection: &Connection,
        resources: &Value,
        nested: &[&str],
    ) -> Result<Option<ChangeSet>, Box<Diagnostic>> {
        let root = json!({
            "Description": DESCRIPTION,
            "Parameters": {"ArtifactBucket": {"Type": "String"}},
            "Resources": resources,
        });
        let bucket =
            Linked { parameter: "ArtifactBucket".to_owned(), value: self.bucket.clone(), origin: "cicd".to_owned() };
        let request =
            Request { stack: NAME, template: &root.to_string(), nested, imports: &[bucket], is_express: false };
        let ready = self.standing().map_or(Ready::Create, Ready::Update);
        change_set::create(connection, &request, &ready)
    }

    fn standing(&self) -> Option<Standing> {
        standing::find(&self.connection, NAME, DESCRIPTION).unwrap().filter(Standing::is_made)
    }

    /// Changes it so, which goes well.
    fn make(&self, low: &Value, high: &Value) -> ChangeSet {
        self.execute(self.change(low, high).unwrap().unwrap())
    }

    fn execute(&self, change_set: ChangeSet) -> ChangeSet {
        let watch = change_set.execute(&self.connection).unwrap();
        let (ending, _) = follow(&self.connection, watch);
        assert!(ending.is_success, "{ending:?}");
        change_set
    }

    fn ask(&self, service: &str, request: &str, body: &str) -> (u16, String) {
        Emulator::shared().ask(self.connection.account(), service, request, body).unwrap()
    }

    /// Gives the sandbox's network a part that is not the stack's, so that it cannot be deleted; its id.
    fn extend_network(&self) -> String {
        let resources = standing::resources(&self.connection, &self.standing().unwrap()).unwrap();
        let network = &resources.iter().find(|one| one.logical_id == "Network").unwrap().physical_id;
        let part = format!("Action=CreateSubnet&Version=2016-11-15&VpcId={network}&CidrBlock=10.0.1.0/24");
        assert_eq!(self.ask("ec2", "POST /", &part).0, 200);
        network.clone()
    }

    fn networks(&self) -> String {
        self.ask("ec2", "POST /", "Action=DescribeVpcs&Version=2016-11-15").1
    }

    /// The names of all stacks that there are.
    fn stacks(&self) -> String {
        let (_, answer) = self.ask("cloudformation", "POST /", "Action=DescribeStacks&Version=2010-05-15");
        answer
    }

    /// Deletes the stack, which fails for the network that something is in, and then all but that; what was heard first.
    fn keep_network(&self, id: &str, network: &str) -> Vec<String> {
        let delete = |keep: &[String]| follow(&self.connection, follow::delete(&self.connection, id, keep).unwrap());
        let (ending, heard) = delete(&[]);
        let failed: Vec<_> = ending.failures.iter().map(|event| event.logical_id.as_str()).collect();
        assert_eq!((ending.status.as_str(), failed), ("DELETE_FAILED", vec!["Network"]));
        let (ending, _) = delete(&["Network".to_owned()]);
        assert!(ending.is_success, "{ending:?}");
        assert!(!self.stacks().contains(NAME), "no stack is left");
        assert!(self.networks().contains(network));
        heard
    }
}

/// The resource of a nested stack.
fn stack(template: &str, parameters: &Value) -> Value {
    let digest = hexadecimal(Sha256::digest(template));
    let url = format!("https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/${{ArtifactBucket}}/{digest}.json");
    let properties = json!({"TemplateURL": {"Fn::Sub": url}, "Parameters": parameters});
    json!({"Type": "AWS::CloudFormation::Stack", "Properties": properties})
}

fn queue(name: &str) -> Value {
    json!({"QueueLow": {
        "Type": "AWS::SQS::Queue",
        "Metadata": {"Entity": "queues/low"},
        "Properties": {"QueueName": name, "DelaySeconds": 1},
    }})
}

fn nothing() -> Value {
    json!({})
}

#[test]
fn what_one_stack_hands_to_another_is_shown_and_follows() {
    let system = System::new();
    let made = system.make(&queue("low"), &nothing());
    let told: Vec<_> = made.changes.iter().map(|change| (change.action, change.logical_id.as_str())).collect();
    assert_eq!(told, [(Action::Add, "QueueHigh"), (Action::Add, "QueueLow")]);
    assert!(system.change(&queue("low"), &nothing()).unwrap().is_none(), "nothing differs");

    // Only what is different is shown, though of the other one CloudFormation does not know yet that it stays.
    let mut other = queue("low");
    other["QueueLow"]["Properties"]["DelaySeconds"] = json!(5);
    let changed = system.make(&other, &nothing());
    let told: Vec<_> = changed.changes.iter().map(|change| (change.logical_id.as_str(), change.replacement)).collect();
    assert_eq!((told, changed.unchanged), (vec![("QueueLow", Replacement::Never)], Vec::new()));

    let renamed = system.make(&queue("other"), &nothing());
    let told: Vec<_> = renamed.changes.iter().map(|change| (change.logical_id.as_str(), change.replacement)).collect();
    assert!(told.contains(&("QueueLow", Replacement::Always)), "{told:?}");
    let url = format!("http://localhost/{}/high", system.connection.account());
    let body = format!("Action=ListQueueTags&Version=2012-11-05&QueueUrl={url}");
    let (_, tags) = system.ask("sqs", "POST /", &body);
    assert!(tags.contains(":other</Value>"), "{tags}");
}

#[test]
fn resources_of_all_stacks_are_those_of_the_sandbox() {
    let system = System::new();
    system.make(&queue("low"), &nothing());
    let standing = system.standing().unwrap();
    let resources = standing::resources(&system.connection, &standing).unwrap();
    let told: Vec<_> = resources.iter().map(|one| (one.logical_id.as_str(), one.entity.as_str())).collect();
    assert_eq!(told, [("QueueHigh", "queues/high"), ("QueueLow", "queues/low")]);
    let deployed = standing::deployed_template(&system.connection, &standing).unwrap();
    let value = deployed.template.pointer("/Resources/QueueHigh/Properties/Tags/0/Value").unwrap();
    assert_eq!(*value, json!({"Fn::GetAtt": ["QueueLow", "Arn"]}));
    assert_eq!(deployed.stacks.get("QueueLow").map(String::as_str), Some("StackLow"));

    // By their names nested stacks are no sandboxes.
    let all = standing::all(&system.connection, "").unwrap();
    assert_eq!(all.iter().filter(|one| one.name.starts_with(NAME)).count(), 1);
    let url = format!("http://localhost/{}/low", system.connection.account());
    let body = format!(
        "Action=SetQueueAttributes&Version=2012-11-05&QueueUrl={url}&Attribute.1.Name=DelaySeconds&Attribute.1.Value=9"
    );
    assert_eq!(system.ask("sqs", "POST /", &body).0, 200);
    drift::detect(&system.connection, &[NAME]).unwrap();
    let all = standing::all(&system.connection, DESCRIPTION).unwrap();
    let resources = standing::resources(&system.connection, &standing).unwrap();
    let drifts: Vec<_> = resources.iter().map(|one| one.drift.as_str()).collect();
    assert_eq!((all[0].drift.as_str(), drifts), ("DRIFTED", vec!["IN_SYNC", "MODIFIED"]));
}

#[test]
fn a_nested_template_that_is_refused_says_why() {
    let system = System::new();
    let refused = system.change(&queue("low"), &json!({"Odd": {"Type": "AWS::SQS::Odd"}})).unwrap_err();
    assert!(refused.message.contains("Unrecognized resource types: [AWS::SQS::Odd]"), "{}", refused.message);
    assert!(!system.stacks().contains(NAME), "nothing is left");
}

#[test]
fn what_a_nested_change_set_cannot_tell_yet_is_told_without_it() {
    let system = System::new();
    let root = "arn:aws:cloudformation:us-west-2:1:changeSet/of-the-root/0a";
    let nested = "arn:aws:cloudformation:us-west-2:1:changeSet/nested/0b";
    let aws = Interceptor::before_aws(move |_, request| {
        let failed = |reason: &str| {
            let result = format!(
                "<ChangeSetId>{root}</ChangeSetId><Status>FAILED</Status><StatusReason>{reason}</StatusReason>\
                 <ExecutionStatus>UNAVAILABLE</ExecutionStatus>"
            );
            cloudformation::answer("DescribeChangeSet", &result)
        };
        match request.action() {
            "CreateChangeSet" if request.field("IncludeNestedStacks") == "true" => {
                cloudformation::answer("CreateChangeSet", &format!("<Id>{root}</Id><StackId>{NAME}</StackId>"))
            }
            "DescribeChangeSet" if request.field("ChangeSetName").contains("of-the-root") => {
                failed(&format!("Nested change set {nested} was not successfully created: Currently in FAILED."))
            }
            "DescribeChangeSet" if request.field("ChangeSetName").contains("nested") => {
                failed("Template error: Fn::Select cannot select nonexistent value at index 1")
            }
            "DeleteChangeSet" if request.field("ChangeSetName").contains("of-the-root") => {
                cloudformation::done("DeleteChangeSet")
            }
            _ => Reply::Forward,
        }
    });
    let connection = connect(&aws.address, system.connection.account()).unwrap();
    let made = system.change_by(&connection, &queue("low"), &nothing()).unwrap().unwrap();
    let told: Vec<_> = made.changes.iter().map(|change| (change.action, change.logical_id.as_str())).collect();
    assert_eq!(told, [(Action::Add, "QueueHigh"), (Action::Add, "QueueLow")]);
    let (ending, _) = follow(&system.connection, made.execute(&system.connection).unwrap());
    assert!(ending.is_success, "{ending:?}");
}

#[test]
fn what_a_nested_stack_cannot_delete_can_be_kept() {
    let system = System::new();
    let with_network = json!({"Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}});
    system.make(&queue("low"), &with_network);
    let network = system.extend_network();
    let id = system.standing().unwrap().id;
    let heard = system.keep_network(&id, &network);
    assert!(heard.contains(&"QueueHigh".to_owned()), "{heard:?}");
}

#[test]
fn stacks_may_be_in_nested_ones() {
    let system = System::new();
    let bucket = json!({"ArtifactBucket": {"Ref": "ArtifactBucket"}});
    let templates = |resources: &Value| {
        let leaf = json!({"Resources": resources}).to_string();
        let parameters = json!({"ArtifactBucket": {"Type": "String"}});
        let group = json!({"Parameters": parameters, "Resources": {"StackLow": stack(&leaf, &nothing())}}).to_string();
        let root = json!({"StackGroup1": stack(&group, &bucket), "Own": {"Type": "AWS::SQS::Queue"}});
        (root, group, leaf)
    };
    let change = |resources: &Value| {
        let (root, group, leaf) = templates(resources);
        system.change_to(&system.connection, &root, &[&leaf, &group]).unwrap().unwrap()
    };
    let made = system.execute(change(&queue("low")));
    assert_eq!(made.changes.len(), 2);
    let found = system.standing().unwrap();
    let deployed = standing::deployed_template(&system.connection, &found).unwrap();
    assert_eq!(deployed.stacks.get("QueueLow").map(String::as_str), Some("StackGroup1/StackLow"));

    // The digest is of all of them, so that it is known that something changed below.
    let planned = change(&json!({"QueueLow": {"Type": "AWS::SQS::Queue"}}));
    let other = change(&json!({"QueueLow": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 9}}}));
    let digest = |change_set: &ChangeSet| change_set.find(&system.connection).unwrap().unwrap();
    assert_ne!(digest(&planned), digest(&other));
    let before = standing::digest(&system.connection, &found).unwrap();
    let mut both = queue("low");
    both["Network"] = json!({"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}});
    let changed = system.execute(change(&both));
    let told: Vec<_> = changed.changes.iter().map(|change| (change.action, change.logical_id.as_str())).collect();
    assert_eq!(told, [(Action::Add, "Network")]);
    let now = system.standing().unwrap();
    assert_ne!(standing::digest(&system.connection, &now).unwrap(), before);
    assert!(planned.find(&system.connection).unwrap().is_none(), "what was not executed is gone");

    let network = system.extend_network();
    system.keep_network(&now.id, &network);
}

#[test]
fn what_is_deleted_while_it_is_made_leaves_nothing() {
    let system = System::new();
    let mut low = queue("low");
    for number in 0..60 {
        low[format!("More{number}")] = json!({"Type": "AWS::SQS::Queue"});
    }
    let change_set = system.change(&low, &nothing()).unwrap().unwrap();
    let _making = change_set.execute(&system.connection).unwrap();
    let watch = follow::delete(&system.connection, &change_set.stack, &[]).unwrap();
    let (ending, _) = follow(&system.connection, watch);
    assert_eq!(ending.status, "DELETE_COMPLETE");
    assert!(!system.stacks().contains(NAME), "no stack is left");
    let (_, queues) = system.ask("sqs", "POST /", "Action=ListQueues&Version=2012-11-05");
    assert!(!queues.contains("<QueueUrl>"), "{queues}");
}

#[test]
fn what_is_skipped_is_named_by_its_stack() {
    let system = System::new();
    system.make(&queue("low"), &nothing());
    let standing = system.standing().unwrap();
    let is_undone = AtomicBool::new(false);
    let id = standing.id;
    let aws = Interceptor::before_aws(move |_, request| {
        let of = |status| cloudformation::stack_of(&id, NAME, DESCRIPTION, status);
        match (request.action(), is_undone.load(Ordering::SeqCst)) {
            ("ContinueUpdateRollback", _) => {
                is_undone.store(true, Ordering::SeqCst);
                cloudformation::done("ContinueUpdateRollback")
            }
            ("DescribeStacks", false) => of("UPDATE_ROLLBACK_FAILED"),
            ("DescribeStacks", true) => of("UPDATE_ROLLBACK_COMPLETE"),
            ("DescribeStackEvents", true) => {
                let happened = (NAME, cloudformation::STACK, "UPDATE_ROLLBACK_COMPLETE", "");
                cloudformation::events(NAME, &[happened])
            }
            _ => Reply::Forward,
        }
    });
    let connection = connect(&aws.address, system.connection.account()).unwrap();
    let skip = ["QueueLow".to_owned(), "OfTheRoot".to_owned()];
    let terms = Terms { stack: NAME, description: DESCRIPTION, waits: true, skip: &skip };
    ready::make_ready(&connection, &terms, &mut |_| {}).unwrap();
    let requests = aws.requests();
    let asked = requests.iter().find(|request| request.action() == "ContinueUpdateRollback").unwrap();
    let named = asked.field("ResourcesToSkip.member.1");
    assert!(named.starts_with("etl-bob-StackLow-") && named.ends_with(".QueueLow"), "{named}");
    assert_eq!(asked.field("ResourcesToSkip.member.2"), "OfTheRoot");
}
