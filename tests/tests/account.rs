//! Signing in to an environment, and what AWS's refusals come to, in AWS's own wordings.

#![allow(clippy::unwrap_used, reason = "what does not hold fails the test")]

mod support;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use support::connect;
use tc_core::diagnostic::Diagnostic;
use tc_deploy::layers;
use tc_tests::binary;
use tc_tests::interceptor::{Interceptor, Reply, Request};

const ACCOUNT: &str = "111111111111";

/// What STS answers to the question whose the credentials are.
fn identity(account: &str) -> Reply {
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account}:user/bob</Arn><UserId>AIDA</UserId><Account>{account}</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    Reply::Answer(200, &[("content-type", "text/xml")], body)
}

fn is_sts(request: &Request) -> bool {
    request.method == "POST" && request.target == "/"
}

/// An AWS that knows who asks, and answers everything else with a reply.
fn answering(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Interceptor {
    let rule = move |number, request: &Request| if is_sts(request) { identity(ACCOUNT) } else { reply(number) };
    Interceptor::start(None, rule).unwrap()
}

fn refusal(status: u16, kind: &'static [(&'static str, &'static str)], words: &str) -> Box<Diagnostic> {
    let body = serde_json::json!({ "message": words }).to_string();
    let aws = answering(move |_| Reply::Answer(status, kind, body.clone()));
    layers::list(&connect(&aws.address, ACCOUNT).unwrap()).unwrap_err()
}

#[test]
fn an_address_where_nothing_answers_is_named() {
    // The port was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let finding = connect(&format!("http://{address}"), ACCOUNT).unwrap_err();
    assert_eq!(finding.code.id, "TC1011");
    assert_eq!(finding.message, format!("`http://{address}` cannot be reached: connection refused"));
    assert_eq!(finding.help, ["start what should answer there, or correct `endpoint` in `tc.yml`"]);
}

#[test]
fn the_account_must_be_the_one_that_the_environment_names() {
    let aws = Interceptor::start(None, |_, _| identity("222222222222")).unwrap();
    let finding = connect(&aws.address, ACCOUNT).unwrap_err();
    assert_eq!(finding.code.id, "TC1005");
    assert_eq!(finding.message, "the credentials for `cicd` belong to the account 222222222222");
    assert!(finding.primary.is_some());
}

#[test]
fn a_denied_action_is_named_with_awss_reason() {
    let words = "User: arn:aws:iam::111111111111:user/bob is not authorized to perform: lambda:ListLayers on resource: * \
                 because no identity-based policy allows the lambda:ListLayers action";
    let finding = refusal(403, &[("x-amzn-errortype", "AccessDeniedException")], words);
    assert_eq!(finding.code.id, "TC1010");
    assert_eq!(finding.message, "the environment `cicd` may not do `lambda:ListLayers`");
    assert_eq!(finding.help, [format!("AWS says: {words}")]);
}

#[test]
fn an_expired_session_asks_for_another_sign_in() {
    let words = "The security token included in the request is expired";
    let finding = refusal(403, &[("x-amzn-errortype", "ExpiredTokenException")], words);
    assert_eq!(
        (finding.code.id, finding.message.as_str()),
        ("TC1003", "the session of the environment `cicd` has expired")
    );
}

#[test]
fn what_aws_says_of_a_wrong_signature_is_not_shown() {
    let words = "The request signature we calculated does not match the signature you provided. The Canonical String for \
                 this request should have been 'GET\n/\n\nx-amz-security-token:SECRET'";
    let finding = refusal(403, &[("x-amzn-errortype", "InvalidSignatureException")], words);
    assert_eq!(finding.code.id, "TC1004");
    assert!(!format!("{finding:?}").contains("SECRET"), "{finding:?}");
}

#[test]
fn any_other_refusal_is_shown_with_its_name_and_id() {
    let kind = &[("x-amzn-errortype", "InvalidParameterValueException"), ("x-amzn-requestid", "8a-51")];
    let finding = refusal(400, kind, "Runtime x is\nnot supported");
    assert_eq!(finding.code.id, "TC1013");
    let message = "`lambda:ListLayers` failed with `InvalidParameterValueException`: Runtime x is not supported";
    assert_eq!(
        (finding.message.as_str(), finding.help.as_slice()),
        (message, ["the request was 8a-51".to_owned()].as_slice())
    );
}

#[test]
fn what_is_throttled_is_tried_again() {
    let aws = answering(|number| match number {
        // The first is STS's.
        1 | 2 => Reply::Answer(429, &[("x-amzn-errortype", "TooManyRequestsException")], "{}".to_owned()),
        _ => Reply::Answer(200, &[], r#"{"Layers":[]}"#.to_owned()),
    });
    assert_eq!(layers::list(&connect(&aws.address, ACCOUNT).unwrap()).unwrap(), []);
    assert_eq!(aws.requests().len(), 4);
}

/// A machine with its own home directory and nothing of AWS in its environment.
struct Machine {
    home: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Machine {
    fn new(config: &str, project: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join(".aws/sso/cache")).unwrap();
        fs::write(home.path().join(".aws/config"), config).unwrap();
        fs::write(home.path().join("tc.yml"), project).unwrap();
        Self { home, variables: vec![("AWS_EC2_METADATA_DISABLED", "true".to_owned())] }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// What signing in to an environment says.
    fn sign_in(&self, environment: &str) -> String {
        let mut command = Command::new(binary::sign_in());
        command.arg(environment).current_dir(self.home.path()).env_clear().env("HOME", self.home.path());
        let output = command.envs(self.variables.iter().map(|(name, value)| (name, value))).output().unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }
}

/// A profile's keys, which an AWS is told by the access key.
fn keys(profile: &str, account: &str) -> String {
    format!("[profile {profile}]\nregion = us-west-2\naws_access_key_id = {account}\naws_secret_access_key = x\n")
}

/// An AWS that takes the access key for the account.
fn trusting() -> Interceptor {
    let rule = |_, request: &Request| {
        let credential = request.header("authorization").split("Credential=").nth(1).unwrap_or_default();
        identity(credential.split('/').next().unwrap_or_default())
    };
    Interceptor::start(None, rule).unwrap()
}

#[test]
fn a_profile_that_does_not_exist_is_said_with_the_nearest() {
    let said = Machine::new(&keys("dev", ACCOUNT), "").sign_in("dve");
    assert!(said.starts_with("TC1001 there is no AWS profile `dve`\n  did you mean `dev`?\n"), "{said}");
}

#[test]
fn a_profile_comes_before_variables_that_were_exported() {
    let aws = trusting();
    let machine = Machine::new(&keys("dev", ACCOUNT), "").with("AWS_ENDPOINT_URL", &aws.address);
    let machine = machine.with("AWS_ACCESS_KEY_ID", "222222222222").with("AWS_SECRET_ACCESS_KEY", "x");
    assert_eq!(machine.sign_in("dev"), "111111111111 in us-west-2\n");
}

#[test]
fn an_environment_that_is_named_takes_variables_where_there_is_no_profile() {
    let aws = trusting();
    let machine = Machine::new("", "environments: {qa: {region: eu-west-1, account: '222222222222'}}");
    let machine = machine.with("AWS_ENDPOINT_URL", &aws.address).with("AWS_PROFILE", "other");
    let machine = machine.with("AWS_ACCESS_KEY_ID", "222222222222").with("AWS_SECRET_ACCESS_KEY", "x");
    assert_eq!(machine.sign_in("qa"), "222222222222 in eu-west-1\n");
    // The right one of several accounts cannot be told for an environment that nobody names.
    assert!(machine.sign_in("dev").starts_with("TC1001 "));
}

#[test]
fn no_credentials_at_all_are_asked_for_by_the_profile() {
    let said = Machine::new("", "environments: {qa: {region: eu-west-1}}").sign_in("qa");
    let message =
        "TC1002 the environment `qa` has no credentials\n  set up the AWS profile `qa` with `aws configure sso";
    assert!(said.starts_with(message), "{said}");
}

#[test]
fn a_region_is_never_guessed() {
    let machine = Machine::new("[profile dev]\naws_access_key_id = 1\naws_secret_access_key = x\n", "");
    let said = machine.sign_in("dev");
    let wanted = "TC1006 the environment `dev` has no region\n  run `aws configure set region REGION --profile dev`\n";
    assert_eq!(said, wanted);
    let said = Machine::new("", "environments: {qa: {}}").sign_in("qa");
    assert_eq!(said, "TC1006 the environment `qa` has no region\n  write `region: REGION` at `qa` in `tc.yml`\n");
}

/// A profile that signs in by SSO.
const SSO: &str = "\
[profile dev]
region = us-west-2
sso_session = company
sso_account_id = 111111111111
sso_role_name = admin
[sso-session company]
sso_region = us-west-2
sso_start_url = https://company.awsapps.com/start
";

#[test]
fn a_sign_in_by_sso_that_was_never_begun_is_asked_for() {
    let said = Machine::new(SSO, "").sign_in("dev");
    let wanted = "TC1003 the sign-in of the AWS profile `dev` has expired, or was never begun\n  \
                  run `tc login -e dev`\n";
    assert_eq!(said, wanted);
}

#[test]
fn a_sign_in_by_sso_that_has_expired_is_renewed_by_a_command() {
    let machine = Machine::new(SSO, "");
    let token = r#"{"accessToken": "SECRET", "expiresAt": "2020-01-01T00:00:00Z", "region": "us-west-2"}"#;
    // The file is named after the SHA-1 of `company`.
    let cache: &Path = &machine.home.path().join(".aws/sso/cache");
    fs::write(cache.join("71b21161ffa1e6516bcc072aaf5ef38cbe85b511.json"), token).unwrap();
    let said = machine.sign_in("dev");
    assert!(said.starts_with("TC1003 "), "{said}");
    assert!(said.contains("`tc login -e dev`") && !said.contains("SECRET"), "{said}");
}

#[test]
fn a_configuration_that_cannot_be_read_is_shown_with_its_reason() {
    let said = Machine::new("[profile dev]\nnonsense\n", "").sign_in("dev");
    assert!(said.starts_with("TC1007 the AWS configuration cannot be read: "), "{said}");
    let said =
        Machine::new(&format!("{}role_arn = r\nsource_profile = gone\n", keys("dev", ACCOUNT)), "").sign_in("dev");
    assert!(said.starts_with("TC1007 the AWS profile `dev` gives no credentials: "), "{said}");
}
