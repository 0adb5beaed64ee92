//! Where an environment's credentials come from.

use crate::environment::Environment;
use aws_config::Region;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::{Profile, ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_runtime::env_config::section::SsoSession;
use aws_sdk_s3::config::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;
use tc_core::suggest;

/// The account that an AWS on this machine is asked for where the environment names none.
const LOCAL_ACCOUNT: &str = "000000000000";

/// The profiles of the AWS configuration.
#[derive(Debug)]
pub(crate) struct Profiles(ProfileSet);

impl Profiles {
    /// Reads `~/.aws/config` and `~/.aws/credentials`, or the files that `AWS_CONFIG_FILE` and
    /// `AWS_SHARED_CREDENTIALS_FILE` name.
    pub(crate) async fn load() -> Result<Self, Box<Diagnostic>> {
        let files = EnvConfigFiles::default();
        let profiles = aws_config::profile::load(&Fs::real(), &Env::real(), &files, None).await;
        profiles.map(Self).map_err(|error| {
            let message = format!("the AWS configuration cannot be read: {}", crate::failure::innermost(&error));
            Box::new(Diagnostic::without_place(&codes::BAD_CONFIGURATION, message))
        })
    }

    /// The profiles as the SDK has them.
    pub(super) fn into_set(self) -> ProfileSet {
        self.0
    }

    /// The region of a profile.
    pub(super) fn region(&self, profile: &str) -> Option<String> {
        self.0.get_profile(profile)?.get("region").map(str::to_owned)
    }

    /// The profile of a chain of them that is signed in to by SSO; `None` where there is none.
    pub(crate) fn signed_in_by_sso(&self, profile: &str) -> Option<&Profile> {
        let mut seen = Vec::new();
        let mut next = Some(profile);
        while let Some(profile) = next.and_then(|name| self.0.get_profile(name)) {
            // A profile may take the credentials of another, and two of them, by mistake, each other's.
            if seen.contains(&profile.name()) {
                return None;
            }
            seen.push(profile.name());
            if profile.get("sso_session").or_else(|| profile.get("sso_start_url")).is_some() {
                return Some(profile);
            }
            next = profile.get("source_profile");
        }
        None
    }

    /// A section `[sso-session NAME]`.
    pub(crate) fn sso_session(&self, name: &str) -> Option<&SsoSession> {
        self.0.sso_session(name)
    }

    /// The names of these sections, in order.
    pub(crate) fn sso_sessions(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.sso_sessions().collect();
        names.sort_unstable();
        names
    }
}

/// Where credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nowhere: an address on this machine takes any.
    Local,
    /// An AWS profile.
    Profile {
        /// Its name.
        name: String,
        /// Whether `tc login` renews it.
        is_sso: bool,
    },
    /// The environment variables, the container or the machine, for want of this profile.
    Surroundings {
        /// The profile that there is not.
        profile: String,
    },
}

/// Where the credentials of an environment come from.
///
/// A profile that exists comes before the environment variables: `-e` says which account is meant, and variables that
/// were once exported for another one must not redirect it. Without the profile, as in CI, an environment that `tc.yml`
/// names takes what the surroundings give; one that it does not name is the profile, so its absence is an error.
pub(crate) fn source(environment: &Environment, profiles: &Profiles) -> Result<Source, Box<Diagnostic>> {
    let name = environment.profile();
    if environment.needs_no_credentials() {
        return Ok(Source::Local);
    }
    if profiles.0.get_profile(name).is_some() {
        return Ok(Source::Profile { name: name.to_owned(), is_sso: profiles.signed_in_by_sso(name).is_some() });
    }
    if environment.is_named {
        return Ok(Source::Surroundings { profile: name.to_owned() });
    }
    let finding = Diagnostic::without_place(&codes::NO_PROFILE, format!("there is no AWS profile `{name}`"));
    let named = environment.others.iter().map(String::as_str);
    let mut others: Vec<&str> = profiles.0.profiles().chain(named).collect();
    others.sort_unstable();
    others.dedup();
    Err(Box::new(finding.help_opt(suggest::help(name, "there are", others)).help(format!(
        "an environment is an AWS profile, unless `tc.yml` names it: `environments: {{{name}: {{region: REGION}}}}`"
    ))))
}

impl Source {
    /// The SDK's provider of these credentials.
    pub(super) fn provider(
        &self,
        environment: &Environment,
        client: &SharedHttpClient,
        region: &Region,
    ) -> SharedCredentialsProvider {
        let config = ProviderConfig::default().with_region(Some(region.clone())).with_http_client(client.clone());
        match self {
            Self::Local => {
                // Stand-ins for AWS take an access key of 12 digits for the account.
                let account = environment.account().map_or(LOCAL_ACCOUNT, |account| &account.value);
                SharedCredentialsProvider::new(Credentials::new(account, "local", None, None, "tc"))
            }
            Self::Profile { name, .. } => SharedCredentialsProvider::new(
                ProfileFileCredentialsProvider::builder().configure(&config).profile_name(name).build(),
            ),
            // AWS's own chain without its profiles: `AWS_PROFILE` must not decide what `-e` does.
            Self::Surroundings { .. } => SharedCredentialsProvider::new(
                CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
                    .or_else("WebIdentity", WebIdentityTokenCredentialsProvider::builder().configure(&config).build())
                    .or_else("Container", EcsCredentialsProvider::builder().configure(&config).build())
                    .or_else("Machine", ImdsCredentialsProvider::builder().configure(&config).build()),
            ),
        }
    }
}
