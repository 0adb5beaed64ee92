//! What the AWS configuration says of the sign-in behind a profile.
//!
//! It stands in a section of its own that profiles share, `[sso-session NAME]`, or, as it was before, in the profile itself
//! ("SSO token provider configuration" and "legacy, non-refreshable configuration" in the AWS SDKs reference guide).

use crate::connection::Profiles;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;
use tc_core::suggest;

/// The right that the sign-in is for where the session names none: to take on the roles of accounts.
const SCOPE: &str = "sso:account:access";

/// A sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    /// What its token is kept by: the session's name, else its address.
    pub key: String,
    /// The address of the access portal.
    pub start_url: String,
    /// The region that it is in.
    pub region: String,
    /// The rights that it is for; `None` of a sign-in that stands in a profile, whose token is not renewed.
    pub scopes: Option<Vec<String>>,
}

impl Session {
    /// The sign-in behind a profile, which has one.
    ///
    /// # Errors
    /// When the session is not configured, or not completely.
    pub(super) fn of_profile(profiles: &Profiles, name: &str) -> Result<Self, Box<Diagnostic>> {
        let missing = |what: &str, place: &str| {
            let message = format!("the AWS profile `{name}` cannot be signed in to: {what} is missing in `[{place}]`");
            let finding = Diagnostic::without_place(&codes::BAD_CONFIGURATION, message);
            Box::new(finding.help(format!("run `aws configure sso --profile {name}`")))
        };
        let Some(profile) = profiles.signed_in_by_sso(name) else {
            return Err(missing("`sso_session`", &format!("profile {name}")));
        };
        let place = format!("profile {}", profile.name());
        let Some(key) = profile.get("sso_session") else {
            let get = |what: &str| profile.get(what).ok_or_else(|| missing(&format!("`{what}`"), &place));
            let start_url = get("sso_start_url")?.to_owned();
            return Ok(Self { key: start_url.clone(), start_url, region: get("sso_region")?.to_owned(), scopes: None });
        };
        let Some(session) = profiles.sso_session(key) else {
            let message = format!("the AWS profile `{name}` signs in by `[sso-session {key}]`, which there is not");
            let finding = Diagnostic::without_place(&codes::BAD_CONFIGURATION, message);
            let others: Vec<&str> = profiles.sso_sessions();
            return Err(Box::new(finding.help_opt(suggest::help(key, "there are", others))));
        };
        let place = format!("sso-session {key}");
        let get = |what: &str| session.get(what).ok_or_else(|| missing(&format!("`{what}`"), &place));
        let scopes = session.get("sso_registration_scopes").unwrap_or(SCOPE);
        let scopes = scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned);
        Ok(Self {
            key: key.to_owned(),
            start_url: get("sso_start_url")?.to_owned(),
            region: get("sso_region")?.to_owned(),
            scopes: Some(scopes.collect()),
        })
    }
}
