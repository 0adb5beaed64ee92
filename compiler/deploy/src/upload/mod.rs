//! A file to the artifact bucket under its digest: skipped where it is there, in parts where it is large.

mod digest;
mod multipart;

use crate::bucket::Bucket;
use crate::connection::Connection;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use digest::Digests;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::io;
use std::path::PathBuf;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;
use tc_core::world::WorldError;

/// Files up to this size, in bytes, go up in one request; a request that fails begins anew.
const SINGLE: u64 = 16 << 20;

/// How many files are under way at once.
const AT_ONCE: usize = 8;

/// A file and what it must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// An object of the artifact bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The version, so that what is meant stays the same whatever is put there later.
    pub version: Option<String>,
    /// Whether it was there before.
    pub was_there: bool,
}

/// Is told how many further bytes of a file are in the bucket.
pub type Progress<'a> = &'a (dyn Fn(u64) + Sync);

/// Puts a file into the environment's artifact bucket under `SHA256` and the extension, unless it is there.
///
/// # Errors
/// When the file cannot be read or is not what its digest says; when there is no bucket, or S3 refuses.
pub fn upload(
    connection: &Connection,
    file: &File,
    extension: &str,
    progress: Progress<'_>,
) -> Result<Object, Box<Diagnostic>> {
    connection.block_on(async {
        let bucket = crate::bucket::get(connection).await?;
        put(connection, &bucket, file, extension, progress).await
    })
}

/// As [`upload`], of several files side by side; the objects are in the order of the files.
///
/// # Errors
/// As [`upload`], of the first that fails; what is in the bucket by then stays.
pub fn upload_all(connection: &Connection, files: &[File], extension: &str) -> Result<Vec<Object>, Box<Diagnostic>> {
    connection.block_on(async {
        let bucket = &crate::bucket::get(connection).await?;
        let uploads = files.iter().map(|file| put(connection, bucket, file, extension, &|_| {}));
        stream::iter(uploads).buffered(AT_ONCE).try_collect().await
    })
}

pub(crate) async fn put(
    connection: &Connection,
    bucket: &Bucket,
    file: &File,
    extension: &str,
    progress: Progress<'_>,
) -> Result<Object, Box<Diagnostic>> {
    put_at(connection, bucket, file, format!("{}.{extension}", file.sha256), progress).await
}

/// As [`put`], under any key that ends in something made of the digest.
pub(crate) async fn put_at(
    connection: &Connection,
    bucket: &Bucket,
    file: &File,
    key: String,
    progress: Progress<'_>,
) -> Result<Object, Box<Diagnostic>> {
    let target = Target { connection, bucket, key };
    let size = tokio::task::spawn_blocking({
        let path = file.path.clone();
        move || std::fs::metadata(path)
    });
    let size = joined(size.await).map_err(|error| unreadable(file, &error))?.len();
    if let Some(object) = target.find(size).await? {
        progress(size);
        return Ok(object);
    }
    let digests = Digests::read(file).await?;
    if digests.size <= SINGLE {
        target.put_single(file, &digests, progress).await
    } else {
        multipart::put(&target, file, &digests, progress).await
    }
}

/// Whether an object of this key and size, in bytes, is in the bucket.
pub(crate) async fn is_there(
    connection: &Connection,
    bucket: &Bucket,
    key: String,
    size: u64,
) -> Result<bool, Box<Diagnostic>> {
    let target = Target { connection, bucket, key };
    Ok(target.find(size).await?.is_some())
}

/// Where a file goes.
struct Target<'a> {
    connection: &'a Connection,
    bucket: &'a Bucket,
    key: String,
}

impl Target<'_> {
    fn object(&self, version: Option<&str>, was_there: bool) -> Object {
        let version = version.filter(|version| *version != "null").map(str::to_owned);
        Object { bucket: self.bucket.name.clone(), key: self.key.clone(), version, was_there }
    }

    /// The object, where it is there and whole. S3 has checked what it holds when it was put there: by its own SHA-256,
    /// or by that of each part.
    async fn find(&self, size: u64) -> Result<Option<Object>, Box<Diagnostic>> {
        let request = self.connection.s3.head_object().bucket(&self.bucket.name).key(&self.key);
        match request.expected_bucket_owner(&self.bucket.owner).send().await {
            Ok(head) => {
                let is_whole = head.content_length().and_then(|length| u64::try_from(length).ok()) == Some(size);
                Ok(is_whole.then(|| self.object(head.version_id(), true)))
            }
            Err(SdkError::ServiceError(error)) if error.raw().status().as_u16() == 404 => Ok(None),
            Err(error) => Err(self.connection.finding("s3:GetObject", &error)),
        }
    }

    async fn put_single(
        &self,
        file: &File,
        digests: &Digests,
        progress: Progress<'_>,
    ) -> Result<Object, Box<Diagnostic>> {
        let body = ByteStream::read_from().path(&file.path).build().await;
        let request = self
            .connection
            .s3
            .put_object()
            .bucket(&self.bucket.name)
            .key(&self.key)
            .expected_bucket_owner(&self.bucket.owner)
            // S3 refuses what does not have this digest, so the key says what is in the object.
            .checksum_sha256(digest::base64(&digests.whole))
            .body(body.map_err(|error| unreadable(file, &io::Error::other(error)))?);
        let put = request.send().await.map_err(|error| self.refused(file, "s3:PutObject", error))?;
        progress(digests.size);
        Ok(self.object(put.version_id(), false))
    }

    /// What a refused upload comes to: that S3 got other bytes than were announced means that the file has changed.
    fn refused<E>(&self, file: &File, action: &str, error: SdkError<E>) -> Box<Diagnostic>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match error.code() {
            Some("BadDigest" | "XAmzContentChecksumMismatch" | "XAmzContentSHA256Mismatch") => changed(file),
            _ => self.connection.finding(action, &error),
        }
    }
}

/// What a task comes to; one that ended by a panic comes to an error.
fn joined<T>(outcome: Result<io::Result<T>, tokio::task::JoinError>) -> io::Result<T> {
    outcome.unwrap_or_else(|error| Err(io::Error::other(error)))
}

pub(crate) fn unreadable(file: &File, error: &io::Error) -> Box<Diagnostic> {
    let message = format!("`{}` cannot be read: {}", file.path.display(), WorldError::from(error));
    Box::new(Diagnostic::without_place(&codes::UPLOAD_FAILED, message))
}

pub(crate) fn changed(file: &File) -> Box<Diagnostic> {
    let message = format!("`{}` is not what it was when it was built", file.path.display());
    Box::new(Diagnostic::without_place(&codes::UPLOAD_FAILED, message).help("build it again"))
}
