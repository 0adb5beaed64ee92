//! The templates of a change set, in the artifact bucket under their digests.

use crate::bucket;
use crate::connection::Connection;
use crate::upload::{self, File, Object};
use futures_util::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use std::io::Write;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account;
use tc_core::digest::hexadecimal;
use tc_core::world::WorldError;

/// The extension of templates in the artifact bucket.
const EXTENSION: &str = "json";

/// How many are under way at once.
const AT_ONCE: usize = 4;

/// A template as a file to upload.
pub(crate) struct Body {
    file: File,
    _kept: tempfile::NamedTempFile,
}

impl Body {
    pub(crate) fn write(template: &str) -> Result<Self, Box<Diagnostic>> {
        let failed = |error: std::io::Error| {
            let message = format!("the template cannot be written: {}", WorldError::from(&error));
            Box::new(Diagnostic::without_place(&account::UPLOAD_FAILED, message))
        };
        let mut kept = tempfile::NamedTempFile::new().map_err(failed)?;
        kept.write_all(template.as_bytes()).map_err(failed)?;
        Ok(Self { file: File { path: kept.path().to_owned(), sha256: sha256(template) }, _kept: kept })
    }

    /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub(super) fn sha256(&self) -> &str {
        &self.file.sha256
    }
}

/// The SHA-256 of a template's bytes, 64 lower-case hexadecimal digits.
pub(super) fn sha256(template: &str) -> String {
    hexadecimal(Sha256::digest(template))
}

/// Puts templates where CloudFormation finds them: nested ones, and the root's, which names them and comes last.
pub(super) async fn upload(connection: &Connection, nested: &[Body], root: &Body) -> Result<Object, Box<Diagnostic>> {
    let bucket = &bucket::get(connection).await?;
    let uploads: Vec<_> =
        nested.iter().map(|body| upload::put(connection, bucket, &body.file, EXTENSION, &|_| {})).collect();
    let _nested: Vec<Object> = stream::iter(uploads).buffered(AT_ONCE).try_collect().await?;
    upload::put(connection, bucket, &root.file, EXTENSION, &|_| {}).await
}

/// Puts a template where CloudFormation finds it.
pub(crate) async fn put(connection: &Connection, body: &Body) -> Result<Object, Box<Diagnostic>> {
    let bucket = &bucket::get(connection).await?;
    upload::put(connection, bucket, &body.file, EXTENSION, &|_| {}).await
}
