//! What is handed to what is started.

use crate::os_error;
use serde::de::IgnoredAny;
use std::fs;
use std::io;
use std::path::Path;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::run as codes;
use tc_deploy::run::payload::Address;

/// What is handed over where nothing is given.
const EMPTY: &str = "{}";

/// Where a payload is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Here, checked.
    Text(String),
    /// In a bucket.
    Object(Address),
}

impl Payload {
    /// What `--payload` says: a file, `-` for standard input, an object of a bucket, or JSON.
    ///
    /// # Errors
    /// When it cannot be read or is no JSON.
    pub fn read(given: Option<&str>) -> Result<Self, Box<Diagnostic>> {
        let (text, name) = match given {
            None => return Ok(Self::Text(EMPTY.to_owned())),
            Some(address) if address.starts_with("s3://") => return Address::read(address).map(Self::Object),
            Some("-") => (io::read_to_string(io::stdin()), "standard input".to_owned()),
            Some(file) if Path::new(file).exists() => (fs::read_to_string(file), format!("`{file}`")),
            Some(text) if looks_like_json(text) => (Ok(text.to_owned()), "`--payload`".to_owned()),
            Some(file) => (fs::read_to_string(file), format!("`{file}`")),
        };
        let text = text.map_err(|error| {
            let message = format!("the payload {name} cannot be read: {}", os_error::words(&error));
            let finding = Diagnostic::without_place(&codes::BAD_PAYLOAD, message);
            finding.help("write a file, JSON, `-` for standard input, or `s3://BUCKET/KEY`")
        })?;
        check(&text, &name)?;
        Ok(Self::Text(text))
    }
}

/// Checks that a text is JSON. `name` is where it is from.
///
/// # Errors
/// When it is not.
pub fn check(text: &str, name: &str) -> Result<(), Box<Diagnostic>> {
    serde_json::from_str::<IgnoredAny>(text).map(drop).map_err(|error| {
        let finding = Diagnostic::without_place(&codes::BAD_PAYLOAD, format!("{name} is no JSON: {error}"));
        Box::new(finding.help("nothing was started"))
    })
}

/// Whether a text is meant to be JSON rather than the name of a file.
fn looks_like_json(text: &str) -> bool {
    let is_value = serde_json::from_str::<IgnoredAny>(text).is_ok();
    is_value || text.trim_start().starts_with(['{', '[', '"'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_json_or_it_is_told() {
        assert_eq!(Payload::read(None), Ok(Payload::Text("{}".to_owned())));
        assert_eq!(Payload::read(Some("[1.0]")), Ok(Payload::Text("[1.0]".to_owned())));
        assert!(matches!(Payload::read(Some("s3://b/k/l")), Ok(Payload::Object(at)) if at.to_string() == "s3://b/k/l"));
        let said = |given: &str| Payload::read(Some(given)).unwrap_err().message;
        assert_eq!(said("{\"a\": }"), "`--payload` is no JSON: expected value at line 1 column 7");
        assert_eq!(said("s3://b"), "`s3://b` names no object");
        assert_eq!(said("gone.json"), "the payload `gone.json` cannot be read: no such file or directory");
    }

    #[test]
    fn a_file_comes_before_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("payload.json");
        fs::write(&file, "{\"a\": 1}\n").unwrap();
        let read = || Payload::read(file.to_str());
        assert_eq!(read(), Ok(Payload::Text("{\"a\": 1}\n".to_owned())));
        fs::write(&file, "a: 1\n").unwrap();
        assert!(read().unwrap_err().message.ends_with("payload.json` is no JSON: expected value at line 1 column 1"));
    }
}
