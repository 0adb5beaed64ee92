//! `tc login`: the sign-in service is played by a server of the test, never a real one.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tc_tests::interceptor::{Interceptor, Reply, Request};
use tc_tests::project::{Project, Run};
use tc_tests::sandbox::Sandbox;

const ACCOUNT: &str = "111111111111";

/// A profile that signs in by a session, and one of the older form.
const CONFIG: &str = "\
[profile dev]
region = us-west-2
sso_session = company
sso_account_id = 111111111111
sso_role_name = admin
[sso-session company]
sso_region = eu-west-1
sso_start_url = https://company.awsapps.com/start
[profile old]
region = us-west-2
sso_region = eu-west-1
sso_start_url = https://company.awsapps.com/start
sso_account_id = 111111111111
sso_role_name = admin
";

/// What must not be seen.
const SECRETS: [&str; 4] = ["CLIENT-SECRET", "DEVICE", "ACCESS-TOKEN", "REFRESH-TOKEN"];

fn ok(body: &Value) -> Reply {
    Reply::Answer(200, &[("content-type", "application/json")], body.to_string())
}

/// A refusal of the sign-in service, by the name of its error in OAuth 2.0.
fn refused(name: &'static [(&'static str, &'static str)], error: &str) -> Reply {
    Reply::Answer(400, name, json!({ "error": error }).to_string())
}

fn pending() -> Reply {
    refused(&[("x-amzn-errortype", "AuthorizationPendingException")], "authorization_pending")
}

fn token() -> Reply {
    ok(
        &json!({"accessToken": "ACCESS-TOKEN", "tokenType": "Bearer", "expiresIn": 28_800, "refreshToken": "REFRESH-TOKEN"}),
    )
}

/// The sign-in service, which answers the question for the token by its number, with the accounts and STS behind it.
fn aws(tokens: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Interceptor {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let rule = move |_, request: &Request| match request.target.split('?').next().unwrap() {
        "/client/register" => ok(&json!({"clientId": "client", "clientSecret": "CLIENT-SECRET",
            "clientIdIssuedAt": 1_705_348_623, "clientSecretExpiresAt": 4_102_444_800_i64})),
        "/device_authorization" => ok(&json!({"deviceCode": "DEVICE", "userCode": "ABCD-EFGH", "expiresIn": 600,
            "interval": 1, "verificationUri": "https://device.sso.example/",
            "verificationUriComplete": "https://device.sso.example/?user_code=ABCD-EFGH"})),
        "/token" => tokens(asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst)),
        "/federation/credentials" if request.header("x-amz-sso_bearer_token") == "ACCESS-TOKEN" => {
            ok(&json!({"roleCredentials": {"accessKeyId": "AKID", "secretAccessKey": "x", "sessionToken": "t",
                "expiration": 4_102_444_800_000_i64}}))
        }
        "/" => {
            let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/admin/bob");
            let identity = format!("<Arn>{arn}</Arn><UserId>AIDA</UserId><Account>{ACCOUNT}</Account>");
            Reply::Answer(
                200,
                &[("content-type", "text/xml")],
                format!(
                    "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                     <GetCallerIdentityResult>{identity}</GetCallerIdentityResult></GetCallerIdentityResponse>"
                ),
            )
        }
        _ => Reply::Answer(403, &[], String::new()),
    };
    Interceptor::start(None, rule).unwrap()
}

/// A user with this AWS configuration and `tc.yml`.
fn user(config: &str, project: &str) -> Project {
    Project::new(&[("../../home/.aws/config", config), ("../tc.yml", project)])
}

fn login(user: &Project, env: &str, aws: &Interceptor) -> Run {
    let mut command = user.command(&["login", "-e", env]);
    command.env("AWS_ENDPOINT_URL", &aws.address).env("AWS_EC2_METADATA_DISABLED", "true");
    let run = Run::of(&command.output().unwrap());
    for secret in SECRETS {
        assert!(!run.out.contains(secret) && !run.err.contains(secret), "{run:?}");
    }
    run
}

