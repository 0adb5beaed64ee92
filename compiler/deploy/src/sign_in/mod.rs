//! Signing in by AWS IAM Identity Center ("SSO"), as `aws sso login --use-device-code` does: a code is shown, the user
//! confirms it in a browser on any machine, and the token that comes then is put where AWS's CLI and SDKs look for it.
//!
//! The exchange is the device authorization grant of RFC 8628, in the operations of the service SSO OIDC.
//!
//! ```text
//! session  what the AWS configuration says of the sign-in behind a profile
//! token    the token, as it is kept
//! ```

mod session;
mod token;

use crate::connection::{self, Profiles, Source};
use crate::environment::Environment;
use crate::failure::{self, Destination};
use aws_config::{BehaviorVersion, Region};
use aws_sdk_ssooidc::Client;
use aws_sdk_ssooidc::error::SdkError;
use aws_sdk_ssooidc::operation::create_token::{CreateTokenError, CreateTokenOutput};
use aws_sdk_ssooidc::operation::register_client::RegisterClientOutput;
use aws_sdk_ssooidc::operation::start_device_authorization::StartDeviceAuthorizationOutput;
use session::Session;
use std::fmt;
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;
use tokio::runtime::Runtime;
use tokio::time::sleep;

/// What the client is called where the user confirms the code.
const CLIENT: &str = "tc";

/// "The grant type" of RFC 8628, section 3.4.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The pause between two questions where the service names none, and what each answer `slow_down` adds to it, in seconds
/// (RFC 8628, sections 3.2 and 3.5).
const PAUSE: u64 = 5;

/// A sign-in that waits for the user.
pub struct SignIn {
    client: Client,
    destination: Destination,
    session: Session,
    registration: RegisterClientOutput,
    device: StartDeviceAuthorizationOutput,
    runtime: Runtime,
}

impl fmt::Debug for SignIn {
    /// Without the device's code and the client's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("destination", &self.destination).finish_non_exhaustive()
    }
}

impl SignIn {
    /// Begins the sign-in of an environment's profile; `None` where it is not signed in to by SSO.
    ///
    /// # Errors
    /// No such profile; a profile that is not complete; the service cannot be reached, or refuses.
    pub fn begin(environment: &Environment) -> Result<Option<Self>, Box<Diagnostic>> {
        let runtime = connection::runtime()?;
        let profiles = runtime.block_on(Profiles::load())?;
        let source = connection::source(environment, &profiles)?;
        let Source::Profile { name, is_sso: true } = &source else { return Ok(None) };
        let session = Session::of_profile(&profiles, name)?;
        let destination = Destination {
            environment: environment.name.clone(),
            source: source.clone(),
            region: session.region.clone(),
            endpoint: None,
        };
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .no_credentials()
            .http_client(connection::client(false))
            .region(Region::new(session.region.clone()))
            .profile_name(name);
        let client = Client::new(&runtime.block_on(config.load()));
        let (registration, device) = runtime.block_on(authorize(&client, &destination, &session))?;
        Ok(Some(Self { client, destination, session, registration, device, runtime }))
    }

    /// The address where the user confirms the code, which is in it.
    pub fn address(&self) -> &str {
        self.device.verification_uri_complete().or(self.device.verification_uri()).unwrap_or_default()
    }

    /// The code: `ABCD-EFGH`.
    pub fn code(&self) -> &str {
        self.device.user_code().unwrap_or_default()
    }

    /// Waits until the user has confirmed the code, and keeps the token. Until when it is good, in UTC:
    /// `2024-01-15T19:57:03Z`.
    ///
    /// # Errors
    /// When the user denies it, or does not confirm it in time; when the token cannot be kept.
    pub fn finish(self) -> Result<String, Box<Diagnostic>> {
        let token = self.runtime.block_on(self.wait())?;
        token::keep(&self.session, &self.registration, &token)
    }

    async fn wait(&self) -> Result<CreateTokenOutput, Box<Diagnostic>> {
        let mut pause = u64::try_from(self.device.interval()).ok().filter(|pause| *pause > 0).unwrap_or(PAUSE);
        loop {
            let request = self.client.create_token().grant_type(GRANT);
            let request = request.set_device_code(self.device.device_code.clone());
            let request = request.set_client_id(self.registration.client_id.clone());
            let answer = request.set_client_secret(self.registration.client_secret.clone()).send().await;
            let error = match answer {
                Ok(token) => return Ok(token),
                Err(error) => error,
            };
            match Standing::of(&error) {
                Standing::Waiting => {}
                Standing::TooFast => pause += PAUSE,
                Standing::Ended(why) => {
                    let message = format!("the sign-in to `{}` came to nothing: {why}", self.destination.environment);
                    let finding = Diagnostic::without_place(&codes::SIGNED_OUT, message);
                    let help = format!("begin anew: `tc login -e {}`", self.destination.environment);
                    return Err(Box::new(finding.help(help)));
                }
                Standing::Failed => {
                    return Err(failure::finding(&self.destination, "sso-oidc:CreateToken", &error));
                }
            }
            sleep(Duration::from_secs(pause)).await;
        }
    }
}

/// Registers this program, as each sign-in does, and asks for a code.
async fn authorize(
    client: &Client,
    destination: &Destination,
    session: &Session,
) -> Result<(RegisterClientOutput, StartDeviceAuthorizationOutput), Box<Diagnostic>> {
    let request = client.register_client().client_name(CLIENT).client_type("public");
    let registration = request.set_scopes(session.scopes.clone()).send().await;
    let registration =
        registration.map_err(|error| failure::finding(destination, "sso-oidc:RegisterClient", &error))?;
    let request = client.start_device_authorization().start_url(&session.start_url);
    let request = request.set_client_id(registration.client_id.clone());
    let device = request.set_client_secret(registration.client_secret.clone()).send().await;
    let device = device.map_err(|error| failure::finding(destination, "sso-oidc:StartDeviceAuthorization", &error))?;
    Ok((registration, device))
}

/// What an answer without a token means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The user has not confirmed the code yet.
    Waiting,
    /// The same, and it is asked too often.
    TooFast,
    /// There will be no token.
    Ended(&'static str),
    /// The service does not do what it should.
    Failed,
}

impl Standing {
    fn of(error: &SdkError<CreateTokenError>) -> Self {
        match error {
            SdkError::ServiceError(answer) => match answer.err() {
                CreateTokenError::AuthorizationPendingException(_) => Self::Waiting,
                CreateTokenError::SlowDownException(_) => Self::TooFast,
                CreateTokenError::AccessDeniedException(_) => Self::Ended("it was denied"),
                CreateTokenError::ExpiredTokenException(_) => Self::Ended("the code was not confirmed in time"),
                _ => Self::Failed,
            },
            _ => Self::Failed,
        }
    }
}
