//! What a failed request comes to, as a finding.
//!
//! AWS's own words are shown, in one line, except where they may hold a secret: what it says of a wrong signature repeats
//! the headers that were signed, the session token among them.

use crate::connection::Source;
use crate::environment::LOCAL_ENDPOINT;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use std::error::Error;
use tc_core::diagnostic::codes::account as codes;
use tc_core::diagnostic::{Code, Diagnostic};

/// How much of AWS's words is shown, in characters.
const WORDS: usize = 400;

/// Where a request went and as whom, as far as a finding says it.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    /// The environment's name.
    pub environment: String,
    /// Where the credentials come from.
    pub source: Source,
    /// The region.
    pub region: String,
    /// The address in place of AWS's.
    pub endpoint: Option<String>,
}

impl Destination {
    fn shown(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("`{endpoint}`"),
            None => format!("AWS in {}", self.region),
        }
    }

    /// How to sign in again, or for the first time.
    fn sign_in(&self) -> String {
        match &self.source {
            Source::Local => "an address on this machine takes any credentials".to_owned(),
            Source::Profile { is_sso: true, .. } => format!("run `tc login -e {}`", self.environment),
            Source::Profile { name, is_sso: false } => {
                format!("renew the credentials of the AWS profile `{name}`: `aws configure --profile {name}`")
            }
            Source::Surroundings { profile } => format!(
                "set up the AWS profile `{profile}` with `aws configure sso --profile {profile}`, \
                 or export `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`"
            ),
        }
    }

    /// What the credentials are called.
    pub(crate) fn credentials(&self) -> String {
        match &self.source {
            Source::Profile { name, .. } => format!("the AWS profile `{name}`"),
            Source::Local | Source::Surroundings { .. } => format!("the environment `{}`", self.environment),
        }
    }
}

/// What a failed request comes to. `action` is its name in a policy: `lambda:PublishLayerVersion`.
pub(crate) fn finding<E>(destination: &Destination, action: &str, error: &SdkError<E>) -> Box<Diagnostic>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(error) = in_chain::<CredentialsError>(error) {
        return Box::new(no_credentials(destination, error));
    }
    let finding = match error {
        SdkError::ServiceError(answer) => {
            let meta = answer.err().meta();
            let status = answer.raw().status().as_u16();
            let id = answer.raw().headers().get("x-amzn-requestid").or(answer.raw().headers().get("x-amz-request-id"));
            refused(destination, action, &Refusal { code: meta.code(), words: meta.message(), status, id })
        }
        SdkError::ResponseError(answer) => {
            let status = answer.raw().status().as_u16();
            let words = innermost(error);
            refused(destination, action, &Refusal { code: None, words: Some(&words), status, id: None })
        }
        SdkError::ConstructionFailure(_) => {
            let message = format!("`{action}` cannot be asked for: {}", innermost(error));
            Diagnostic::without_place(&codes::REFUSED, message)
        }
        _ => unreachable(destination, &innermost(error)),
    };
    Box::new(finding)
}

/// An answer that is an error.
struct Refusal<'a> {
    /// Its name; absent where the answer had no body.
    code: Option<&'a str>,
    /// AWS's words.
    words: Option<&'a str>,
    /// The HTTP status.
    status: u16,
    /// The request's id.
    id: Option<&'a str>,
}

fn refused(destination: &Destination, action: &str, refusal: &Refusal<'_>) -> Diagnostic {
    let at = |code: &'static Code, message: String| Diagnostic::without_place(code, message);
    let words = refusal.words.map(one_line);
    let credentials = destination.credentials();
    match (refusal.code.unwrap_or_default(), refusal.status) {
        // "Common Errors" of each service; the names differ with the protocol.
        ("ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired", _) => {
            at(&codes::SIGNED_OUT, format!("the session of {credentials} has expired")).help(destination.sign_in())
        }
        (
            "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "InvalidAccessKeyId"
            | "AuthFailure"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "IncompleteSignature"
            | "IncompleteSignatureException"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "InvalidToken"
            | "RequestTimeTooSkewed",
            _,
        ) => {
            let message = format!("AWS does not accept the credentials of {credentials}");
            let clock =
                (refusal.code == Some("RequestTimeTooSkewed")).then(|| "set the clock of this machine".to_owned());
            at(&codes::BAD_CREDENTIALS, message).help(clock.unwrap_or_else(|| destination.sign_in()))
        }
        ("AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "Forbidden", _) | ("", 401 | 403) => {
            let denied = refusal.words.and_then(denied_action).unwrap_or(action);
            let message = format!("{credentials} may not do `{denied}`");
            let finding = at(&codes::ACCESS_DENIED, message);
            let known = words.filter(|words| words.len() > "Access Denied".len());
            finding.help_opt(known.map(|words| format!("AWS says: {words}")))
        }
        (
            "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "SlowDown"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException",
            _,
        )
        | ("", 429) => {
            let message = format!("AWS takes no more requests for `{action}` at the moment");
            at(&codes::THROTTLED, message).help("run the same command again in a while; it goes on where it was")
        }
        (code, status) => {
            let name = if code.is_empty() { format!("HTTP status {status}") } else { format!("`{code}`") };
            let words = words.map_or_else(String::new, |words| format!(": {words}"));
            at(&codes::REFUSED, format!("`{action}` failed with {name}{words}"))
                .help_opt(refusal.id.map(|id| format!("the request was {id}")))
        }
    }
}