/// The token that was kept, and the mode of its file.
fn kept(user: &Project, name: &str) -> Option<(Value, u32)> {
    let file = user.root().join("../../home/.aws/sso/cache").join(format!("{name}.json"));
    let mode = fs::metadata(&file).ok()?.permissions().mode() & 0o777;
    Some((serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap(), mode))
}

/// The SHA-1 of `company`.
const BY_SESSION: &str = "71b21161ffa1e6516bcc072aaf5ef38cbe85b511";

/// The SHA-1 of `https://company.awsapps.com/start`.
const BY_ADDRESS: &str = "b7037568a7e4f6fba9450af24427009b78703b33";

/// What the requests for a path said.
fn said(aws: &Interceptor, target: &str) -> Vec<Value> {
    let requests = aws.requests();
    let forms = requests.iter().filter(|request| request.target == target).map(|request| &request.form);
    forms.map(|form| serde_json::from_str(form).unwrap()).collect()
}

#[test]
fn a_code_is_shown_and_the_token_is_kept_for_awss_tools() {
    let user = user(CONFIG, "");
    let aws = aws(|number| if number == 0 { pending() } else { token() });
    let run = login(&user, "dev", &aws).well();
    let shown = "to sign in to dev, open this address and confirm the code ABCD-EFGH:\n  \
                 https://device.sso.example/?user_code=ABCD-EFGH\n";
    assert_eq!(run.err, shown);
    let (token, mode) = kept(&user, BY_SESSION).unwrap();
    assert_eq!(mode, 0o600);
    let until = token["expiresAt"].as_str().unwrap();
    let wanted = json!({"startUrl": "https://company.awsapps.com/start", "region": "eu-west-1", "accessToken":
        "ACCESS-TOKEN", "expiresAt": until, "clientId": "client", "clientSecret": "CLIENT-SECRET",
        "registrationExpiresAt": "2100-01-01T00:00:00Z", "refreshToken": "REFRESH-TOKEN"});
    assert_eq!(token, wanted);
    let whose = "arn:aws:sts::111111111111:assumed-role/admin/bob";
    let told = format!(
        "signed in to dev as {whose} until {until}\n\
         account 111111111111, region us-west-2, credentials of the AWS profile `dev`\n"
    );
    assert_eq!(run.out, told);

    assert_eq!(said(&aws, "/client/register")[0]["scopes"], json!(["sso:account:access"]));
    assert_eq!(said(&aws, "/device_authorization")[0]["startUrl"], "https://company.awsapps.com/start");
    let asked = said(&aws, "/token");
    assert_eq!((asked.len(), &asked[0]["deviceCode"]), (2, &json!("DEVICE")));
    assert_eq!(asked[0]["grantType"], "urn:ietf:params:oauth:grant-type:device_code");
}

#[test]
fn a_sign_in_that_stands_in_the_profile_is_kept_by_its_address() {
    let user = user(CONFIG, "");
    let aws = aws(|_| token());
    login(&user, "old", &aws).well();
    assert!(kept(&user, BY_ADDRESS).is_some());
    assert_eq!(said(&aws, "/client/register")[0]["scopes"], Value::Null);
}

#[test]
fn a_code_that_is_not_confirmed_leaves_nothing() {
    let user = user(CONFIG, "");
    let denied = aws(|_| refused(&[("x-amzn-errortype", "AccessDeniedException")], "access_denied"));
    let message = login(&user, "dev", &denied).refused();
    assert!(message.contains("error[TC1003]: the sign-in to `dev` came to nothing: it was denied"), "{message}");
    assert!(message.contains("help: begin anew: `tc login -e dev`"), "{message}");
    let late = aws(|_| refused(&[("x-amzn-errortype", "ExpiredTokenException")], "expired_token"));
    let message = login(&user, "dev", &late).refused();
    assert!(message.contains("came to nothing: the code was not confirmed in time"), "{message}");
    let broken = aws(|_| refused(&[("x-amzn-errortype", "InvalidClientException")], "invalid_client"));
    let message = login(&user, "dev", &broken).refused();
    assert!(message.contains("`sso-oidc:CreateToken` failed with `InvalidClientException`"), "{message}");
    assert_eq!(kept(&user, BY_SESSION), None);
}

