//! What was deployed last to each sandbox: its manifest, in the artifact bucket.
//!
//! A template says neither the topology's version, which must not change a resource, nor where an import's value is from.
//! The bucket is versioned, so what was deployed before is kept for a while too.

use crate::bucket::{self, Bucket};
use crate::connection::Connection;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;

/// How many manifests are read at once.
const AT_ONCE: usize = 8;

/// Where the manifest of a stack is.
fn key(stack: &str) -> String {
    format!("deployments/{stack}.json")
}

/// Keeps the manifest of what a stack was made or changed to.
///
/// # Errors
/// When there is no bucket, or S3 refuses.
pub fn record(connection: &Connection, stack: &str, manifest: String) -> Result<(), Box<Diagnostic>> {
    connection.block_on(async {
        let Bucket { name, owner } = bucket::get(connection).await?;
        let request = connection.s3.put_object().bucket(name).key(key(stack)).expected_bucket_owner(owner);
        let put = request.content_type("application/json").body(ByteStream::from(manifest.into_bytes())).send().await;
        put.map(drop).map_err(|error| connection.finding("s3:PutObject", &error))
    })
}

/// The manifests of stacks, in their order. One that was never kept, or that may not be read, is `None`.
///
/// # Errors
/// When S3 does not answer, or what it holds is no text.
pub fn manifests(connection: &Connection, stacks: &[&str]) -> Result<Vec<Option<String>>, Box<Diagnostic>> {
    connection.block_on(async {
        let manifests = stacks.iter().map(|stack| manifest(connection, stack));
        stream::iter(manifests).buffered(AT_ONCE).try_collect().await
    })
}

async fn manifest(connection: &Connection, stack: &str) -> Result<Option<String>, Box<Diagnostic>> {
    let Bucket { name, owner } = Bucket::of(connection);
    let request = connection.s3.get_object().bucket(&name).key(key(stack)).expected_bucket_owner(owner);
    let answer = match request.send().await {
        Ok(answer) => answer,
        // Without the right to list a bucket, what is not there is denied.
        Err(SdkError::ServiceError(error)) if matches!(error.raw().status().as_u16(), 403 | 404) => return Ok(None),
        Err(error) => return Err(connection.finding("s3:GetObject", &error)),
    };
    let unreadable = |why: String| {
        let message = format!("`s3://{name}/{}` cannot be read: {why}", key(stack));
        Box::new(Diagnostic::without_place(&codes::REFUSED, message))
    };
    let bytes = answer.body.collect().await.map_err(|error| unreadable(crate::failure::innermost(&error)))?;
    String::from_utf8(bytes.to_vec()).map(Some).map_err(|_| unreadable("it is no text".to_owned()))
}

/// Forgets what was deployed to a stack that is no more.
///
/// # Errors
/// When S3 refuses.
pub fn forget(connection: &Connection, stack: &str) -> Result<(), Box<Diagnostic>> {
    let Bucket { name, owner } = Bucket::of(connection);
    let request = connection.s3.delete_object().bucket(name).key(key(stack)).expected_bucket_owner(owner);
    match connection.block_on(request.send()) {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some("NoSuchBucket") => Ok(()),
        Err(error) => Err(connection.finding("s3:DeleteObject", &error)),
    }
}