/// What it comes to that there are no credentials.
pub(crate) fn no_credentials(destination: &Destination, error: &CredentialsError) -> Diagnostic {
    let credentials = destination.credentials();
    let is_sso = matches!(&destination.source, Source::Profile { is_sso: true, .. });
    // The sign-in service was asked and did not answer.
    if in_chain::<aws_sdk_s3::error::ConnectorError>(error).is_some() {
        return unreachable(destination, &innermost(error));
    }
    match error {
        CredentialsError::ProviderTimedOut(_) => unreachable(destination, "the credentials were too long in coming"),
        _ if is_sso => {
            let message = format!("the sign-in of {credentials} has expired, or was never begun");
            Diagnostic::without_place(&codes::SIGNED_OUT, message).help(destination.sign_in())
        }
        // A profile that names no reason has nothing that could give credentials.
        CredentialsError::CredentialsNotLoaded(_)
            if error.source().is_none() || matches!(destination.source, Source::Surroundings { .. }) =>
        {
            let message = format!("{credentials} has no credentials");
            Diagnostic::without_place(&codes::NO_CREDENTIALS, message).help(destination.sign_in())
        }
        _ => {
            let message = format!("{credentials} gives no credentials: {}", one_line(&innermost(error)));
            Diagnostic::without_place(&codes::BAD_CONFIGURATION, message)
        }
    }
}

fn unreachable(destination: &Destination, reason: &str) -> Diagnostic {
    let message = format!("{} cannot be reached: {}", destination.shown(), one_line(reason));
    let help = match destination.endpoint.as_deref() {
        Some(LOCAL_ENDPOINT) => "start the local AWS: `tc local start`".to_owned(),
        Some(_) => "start what should answer there, or correct `endpoint` in `tc.yml`".to_owned(),
        None => format!("check the network, `HTTPS_PROXY`, and that `{}` is a region", destination.region),
    };
    Diagnostic::without_place(&codes::UNREACHABLE, message).help(help)
}

/// The first error of a kind in the chain of causes.
fn in_chain<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The last cause in words: the ones before say that something failed, it says what.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    match last.downcast_ref::<std::io::Error>() {
        Some(error) => tc_core::world::WorldError::from(error).to_string(),
        None => last.to_string(),
    }
}

/// The action that AWS names where it denies one: `... is not authorized to perform: ACTION on resource: ...`.
fn denied_action(words: &str) -> Option<&str> {
    let (_, rest) = words.split_once("to perform: ")?;
    rest.split_whitespace().next().filter(|action| action.contains(':'))
}

/// AWS's words as one line of a bearable length, without what only AWS can read.
pub(crate) fn one_line(words: &str) -> String {
    let words = words.split("Encoded authorization failure message").next().unwrap_or_default();
    let words: Vec<&str> = words.split_whitespace().collect();
    let words = words.join(" ");
    let plain: String = words.chars().filter(|character| !character.is_control()).collect();
    match plain.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}...", plain.get(..end).unwrap_or_default()),
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_denied_action_is_taken_from_awss_words() {
        let words = "User: arn:aws:iam::1:user/x is not authorized to perform: s3:PutObject on resource: y because";
        assert_eq!(denied_action(words), Some("s3:PutObject"));
        assert_eq!(denied_action("Access Denied"), None);
    }

    #[test]
    fn words_are_one_short_line() {
        assert_eq!(one_line("a\n  b\u{1b}c. Encoded authorization failure message: XXX"), "a bc.");
        assert_eq!(one_line(&"é".repeat(WORDS + 1)).chars().count(), WORDS + 3);
    }
}
