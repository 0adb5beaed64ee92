//! An environment's clients, signed in and checked.

mod credentials;
mod http;

pub(crate) use credentials::{Profiles, Source, source};
pub(crate) use http::{client, connector};

use crate::bucket::Bucket;
use crate::environment::Environment;
use crate::failure::{self, Destination};
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileSet;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::error::Error;
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;
use tc_core::world::WorldError;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::OnceCell;

/// How often a request is made before it is given up: what AWS throttles is then spread over some ten seconds.
const ATTEMPTS: u32 = 6;
/// The same for the first request, and where AWS is on this machine: who waits there should soon hear that it is not.
const FEW_ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How long a connection may take, and how long an answer may be in coming: Lambda unpacks a layer before it answers.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const READ_TIMEOUT: Duration = Duration::from_secs(120);

/// An account and region that requests can be made to.
#[derive(Debug)]
pub struct Connection {
    destination: Destination,
    account: String,
    identity: String,
    /// For the clients that few commands need.
    pub(crate) config: aws_config::SdkConfig,
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) bucket: OnceCell<Bucket>,
    runtime: Runtime,
}

impl Connection {
    /// Signs in to an environment: finds its credentials and region, and asks AWS whose they are.
    ///
    /// # Errors
    /// No profile, credentials or region; credentials that have expired, are refused, or belong to another account
    /// than the environment names; AWS cannot be reached.
    pub fn open(environment: &Environment) -> Result<Self, Box<Diagnostic>> {
        let runtime = runtime()?;
        let (config, destination) = runtime.block_on(configure(environment))?;
        let sts = aws_sdk_sts::config::Builder::from(&config).retry_config(retry(FEW_ATTEMPTS)).build();
        let identity = runtime.block_on(aws_sdk_sts::Client::from_conf(sts).get_caller_identity().send());
        let identity = identity.map_err(|error| failure::finding(&destination, "sts:GetCallerIdentity", &error))?;
        let account = identity.account().unwrap_or_default().to_owned();
        let identity = identity.arn().unwrap_or_default().to_owned();
        check_account(environment, &account)?;
        // An address without a wildcard certificate, or without names at all, knows the bucket by the path alone.
        let path_style = environment.endpoint().is_some();
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(path_style).build();
        Ok(Self {
            destination,
            account,
            identity,
            cloudformation: aws_sdk_cloudformation::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            bucket: OnceCell::new(),
            config,
            runtime,
        })
    }

    /// The account, 12 digits.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Who makes the requests: the name of a user, or of a role's session, which is the last part of their ARN.
    pub(crate) fn caller(&self) -> &str {
        self.identity.rsplit('/').next().unwrap_or_default()
    }

    /// The ARN of whose the credentials are.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Where the credentials are from, for people: "the AWS profile `dev`".
    pub fn credentials(&self) -> String {
        self.destination.credentials()
    }

    /// When the credentials end, in UTC: `2024-01-15T19:57:03Z`; `None` where they do not.
    ///
    /// # Errors
    /// When they cannot be had again.
    pub fn expiry(&self) -> Result<Option<String>, Box<Diagnostic>> {
        let Some(provider) = self.config.credentials_provider() else { return Ok(None) };
        let credentials = self.block_on(provider.provide_credentials());
        let credentials = credentials.map_err(|error| Box::new(failure::no_credentials(&self.destination, &error)))?;
        let second = |time| DateTime::from_secs(DateTime::from(time).secs());
        Ok(credentials.expiry().map(|time| second(time).fmt(Format::DateTime).unwrap_or_default()))
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.destination.region
    }

    /// The environment's name.
    pub fn environment(&self) -> &str {
        &self.destination.environment
    }

    /// The address of an object in S3, as CloudFormation takes it for a template.
    pub(crate) fn url(&self, bucket: &str, key: &str) -> String {
        match &self.destination.endpoint {
            Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
            None => {
                let region = &self.destination.region;
                let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
                format!("https://{bucket}.s3.{region}.{suffix}/{key}")
            }
        }
    }

