//! The token of a sign-in, as AWS's CLI and SDKs keep it: `~/.aws/sso/cache/SHA1.json`, of the SHA-1 of the session's name
//! or, without a name, of its address.

use super::session::Session;
use aws_sdk_ssooidc::operation::create_token::CreateTokenOutput;
use aws_sdk_ssooidc::operation::register_client::RegisterClientOutput;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::Serialize;
use sha1::{Digest, Sha1};
use std::fs::DirBuilder;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::time::SystemTime;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;
use tc_core::digest::hexadecimal;
use tc_core::world::WorldError;

/// Whose only reader is its owner.
const DIRECTORY_MODE: u32 = 0o700;

/// What is kept. Not for `Debug`: all of it but the times and the address is secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Token<'a> {
    start_url: &'a str,
    region: &'a str,
    access_token: &'a str,
    expires_at: &'a str,
    client_id: Option<&'a str>,
    client_secret: Option<&'a str>,
    registration_expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

/// Keeps a token. Until when it is good, in UTC.
///
/// # Errors
/// When it cannot be written; then the one before is there still.
pub(super) fn keep(
    session: &Session,
    registration: &RegisterClientOutput,
    token: &CreateTokenOutput,
) -> Result<String, Box<Diagnostic>> {
    let expires_at = shown(now().saturating_add(token.expires_in().into()));
    let kept = Token {
        start_url: &session.start_url,
        region: &session.region,
        access_token: token.access_token().unwrap_or_default(),
        expires_at: &expires_at,
        client_id: registration.client_id(),
        client_secret: registration.client_secret(),
        registration_expires_at: shown(registration.client_secret_expires_at()),
        refresh_token: token.refresh_token(),
    };
    let text = serde_json::to_string(&kept).unwrap_or_default();
    write(&file_name(&session.key), &text).map_err(|error| {
        let reason = WorldError::from(&error);
        let message = format!("the sign-in cannot be kept in `~/.aws/sso/cache`: {reason}");
        Box::new(Diagnostic::without_place(&codes::BAD_CONFIGURATION, message))
    })?;
    Ok(expires_at)
}

fn file_name(key: &str) -> String {
    let digest = Sha1::digest(key.as_bytes());
    hexadecimal(digest) + ".json"
}

/// Writes a file that its owner alone can read, whole or not at all.
fn write(name: &str, text: &str) -> io::Result<()> {
    let home = std::env::home_dir().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let directory: PathBuf = home.join(".aws/sso/cache");
    DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(&directory)?;
    // Such a file has the mode 0600 from its beginning.
    let mut file = tempfile::NamedTempFile::new_in(&directory)?;
    file.write_all(text.as_bytes())?;
    file.persist(directory.join(name)).map(drop).map_err(|error| error.error)
}

/// A time in UTC, from seconds since the beginning of 1970.
fn shown(seconds: i64) -> String {
    DateTime::from_secs(seconds).fmt(Format::DateTime).unwrap_or_default()
}

/// Now, in seconds since the beginning of 1970.
#[allow(
    clippy::disallowed_methods,
    reason = "until when a token is good is counted from now; nothing is compiled from it"
)]
fn now() -> i64 {
    DateTime::from(SystemTime::now()).secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_named_by_the_digest_of_the_session() {
        assert_eq!(file_name("company"), "71b21161ffa1e6516bcc072aaf5ef38cbe85b511.json");
    }

    #[test]
    fn times_are_those_that_sdks_read() {
        assert_eq!(shown(1_705_348_623), "2024-01-15T19:57:03Z");
    }
}
