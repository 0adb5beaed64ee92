//! A payload that is an object of a bucket.

use crate::connection::Connection;
use aws_sdk_s3::error::ProvideErrorMetadata;
use std::fmt;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::run as codes;

/// An object in S3: `s3://BUCKET/KEY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    bucket: String,
    key: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// When it names no bucket or no key.
    pub fn read(text: &str) -> Result<Self, Box<Diagnostic>> {
        let (bucket, key) = text.strip_prefix("s3://").and_then(|rest| rest.split_once('/')).unwrap_or_default();
        if bucket.is_empty() || key.is_empty() {
            let finding = Diagnostic::without_place(&codes::BAD_PAYLOAD, format!("`{text}` names no object"));
            return Err(Box::new(finding.help("write its bucket and key: `s3://BUCKET/KEY`; nothing was started")));
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// What the object holds.
    ///
    /// # Errors
    /// When it is not there, cannot be read or is not UTF-8.
    pub fn fetch(&self, connection: &Connection) -> Result<String, Box<Diagnostic>> {
        let bad = |message: String| {
            Box::new(Diagnostic::without_place(&codes::BAD_PAYLOAD, message).help("nothing was started"))
        };
        connection.block_on(async {
            let answer = connection.s3.get_object().bucket(&self.bucket).key(&self.key).send().await;
            let answer = answer.map_err(|error| match error.code() {
                Some("NoSuchKey") => bad(format!("there is no object `{self}`")),
                Some("NoSuchBucket") => bad(format!("there is no bucket `{}`", self.bucket)),
                _ => connection.finding("s3:GetObject", &error),
            })?;
            let bytes = answer.body.collect().await;
            let bytes = bytes.map_err(|error| {
                let reason = crate::failure::one_line(&crate::failure::innermost(&error));
                bad(format!("`{self}` cannot be read: {reason}"))
            })?;
            String::from_utf8(bytes.to_vec()).map_err(|_| bad(format!("`{self}` is no JSON: it is not UTF-8")))
        })
    }
}