    /// Whether it is an AWS on this machine.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self.destination.source, Source::Local)
    }

    /// The address in place of AWS's.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.destination.endpoint.as_deref()
    }

    /// Waits for what `future` comes to.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// What a failed request comes to. `action` is its name in a policy: `lambda:PublishLayerVersion`.
    pub(crate) fn finding<E>(&self, action: &str, error: &SdkError<E>) -> Box<Diagnostic>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        failure::finding(&self.destination, action, error)
    }
}

/// The AWS profiles of this machine.
///
/// # Errors
/// When the configuration of AWS cannot be read.
pub(crate) fn profiles() -> Result<ProfileSet, Box<Diagnostic>> {
    runtime()?.block_on(credentials::Profiles::load()).map(credentials::Profiles::into_set)
}

/// What futures are waited for by.
///
/// # Errors
/// When the system lacks for it.
pub(crate) fn runtime() -> Result<Runtime, Box<Diagnostic>> {
    Builder::new_current_thread().enable_all().build().map_err(|error| {
        let message = format!("requests cannot be made: {}", WorldError::from(&error));
        Box::new(Diagnostic::without_place(&codes::BAD_CONFIGURATION, message))
    })
}

fn retry(attempts: u32) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(attempts)
        .with_initial_backoff(FIRST_PAUSE)
        .with_max_backoff(LONGEST_PAUSE)
}

/// The SDK's configuration for an environment.
async fn configure(environment: &Environment) -> Result<(aws_config::SdkConfig, Destination), Box<Diagnostic>> {
    let client = http::client(environment.needs_no_credentials());
    let profiles = credentials::Profiles::load().await?;
    let source = credentials::source(environment, &profiles)?;
    let region = region(environment, &source, &profiles).await?;
    let destination = Destination {
        environment: environment.name.clone(),
        source: source.clone(),
        region: region.clone(),
        endpoint: environment.endpoint().map(str::to_owned),
    };
    let region = Region::new(region);
    let attempts = if environment.needs_no_credentials() { FEW_ATTEMPTS } else { ATTEMPTS };
    let timeout = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .credentials_provider(source.provider(environment, &client, &region))
        .http_client(client)
        .region(region)
        .retry_config(retry(attempts))
        .timeout_config(timeout);
    if let credentials::Source::Profile { name, .. } = &source {
        loader = loader.profile_name(name);
    }
    if let Some(endpoint) = environment.endpoint() {
        loader = loader.endpoint_url(endpoint);
    }
    Ok((loader.load().await, destination))
}

/// The region: the environment's, else its profile's, else that of the environment variables.
async fn region(environment: &Environment, source: &Source, profiles: &Profiles) -> Result<String, Box<Diagnostic>> {
    let of_profile = profiles.region(environment.profile());
    if let (Some(wanted), Source::Profile { name, .. }, Some(other)) = (&environment.input.region, source, &of_profile)
        && wanted.value != *other
    {
        let message = format!("the AWS profile `{name}` is for the region {other}");
        let finding = Diagnostic::new(&codes::WRONG_REGION, wanted.span, message).label("another one is wanted");
        let help = format!("correct one of them, or take `region` out of the profile `{name}`; nothing was done");
        return Err(Box::new(finding.help(help)));
    }
    if let Some(region) = environment.region().map(str::to_owned).or(of_profile) {
        return Ok(region);
    }
    let region = EnvironmentVariableRegionProvider::new().region().await;
    region.map(|region| region.to_string()).ok_or_else(|| {
        let name = &environment.name;
        let message = format!("the environment `{name}` has no region");
        let help = match environment.is_named {
            true => format!("write `region: REGION` at `{name}` in `tc.yml`"),
            false => format!("run `aws configure set region REGION --profile {}`", environment.profile()),
        };
        Box::new(Diagnostic::without_place(&codes::NO_REGION, message).help(help))
    })
}

fn check_account(environment: &Environment, account: &str) -> Result<(), Box<Diagnostic>> {
    let Some(wanted) = environment.account().filter(|wanted| wanted.value != account) else { return Ok(()) };
    let name = &environment.name;
    let message = format!("the credentials for `{name}` belong to the account {account}");
    let finding = Diagnostic::new(&codes::WRONG_ACCOUNT, wanted.span, message).label("another account is wanted");
    Err(Box::new(finding.help(format!("use credentials of {}, or correct `account`; nothing was done", wanted.value))))
}
