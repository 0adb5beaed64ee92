//! A large file in parts. What an earlier run has brought into the bucket is used: S3 keeps the parts of an upload that
//! was not finished, with the SHA-256 of each, until the bucket's lifecycle removes them.

use super::digest::{Digests, Sum, base64};
use super::{File, Object, Progress, Target, unreadable};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart, MultipartUpload};
use aws_smithy_types::byte_stream::Length;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;
use std::io;
use tc_core::diagnostic::Diagnostic;

/// How many parts are under way at once.
const AT_ONCE: usize = 4;

/// The name that S3 gives to an upload that was finished or aborted.
const GONE: &str = "NoSuchUpload";

/// Puts a file in parts.
pub(super) async fn put(
    target: &Target<'_>,
    file: &File,
    digests: &Digests,
    progress: Progress<'_>,
) -> Result<Object, Box<Diagnostic>> {
    let (upload, there) = match find(target).await? {
        Some(found) => found,
        None => (begin(target).await?, BTreeMap::new()),
    };
    let upload = Upload { target, file, digests, id: upload };
    let parts = stream::iter(1..).zip(stream::iter(&digests.parts)).map(|(number, sum)| {
        let there = there.get(&number).filter(|part| part.checksum_sha256.as_deref() == Some(&base64(sum)));
        let upload = &upload;
        async move {
            let part = match there {
                Some(part) => part.clone(),
                None => upload.part(number, sum).await?,
            };
            progress(upload.length(number));
            Ok::<_, Box<Diagnostic>>(part)
        }
    });
    let parts = parts.buffered(AT_ONCE).try_collect().await?;
    upload.complete(parts).await
}

/// A part that is in the bucket, by its number.
type Parts = BTreeMap<i32, CompletedPart>;

/// The newest unfinished upload of the target, and its parts.
async fn find(target: &Target<'_>) -> Result<Option<(String, Parts)>, Box<Diagnostic>> {
    let connection = target.connection;
    let request = connection.s3.list_multipart_uploads().bucket(&target.bucket.name).prefix(&target.key);
    // The key is a digest, so one page has all that were ever begun.
    let uploads = request.expected_bucket_owner(&target.bucket.owner).send().await;
    let uploads = uploads.map_err(|error| connection.finding("s3:ListBucketMultipartUploads", &error))?;
    let same = uploads.uploads().iter().filter(|upload| upload.key() == Some(&target.key));
    let newest = same.max_by_key(|upload| upload.initiated().map(|time| (time.secs(), time.subsec_nanos())));
    let Some(id) = newest.and_then(MultipartUpload::upload_id) else { return Ok(None) };
    let parts = connection.s3.list_parts().bucket(&target.bucket.name).key(&target.key).upload_id(id);
    let parts = parts.expected_bucket_owner(&target.bucket.owner).into_paginator().items().send();
    let parts = match parts.collect::<Result<Vec<_>, _>>().await {
        Ok(parts) => parts,
        // Finished or aborted by somebody else in between.
        Err(error) if error.code() == Some(GONE) => return Ok(None),
        Err(error) => return Err(connection.finding("s3:ListMultipartUploadParts", &error)),
    };
    let completed = parts.into_iter().filter_map(|part| {
        let number = part.part_number()?;
        let completed = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag);
        Some((number, completed.set_checksum_sha256(part.checksum_sha256).build()))
    });
    Ok(Some((id.to_owned(), completed.collect())))
}

async fn begin(target: &Target<'_>) -> Result<String, Box<Diagnostic>> {
    let request = target.connection.s3.create_multipart_upload().bucket(&target.bucket.name).key(&target.key);
    let request = request.expected_bucket_owner(&target.bucket.owner);
    let request = request.checksum_algorithm(ChecksumAlgorithm::Sha256).checksum_type(ChecksumType::Composite);
    let upload = request.send().await.map_err(|error| target.connection.finding("s3:PutObject", &error))?;
    Ok(upload.upload_id().unwrap_or_default().to_owned())
}

/// An upload under way.
struct Upload<'a> {
    target: &'a Target<'a>,
    file: &'a File,
    digests: &'a Digests,
    id: String,
}

impl Upload<'_> {
    /// Where a part begins in the file, in bytes. Parts are counted from 1.
    fn offset(&self, number: i32) -> u64 {
        u64::from(number.unsigned_abs().saturating_sub(1)) * self.digests.part_size
    }

    /// The size of a part in bytes.
    fn length(&self, number: i32) -> u64 {
        self.digests.size.saturating_sub(self.offset(number)).min(self.digests.part_size)
    }

    async fn part(&self, number: i32, sum: &Sum) -> Result<CompletedPart, Box<Diagnostic>> {
        let Target { connection, bucket, key } = self.target;
        let body = ByteStream::read_from().path(&self.file.path).offset(self.offset(number));
        let body = body.length(Length::Exact(self.length(number))).build().await;
        let request = connection
            .s3
            .upload_part()
            .bucket(&bucket.name)
            .key(key)
            .expected_bucket_owner(&bucket.owner)
            .upload_id(&self.id)
            .part_number(number)
            .checksum_sha256(base64(sum))
            .body(body.map_err(|error| unreadable(self.file, &io::Error::other(error)))?);
        let sent = request.send().await.map_err(|error| self.target.refused(self.file, "s3:PutObject", error))?;
        let part = CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag);
        Ok(part.checksum_sha256(base64(sum)).build())
    }

    async fn complete(&self, parts: Vec<CompletedPart>) -> Result<Object, Box<Diagnostic>> {
        let Target { connection, bucket, key } = self.target;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let request = connection.s3.complete_multipart_upload().bucket(&bucket.name).key(key).upload_id(&self.id);
        match request.expected_bucket_owner(&bucket.owner).multipart_upload(parts).send().await {
            Ok(made) => Ok(self.target.object(made.version_id(), false)),
            // Somebody else has finished it: what is there has the same digest.
            Err(SdkError::ServiceError(error)) if error.err().code() == Some(GONE) => {
                let found = self.target.find(self.digests.size).await?;
                found.ok_or_else(|| connection.finding("s3:PutObject", &SdkError::ServiceError(error)))
            }
            Err(error) => Err(connection.finding("s3:PutObject", &error)),
        }
    }
}