#[test]
fn another_account_than_the_environment_names_is_refused() {
    let user = user(CONFIG, "environments: {qa: {profile: dev, account: '222222222222'}}\n");
    let message = login(&user, "qa", &aws(|_| token())).refused();
    assert!(
        message.contains("error[TC1005]: the credentials for `qa` belong to the account 111111111111"),
        "{message}"
    );
    assert!(message.contains("--> ../tc.yml:1:"), "{message}");
}

#[test]
fn another_region_than_the_profiles_is_refused() {
    let keys = "[profile keys]\nregion = us-west-2\naws_access_key_id = 1\naws_secret_access_key = x\n";
    let user = user(keys, "environments: {qa: {profile: keys, region: eu-west-1}}\n");
    let aws = aws(|_| token());
    let message = login(&user, "qa", &aws).refused();
    assert!(message.contains("error[TC1008]: the AWS profile `keys` is for the region us-west-2"), "{message}");
    assert!(message.contains("another one is wanted") && message.contains("--> ../tc.yml:1:"), "{message}");
    assert_eq!(aws.requests(), [], "nothing was asked");
    user.write("../tc.yml", "environments: {qa: {profile: keys, region: us-west-2}}\n");
    login(&user, "qa", &aws).well();
}

#[test]
fn other_credentials_are_told_with_their_end() {
    let keys = "[profile keys]\nregion = us-west-2\naws_access_key_id = AKID\naws_secret_access_key = x\n\
                [profile program]\nregion = us-west-2\ncredential_process = cat ../../home/credentials.json\n";
    let user = user(keys, "");
    let credentials = json!({"Version": 1, "AccessKeyId": "AKID", "SecretAccessKey": "x", "SessionToken": "t",
        "Expiration": "2100-01-01T00:00:00Z"});
    user.write("../../home/credentials.json", &credentials.to_string());
    let aws = aws(|_| pending());
    let run = login(&user, "keys", &aws).well();
    let whose = "as arn:aws:sts::111111111111:assumed-role/admin/bob";
    assert!(run.out.starts_with(&format!("signed in to keys {whose} without an end\n")), "{run:?}");
    assert_eq!(run.err, "");
    let run = login(&user, "program", &aws).well();
    assert!(run.out.starts_with(&format!("signed in to program {whose} until 2100-01-01T00:00:00Z\n")), "{run:?}");
}

#[test]
fn the_local_aws_needs_no_sign_in() {
    let sandbox = Sandbox::new(&[]);
    let run = sandbox.project.tc(&["login", "-e", "local"]).well();
    let account = &sandbox.account;
    let told = format!("account {account}, region us-west-2, credentials of the environment `local`");
    assert!(run.out.contains(&told) && run.err.is_empty(), "{run:?}");
}

#[test]
fn a_profile_that_is_not_complete_is_told() {
    let aws = aws(|_| token());
    let user = user(&CONFIG.replace("sso_session = company", "sso_session = compny"), "");
    let message = login(&user, "dev", &aws).refused();
    assert!(message.contains("error[TC1007]: the AWS profile `dev` signs in by `[sso-session compny]`"), "{message}");
    assert!(message.contains("help: did you mean `company`?"), "{message}");
    user.write("../../home/.aws/config", &CONFIG.replacen("sso_region = eu-west-1\n", "", 1));
    let message = login(&user, "dev", &aws).refused();
    assert!(message.contains("`sso_region` is missing in `[sso-session company]`"), "{message}");
    assert!(message.contains("help: run `aws configure sso --profile dev`"), "{message}");
    assert_eq!(aws.requests(), [], "nothing was asked");
}
